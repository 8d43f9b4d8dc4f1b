// SPDX-License-Identifier: Apache-2.0
//! Where things stand in the picture.
//!
//! An SVG file cannot measure text, and the reader's fonts are not known: widths are those of wide fonts, so that there
//! is room to spare in most.

use indexmap::IndexSet;
use unicode_width::UnicodeWidthStr;
use writeway_access::{ContainerMap, PathMap, Tri};

use crate::map_table::source_text;
use crate::printable;
use crate::shortened::shortened;

/// Room around everything.
pub(super) const MARGIN: usize = 20;
/// Height of a line of text.
pub(super) const LINE: usize = 22;
/// Height of the names above the columns.
pub(super) const HEAD: usize = 46;
/// Height of a row.
pub(super) const ROW: usize = 42;
/// The legend has room in this.
pub(super) const LEAST_WIDTH: usize = 660;

/// Characters of a path or name; more are cut.
const MOST_OF_A_NAME: usize = 40;
/// Characters of a reason; more are cut.
const MOST_OF_A_REASON: usize = 110;

/// Room of a text in the usual size, whose characters are 13 pixels high: 0.62 of that is the width of a character of
/// the widest monospaced fonts that systems come with.
pub(super) fn width(text: &str) -> usize {
    (text.width() * 81).div_ceil(10)
}

/// Room of a text in small letters, 11 pixels high.
pub(super) fn small_width(text: &str) -> usize {
    (text.width() * 69).div_ceil(10)
}

/// A container's column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) left: usize,
    pub(super) width: usize,
}

/// Containers by paths.
pub(super) struct Grid<'a> {
    /// The paths of all containers, each once, in the order of the containers.
    pub(super) paths: IndexSet<&'a str>,
    containers: Vec<(Column, &'a ContainerMap)>,
    width: usize,
}

impl<'a> Grid<'a> {
    pub(super) fn new(containers: &'a [ContainerMap]) -> Self {
        let paths: IndexSet<_> = containers
            .iter()
            .flat_map(|container| &container.paths)
            .map(|path| path.path.as_str())
            .collect();
        let widest = paths.iter().map(|path| width(&shown_path(path))).max();
        let mut left = MARGIN + widest.unwrap_or(0) + MARGIN;
        let mut columns = Vec::new();
        for container in containers {
            let cells = container.paths.iter().map(|path| small_width(&what(path)) + 18);
            let width = cells
                .chain([
                    width(&shown_name(&container.name)),
                    small_width(&role_text(container)),
                    width("no ENOTDIR") + 36,
                ])
                .max()
                .unwrap_or(0)
                + 4;
            columns.push((Column { left, width }, container));
            left += width;
        }
        Self {
            paths,
            containers: columns,
            width: left - MARGIN,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = (Column, &'a ContainerMap)> {
        self.containers.iter().copied()
    }

    /// The cells of a path; a container of which nothing is said there has none.
    pub(super) fn row(&self, path: &str) -> impl Iterator<Item = (Column, Option<&'a PathMap>)> {
        self.columns().map(move |(column, container)| {
            let map = container.paths.iter().find(|map| map.path == path);
            (column, map)
        })
    }
}

/// A path, cut in its middle when it is long.
pub(super) fn shown_path(path: &str) -> String {
    shortened(&printable(path), MOST_OF_A_NAME)
}

/// A container's name; it is as long as a DNS label (63 characters) where the API server takes it.
pub(super) fn shown_name(name: &str) -> String {
    shown_path(name)
}

/// A reason, cut in its middle when it is long.
pub(super) fn shown_reason(reason: &str) -> String {
    shortened(&printable(reason), MOST_OF_A_REASON)
}

/// A container's role and user.
pub(super) fn role_text(container: &ContainerMap) -> String {
    let uid = container.identity.uid;
    let uid = uid.map_or("?".to_owned(), |uid| uid.to_string());
    format!("{}, uid {uid}", container.role.as_str())
}

/// What is at a path: source, mode and owner, as far as they are known.
pub(super) fn what(map: &PathMap) -> String {
    if map.exists == Tri::No {
        return format!("{}, absent", source_text(map.source));
    }
    let number = |id: Option<u32>| id.map_or("?".to_owned(), |id| id.to_string());
    let mut text = source_text(map.source).to_owned();
    if let Some(mode) = map.mode {
        text.push_str(&format!(" {mode:04o}"));
    }
    if map.uid.is_some() || map.gid.is_some() {
        text.push_str(&format!(" {}:{}", number(map.uid), number(map.gid)));
    }
    text
}
