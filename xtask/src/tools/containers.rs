// SPDX-License-Identifier: Apache-2.0
//! Programs that read images, from Debian.

use super::apt;

/// Installs `skopeo` and `umoci`, if they are not there.
///
/// # Errors
/// When one cannot be installed.
pub fn image_readers() -> anyhow::Result<()> {
    for (program, does) in [
        ("skopeo", "which reads and copies images"),
        ("umoci", "which unpacks images"),
    ] {
        if !apt::works(program, &["--version"]) {
            apt::install(program, &format!("{program}, {does}, is missing: install it"))?;
        }
    }
    Ok(())
}
