// SPDX-License-Identifier: Apache-2.0
//! Files that are read whole: certificates, tokens, headers. Only so much of them, and nothing that could keep one waiting
//! or have no end: a pipe, a device.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use crate::errno;

/// What is in a regular file of at most `largest` KiB. Links are followed, as the keys of a mounted Secret are links.
///
/// # Errors
/// Why it cannot be read; nothing of what is in it.
pub(super) fn read(path: &Path, largest: u16) -> Result<Vec<u8>, String> {
    // To open a pipe would wait for somebody who writes to it.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file: File = open(path, flags, Mode::empty()).map_err(errno::reason)?.into();
    let status = file.metadata().map_err(|error| errno::io_reason(&error))?;
    if !status.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let most = u64::from(largest) << 10;
    let mut bytes = Vec::new();
    // One byte more than there may be, to see that there are more.
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| errno::io_reason(&error))?;
    if bytes.len() as u64 > most {
        return Err(format!("it has more than {largest} KiB"));
    }
    Ok(bytes)
}
