// SPDX-License-Identifier: Apache-2.0
//! What a comment or an annotation stands at, and which findings are there.

use writeway_manifest::{FileId, Inventory, Span, Which};
use writeway_yaml::{Kind, Node, Stream};

use crate::Finding;

/// Where findings are suppressed, in one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// Findings that mark something of this line.
    pub(super) line: Option<Span>,
    /// Findings whose mark begins in one of these parts of the document.
    pub(super) parts: Vec<Span>,
    /// Findings about a container of that name whose mark begins in that part of the document.
    pub(super) containers: Vec<(String, Span)>,
}

impl Scope {
    /// Whether a finding of the same file is there.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        let mark = finding.primary.place.span;
        let begins_in = |part: Span| part.start <= mark.start && mark.start < part.end.max(part.start + 1);
        self.line.is_some_and(|line| touches(line, mark))
            || self.parts.iter().any(|part| begins_in(*part))
            || self
                .containers
                .iter()
                .any(|(name, part)| finding.subject.container.as_ref() == Some(name) && begins_in(*part))
    }

    /// The smallest range around all of it; empty at the end of the file for nothing at all.
    pub(super) fn extent(&self) -> Span {
        let containers = self.containers.iter().map(|(_, part)| *part);
        let all = self
            .line
            .into_iter()
            .chain(self.parts.iter().copied())
            .chain(containers);
        all.reduce(|one, other| Span::new(one.start.min(other.start), one.end.max(other.end)))
            .unwrap_or(Span::new(u32::MAX, u32::MAX))
    }
}

/// Whether a mark, which may be empty, has something on a line.
fn touches(line: Span, mark: Span) -> bool {
    mark.start <= line.end && line.start < mark.end.max(mark.start + 1)
}

/// What the lines of a file stand at.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// Parts of the documents by where they begin; of those that begin at one place the outermost first.
    parts: Vec<(u32, Span)>,
    /// Containers by where they, or their names, begin: name, the container's own part, the object's.
    containers: Vec<(u32, &'t str, Span, Span)>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(inventory: &'t Inventory, file: FileId) -> Self {
        let stream = &inventory.file(file).stream;
        let mut containers = Vec::new();
        for workload in inventory
            .workloads()
            .iter()
            .filter(|workload| workload.object.file == file)
        {
            for container in workload.pod.containers(Which::All) {
                let entry = |span: Span| {
                    (
                        span.start,
                        container.name.as_str(),
                        container.span,
                        workload.object.span,
                    )
                };
                containers.extend([entry(container.span), entry(container.name.span)]);
            }
        }
        containers.sort_unstable();
        containers.dedup();
        Self {
            text: stream.text(),
            parts: parts(stream),
            containers,
        }
    }

    /// What a comment stands at: its line, or the next one with something on it when it has a line of its own.
    pub(super) fn scope(&self, comment: Span) -> Scope {
        let Some(line) = self.target(comment) else {
            return Scope::default();
        };
        let begin_there = |start: &u32| (line.start..=line.end).contains(start);
        let first = self.parts.partition_point(|(start, _)| *start < line.start);
        let part = self.parts.get(first).filter(|(start, _)| begin_there(start));
        let first = self.containers.partition_point(|(start, ..)| *start < line.start);
        let containers = || {
            self.containers[first..]
                .iter()
                .take_while(|(start, ..)| begin_there(start))
        };
        Scope {
            line: Some(line),
            parts: part
                .map(|(_, part)| *part)
                .into_iter()
                .chain(containers().map(|(_, _, part, _)| *part))
                .collect(),
            containers: containers()
                .map(|(_, name, _, object)| ((*name).to_owned(), *object))
                .collect(),
        }
    }

    /// The line that a comment is about, without its end.
    fn target(&self, comment: Span) -> Option<Span> {
        const BREAKS: [char; 2] = ['\n', '\r'];
        const BLANKS: [char; 3] = [' ', '\t', '\u{feff}'];
        let start = self.text[..comment.start as usize]
            .rfind(BREAKS)
            .map_or(0, |at| at + 1);
        let before = &self.text[start..comment.start as usize];
        if !before.trim_matches(BLANKS).is_empty() {
            return Some(Span::new(narrow(start), comment.end));
        }
        let mut offset = comment.end as usize;
        for line in self.text[offset..].split_inclusive(BREAKS) {
            let content = line.trim_matches(BLANKS).trim_end_matches(BREAKS);
            if !content.is_empty() && !content.starts_with('#') {
                let end = offset + line.trim_end_matches(BREAKS).len();
                return Some(Span::new(narrow(offset), narrow(end)));
            }
            offset += line.len();
        }
        None
    }
}

/// Documents, entries of mappings and items of lists by where they begin. Where an object begins, at its `apiVersion`,
/// `kind`, `metadata` and name, the part is the object.
fn parts(stream: &Stream) -> Vec<(u32, Span)> {
    let mut parts = Vec::new();
    for document in stream.documents() {
        parts.push((document.span().start, document.span()));
        collect(document.root(), &mut parts);
    }
    parts.sort_by_key(|(start, part)| (*start, std::cmp::Reverse(part.end)));
    parts
}

fn collect(node: Node<'_>, parts: &mut Vec<(u32, Span)>) {
    // What an alias names is looked at where it is written.
    if node.is_alias() {
        return;
    }
    for item in node.items() {
        parts.push((item.span().start, item.span()));
        collect(item, parts);
    }
    if node.kind() != Kind::Mapping {
        return;
    }
    let is_object = node.get("apiVersion").is_some() && node.get("kind").is_some();
    for (index, (key, value)) in node.entries().enumerate() {
        // Merged entries are written elsewhere.
        if !node.span().contains(key.span()) {
            continue;
        }
        let start = key.span().start;
        let name = key.content().unwrap_or_default();
        let heads = index == 0 || ["apiVersion", "kind", "metadata"].contains(&name);
        if is_object && heads {
            parts.push((start, node.span()));
        }
        if is_object && name == "metadata" {
            let named = ["name", "generateName"]
                .into_iter()
                .filter_map(|name| value.get_entry(name));
            parts.extend(named.map(|(key, _)| (key.span().start, node.span())));
        }
        parts.push((start, Span::new(start, value.span().end.max(key.span().end))));
        collect(value, parts);
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
