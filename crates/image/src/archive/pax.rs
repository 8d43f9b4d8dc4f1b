// SPDX-License-Identifier: Apache-2.0
//! Pax extended headers (POSIX.1-2017, `pax`, section "pax Extended Header").

use std::io;

use crate::error::malformed;

/// What extension headers say of the member that follows them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) name: Option<Vec<u8>>,
    pub(super) target: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
}

impl Extensions {
    /// Reads `LENGTH KEY=VALUE\n` records; `LENGTH` counts the whole record, so values may hold any byte.
    pub(super) fn read_pax(&mut self, mut records: &[u8]) -> io::Result<()> {
        // Sparse files in GNU's pax form are stored under a made-up `path`.
        let mut sparse_name = None;
        while !records.is_empty() {
            let (key, value, rest) = record(records).ok_or_else(|| malformed("a pax header is damaged"))?;
            records = rest;
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.target = Some(value.to_vec()),
                b"GNU.sparse.name" => sparse_name = Some(value.to_vec()),
                b"size" => self.size = number(key, value)?,
                b"uid" => self.uid = number(key, value)?,
                b"gid" => self.gid = number(key, value)?,
                _ => {}
            }
        }
        if sparse_name.is_some() {
            self.name = sparse_name;
        }
        Ok(())
    }
}

/// Key, value and what follows the first record.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().position(|&byte| byte == b' ')?;
    let length: usize = str::from_utf8(&records[..space]).ok()?.parse().ok()?;
    let (this, rest) = records.split_at_checked(length)?;
    let pair = this.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|&byte| byte == b'=')?;
    Some((&pair[..equals], &pair[equals + 1..], rest))
}

/// A decimal value; an empty one takes the header's own back.
fn number(key: &[u8], value: &[u8]) -> io::Result<Option<u64>> {
    if value.is_empty() {
        return Ok(None);
    }
    let parsed = str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    parsed.map(Some).ok_or_else(|| {
        malformed(format!(
            "a pax header gives {:?} as {}",
            String::from_utf8_lossy(value),
            String::from_utf8_lossy(key)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &[u8]) -> io::Result<Extensions> {
        let mut extensions = Extensions::default();
        extensions.read_pax(records).map(|()| extensions)
    }

    #[test]
    fn values_may_hold_line_feeds_and_equals_signs() {
        let found = read(b"18 SCHILY.x=a\nb=c\n18 path=dir/a\nb=c\n12 uid=1000\n10 gid=42\n").unwrap();
        assert_eq!(found.name.as_deref(), Some(&b"dir/a\nb=c"[..]));
        assert_eq!((found.uid, found.gid, found.size), (Some(1000), Some(42), None));
    }

    #[test]
    fn damaged_records_are_errors() {
        for wrong in [
            &b"x"[..],
            b"99 path=a\n",
            b"3 path=a\n",
            b"0 path=a\n",
            b"11 path=abcd",
            b"9 path a\n",
            b"10 uid=-1\n",
            b"18446744073709551617 path=a\n",
        ] {
            assert!(read(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(read(b"").unwrap(), Extensions::default());
    }
}
