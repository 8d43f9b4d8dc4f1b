// SPDX-License-Identifier: Apache-2.0
//! The only layer: the executable and the licences (OCI image-spec, `layer.md`).

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::Source;
use super::licences::{FOLDER, Licence};

/// What the executable is called, at the root of the image.
pub(super) const PROGRAM: &str = "writeway-agent";

/// The plain layer: files of root's that everybody may read, and the one that everybody may run. There is no entry for the
/// root directory: runtimes make it, and kubelet's mount points in it.
pub(super) fn tar(source: &Source<'_>) -> anyhow::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    let program = header(PROGRAM, 0o755, source.program.len(), source.made)?;
    tar.append(&program, source.program)?;
    let mut folder = header(&format!("{FOLDER}/"), 0o755, 0, source.made)?;
    folder.set_entry_type(EntryType::Directory);
    folder.set_cksum();
    tar.append(&folder, std::io::empty())?;
    for Licence { name, text } in source.licences {
        let path = format!("{FOLDER}/{name}");
        tar.append(&header(&path, 0o644, text.len(), source.made)?, text.as_bytes())?;
    }
    Ok(tar.into_inner()?)
}

/// The header of a regular file that belongs to root, without names of users: the numbers count (`tar(5)`, "ustar").
pub(super) fn header(path: &str, mode: u32, size: usize, made: u64) -> anyhow::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path)?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size as u64);
    header.set_mtime(made);
    header.set_cksum();
    Ok(header)
}

/// The layer as it is stored. With gzip, which every runtime reads; zstd came with image-spec 1.1 only. Its header
/// has neither a time nor a name nor the system that packed it (RFC 1952, section 2.3.1).
pub(super) fn gzip(tar: &[u8]) -> anyhow::Result<Vec<u8>> {
    const UNKNOWN: u8 = 255;
    let mut packed = GzBuilder::new()
        .mtime(0)
        .operating_system(UNKNOWN)
        .write(Vec::new(), Compression::best());
    packed.write_all(tar)?;
    Ok(packed.finish()?)
}
