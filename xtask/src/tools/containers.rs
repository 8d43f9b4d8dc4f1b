// SPDX-License-Identifier: Apache-2.0
//! Programs that read images, and the one that makes certificates for their tests, from Debian.

use super::apt;

/// Installs `skopeo`, `umoci` and `openssl`, if they are not there.
///
/// # Errors
/// When one cannot be installed.
pub fn image_programs() -> anyhow::Result<()> {
    for (program, version, does) in [
        ("skopeo", "--version", "which reads and copies images"),
        ("umoci", "--version", "which unpacks images"),
        ("openssl", "version", "which makes certificates"),
    ] {
        if !apt::works(program, &[version]) {
            apt::install(program, &format!("{program}, {does}, is missing: install it"))?;
        }
    }
    Ok(())
}
