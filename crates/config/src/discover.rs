// SPDX-License-Identifier: Apache-2.0
//! Which file counts.

use std::path::{Path, PathBuf};

/// What the file is called where it is looked for.
pub const FILE_NAME: &str = "writeway.toml";

/// The configuration file of a folder: its own, else that of the nearest folder above that has one. The folder's own is
/// named without the folder.
pub fn discover(folder: &Path) -> Option<PathBuf> {
    if folder.join(FILE_NAME).is_file() {
        return Some(PathBuf::from(FILE_NAME));
    }
    let above = folder.ancestors().skip(1).map(|folder| folder.join(FILE_NAME));
    above.into_iter().find(|file| file.is_file())
}
