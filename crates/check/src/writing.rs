// SPDX-License-Identifier: Apache-2.0
//! Whether a path is of use to somebody who wants to write.

use writeway_access::{FileKind, PathMap, Verdict};

/// The verdict that matters at a path: overwriting what is there, unless that is a directory, or nothing is known to
/// be there; else creating a file.
pub fn write_verdict(path: &PathMap) -> &Verdict {
    if is_file(path) {
        &path.overwrite.verdict
    } else {
        &path.create
    }
}

/// Whether something else than a directory is at the path.
pub(crate) fn is_file(path: &PathMap) -> bool {
    matches!(path.kind, Some(FileKind::File | FileKind::Link))
}

/// The errno of a verdict in parentheses, after a space; nothing when there is none.
pub(crate) fn errno_note(verdict: &Verdict) -> String {
    verdict
        .errno()
        .map_or(String::new(), |errno| format!(" ({errno})"))
}
