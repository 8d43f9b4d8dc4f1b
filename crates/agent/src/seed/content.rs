// SPDX-License-Identifier: Apache-2.0
//! What a file or a link holds, by its digest: enough to tell whether it changed, and no value.

use std::fmt;
use std::os::fd::AsFd;

use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use rustix::io::Errno;

/// How much is read at once, in bytes.
pub(crate) const CHUNK: usize = 64 * 1024;

/// The SHA-256 of what an entry holds, and what kind of entry holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Of a regular file's bytes.
    File([u8; SHA256_OUTPUT_LEN]),
    /// Of a symbolic link's text.
    Link([u8; SHA256_OUTPUT_LEN]),
}

impl Content {
    /// What a file with these bytes has.
    pub(crate) fn of_file(bytes: &[u8]) -> Self {
        Self::File(sha256(bytes))
    }

    /// What a link with this text has.
    pub(crate) fn of_link(text: &[u8]) -> Self {
        Self::Link(sha256(text))
    }

    /// Whether it is a file without a byte.
    pub(crate) fn is_empty_file(self) -> bool {
        self == Self::of_file(b"")
    }

    /// Whether both are files, or both are links.
    pub(crate) const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::File(_), Self::File(_)) | (Self::Link(_), Self::Link(_))
        )
    }

    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (kind, digits) = text.split_once(':')?;
        let mut digest = [0; SHA256_OUTPUT_LEN];
        if digits.len() != 2 * digest.len() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
        }
        match kind {
            "sha256" => Some(Self::File(digest)),
            "link-sha256" => Some(Self::Link(digest)),
            _ => None,
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, digest) = match self {
            Self::File(digest) => ("sha256", digest),
            Self::Link(digest) => ("link-sha256", digest),
        };
        write!(f, "{kind}:")?;
        digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn sha256(bytes: &[u8]) -> [u8; SHA256_OUTPUT_LEN] {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    finish(context)
}

fn finish(context: Context) -> [u8; SHA256_OUTPUT_LEN] {
    let mut digest = [0; SHA256_OUTPUT_LEN];
    // SHA-256 has 32 bytes.
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// A file that was read to its end.
pub(crate) struct Read {
    /// What it holds.
    pub(crate) content: Content,
    /// How many bytes of the buffer are the whole file, if it fits in there.
    pub(crate) whole: Option<usize>,
}

/// Reads a file to its end, from where it stands, and hands each piece to `take`. `buffer` has [`CHUNK`] bytes.
///
/// # Errors
/// What the kernel says against reading, and what `take` says.
pub(crate) fn read<E: From<Errno>>(
    file: impl AsFd,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Read, E> {
    let mut context = Context::new(&SHA256);
    let mut whole = true;
    loop {
        let filled = fill(file.as_fd(), buffer)?;
        let piece = buffer.get(..filled).unwrap_or_default();
        context.update(piece);
        take(piece)?;
        if filled < buffer.len() {
            return Ok(Read {
                content: Content::File(finish(context)),
                whole: whole.then_some(filled),
            });
        }
        whole = false;
    }
}

/// Reads until the buffer is full, or the file ends.
fn fill(file: impl AsFd, buffer: &mut [u8]) -> rustix::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::io::read(file.as_fd(), rest) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::Content;

    /// FIPS 180-2, the example of one block.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Content::of_file(b"abc").to_string(), ABC);
        for content in [
            Content::of_file(b"abc"),
            Content::of_link(b"abc"),
            Content::of_file(b""),
        ] {
            assert_eq!(Content::read(&content.to_string()), Some(content));
        }
        assert_ne!(Content::of_file(b"abc"), Content::of_link(b"abc"));
    }

    #[test]
    fn anything_else_is_not_read() {
        let cut = ABC.get(..ABC.len() - 1).unwrap();
        let long = format!("{ABC}0");
        let md5 = ABC.replace("sha256", "md5");
        let signed = ABC.replace(":ba", ":+a");
        let wide = ABC.replace(":ba", ":ä");
        for text in ["", "sha256", "sha256:", cut, &long, &md5, &signed, &wide] {
            assert_eq!(Content::read(text), None, "{text}");
        }
    }
}
