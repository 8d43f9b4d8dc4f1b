// SPDX-License-Identifier: Apache-2.0
//! Facts files read, written, merged, and described by their schema.

#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see helpers of tests as such"
)]

mod arbitrary;
mod measured;
mod merging;
mod mistakes;
mod reading;
mod schema;
mod writing;

use writeway_facts::{EntryType, Owner, PathFact, Permissions};

/// A directory.
fn dir(uid: u32, gid: u32, mode: u16) -> PathFact {
    PathFact {
        owner: Some(Owner { uid, gid }),
        mode: Some(Permissions(mode)),
        kind: EntryType::Directory,
    }
}
