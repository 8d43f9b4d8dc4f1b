// SPDX-License-Identifier: Apache-2.0
//! What public images write where: a table of the project (`data/image-writes.tsv`), each row with its source.
//!
//! The table says what an image *needs*, which no manifest and no image config says. An image that is not in it is
//! [`Knowledge::Unknown`].

mod pattern;
mod table;
mod volumes;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::ImageReference;
use crate::model::Permissions;
use pattern::Pattern;

pub use volumes::declared_volumes;

/// What is known of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// What it writes; never empty.
    Known(Vec<&'static KnownWrite>),
    /// The image, or this tag of it, is not in the table.
    Unknown,
}

/// One place that an image writes to. A row without a path says something of the image as a whole, mostly that it
/// writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWrite {
    /// Repositories of the image, with registry; `*` stands for any part of one path component.
    pub images: Vec<&'static str>,
    /// Tag patterns (globs), any of which must match.
    pub tags: Vec<&'static str>,
    /// The user it starts as.
    pub start_uid: u32,
    /// The user it changes to when it started as root.
    pub drop_uid: Option<u32>,
    /// The group it writes as.
    pub gid: u32,
    /// Absolute path.
    pub path: Option<&'static str>,
    /// Whether the path is a directory or a single file.
    pub kind: WriteKind,
    /// How long what is written has to live.
    pub persistence: Persistence,
    /// The only modes that the software accepts; empty when it accepts any that lets it write.
    pub modes: Vec<Permissions>,
    /// The mode that the path has in the image, where it is special.
    pub image_mode: Option<Permissions>,
    /// The directory must be sticky or not world-writable (Ruby's `Dir.tmpdir`).
    pub sticky: bool,
    /// The image has files there that an empty volume would hide.
    pub prefill: bool,
    /// The software works without it.
    pub optional: bool,
    /// What the software is written in, where that matters.
    pub language: Option<Language>,
    /// How far the row can be trusted.
    pub confidence: Confidence,
    /// What it writes there.
    pub purpose: &'static str,
    /// What does not fit into the other fields.
    pub note: Option<&'static str>,
    /// Where the row comes from.
    pub source: &'static str,
}

impl KnownWrite {
    /// The user that writes if nothing but the image decides.
    pub fn uid(&self) -> u32 {
        self.drop_uid.unwrap_or(self.start_uid)
    }
}

/// A directory or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// New files are made in the directory.
    Directory,
    /// One file is written.
    File,
}

/// How long what is written has to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// Scratch: may go at any time.
    Temporary,
    /// Sockets, pid files, generated configuration: as long as the process.
    Run,
    /// Better kept, but can be made again.
    Cache,
    /// Must outlive the pod.
    Data,
}

/// A language or platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// .NET.
    DotNet,
    /// The Java virtual machine.
    Java,
    /// Node.js.
    Node,
    /// PHP.
    Php,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
}

/// How far a row can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Something in the row was not verified.
    Low,
    /// Taken from a chart that mounts a volume there; the user is the chart's usual one.
    Medium,
    /// Taken from the image's own sources.
    High,
}

/// What the table says of an image. Of several tag patterns that match, the one with the most literal characters
/// counts (`18*-alpine*` before `*alpine*` before `*`). A reference with a digest alone is known only if the table
/// makes no difference between the image's tags.
pub fn lookup(reference: &str) -> Knowledge {
    let Ok(reference) = ImageReference::parse(reference) else {
        return Knowledge::Unknown;
    };
    let rows = table().rows_of(&reference.name());
    let matches: Vec<(usize, &Row)> = match reference.tag() {
        Some(tag) => rows
            .into_iter()
            .filter_map(|row| Some((row.tag_match(tag)?, row)))
            .collect(),
        None if rows.iter().all(|row| row.write.tags == ["*"]) => {
            rows.into_iter().map(|row| (0, row)).collect()
        }
        None => Vec::new(),
    };
    match matches.iter().map(|(literals, _)| *literals).max() {
        None => Knowledge::Unknown,
        Some(best) => {
            let best = matches.iter().filter(|(literals, _)| *literals == best);
            Knowledge::Known(best.map(|(_, row)| &row.write).collect())
        }
    }
}

/// A row and its compiled patterns.
#[derive(Debug)]
struct Row {
    write: KnownWrite,
    tags: Vec<Pattern>,
}

impl Row {
    /// The literal characters of the best tag pattern that matches.
    fn tag_match(&self, tag: &str) -> Option<usize> {
        self.tags
            .iter()
            .filter(|pattern| pattern.matches(tag))
            .map(Pattern::literals)
            .max()
    }
}

/// The table, found by image.
#[derive(Debug)]
struct Table {
    rows: Vec<Row>,
    /// Rows by the plain names of their images.
    named: BTreeMap<&'static str, Vec<usize>>,
    /// Rows by the patterns among their images.
    patterns: Vec<(Pattern, usize)>,
}

impl Table {
    fn rows_of(&self, name: &str) -> Vec<&Row> {
        let named = self.named.get(name).into_iter().flatten().copied();
        let matched = self
            .patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches(name))
            .map(|(_, row)| *row);
        let mut found: Vec<usize> = named.chain(matched).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|row| &self.rows[row]).collect()
    }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            rows: Vec::new(),
            named: BTreeMap::new(),
            patterns: Vec::new(),
        };
        // A test proves that every row of the table can be read.
        for write in table::rows().filter_map(Result::ok) {
            let row = table.rows.len();
            for image in &write.images {
                match Pattern::new(image) {
                    Some(Pattern::Literal(name)) => table.named.entry(name).or_default().push(row),
                    Some(pattern) => table.patterns.push((pattern, row)),
                    None => {}
                }
            }
            let tags = write.tags.iter().filter_map(|tag| Pattern::new(tag)).collect();
            table.rows.push(Row { write, tags });
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(reference: &str) -> Vec<&'static str> {
        match lookup(reference) {
            Knowledge::Known(writes) => writes.iter().filter_map(|write| write.path).collect(),
            Knowledge::Unknown => panic!("{reference} is unknown"),
        }
    }

    fn ids(reference: &str) -> (u32, u32) {
        match lookup(reference) {
            Knowledge::Known(writes) => (writes[0].uid(), writes[0].gid),
            Knowledge::Unknown => panic!("{reference} is unknown"),
        }
    }

    #[test]
    fn images_are_found_under_every_spelling() {
        for reference in [
            "redis",
            "redis:7",
            "docker.io/library/redis:7",
            "index.docker.io/redis:latest",
        ] {
            assert_eq!(paths(reference), ["/data"], "{reference}");
        }
        assert_eq!(paths("docker.io/bitnamilegacy/redis:7"), paths("bitnami/redis"));
        assert_eq!(
            paths("quay.io/prometheus/prometheus:v3"),
            paths("prom/prometheus")
        );
    }

    #[test]
    fn the_most_specific_tag_pattern_counts() {
        assert_eq!(ids("redis:7"), (999, 999));
        assert_eq!(ids("redis:7-alpine"), (999, 1000));
        assert_eq!(ids("redis:alpine"), (999, 1000));
        let data = "/var/lib/postgresql/data";
        let parent = "/var/lib/postgresql";
        for (reference, id, path) in [
            ("postgres:16", 999, data),
            ("postgres:9.6", 999, data),
            ("postgres:16-alpine", 70, data),
            ("postgres:18", 999, parent),
            ("postgres:18.1-alpine3.22", 70, parent),
        ] {
            assert_eq!((ids(reference).0, paths(reference)[0]), (id, path), "{reference}");
        }
        assert_eq!(ids("gitea/gitea:1.24-rootless"), (1000, 1000));
        assert_eq!(paths("gitea/gitea:1.24-rootless")[0], "/var/lib/gitea");
        assert_eq!(paths("gitea/gitea:1.24")[0], "/data");
        assert_eq!(ids("wordpress:6-fpm-alpine"), (82, 82));
        assert_eq!(ids("wordpress:latest"), (33, 33));
    }

    #[test]
    fn patterns_for_images_stay_inside_one_component() {
        assert_eq!(paths("jupyter/scipy-notebook:latest")[0], "/home/jovyan");
        assert_eq!(paths("sourcegraph/frontend:5"), paths("sourcegraph/server:5"));
        assert_eq!(lookup("quay.io/jupyter/a/b:1"), Knowledge::Unknown);
    }

    #[test]
    fn what_is_not_in_the_table_is_unknown() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for reference in [
            "acme/app:1".to_owned(),
            "mirror.example.org/redis:7".to_owned(),
            "influxdb:1.8".to_owned(),
            "postgres:latest".to_owned(),
            "Not A Reference".to_owned(),
            // Debian or Alpine? They write as different users.
            format!("redis@{digest}"),
        ] {
            assert_eq!(lookup(&reference), Knowledge::Unknown, "{reference}");
        }
        assert_eq!(paths(&format!("nginx@{digest}")), paths("nginx"));
        assert_eq!(ids(&format!("redis:7-alpine@{digest}")), (999, 1000));
    }

    #[test]
    fn an_image_that_writes_nothing_is_known_to() {
        let Knowledge::Known(writes) = lookup("memcached:1.6") else {
            panic!("memcached is unknown");
        };
        assert_eq!(
            (writes.len(), writes[0].path, writes[0].purpose),
            (1, None, "writes nothing by default")
        );
    }
}
