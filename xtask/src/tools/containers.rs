// SPDX-License-Identifier: Apache-2.0
//! Programs that read images, make certificates, and run containers, from Debian.

use super::apt;

/// Installs `skopeo`, `umoci` and `openssl`, if they are not there.
///
/// # Errors
/// When one cannot be installed.
pub fn image_programs() -> anyhow::Result<()> {
    install(&[
        ("skopeo", "--version", "which reads and copies images"),
        ("umoci", "--version", "which unpacks images"),
        ("openssl", "version", "which makes certificates"),
    ])
}

/// Installs `crun`, `runc` and `strace`, if they are not there.
///
/// # Errors
/// When one cannot be installed.
pub fn container_runtimes() -> anyhow::Result<()> {
    install(&[
        ("crun", "--version", "which runs containers"),
        ("runc", "--version", "which runs containers"),
        ("strace", "--version", "which shows system calls"),
    ])
}

/// Installs the package of each program that does not tell its version when asked like this.
fn install(programs: &[(&str, &str, &str)]) -> anyhow::Result<()> {
    for (program, version, does) in programs {
        if !apt::works(program, &[version]) {
            apt::install(program, &format!("{program}, {does}, is missing: install it"))?;
        }
    }
    Ok(())
}
