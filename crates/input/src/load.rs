// SPDX-License-Identifier: Apache-2.0
//! The text of one input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::InputError;
use crate::candidate::display_name;

/// The text of a file of at most so many bytes.
pub(crate) fn text(path: &Path, max_bytes: u64) -> Result<String, InputError> {
    let open = || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    };
    let (file, length) = open().map_err(|source| InputError::io(display_name(path), source))?;
    if length > max_bytes {
        return Err(InputError::TooLarge {
            name: display_name(path),
            limit: max_bytes,
        });
    }
    read(&display_name(path), file, max_bytes)
}

/// The text of a stream of at most so many bytes.
pub(crate) fn read(name: &str, source: impl Read, max_bytes: u64) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = source.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|source| InputError::io(name.to_owned(), source))?;
    if bytes.len() as u64 > max_bytes {
        return Err(InputError::TooLarge {
            name: name.to_owned(),
            limit: max_bytes,
        });
    }
    utf8(name, bytes)
}

/// The bytes as text, or where they stop being UTF-8.
pub(crate) fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, InputError> {
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let valid = String::from_utf8_lossy(&bytes[..error.utf8_error().valid_up_to()]);
        let line_start = valid.rfind('\n').map_or(0, |at| at + 1);
        InputError::NotUtf8 {
            name: name.to_owned(),
            line: valid.matches('\n').count() + 1,
            column: valid[line_start..].chars().count() + 1,
            hint: if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                " but UTF-16"
            } else {
                ""
            },
        }
    })
}
