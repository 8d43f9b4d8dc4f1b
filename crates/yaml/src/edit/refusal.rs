// SPDX-License-Identifier: Apache-2.0
//! Why an edit is not made.

use super::path::Path;

/// An edit that is not made. Nothing of its batch is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Refusal {
    /// Position of the edit in its batch, from 0.
    pub index: usize,
    /// Where it was to be made.
    pub path: Path,
    /// Why it is not, and what to do instead.
    pub reason: Reason,
}

/// The reasons for which an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The path, or what of it has to exist, is not there.
    #[error("nothing stands there; read the path from the document again")]
    NotFound,
    /// A step of the path asks for a mapping or a list, and something else stands there.
    #[error("{found} stands on the way there, not {wanted}; correct that value first")]
    WrongKind {
        /// What the path asks for.
        wanted: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// The path leads through an alias (`*name`): the change would come up where the anchor stands.
    #[error(
        "the value is an alias, which repeats what stands elsewhere; edit it there, or write it out here"
    )]
    Alias,
    /// The path leads into a value that aliases repeat: the change would come up there, too. Or the value that would
    /// go is the one that they name.
    #[error("the value carries an anchor that is used elsewhere; write the aliases out first")]
    Anchored,
    /// The path leads into what a merge key (`<<`) brings.
    #[error("the value comes from a merge key (`<<`); edit it where it stands, or write it out here")]
    Merged,
    /// The key stands twice in its mapping.
    #[error("the key stands twice in its mapping; remove one first")]
    Duplicate,
    /// The edit itself makes no sense, such as an insertion at a name.
    #[error("{0}")]
    Malformed(&'static str),
    /// The text there is written in a way that the engine does not edit.
    #[error("the engine cannot edit {0}; make the change by hand")]
    Layout(&'static str),
    /// The changed text was read again, and means something else than was intended.
    #[error("the changed text would not read back as intended ({0}); make the change by hand")]
    Unproved(&'static str),
}
