// SPDX-License-Identifier: Apache-2.0
//! What a remedy proposes.

use writeway_manifest::ObjectRef;
use writeway_yaml::{Edit, Path};

/// Edits that are said to meet a need.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What they do, as an imperative, in a few words.
    pub title: String,
    /// Whether they may change what works today.
    pub safety: Safety,
    /// Edits of the document under repair, by paths from its root, to be made one after the other.
    pub edits: Vec<Edit>,
    /// Edits of other objects, by paths from the object.
    pub elsewhere: Vec<(ObjectRef, Vec<Edit>)>,
    /// The codes of rules that find what is left of the fault, when something is.
    pub leaves: Vec<&'static str>,
}

/// Whether a change may be made without being looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Safety {
    /// It cannot change what works today.
    Safe,
    /// It may, and this is how.
    Unsafe(String),
}

impl Proposal {
    /// A safe proposal with these edits.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self {
            title: title.into(),
            safety: Safety::Safe,
            edits,
            elsewhere: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// The proposal, which may change what works today in this way, too.
    #[must_use]
    pub fn but(mut self, danger: impl Into<String>) -> Self {
        self.safety = Safety::Unsafe(match self.safety {
            Safety::Safe => danger.into(),
            Safety::Unsafe(known) => format!("{known}; {}", danger.into()),
        });
        self
    }

    /// The proposal, with edits of another object.
    #[must_use]
    pub fn with(mut self, object: &ObjectRef, edits: Vec<Edit>) -> Self {
        self.elsewhere.push((object.clone(), edits));
        self
    }

    /// The proposal, which cures the fault in part: a rule finds what is left of it, and that is no new fault.
    #[must_use]
    pub fn leaving(mut self, code: &'static str) -> Self {
        self.leaves.push(code);
        self
    }

    /// Whether it cannot change what works today.
    pub fn is_safe(&self) -> bool {
        self.safety == Safety::Safe
    }
}

/// An edit by a path from an object, as one by a path from the root of the object's document.
pub(crate) fn from_root(edit: &Edit, object: &Path) -> Edit {
    let steps = object.0.iter().chain(&edit.path.0);
    Edit {
        path: Path(steps.cloned().collect()),
        ..edit.clone()
    }
}

/// An edit by a path from the root of a document, as one by a path from an object in it. `None` for another object's.
pub(crate) fn from_object(edit: &Edit, object: &Path) -> Option<Edit> {
    let steps = edit.path.0.strip_prefix(object.0.as_slice())?;
    Some(Edit {
        path: Path(steps.to_vec()),
        ..edit.clone()
    })
}
