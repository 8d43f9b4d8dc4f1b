// SPDX-License-Identifier: Apache-2.0
//! Tar members as a stream, in constant memory.
//!
//! The `tar` crate reads the headers. Its own iterator is not used because it loads extension headers of any
//! length and cuts pax records at line feeds, which binary attributes contain.

mod pax;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use tar::{EntryType, GnuExtSparseHeader, Header};

use crate::error::malformed;
use pax::Extensions;

/// Size of a tar block.
const BLOCK: usize = 512;
/// The longest extension header read; Go's `archive/tar`, on which container tools rest, has the same bound.
const EXTENSION_MAX: u64 = 1 << 20;

/// One file, directory, link or device of an archive.
#[derive(Debug)]
pub(crate) struct Member {
    /// Position in the archive, from 0.
    pub(crate) number: u32,
    /// Name as written.
    pub(crate) name: Vec<u8>,
    /// Target of a link as written.
    pub(crate) target: Vec<u8>,
    pub(crate) kind: EntryType,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mode: u32,
    /// Bytes of data that follow the header.
    pub(crate) size: u64,
    /// Where the data starts.
    pub(crate) offset: u64,
}

/// A stream that can pass over data.
pub(crate) trait Skip: Read {
    /// Passes over `bytes`, which must be there.
    fn skip(&mut self, bytes: u64) -> io::Result<()>;
}

/// A stream that can only be read.
pub(crate) struct Stream<R>(pub(crate) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Skip for Stream<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        match io::copy(&mut self.0.by_ref().take(bytes), &mut io::sink())? {
            passed if passed == bytes => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Skip for File {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let end = self.metadata()?.len();
        let target = self.stream_position()?.saturating_add(bytes);
        if target > end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.seek(SeekFrom::Start(target)).map(drop)
    }
}

/// The members of a tar archive, in order.
pub(crate) struct Members<R> {
    reader: R,
    offset: u64,
    /// Data and padding of the current member that were not read yet.
    rest: u64,
    /// The part of `rest` that is data.
    data: u64,
    number: u32,
}

impl<R: Skip> Members<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            offset: 0,
            rest: 0,
            data: 0,
            number: 0,
        }
    }

    /// The next member; `None` at the end of the archive.
    pub(crate) fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extensions = Extensions::default();
        loop {
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let kind = header.entry_type();
            if header
                .as_gnu()
                .is_some_and(|gnu| kind.is_gnu_sparse() && gnu.is_extended())
            {
                self.sparse_map()?;
            }
            let mut size = header
                .entry_size()
                .map_err(|_| malformed("a header has no valid size"))?;
            if let Some(extended) = extensions.size.filter(|_| !is_extension(kind)) {
                size = extended;
            }
            // As Go's archive/tar: whatever size the header of such a member states, no data follows it.
            if kind.is_dir()
                || kind.is_hard_link()
                || kind.is_symlink()
                || kind.is_fifo()
                || kind.is_block_special()
                || kind.is_character_special()
            {
                size = 0;
            }
            self.expect(size)?;
            match kind {
                EntryType::XHeader => extensions.read_pax(&self.extension(size)?)?,
                EntryType::GNULongName => extensions.name = Some(until_nul(self.extension(size)?)),
                EntryType::GNULongLink => extensions.target = Some(until_nul(self.extension(size)?)),
                // Comments such as Git's commit id; runtimes ignore them too.
                EntryType::XGlobalHeader => {}
                _ => return self.member(&header, kind, extensions, size).map(Some),
            }
        }
    }

    /// The data of the current member that was not read yet.
    pub(crate) fn data(&mut self) -> impl Read + '_ {
        Data(self)
    }

    fn member(
        &mut self,
        header: &Header,
        kind: EntryType,
        extensions: Extensions,
        size: u64,
    ) -> io::Result<Member> {
        let number = self.number;
        self.number = number
            .checked_add(1)
            .ok_or_else(|| malformed("more members than can be counted"))?;
        let old = header.as_old();
        let name = extensions
            .name
            .unwrap_or_else(|| header.path_bytes().into_owned());
        // Archives from before POSIX mark directories by a closing slash only.
        let is_dir = old.linkflag == [0] && name.ends_with(b"/");
        Ok(Member {
            number,
            target: extensions
                .target
                .unwrap_or_else(|| header.link_name_bytes().unwrap_or_default().into_owned()),
            kind: if is_dir { EntryType::Directory } else { kind },
            uid: extensions
                .uid
                .map_or_else(|| number_field(&old.uid, header.uid(), "uid"), Ok)?,
            gid: extensions
                .gid
                .map_or_else(|| number_field(&old.gid, header.gid(), "gid"), Ok)?,
            mode: number_field(&old.mode, header.mode(), "mode")?,
            size,
            offset: self.offset,
            name,
        })
    }

    /// The next header block; `None` at a block of zeros or at the end.
    fn header(&mut self) -> io::Result<Option<Header>> {
        self.reader.skip(self.rest)?;
        self.offset += self.rest;
        (self.rest, self.data) = (0, 0);
        let mut header = Header::new_old();
        if !self.block(header.as_mut_bytes())? || header.as_bytes().iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        let bytes = header.as_bytes();
        let sum: u32 = bytes[..148]
            .iter()
            .chain(&[b' '; 8])
            .chain(&bytes[156..])
            .map(|&byte| u32::from(byte))
            .sum();
        if header.cksum().ok() != Some(sum) {
            return Err(malformed(format!(
                "not a tar header at byte {}: its checksum is wrong",
                self.offset - BLOCK as u64
            )));
        }
        Ok(Some(header))
    }

    /// Reads one block; `false` at the end of the stream.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.offset += BLOCK as u64;
        Ok(true)
    }

    /// Passes over the blocks that continue the map of a GNU sparse file.
    fn sparse_map(&mut self) -> io::Result<()> {
        let mut map = GnuExtSparseHeader::new();
        loop {
            if !self.block(map.as_mut_bytes())? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !map.is_extended() {
                return Ok(());
            }
        }
    }

    /// Notes that `size` bytes of data and their padding come next.
    fn expect(&mut self, size: u64) -> io::Result<()> {
        let rest = size.checked_next_multiple_of(BLOCK as u64);
        let end = rest.and_then(|rest| self.offset.checked_add(rest));
        let (Some(rest), Some(_)) = (rest, end) else {
            return Err(malformed("a header states an impossible size"));
        };
        (self.rest, self.data) = (rest, size);
        Ok(())
    }

    /// The data of an extension header.
    fn extension(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > EXTENSION_MAX {
            return Err(malformed(format!(
                "an extension header of {size} bytes; at most {EXTENSION_MAX} are read"
            )));
        }
        let mut content = Vec::new();
        self.data().read_to_end(&mut content)?;
        Ok(content)
    }
}

/// See [`Members::data`].
struct Data<'m, R>(&'m mut Members<R>);

impl<R: Read> Read for Data<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let members = &mut *self.0;
        let bytes = members.reader.by_ref().take(members.data).read(buffer)?;
        if bytes == 0 && members.data > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        members.data -= bytes as u64;
        members.rest -= bytes as u64;
        members.offset += bytes as u64;
        Ok(bytes)
    }
}

fn is_extension(kind: EntryType) -> bool {
    matches!(
        kind,
        EntryType::XHeader | EntryType::XGlobalHeader | EntryType::GNULongName | EntryType::GNULongLink
    )
}

/// A numeric header field; an empty one is 0, as in Go's `archive/tar`.
fn number_field<N: Default>(field: &[u8; 8], parsed: io::Result<N>, name: &str) -> io::Result<N> {
    if field.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return Ok(N::default());
    }
    parsed.map_err(|_| malformed(format!("a header has no valid {name}")))
}

/// GNU long names end with a NUL byte.
fn until_nul(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|&byte| byte == 0) {
        name.truncate(end);
    }
    name
}
