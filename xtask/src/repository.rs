// SPDX-License-Identifier: Apache-2.0
//! Copies of this repository, for what has to run in another place.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process;

/// Copies the files of this repository that Git knows, and those that it does not ignore.
///
/// # Errors
/// When Git cannot list them, or one cannot be copied.
pub(crate) fn copy(to: &Path) -> anyhow::Result<()> {
    let root = crate::workspace();
    // With the user's settings, which may say that this folder is safe; but not as part of a commit that is under way.
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE");
    let listed = process::output(git.current_dir(root))?;
    for name in listed.split_terminator('\0') {
        let from = root.join(name);
        // A file that was removed and is still in the index.
        let Ok(metadata) = fs::metadata(&from) else {
            continue;
        };
        let to = to.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::write(&to, fs::read(&from)?)?;
        fs::set_permissions(&to, metadata.permissions())?;
    }
    Ok(())
}
