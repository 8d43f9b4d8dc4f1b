// SPDX-License-Identifier: Apache-2.0
//! Content digests (OCI image-spec, `descriptor.md`, section "Digests").

use std::fmt;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::error::{Problem, Result};

/// A sha256 digest, the only algorithm that registries use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Reads `sha256:` and 64 lower-case hex digits, as the specification demands.
    pub(crate) fn parse(text: &str, part: &str) -> Result<Self> {
        text.strip_prefix("sha256:")
            .and_then(Self::from_hex)
            .ok_or_else(|| Problem::Malformed {
                part: part.to_owned(),
                why: format!("{text:?} is not a digest: expected `sha256:` and 64 lower-case hex digits"),
            })
    }

    /// Reads 64 lower-case hex digits.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = value(digits[0])? << 4 | value(digits[1])?;
        }
        Some(Self(bytes))
    }

    /// The digest of `content`.
    pub(crate) fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// Where an OCI layout keeps the content (OCI image-spec, `image-layout.md`).
    pub(crate) fn blob_path(self) -> String {
        format!("blobs/sha256/{}", self.hex())
    }

    fn hex(self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Fails unless `found` is this digest.
    pub(crate) fn check(self, found: Self, part: &str) -> Result<()> {
        if self == found {
            return Ok(());
        }
        Err(Problem::WrongDigest {
            part: part.to_owned(),
            expected: self.to_string(),
            found: found.to_string(),
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

/// A reader that digests what passes, if a digest is expected at all.
pub(crate) struct Digesting<R> {
    reader: R,
    expected: Option<(Digest, Sha256)>,
}

impl<R: Read> Digesting<R> {
    pub(crate) fn new(reader: R, expected: Option<Digest>) -> Self {
        Self {
            reader,
            expected: expected.map(|digest| (digest, Sha256::new())),
        }
    }

    /// Reads to the end and compares.
    pub(crate) fn finish(mut self, part: &str) -> Result<()> {
        if self.expected.is_none() {
            return Ok(());
        }
        io::copy(&mut self, &mut io::sink()).map_err(|error| Problem::reading(part, error))?;
        match self.expected {
            Some((expected, hasher)) => expected.check(Digest(hasher.finalize().into()), part),
            None => Ok(()),
        }
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.reader.read(buffer)?;
        if let Some((_, hasher)) = &mut self.expected {
            hasher.update(&buffer[..bytes]);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_read_and_written_as_the_specification_has_it() {
        assert_eq!(Digest::parse(EMPTY, "x").unwrap(), Digest::of(b""));
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        let long = format!("{EMPTY}0");
        for wrong in [
            "",
            "sha256:",
            "sha512:00",
            &EMPTY[7..],
            &EMPTY.to_uppercase(),
            &long,
            "sha256:../../etc",
        ] {
            assert!(Digest::parse(wrong, "x").is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_not_read_is_digested_too() {
        let expected = Digest::of(b"writeway");
        let mut reader = Digesting::new(&b"writeway"[..], Some(expected));
        let mut start = [0; 3];
        reader.read_exact(&mut start).unwrap();
        reader.finish("x").unwrap();
        let other = Digesting::new(&b"writewaz"[..], Some(expected))
            .finish("x")
            .unwrap_err();
        assert!(matches!(other, Problem::WrongDigest { .. }), "{other}");
    }
}
