// SPDX-License-Identifier: Apache-2.0
//! What was seeded last, remembered from run to run in a small JSON file: digests and names, no values.
//!
//! ```json
//! {"version":1,"seeded":{"sub/token.json":"sha256:…"},"pending":{},"directories":["sub"]}
//! ```
//!
//! It is written before anything is published, with what is about to be (`pending`), so that the next run after a killed
//! one knows its own work, though the source changed in between.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::content::Content;
use super::decision::Record;
use super::path::EntryPath;

/// The only version there is.
const VERSION: u64 = 1;

/// What is known of each entry, and which directories were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// The entries that were seeded.
    pub(crate) records: BTreeMap<EntryPath, Record>,
    /// The directories that were made, or are about to be: their modes and owners are the verb's.
    pub(crate) directories: BTreeSet<EntryPath>,
}

impl Lineage {
    /// Reads the file; `None` for what is none, or one of another version.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(bytes).ok()?;
        if document.get("version")?.as_u64()? != VERSION {
            return None;
        }
        let mut records = BTreeMap::<EntryPath, Record>::new();
        for (path, content) in document.get("seeded")?.as_object()? {
            let record = records.entry(EntryPath::read(path)?).or_default();
            record.seeded = Some(Content::read(content.as_str()?)?);
        }
        for (path, content) in document.get("pending")?.as_object()? {
            let record = records.entry(EntryPath::read(path)?).or_default();
            record.pending = Some(Content::read(content.as_str()?)?);
        }
        let directories = document.get("directories")?.as_array()?;
        let directories = directories.iter().map(|path| match path.as_str()? {
            "" => Some(EntryPath::default()),
            path => EntryPath::read(path),
        });
        Some(Self {
            records,
            directories: directories.collect::<Option<_>>()?,
        })
    }

    /// The file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let contents = |of: fn(&Record) -> Option<Content>| {
            let contents = self.records.iter();
            contents
                .filter_map(|(path, record)| Some((path.to_string(), Value::from(of(record)?.to_string()))))
                .collect::<Map<_, _>>()
        };
        let seeded = contents(|record| record.seeded);
        let pending = contents(|record| record.pending);
        let directories: Vec<&str> = self.directories.iter().map(EntryPath::as_str).collect();
        let document = json!({
            "version": VERSION,
            "seeded": seeded,
            "pending": pending,
            "directories": directories,
        });
        format!("{document}\n").into_bytes()
    }

    /// What is known of an entry.
    pub(crate) fn record(&self, path: &EntryPath) -> Record {
        self.records.get(path).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, EntryPath, Lineage, Record};

    fn example() -> Lineage {
        let record = |seeded, pending| Record { seeded, pending };
        let (a, b) = (Content::of_file(b"a"), Content::of_link(b"b"));
        Lineage {
            records: [
                ("token", record(Some(a), None)),
                ("sub/a \"key\"", record(Some(a), Some(b))),
                ("new", record(None, Some(b))),
            ]
            .map(|(path, record)| (EntryPath::read(path).unwrap(), record))
            .into(),
            directories: [EntryPath::default(), EntryPath::read("sub").unwrap()].into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for lineage in [Lineage::default(), example()] {
            assert_eq!(Lineage::read(&lineage.write()), Some(lineage));
        }
    }

    #[test]
    fn a_file_that_is_torn_or_leads_out_is_no_lineage() {
        let whole = example().write();
        // The last byte is a newline.
        for length in 0..whole.len() - 1 {
            assert_eq!(Lineage::read(&whole[..length]), None, "{length} bytes");
        }
        let whole = String::from_utf8(whole).unwrap();
        for (right, wrong) in [
            ("\"version\":1", "\"version\":2"),
            ("\"token\"", "\"../token\""),
            ("\"token\"", "\"/etc/passwd\""),
            ("\"sub\"]", "\"..\"]"),
            ("sha256:", "sha1:"),
        ] {
            assert!(whole.contains(right));
            assert_eq!(
                Lineage::read(whole.replace(right, wrong).as_bytes()),
                None,
                "{wrong}"
            );
        }
    }
}
