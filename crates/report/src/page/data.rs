// SPDX-License-Identifier: Apache-2.0
//! What the page shows, as compact as it can be read without effort.
//!
//! Texts, lists of steps, and whole containers are the same in many workloads: each is written once, in a table, and
//! meant by its index; so are the parts of a text between `code` and `code`. Hundreds of workloads stay below a
//! megabyte so. The format is between this file and
//! `assets/data.js`; programs read `--format json`.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use indexmap::IndexSet;
use serde::{Serialize, Serializer};
use writeway_access::{
    Capability, ContainerMap, FileKind, FileVerdict, Identity, PathMap, PodMap, Tri, Verdict,
};
use writeway_check::{Finding, Fingerprint, ObjectName, is_file, write_verdict};
use writeway_manifest::{Inventory, ObjectRef, Place, Workload};

use super::excerpt_lines::{Excerpt, excerpts};
use crate::fix_text::fix_text;
use crate::region::Region;
use crate::{Program, printable};

/// Index of a text in [`PageData::texts`].
pub(super) type Text = u32;

/// All that the page shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageData<'a> {
    /// What the page is called.
    pub(crate) title: String,
    /// The counts, in a line.
    pub(crate) line: String,
    /// Whether findings were looked for.
    pub(crate) checked: bool,
    /// What could not be read, in words.
    pub(crate) unread: Vec<String>,
    /// Names and summaries of the rules that found something, by code.
    pub(crate) rules: BTreeMap<&'static str, RuleRow>,
    pub(crate) texts: Table<TextRow>,
    /// Lists of steps.
    pub(crate) derivations: Table<Vec<Text>>,
    pub(crate) verdicts: Table<VerdictRow>,
    pub(crate) paths: Table<PathRow>,
    pub(crate) containers: Table<ContainerRow>,
    /// Workloads in input order, then what else there are findings about.
    pub(crate) subjects: Vec<SubjectRow>,
    pub(crate) findings: Vec<FindingRow>,
    #[serde(skip)]
    inventory: &'a Inventory,
    /// The index of the subject for what is no workload, by object and file.
    #[serde(skip)]
    others: HashMap<(Option<ObjectRow>, Text), usize>,
    /// Of each workload in the inventory, its index among the subjects.
    #[serde(skip)]
    workloads: BTreeMap<Place, usize>,
}

/// Distinct rows, in the order in which they came.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Table<T: Hash + Eq>(IndexSet<T>);

impl<T: Hash + Eq> Table<T> {
    fn new() -> Self {
        Self(IndexSet::new())
    }

    /// The row's index.
    fn index(&mut self, row: T) -> u32 {
        let (index, _) = self.0.insert_full(row);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The row of an index.
    pub(super) fn get(&self, index: u32) -> Option<&T> {
        self.0.get_index(index as usize)
    }
}

/// A text, or those that make it up.
#[derive(PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub(crate) enum TextRow {
    /// All of it.
    Whole(String),
    /// Indices of texts that are whole.
    Parts(Vec<Text>),
}

/// A rule that found something.
#[derive(Serialize)]
pub(crate) struct RuleRow {
    pub(super) name: &'static str,
    summary: String,
}

/// The answer, the error, the derivation.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub(crate) struct VerdictRow(Text, Option<Text>, u32);

/// A path: its name and what is there, then who may do what.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub(crate) struct PathRow(PlaceRow, ActsRow);

/// Path, source, volume, whether something is there, its type, mode, uid, gid, whether the mount is read-only, lifetime,
/// effect of fsGroup, Ruby's `Dir.tmpdir`.
#[derive(PartialEq, Eq, Hash, Serialize)]
struct PlaceRow(
    Text,
    Text,
    Option<Text>,
    Text,
    Option<Text>,
    Option<Text>,
    Option<u32>,
    Option<u32>,
    Option<bool>,
    Text,
    Text,
    Text,
);

/// Verdicts of create, overwrite, replace, delete and exec; the files that the middle three are about; and which of
/// the first two is what writing means there.
#[derive(PartialEq, Eq, Hash, Serialize)]
struct ActsRow([u32; 5], [Option<Text>; 3], u32);

/// Name, role, identity, how that came about, paths.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub(crate) struct ContainerRow(Text, Text, IdentityRow, u32, Vec<u32>);

/// User, group, groups, capabilities.
#[derive(PartialEq, Eq, Hash, Serialize)]
struct IdentityRow(Option<u32>, Option<u32>, Option<Vec<u32>>, Option<Vec<Text>>);

/// Kind, namespace and name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct ObjectRow(pub(super) Text, pub(super) Option<Text>, pub(super) Text);

/// Something that a section of the page is about.
#[derive(Serialize)]
pub(crate) struct SubjectRow {
    /// What it is called; none when a document could not be read as an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<ObjectRow>,
    pub(super) file: Text,
    pub(super) line: u32,
    /// Whether its pod starts, and why not; none when it is no workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) starts: Option<(Text, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    containers: Vec<u32>,
    /// How many of its paths can be written, cannot, and are unknown.
    #[serde(skip)]
    pub(super) tally: Tally,
}

/// Numbers of verdicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) yes: usize,
    pub(crate) no: usize,
    pub(crate) unknown: usize,
}

impl Tally {
    fn count(&mut self, answer: Tri) {
        *match answer {
            Tri::Yes => &mut self.yes,
            Tri::No => &mut self.no,
            Tri::Unknown => &mut self.unknown,
        } += 1;
    }
}

/// A finding.
pub(crate) struct FindingRow {
    /// Index of what it is about.
    pub(super) subject: usize,
    pub(super) code: &'static str,
    pub(super) severity: Text,
    confidence: Text,
    pub(super) message: Text,
    container: Option<Text>,
    pub(super) file: Text,
    pub(super) line: u32,
    why: u32,
    help: Option<Text>,
    fixes: Vec<Text>,
    fingerprint: String,
    excerpts: Vec<Excerpt>,
}

/// The fields in their order, without names.
impl Serialize for FindingRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (
            self.subject,
            self.code,
            self.severity,
            self.confidence,
            self.message,
            self.container,
            self.file,
            self.line,
            self.why,
            self.help,
            &self.fixes,
            &self.fingerprint,
            &self.excerpts,
        )
            .serialize(serializer)
    }
}

impl<'a> PageData<'a> {
    /// A page about nothing yet.
    pub(crate) fn new(title: &str, inventory: &'a Inventory, checked: bool) -> Self {
        Self {
            title: title.to_owned(),
            line: String::new(),
            checked,
            unread: Vec::new(),
            rules: BTreeMap::new(),
            texts: Table::new(),
            derivations: Table::new(),
            verdicts: Table::new(),
            paths: Table::new(),
            containers: Table::new(),
            subjects: Vec::new(),
            findings: Vec::new(),
            inventory,
            others: HashMap::new(),
            workloads: BTreeMap::new(),
        }
    }

    /// Says which programs rendered some of the inputs.
    pub(crate) fn add_renderers(&mut self, renderers: &[Program]) {
        for Program { name, version } in renderers {
            self.line.push_str(&format!(", rendered with {name} {version}"));
        }
    }

    /// Adds a workload with its map.
    pub(crate) fn add_workload(&mut self, workload: &Workload, map: &PodMap) {
        let object = &workload.object;
        let starts = (
            self.text(map.starts.verdict.as_str()),
            self.derivation(map.starts.why()),
        );
        let mut tally = Tally::default();
        for path in map.containers.iter().flat_map(|container| &container.paths) {
            tally.count(write_verdict(path).tri());
        }
        let containers = map.containers.iter().map(|map| self.container(map)).collect();
        let (file, line) = self.place(place_of(object));
        let row = SubjectRow {
            object: Some(self.object(&ObjectName::from(object))),
            file,
            line,
            starts: Some(starts),
            containers,
            tally,
        };
        self.workloads.insert(place_of(object), self.subjects.len());
        self.subjects.push(row);
    }

    /// Adds a finding, behind all workloads.
    pub(crate) fn add_finding(&mut self, finding: &Finding, fingerprint: Fingerprint) {
        let rule = finding.rule;
        self.rules.entry(rule.code).or_insert_with(|| RuleRow {
            name: rule.name,
            summary: rule.summary(),
        });
        let subject = self.subject(finding);
        let (file, line) = self.place(finding.primary.place);
        let message = self.text(&finding.message);
        let container = finding.subject.container.as_deref();
        let container = container.map(|name| self.text(name));
        let why = self.derivation(finding.why.iter().map(String::as_str));
        let help = finding.help.as_deref().map(|help| self.text(help));
        let fixes = finding.fixes.iter().map(|fix| self.text(&fix_text(fix)));
        let fixes = fixes.collect();
        let excerpts = excerpts(self.inventory, finding, |text| self.text(text));
        let severity = self.text(finding.severity.as_str());
        let confidence = self.text(finding.confidence.as_str());
        self.findings.push(FindingRow {
            subject,
            code: rule.code,
            severity,
            confidence,
            message,
            container,
            file,
            line,
            why,
            help,
            fixes,
            fingerprint: fingerprint.to_string(),
            excerpts,
        });
    }

    /// The text of an index.
    pub(super) fn string(&self, text: Text) -> String {
        match self.texts.get(text) {
            None => String::new(),
            Some(TextRow::Whole(text)) => text.clone(),
            Some(TextRow::Parts(parts)) => parts.iter().map(|part| self.string(*part)).collect(),
        }
    }

    /// The index of the section that a finding belongs to.
    fn subject(&mut self, finding: &Finding) -> usize {
        if let Some(known) = self.workload(finding) {
            return known;
        }
        let object = finding.subject.object.as_ref().map(|object| self.object(object));
        let (file, line) = self.place(finding.primary.place);
        let next = self.subjects.len();
        let index = *self.others.entry((object, file)).or_insert(next);
        if index == next {
            self.subjects.push(SubjectRow {
                object,
                file,
                line,
                starts: None,
                containers: Vec::new(),
                tally: Tally::default(),
            });
        }
        index
    }

    /// The workload that a finding is about. Its first place is in the workload's own text, or else another one is.
    fn workload(&self, finding: &Finding) -> Option<usize> {
        let object = finding.subject.object.as_ref()?;
        let places = std::iter::once(&finding.primary).chain(&finding.related);
        places
            .filter_map(|location| self.inventory.workload_at(location.place))
            .filter(|workload| ObjectName::from(&workload.object) == *object)
            .find_map(|workload| self.workloads.get(&place_of(&workload.object)).copied())
    }

    fn container(&mut self, map: &ContainerMap) -> u32 {
        let row = ContainerRow(
            self.text(&map.name),
            self.text(map.role.as_str()),
            self.identity(&map.identity),
            self.derivation(map.identity.why.iter().map(String::as_str)),
            map.paths.iter().map(|path| self.path(path)).collect(),
        );
        self.containers.index(row)
    }

    fn identity(&mut self, identity: &Identity) -> IdentityRow {
        let mut names = |set: &Vec<Capability>| set.iter().map(|it| self.text(it.name())).collect();
        IdentityRow(
            identity.uid,
            identity.gid,
            identity.groups.clone(),
            identity.capabilities.as_ref().map(&mut names),
        )
    }

    fn path(&mut self, map: &PathMap) -> u32 {
        let place = PlaceRow(
            self.text(&map.path),
            self.text(map.source),
            map.volume.as_deref().map(|volume| self.text(volume)),
            self.text(map.exists.as_str()),
            map.kind.map(|kind| self.text(FileKind::as_str(kind))),
            map.mode.map(|mode| self.text(&format!("{mode:04o}"))),
            map.uid,
            map.gid,
            map.read_only,
            self.text(map.lifetime.as_str()),
            self.text(map.fs_group.as_str()),
            self.text(map.ruby_tmpdir.as_str()),
        );
        let mut file = |verdict: &FileVerdict| verdict.file.as_deref().map(|file| self.text(file));
        let files = [file(&map.overwrite), file(&map.replace), file(&map.delete)];
        let acts = [
            &map.create,
            &map.overwrite.verdict,
            &map.replace.verdict,
            &map.delete.verdict,
            &map.exec,
        ];
        let acts = acts.map(|verdict| self.verdict(verdict));
        let row = PathRow(place, ActsRow(acts, files, is_file(map).into()));
        self.paths.index(row)
    }

    fn verdict(&mut self, verdict: &Verdict) -> u32 {
        let row = VerdictRow(
            self.text(verdict.tri().as_str()),
            verdict.errno().map(|errno| self.text(errno.as_str())),
            self.derivation(verdict.why.iter().map(String::as_str)),
        );
        self.verdicts.index(row)
    }

    fn derivation<'t>(&mut self, steps: impl Iterator<Item = &'t str>) -> u32 {
        let steps = steps.map(|step| self.text(step)).collect();
        self.derivations.index(steps)
    }

    fn object(&mut self, object: &ObjectName) -> ObjectRow {
        ObjectRow(
            self.text(&object.kind),
            object.namespace.as_deref().map(|namespace| self.text(namespace)),
            self.text(&object.name),
        )
    }

    fn place(&mut self, place: Place) -> (Text, u32) {
        let region = Region::of(self.inventory, place);
        (self.text(region.file), region.line)
    }

    /// The index of a text. Nothing on the page may move or turn what stands around it.
    fn text(&mut self, text: &str) -> Text {
        let text = printable(text);
        let parts = parts(&text);
        if parts.len() < 2 {
            return self.texts.index(TextRow::Whole(text.into_owned()));
        }
        let parts = parts.into_iter().map(|part| TextRow::Whole(part.to_owned()));
        let parts = parts.map(|part| self.texts.index(part)).collect();
        self.texts.index(TextRow::Parts(parts))
    }
}

/// The text in pieces: each `code`, and what stands between two of them.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((start, length)) = first_code(rest) {
        parts.extend([&rest[..start], &rest[start..start + length]]);
        rest = &rest[start + length..];
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where the first `code` begins, and its length with both marks.
fn first_code(text: &str) -> Option<(usize, usize)> {
    let start = text.find('`')?;
    let length = text[start + 1..].find('`')?;
    Some((start, length + 2))
}

fn place_of(object: &ObjectRef) -> Place {
    Place {
        file: object.file,
        span: object.name_span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_up_the_text() {
        for (text, expected) in [
            ("", &[][..]),
            ("plain", &["plain"]),
            ("`code`", &["`code`"]),
            ("a `b` c `d`", &["a ", "`b`", " c ", "`d`"]),
            ("`a``b` c`", &["`a`", "`b`", " c`"]),
            ("é``é", &["é", "``", "é"]),
        ] {
            assert_eq!(parts(text), expected);
        }
    }
}
