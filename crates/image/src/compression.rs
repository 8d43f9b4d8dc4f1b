// SPDX-License-Identifier: Apache-2.0
//! Decompression by what the bytes are, not by what a media type or file name says of them.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use crate::error::Uncovered;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// The longest magic number looked for (xz).
const MAGIC: usize = 6;

impl Compression {
    fn of(start: &[u8]) -> io::Result<Self> {
        match start {
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Self::Zstd),
            // A skippable frame (RFC 8878, section 3.1.2) may come first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [b'B', b'Z', b'h', ..] => Err(io::Error::other(Uncovered("bzip2"))),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Err(io::Error::other(Uncovered("xz"))),
            [0x04, 0x22, 0x4d, 0x18, ..] => Err(io::Error::other(Uncovered("lz4"))),
            _ => Ok(Self::None),
        }
    }

    /// The plain content of `reader`, which starts at the magic number.
    fn plain<'r>(self, reader: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::None => Box::new(reader),
            // Parallel compressors and eStargz write one member after another.
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
        })
    }
}

/// The plain content of `reader`, and how it was compressed.
pub(crate) fn decompress<'r>(mut reader: impl Read + 'r) -> io::Result<(Compression, Box<dyn Read + 'r>)> {
    let mut start = Vec::with_capacity(MAGIC);
    reader.by_ref().take(MAGIC as u64).read_to_end(&mut start)?;
    let compression = Compression::of(&start)?;
    let whole = BufReader::with_capacity(64 << 10, Cursor::new(start).chain(reader));
    Ok((compression, compression.plain(whole)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_from_the_bytes() {
        assert_eq!(Compression::of(b"").unwrap(), Compression::None);
        assert_eq!(Compression::of(b"etc/pa").unwrap(), Compression::None);
        assert_eq!(
            Compression::of(&[0x1f, 0x8b, 8, 0, 0, 0]).unwrap(),
            Compression::Gzip
        );
        assert_eq!(
            Compression::of(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0]).unwrap(),
            Compression::Zstd
        );
        assert_eq!(
            Compression::of(&[0x5e, 0x2a, 0x4d, 0x18, 0, 0]).unwrap(),
            Compression::Zstd
        );
        for uncovered in [&b"BZh91A"[..], b"\xfd7zXZ\0", b"\x04\x22\x4d\x18ab"] {
            assert!(Compression::of(uncovered).is_err());
        }
    }

    #[test]
    fn several_gzip_members_are_one_stream() {
        use std::io::Write;
        let mut bytes = Vec::new();
        for part in ["wri", "teway"] {
            let mut member = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            member.write_all(part.as_bytes()).unwrap();
            member.finish().unwrap();
        }
        let mut text = String::new();
        decompress(bytes.as_slice())
            .unwrap()
            .1
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "writeway");
    }
}
