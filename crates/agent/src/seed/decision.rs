// SPDX-License-Identifier: Apache-2.0
//! What becomes of one entry: the table over what was seeded last, what its source has now and what its target has now.
//!
//! | seeded last | target | source | decision |
//! |---|---|---|---|
//! | any | missing | any | write |
//! | any | as the source | any | right |
//! | any | an empty file | not empty | write: nobody refreshes a token to nothing, but a torn write leaves that |
//! | as the target | any | other | write: the source changed |
//! | as the source | other | any | keep: the program refreshed it |
//! | none, or like neither | any | any | conflict |

use super::content::Content;

/// What is done where target and source both changed, or where nobody knows which of them did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// Nothing is changed at all.
    #[default]
    Fail,
    /// The source's is written.
    Source,
    /// The target's is kept.
    Target,
    /// What was written last stays, by the time of modification; of two equal ones the target.
    Newest,
}

impl OnConflict {
    /// Reads the value of the option.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Self::Fail),
            "source" => Ok(Self::Source),
            "target" => Ok(Self::Target),
            "newest" => Ok(Self::Newest),
            _ => Err("write `source`, `target`, `newest` or `fail`".to_owned()),
        }
    }
}

/// What the lineage knows of one entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// What was seeded last, or what the source had when it was settled that the target stays.
    pub(crate) seeded: Option<Content>,
    /// What was about to replace it when the lineage was written. A killed run may have come so far, or not.
    pub(crate) pending: Option<Content>,
}

impl Record {
    /// When the target has what the source has, or stays another one though the source has this.
    pub(crate) const fn settled(source: Content) -> Self {
        Self {
            seeded: Some(source),
            pending: None,
        }
    }

    /// While what is there is replaced by the source's. What is missing is written by the next run, or was by this one.
    pub(crate) fn replacing(self, there: There, source: Content) -> Self {
        match there {
            There::Missing => Self::settled(source),
            There::Is(there) => Self {
                seeded: self.last(there),
                pending: Some(source),
            },
            There::Other(_) => self,
        }
    }

    /// What was seeded last, to judge by what is there.
    fn last(self, target: Content) -> Option<Content> {
        self.pending.filter(|pending| *pending == target).or(self.seeded)
    }
}

/// What lies at the target's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    /// Nothing.
    Missing,
    /// A file or a link.
    Is(Content),
    /// Something that is never seeded: `a directory`, say.
    Other(&'static str),
}

/// What becomes of an entry that the source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is what the source has.
    Right,
    /// It is written, and why.
    Write(Write),
    /// It stays as it is, and why.
    Keep(Keep),
    /// Neither is known to be the right one.
    Conflict,
    /// Something is there that is no such entry.
    Obstacle(&'static str),
}

/// Why an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// It is missing.
    Missing,
    /// The source has another than was seeded last, which is still there.
    Changed,
    /// It is empty.
    Torn,
    /// A conflict that the source won.
    Conflict,
}

/// Why an entry stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It was refreshed since it was seeded, and the source did not change.
    Refreshed,
    /// A conflict that the target won.
    Conflict,
}

/// Decides on an entry that the source has. `source_is_newer` compares times of modification.
pub(crate) fn decide(
    record: Record,
    source: Content,
    target: There,
    source_is_newer: bool,
    on_conflict: OnConflict,
) -> Decision {
    let there = match target {
        There::Missing => return Decision::Write(Write::Missing),
        There::Other(kind) => return Decision::Obstacle(kind),
        There::Is(there) => there,
    };
    let last = record.last(there);
    if there == source {
        Decision::Right
    } else if last == Some(there) {
        Decision::Write(Write::Changed)
    } else if !there.is_like(source) {
        Decision::Obstacle(match there {
            Content::File(_) => "a file",
            Content::Link(_) => "a symbolic link",
        })
    } else if there.is_empty_file() {
        Decision::Write(Write::Torn)
    } else if last == Some(source) {
        Decision::Keep(Keep::Refreshed)
    } else {
        match (on_conflict, source_is_newer) {
            (OnConflict::Fail, _) => Decision::Conflict,
            (OnConflict::Source, _) | (OnConflict::Newest, true) => Decision::Write(Write::Conflict),
            (OnConflict::Target, _) | (OnConflict::Newest, false) => Decision::Keep(Keep::Conflict),
        }
    }
}

/// What becomes of an entry that was seeded once and that the source has no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It is gone already.
    Gone,
    /// It is what was seeded: it goes with the source.
    Remove,
    /// It was changed since: nobody else may have it.
    Keep,
}

/// Decides on an entry that the source has no longer.
pub(crate) fn leave(record: Record, target: There) -> Leaving {
    match target {
        There::Missing => Leaving::Gone,
        There::Is(there) if record.last(there) == Some(there) => Leaving::Remove,
        There::Is(_) | There::Other(_) => Leaving::Keep,
    }
}

#[cfg(test)]
mod tests;
