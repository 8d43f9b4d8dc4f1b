// SPDX-License-Identifier: Apache-2.0
//! Findings that comments and annotations say to ignore.

mod annotation;
mod comment;
mod scope;

use writeway_manifest::{FileId, Inventory, ParsedFile, Place, Span};

use crate::{Finding, Rule, find};
use annotation::annotations;
use scope::{Lines, Scope};

/// A comment or an annotation that says to ignore rules somewhere.
#[derive(Debug)]
pub(crate) struct Suppression {
    /// The comment, or the annotation's key.
    pub(crate) place: Place,
    /// What it names.
    pub(crate) targets: Vec<Target>,
    /// Why.
    pub(crate) reason: Option<String>,
    scope: Scope,
    extent: Span,
}

/// A rule that a suppression names.
#[derive(Debug)]
pub(crate) struct Target {
    /// The code or name as written.
    pub(crate) written: String,
    /// Where it stands.
    pub(crate) place: Place,
    /// The rule; none when there is none of that code or name.
    pub(crate) rule: Option<&'static Rule>,
    /// Whether a finding was suppressed.
    pub(crate) used: bool,
}

/// A comment that is for Writeway and cannot be understood.
#[derive(Debug)]
pub(crate) struct Misunderstood {
    /// The comment.
    pub(crate) place: Place,
    /// Why.
    pub(crate) why: String,
}

/// All suppressions of the inputs.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    /// By file, and within files by where they begin to apply.
    pub(crate) list: Vec<Suppression>,
    /// In the order of the inputs.
    pub(crate) misunderstood: Vec<Misunderstood>,
}

impl Suppressions {
    /// Looks for comments and annotations in every file.
    pub(crate) fn find(inventory: &Inventory) -> Self {
        let mut found = Self::default();
        for (id, file) in inventory.files() {
            found.comments(inventory, id, file);
            found.annotations(id, file);
        }
        found.list.sort_by_key(|one| (one.place.file, one.extent.start));
        found
    }

    fn comments(&mut self, inventory: &Inventory, id: FileId, file: &ParsedFile) {
        let text = file.stream.text();
        if !text.contains("writeway:") {
            return;
        }
        let mut lines = None;
        for span in file.stream.comments() {
            let place = |span| Place { file: id, span };
            let directive = match text.get(span.range()).and_then(comment::directive) {
                None => continue,
                Some(Ok(directive)) => directive,
                Some(Err(why)) => {
                    self.misunderstood.push(Misunderstood {
                        place: place(span),
                        why,
                    });
                    continue;
                }
            };
            let target = |(name, within): (&str, Span)| {
                let at = Span::new(span.start + within.start, span.start + within.end);
                Target::new(name, place(at))
            };
            let scope = lines.get_or_insert_with(|| Lines::new(inventory, id)).scope(span);
            self.list.push(Suppression {
                place: place(span),
                targets: directive.rules.into_iter().map(target).collect(),
                reason: directive.reason.map(str::to_owned),
                extent: scope.extent(),
                scope,
            });
        }
    }

    fn annotations(&mut self, id: FileId, file: &ParsedFile) {
        if !file.stream.text().contains("writeway.dev/ignore.") {
            return;
        }
        for annotation in annotations(&file.stream) {
            let place = Place {
                file: id,
                span: annotation.key,
            };
            let scope = match annotation.container {
                None => Scope {
                    parts: vec![annotation.part],
                    ..Scope::default()
                },
                Some(name) => Scope {
                    containers: vec![(name, annotation.part)],
                    ..Scope::default()
                },
            };
            self.list.push(Suppression {
                place,
                targets: vec![Target::new(&annotation.rule, place)],
                reason: annotation.reason.map(str::to_owned),
                extent: annotation.part,
                scope,
            });
        }
    }

    /// The suppression of each finding, if there is one, by index. Findings are in the order of their places.
    pub(crate) fn apply(&mut self, findings: &[Finding]) -> Vec<Option<usize>> {
        let mut next = 0;
        let mut active: Vec<usize> = Vec::new();
        let mut suppressed = Vec::with_capacity(findings.len());
        for finding in findings {
            let Place { file, span } = finding.primary.place;
            while let Some(one) = self.list.get(next)
                && (one.place.file, one.extent.start) <= (file, span.end)
            {
                active.push(next);
                next += 1;
            }
            active.retain(|index| {
                let one = &self.list[*index];
                one.place.file == file && one.extent.end >= span.start
            });
            let mut by = None;
            for &index in &active {
                let one = &mut self.list[index];
                if one.suppresses(finding) {
                    by = by.or(Some(index));
                }
            }
            suppressed.push(by);
        }
        suppressed
    }
}

impl Suppression {
    /// Whether a finding of the same file is suppressed, which is remembered.
    fn suppresses(&mut self, finding: &Finding) -> bool {
        let mut targets = self
            .targets
            .iter_mut()
            .filter(|target| target.rule == Some(finding.rule));
        let Some(target) = targets.next().filter(|_| self.scope.covers(finding)) else {
            return false;
        };
        target.used = true;
        true
    }
}

impl Target {
    fn new(written: &str, place: Place) -> Self {
        Self {
            written: written.to_owned(),
            place,
            rule: find(written),
            used: false,
        }
    }
}
