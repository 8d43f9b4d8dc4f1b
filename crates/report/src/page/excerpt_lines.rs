// SPDX-License-Identifier: Apache-2.0
//! The lines that a finding marks.
//!
//! No more of a file is shown than `human` shows: the lines that are marked, and a single line between two of them.
//! What stands beside them may be a credential.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Serialize, Serializer};
use writeway_check::{Finding, Location};
use writeway_manifest::{FileId, Inventory, ParsedFile};

use super::data::Text;
use crate::excerpt::{self, marked};

/// Marks of one line that are further apart, in bytes, are shown in lines of their own.
const FAR_APART: usize = 1024;

/// Lines of one file: its name, and the lines.
#[derive(Serialize)]
pub(super) struct Excerpt(Text, Vec<Line>);

/// The line's number, its pieces, and what is said about it.
struct Line(u32, Vec<Piece>, Vec<Note>);

/// Pieces and notes without brackets of their own: kind, text, kind, text, …
impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let flat = |pairs: &[(Kind, Text)]| -> Vec<u32> {
            pairs
                .iter()
                .flat_map(|(kind, text)| [*kind as u32, *text])
                .collect()
        };
        (self.0, flat(&self.1), flat(&self.2)).serialize(serializer)
    }
}

/// How it is marked, and its text.
type Piece = (Kind, Text);

/// Which mark it is said about, and what.
type Note = (Kind, Text);

/// How a piece is marked; the numbers are those in the data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain = 0,
    Related = 1,
    Primary = 2,
}

/// A mark on one line.
struct Mark<'a> {
    range: Range<usize>,
    kind: Kind,
    /// What is said; only on the last line of what is marked.
    label: Option<&'a str>,
}

/// The lines that a finding marks, those of its own file first, with each text as what `intern` makes of it.
pub(super) fn excerpts(
    inventory: &Inventory,
    finding: &Finding,
    mut intern: impl FnMut(&str) -> Text,
) -> Vec<Excerpt> {
    let home = finding.primary.place.file;
    let related = finding.related.iter().map(|location| (location, Kind::Related));
    let mut by_file: BTreeMap<(bool, FileId), BTreeMap<u32, Vec<Mark<'_>>>> = BTreeMap::new();
    for (location, kind) in std::iter::once((&finding.primary, Kind::Primary)).chain(related) {
        let file = location.place.file;
        let lines = by_file.entry((file != home, file)).or_default();
        add_marks(inventory.file(file), location, kind, lines);
    }
    by_file
        .into_iter()
        .map(|((_, id), marks)| {
            let file = inventory.file(id);
            Excerpt(intern(&file.name), lines(file, marks, &mut intern))
        })
        .collect()
}

/// Adds what a location marks on each of its lines.
fn add_marks<'a>(
    file: &ParsedFile,
    location: &'a Location,
    kind: Kind,
    lines: &mut BTreeMap<u32, Vec<Mark<'a>>>,
) {
    let text = file.stream.text();
    let range = marked(text, location.place.span);
    let number = line_of(file, range.start);
    let label = (!location.label.is_empty()).then_some(location.label.as_str());
    let mut start = range.start;
    let mut marks = Vec::new();
    for line in text[range].split_inclusive('\n') {
        let content = line.trim_end();
        let blank = content.len() - content.trim_start().len();
        if !content.is_empty() || marks.is_empty() {
            marks.push(Mark {
                range: start + blank..start + content.len(),
                kind,
                label: None,
            });
        }
        start += line.len();
    }
    // An empty range marks the place between two characters.
    if marks.is_empty() {
        marks.push(Mark {
            range: start..start,
            kind,
            label: None,
        });
    }
    if let Some(last) = marks.last_mut() {
        last.label = label;
    }
    for mark in marks {
        let at = line_of(file, mark.range.start).max(number);
        lines.entry(at).or_default().push(mark);
    }
}

fn lines(
    file: &ParsedFile,
    marks: BTreeMap<u32, Vec<Mark<'_>>>,
    intern: &mut impl FnMut(&str) -> Text,
) -> Vec<Line> {
    let text = file.stream.text();
    let mut lines = Vec::new();
    let mut previous: Option<u32> = None;
    for (number, mut marks) in marks {
        if let Some(between) = previous
            .filter(|previous| previous + 2 == number)
            .map(|it| it + 1)
        {
            let start = marks.first().map_or(0, |mark| mark.range.start);
            lines.extend(
                line_before(text, start).map(|line| Line(between, vec![(Kind::Plain, intern(line))], vec![])),
            );
        }
        previous = Some(number);
        marks.sort_by_key(|mark| (mark.range.start, mark.range.end));
        for near in marks.chunk_by(|a, b| b.range.start < a.range.end + FAR_APART) {
            lines.push(line(text, number, near, intern));
        }
    }
    lines
}

/// The whole line above the one on which a byte is; none when it is too long to be shown beside others.
fn line_before(text: &str, byte: usize) -> Option<&str> {
    let above = &text[..text[..byte].rfind('\n')?];
    let line = &above[above.rfind('\n').map_or(0, |at| at + 1)..];
    (line.len() <= FAR_APART).then(|| line.trim_end_matches('\r'))
}

fn line(text: &str, number: u32, marks: &[Mark<'_>], intern: &mut impl FnMut(&str) -> Text) -> Line {
    let start = marks.iter().map(|mark| mark.range.start).min().unwrap_or(0);
    let end = marks.iter().map(|mark| mark.range.end).max().unwrap_or(start);
    let around = excerpt::Excerpt::around(text, &(start..end));
    let shown = around.offset..around.offset + around.text.trim_end_matches(['\r', '\n']).len();
    let mut bounds: Vec<_> = marks
        .iter()
        .flat_map(|mark| [mark.range.start, mark.range.end])
        .chain([shown.start, shown.end])
        .filter(|bound| (shown.start..=shown.end).contains(bound))
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut pieces = Vec::new();
    if around.cut {
        pieces.push((Kind::Plain, intern("…")));
    }
    for bound in bounds.windows(2) {
        let kinds = marks
            .iter()
            .filter(|mark| mark.range.start <= bound[0] && bound[1] <= mark.range.end);
        let kind = kinds.map(|mark| mark.kind).max().unwrap_or(Kind::Plain);
        pieces.push((kind, intern(&text[bound[0]..bound[1]])));
    }
    if !text[shown.end..].starts_with(['\r', '\n']) && shown.end < text.len() {
        pieces.push((Kind::Plain, intern("…")));
    }
    let notes = marks
        .iter()
        .filter_map(|mark| Some((mark.kind, intern(mark.label?))));
    Line(number, pieces, notes.collect())
}

fn line_of(file: &ParsedFile, byte: usize) -> u32 {
    file.stream.position(u32::try_from(byte).unwrap_or(u32::MAX)).line
}
