// SPDX-License-Identifier: Apache-2.0
//! The columns of the table, and what a path shows in each.

use anstyle::Style;
use writeway_access::{Answer, FileKind, PathMap, Tri, Verdict};

use crate::paint::answer_style;
use crate::printable;

/// A column.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// The least width it may be shortened to; `None` when it is never shortened.
    pub(super) shortest: Option<usize>,
}

/// Every column. What identifies a row and the verdicts stay readable on narrow terminals.
pub(super) const COLUMNS: [Column; 9] = [
    Column {
        title: "PATH",
        shortest: Some(16),
    },
    Column {
        title: "SOURCE",
        shortest: None,
    },
    Column {
        title: "TYPE",
        shortest: None,
    },
    Column {
        title: "MODE",
        shortest: None,
    },
    Column {
        title: "OWNER",
        shortest: None,
    },
    Column {
        title: "CREATE",
        shortest: None,
    },
    Column {
        title: "OVERWRITE",
        shortest: None,
    },
    Column {
        title: "FILE",
        shortest: Some(6),
    },
    Column {
        title: "LIFETIME",
        shortest: None,
    },
];

/// What stands in a column.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Cell {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::new(),
        }
    }
}

/// A path's cells, in the order of [`COLUMNS`].
pub(super) fn cells(path: &PathMap) -> [Cell; COLUMNS.len()] {
    [
        Cell::plain(printable(&path.path)),
        Cell::plain(source_text(path.source)),
        Cell::plain(type_text(path)),
        Cell::plain(mode_text(path)),
        Cell::plain(owner_text(path)),
        Cell {
            text: answer_text(&path.create),
            style: answer_style(path.create.tri()),
        },
        overwrite_cell(path),
        Cell::plain(path.overwrite.file.as_deref().map_or("-".into(), printable)),
        Cell::plain(path.lifetime.as_str()),
    ]
}

/// Nothing is said of the files of a directory as long as none is known there.
fn overwrite_cell(path: &PathMap) -> Cell {
    let overwrite = &path.overwrite;
    let verdict = &overwrite.verdict;
    if path.kind == Some(FileKind::Directory) && overwrite.file.is_none() && verdict.answer == Answer::Unknown
    {
        return Cell::plain("-");
    }
    Cell {
        text: answer_text(verdict),
        style: answer_style(verdict.tri()),
    }
}

/// `yes`, `no EROFS` or `unknown`.
pub(crate) fn answer_text(verdict: &Verdict) -> String {
    match verdict.answer {
        Answer::No(Some(errno)) => format!("no {errno}"),
        _ => verdict.tri().as_str().to_owned(),
    }
}

/// The field's name, but for the one that fills a third of a terminal.
pub(crate) fn source_text(source: &'static str) -> &'static str {
    if source == "persistentVolumeClaim" {
        "claim"
    } else {
        source
    }
}

fn type_text(path: &PathMap) -> &'static str {
    match (path.exists, path.kind) {
        (Tri::No, _) => "absent",
        (_, Some(kind)) => FileKind::as_str(kind),
        (_, None) => "?",
    }
}

fn mode_text(path: &PathMap) -> String {
    match (path.exists, path.mode) {
        (Tri::No, _) => "-".to_owned(),
        (_, Some(mode)) => format!("{mode:04o}"),
        (_, None) => "?".to_owned(),
    }
}

fn owner_text(path: &PathMap) -> String {
    let number = |id: Option<u32>| id.map_or("?".to_owned(), |id| id.to_string());
    match (path.exists, path.uid, path.gid) {
        (Tri::No, ..) => "-".to_owned(),
        (_, None, None) => "?".to_owned(),
        (_, uid, gid) => format!("{}:{}", number(uid), number(gid)),
    }
}
