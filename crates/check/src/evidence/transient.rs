// SPDX-License-Identifier: Apache-2.0
//! Directories in which an image has nothing that is missed.

use std::path::Path;

/// Directories whose contents come and go (Filesystem Hierarchy Standard 3.0, sections 3.15, 3.18 and 5).
const TRANSIENT: &[&str] = &[
    "/dev",
    "/run",
    "/tmp",
    "/var/cache",
    "/var/lock",
    "/var/log",
    "/var/run",
    "/var/spool",
    "/var/tmp",
];

/// Whether what an image has at a path, or around it, comes and goes, so that an empty volume may hide it.
pub fn is_transient(path: &str) -> bool {
    TRANSIENT
        .iter()
        .any(|directory| Path::new(path).starts_with(directory))
}
