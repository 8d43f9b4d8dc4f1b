// SPDX-License-Identifier: Apache-2.0
//! The bound on decompressed data, shared by all streams of one archive.

use std::cell::Cell;
use std::io::{self, Read};

/// A limit was reached, in words.
#[derive(Debug, thiserror::Error)]
#[error("more than {0}")]
pub(crate) struct LimitReached(pub(crate) String);

impl From<LimitReached> for io::Error {
    fn from(limit: LimitReached) -> Self {
        Self::other(limit)
    }
}

/// How many more bytes may come out of decompressors.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    left: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            left: Cell::new(limit),
        }
    }

    /// Counts what is read from `reader`.
    pub(crate) fn meter<R>(&self, reader: R) -> Metered<'_, R> {
        Metered { reader, budget: self }
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        match self.left.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(LimitReached(format!("{} bytes after decompression", self.limit)).into()),
        }
    }
}

/// A reader that spends a [`Budget`].
pub(crate) struct Metered<'b, R> {
    reader: R,
    budget: &'b Budget,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.reader.read(buffer)?;
        self.budget.spend(bytes)?;
        Ok(bytes)
    }
}
