// SPDX-License-Identifier: Apache-2.0
//! Findings as a compiler shows them: the line, what is wrong with it, why, and what to do.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use writeway_check::{Finding, Location, RULES, Severity};
use writeway_manifest::{FileId, Inventory, ParsedFile, Place};
use writeway_yaml::Position;

use crate::clocks_human::write_clocks_human;
use crate::excerpt::{Excerpt, marked};
use crate::fix_text::fix_text;
use crate::{CheckReport, Summary, printable};

/// Width for which excerpts are laid out when there is no terminal.
const DEFAULT_WIDTH: usize = 140;
/// Places of one file that are further apart, in bytes, are shown in excerpts of their own.
const FAR_APART: usize = 16 * 1024;

/// How findings are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HumanOptions {
    /// With colour.
    pub color: bool,
    /// Columns of the terminal.
    pub width: Option<usize>,
    /// How many findings each rule has, in the place of the findings.
    pub statistics: bool,
}

/// Writes every finding, or how many each rule has, and a line of counts.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_human(
    out: &mut dyn Write,
    report: &CheckReport<'_>,
    options: &HumanOptions,
) -> io::Result<()> {
    if let Some(clocks) = report.clocks {
        write_clocks_human(out, report.inventory(), clocks, options.color)?;
    }
    if options.statistics {
        return write_statistics(out, &report.summary);
    }
    let renderer = if options.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(options.width.unwrap_or(DEFAULT_WIDTH));
    for finding in report.findings() {
        let shown = [group(report.inventory(), finding)];
        writeln!(out, "{}\n", renderer.render(&shown))?;
    }
    writeln!(out, "{}", report.summary.line())?;
    match report.summary.fixable_line() {
        Some(line) => writeln!(out, "{line}"),
        None => Ok(()),
    }
}

/// Writes how many findings each rule has, most first, and a line of counts.
fn write_statistics(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let number = |code| summary.by_rule.get(code).copied().unwrap_or(0);
    let mut rules: Vec<_> = RULES
        .iter()
        .map(|rule| (number(rule.code), rule))
        .filter(|(number, _)| *number > 0)
        .collect();
    rules.sort_by_key(|(number, rule)| (std::cmp::Reverse(*number), rule.code));
    let width = rules.first().map_or(0, |(number, _)| number.to_string().len());
    for (number, rule) in rules {
        writeln!(out, "{number:>width$}  {}  {}", rule.code, rule.name)?;
    }
    writeln!(out, "{}", summary.line())
}

fn group<'a>(inventory: &'a Inventory, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level
        .primary_title(printable(&finding.message))
        .id(finding.rule.code);
    let mut group = Group::with_title(title);
    for cluster in clusters(inventory, finding) {
        group = cluster.add_to(group);
    }
    for step in &finding.why {
        group = group.element(Level::NOTE.with_name("why").message(printable(step)));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    for fix in &finding.fixes {
        group = group.element(Level::HELP.with_name("fix").message(fix_text(fix)));
    }
    group
}

/// Marks that are shown in one excerpt.
struct Cluster<'a> {
    file: &'a ParsedFile,
    marks: Vec<Mark<'a>>,
}

#[derive(Clone)]
struct Mark<'a> {
    file: FileId,
    range: Range<usize>,
    kind: AnnotationKind,
    label: &'a str,
}

impl Mark<'_> {
    fn is_primary(&self) -> bool {
        self.kind == AnnotationKind::Primary
    }
}

/// The finding's marks, the file of the primary one first; each file's in the order of its text.
fn clusters<'a>(inventory: &'a Inventory, finding: &'a Finding) -> Vec<Cluster<'a>> {
    let mark = |location: &'a Location, kind| {
        let Place { file, span } = location.place;
        Mark {
            file,
            range: marked(inventory.file(file).stream.text(), span),
            kind,
            label: &location.label,
        }
    };
    let primary = mark(&finding.primary, AnnotationKind::Primary);
    let related = finding
        .related
        .iter()
        .map(|location| mark(location, AnnotationKind::Context));
    let home = primary.file;
    let mut marks: Vec<_> = std::iter::once(primary).chain(related).collect();
    marks.sort_by_key(|mark| (mark.file != home, mark.file, mark.range.start));

    let near = |a: &Mark<'_>, b: &Mark<'_>| a.file == b.file && b.range.start < a.range.end + FAR_APART;
    let cluster = |marks: &[Mark<'a>]| Cluster {
        file: inventory.file(marks[0].file),
        marks: marks.to_vec(),
    };
    let mut clusters: Vec<_> = marks.chunk_by(near).map(cluster).collect();
    // The renderer takes the first excerpt for the place of the finding.
    clusters.sort_by_key(|cluster| !cluster.marks.iter().any(Mark::is_primary));
    clusters
}

impl<'a> Cluster<'a> {
    fn add_to(self, group: Group<'a>) -> Group<'a> {
        let start = self.marks.iter().map(|mark| mark.range.start).min().unwrap_or(0);
        let end = self
            .marks
            .iter()
            .map(|mark| mark.range.end)
            .max()
            .unwrap_or(start);
        let excerpt = Excerpt::around(self.file.stream.text(), &(start..end));
        let annotations = self.marks.iter().map(|mark| {
            mark.kind
                .span(excerpt.within(&mark.range))
                .label(printable(mark.label))
        });
        let line = self.position(excerpt.offset).line as usize;
        let snippet = Snippet::source(excerpt.shown())
            .line_start(line)
            .annotations(annotations);
        if excerpt.cut {
            group.element(self.origin()).element(snippet)
        } else {
            group.element(snippet.path(printable(&self.file.name)))
        }
    }

    /// The place of the primary mark, else of the first one.
    fn origin(&self) -> Origin<'a> {
        let primary = self
            .marks
            .iter()
            .find(|mark| mark.is_primary())
            .or(self.marks.first());
        let position = self.position(primary.map_or(0, |mark| mark.range.start));
        Origin::path(printable(&self.file.name))
            .line(position.line as usize)
            .char_column(position.column as usize)
    }

    fn position(&self, offset: usize) -> Position {
        self.file
            .stream
            .position(u32::try_from(offset).unwrap_or(u32::MAX))
    }
}
