// SPDX-License-Identifier: Apache-2.0
//! Changes of a document's text that touch no byte beyond what they have to, and are proved to do what was asked.
//!
//! [`Document::edit`] writes in the style of the neighbours, reads the result again, and compares the trees: exactly the
//! intended change is there, or the edit is refused with a [`Reason`].
//!
//! ```
//! use writeway_yaml::{Edit, Operation, Path, Step, Stream, Value};
//!
//! let stream = Stream::parse("spec: # the pod\n  containers:\n  - name: app  # main\n    image: app\n");
//! let edit = Edit {
//!     path: Path(vec!["spec".into(), "containers".into(), 0.into(), "tty".into()]),
//!     operation: Operation::Set(Value::Bool(true)),
//! };
//! let document = stream.documents().next();
//! let edited = document.and_then(|document| document.edit(&[edit]).ok());
//! assert_eq!(
//!     edited.as_ref().map(|edited| edited.text()),
//!     Some("spec: # the pod\n  containers:\n  - name: app  # main\n    image: app\n    tty: true\n")
//! );
//! ```

mod block;
mod cut;
mod flow;
mod path;
mod plan;
mod proof;
mod quote;
mod refusal;
mod sheet;
mod splice;
mod style;
mod target;
mod value;

pub use path::{Path, Step};
pub use refusal::{Reason, Refusal};
pub use splice::Replacement;
pub use value::Value;

use crate::node::Node;
use crate::stream::{Document, Stream};
use plan::Plan;
use sheet::Sheet;
use splice::Pieces;

/// One change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where, from the document's root.
    pub path: Path,
    /// What.
    pub operation: Operation,
}

/// What an edit does at the end of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The key or item gets this value. A key that is not there comes behind the last one of its mapping, and mappings
    /// on the way to it are made. An item has to be there.
    Set(Value),
    /// As [`Self::Set`], but a key that is not there comes in front of the key with this name, if that is there.
    SetBefore(String, Value),
    /// The value becomes the item at the end of the path; the one that is there, and those behind it, move on. The
    /// number may be the length of the list. A list that is not there is made, with the mappings on the way.
    Insert(Value),
    /// The key or item goes. What becomes empty stays as `{}` or `[]`.
    Remove,
}

/// A stream with edits made.
#[derive(Debug)]
pub struct Edited {
    /// The whole stream with its new text, which is read already: that is how the edits were proved.
    pub stream: Stream,
    /// What is different, in offsets of the old text and in its order; nothing if all was so already.
    pub changes: Vec<Replacement>,
}

impl Edited {
    /// The new text of the whole stream.
    pub fn text(&self) -> &str {
        self.stream.text()
    }
}

impl Document<'_> {
    /// Makes edits as if one after the other: each path is one of the document as the edits before it leave it. The style
    /// of what is new (its quotes, say) may be that of the document as it was.
    ///
    /// # Errors
    /// The first edit that is not possible, or that cannot be proved, is returned with the reason, and none is made.
    pub fn edit(self, edits: &[Edit]) -> Result<Edited, Refusal> {
        let refusal = |index: usize, reason: Reason| Refusal {
            index,
            path: edits.get(index).map_or_else(Path::root, |edit| edit.path.clone()),
            reason,
        };
        let stream = self.stream();
        let cut = self.text_range().range();
        let mut part = self.alone().map_err(|reason| refusal(0, reason))?;
        let mut pieces = Pieces::of(cut.len());
        let mut made = 0;
        while let Some(rest) = edits.get(made..).filter(|rest| !rest.is_empty()) {
            let step = edit_some(part.as_ref().unwrap_or(stream), rest);
            let (count, step) = step.map_err(|reason| refusal(made, reason))?;
            made += count;
            if let Some((changed, changes)) = step {
                pieces.splice(&changes);
                part = Some(changed);
            }
        }
        let last = edits.len().saturating_sub(1);
        let mut changes = pieces.changes(cut.len());
        for change in &mut changes {
            let offset = self.text_range().start;
            change.span.start += offset;
            change.span.end += offset;
        }
        let stream = self
            .with_part(part, &changes)
            .map_err(|reason| refusal(last, reason))?;
        Ok(Edited { stream, changes })
    }
}

/// A changed stream, with what is different in its text.
type Made = (Stream, Vec<Replacement>);

/// Makes some of the first of these edits, at least one, in a stream of one document, and proves them; answers how many,
/// and no stream if all was so already. Edits that have nothing to do with each other are made and proved together, for
/// reading the text again is most of the work.
///
/// # Errors
/// Why the first edit cannot be made.
fn edit_some(stream: &Stream, edits: &[Edit]) -> Result<(usize, Option<Made>), Reason> {
    let sheet = Sheet::new(stream);
    let root = stream.documents().next().ok_or(Reason::NotFound)?.root();
    let (first, others) = edits.split_first().ok_or(Reason::NotFound)?;
    let Some(plan) = plan::plan(sheet, root.index(), first)? else {
        return Ok((1, None));
    };
    let mut plans = vec![plan];
    for other in others {
        match plan::plan(sheet, root.index(), other) {
            Ok(Some(plan)) if plans.iter().all(|made| plan.is_beside(made)) => plans.push(plan),
            _ => break,
        }
    }
    // What cannot be proved together may be, one after the other.
    if plans.len() > 1
        && let Ok(step) = make(stream, edits, &plans)
    {
        return Ok((plans.len(), Some(step)));
    }
    plans.truncate(1);
    Ok((1, Some(make(stream, edits, &plans)?)))
}

/// Makes the planned ones of these edits, which are the first, and proves them.
fn make(stream: &Stream, edits: &[Edit], plans: &[Plan]) -> Result<Made, Reason> {
    let mut changes: Vec<_> = plans.iter().map(|plan| &plan.change).collect();
    changes.sort_by_key(|change| change.at);
    let replacements = plans.iter().flat_map(|plan| plan.replacements.iter().cloned());
    let mut replacements: Vec<_> = replacements.collect();
    replacements.sort_by_key(|replacement| replacement.span.start);
    let text = splice::apply(stream.text(), &replacements).ok_or(Reason::Unproved("the changes overlap"))?;
    let changed = Stream::parse(text);
    proof::prove(stream, &changed, &changes).map_err(Reason::Unproved)?;
    let root = changed.documents().next().ok_or(Reason::NotFound)?.root();
    for (edit, _) in edits.iter().zip(plans) {
        prove_effect(root, edit)?;
    }
    Ok((changed, replacements))
}

/// Proves what merge keys could spoil: that the new value is the one that counts, and that a key that went is gone.
fn prove_effect(root: Node<'_>, edit: &Edit) -> Result<(), Reason> {
    let found = edit.path.find(root);
    match (&edit.operation, edit.path.0.last()) {
        (Operation::Set(value) | Operation::SetBefore(_, value), _)
            if found.and_then(Value::read).as_ref() != Some(value) =>
        {
            Err(Reason::Unproved("a merge key overrides it"))
        }
        (Operation::Remove, Some(Step::Key(_))) if found.is_some() => Err(Reason::Merged),
        _ => Ok(()),
    }
}
