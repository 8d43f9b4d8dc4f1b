// SPDX-License-Identifier: Apache-2.0
//! Findings that are known already, in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use writeway_manifest::Inventory;

use crate::{Fingerprint, Judged, Rule, Verdict, find, repository_path};

/// The version of the format.
const VERSION: u32 = 1;

/// The findings that a run does not report, because people know them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By fingerprint.
    entries: BTreeMap<String, Entry>,
}

/// A known finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The file it was found in.
    pub file: String,
    /// The code of its rule.
    pub code: String,
    /// The object, as in `Pod shop/web`, with the container where there is one.
    pub object: String,
    /// What it is recognised by.
    pub fingerprint: String,
    /// The last day on which it is not reported, `YYYY-MM-DD`; written by people.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_date")]
    pub expires: Option<Date>,
    /// Why it is accepted; written by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    fingerprints: String,
    entries: Vec<Entry>,
}

/// Why a baseline cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineError {
    /// Line and column, from 1; none when it is about the file as a whole.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

/// `:line:column: message`, to be written behind the name of the file.
impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// When it is no JSON, has other fields than a baseline, or was written by a version that recognises findings by
    /// something else.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            BaselineError {
                position: Some((error.line().max(1), error.column().max(1))),
                message: format!("not a baseline: {message}; --write-baseline makes one"),
            }
        })?;
        if document.version != VERSION || document.fingerprints != Fingerprint::VERSION {
            return Err(BaselineError {
                position: None,
                message: format!(
                    "a baseline of version {} with fingerprints {}, where this program knows {VERSION} and {}; write it \
                     again with --write-baseline",
                    document.version,
                    document.fingerprints,
                    Fingerprint::VERSION
                ),
            });
        }
        let entries = document.entries.into_iter();
        Ok(Self {
            entries: entries.map(|entry| (entry.fingerprint.clone(), entry)).collect(),
        })
    }

    /// The baseline as JSON, sorted by file, code and object, so that changes of it can be read.
    pub fn to_json(&self) -> String {
        let mut entries: Vec<_> = self.entries.values().cloned().collect();
        entries.sort();
        let document = Document {
            version: VERSION,
            fingerprints: Fingerprint::VERSION.to_owned(),
            entries,
        };
        // Strings and numbers only: there is nothing that JSON cannot say.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes what would be reported, and is in the baseline, out of the report. An entry counts up to and on the day on
    /// which it expires.
    pub fn apply(&self, judged: &mut [Judged], today: Date) {
        for one in judged.iter_mut().filter(|one| one.verdict == Verdict::Reported) {
            if let Some(entry) = self.entries.get(&one.fingerprint.to_string())
                && !entry.is_expired(today)
            {
                one.verdict = Verdict::InBaseline {
                    reason: entry.reason.clone(),
                };
            }
        }
    }

    /// The entries that count no more, though what they are about is still found.
    pub fn expired(&self, judged: &[Judged], today: Date) -> Vec<&Entry> {
        let found = fingerprints(judged);
        let expired = self.entries.values().filter(|entry| entry.is_expired(today));
        sorted(expired.filter(|entry| found.contains(&entry.fingerprint)))
    }

    /// The entries whose finding is gone. One whose rule did not run, or whose file was not read though it is still there,
    /// is none of them: nothing is known about it.
    pub fn unused(&self, judged: &[Judged], scope: &Scope<'_>) -> Vec<&Entry> {
        let found = fingerprints(judged);
        let files: BTreeSet<_> = scope
            .inventory
            .files()
            .map(|(_, file)| repository_path(&file.name))
            .collect();
        sorted(self.entries.values().filter(|entry| {
            let runs = find(&entry.code).is_none_or(scope.runs);
            let looked_at = files.contains(&entry.file) || !(scope.exists)(&entry.file);
            !found.contains(&entry.fingerprint) && runs && looked_at
        }))
    }

    /// The baseline with what is reported now, and without the entries whose finding is gone. Entries that stay keep their
    /// reasons and expiry dates.
    #[must_use]
    pub fn renewed(&self, judged: &[Judged], scope: &Scope<'_>) -> Self {
        let mut entries = self.entries.clone();
        for gone in self.unused(judged, scope) {
            entries.remove(&gone.fingerprint);
        }
        for one in judged.iter().filter(|one| one.verdict == Verdict::Reported) {
            let entry = Entry::new(scope.inventory, one);
            entries.entry(entry.fingerprint.clone()).or_insert(entry);
        }
        Self { entries }
    }
}

/// What a run looked at.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The inputs.
    pub inventory: &'a Inventory,
    /// Whether a rule ran.
    pub runs: &'a dyn Fn(&'static Rule) -> bool,
    /// Whether there is a file of that name, read or not.
    pub exists: &'a dyn Fn(&str) -> bool,
}

impl Entry {
    fn new(inventory: &Inventory, judged: &Judged) -> Self {
        let finding = &judged.finding;
        let object = finding
            .subject
            .object
            .as_ref()
            .map(|object| match &object.namespace {
                Some(namespace) => format!("{} {namespace}/{}", object.kind, object.name),
                None => format!("{} {}", object.kind, object.name),
            });
        let container = finding
            .subject
            .container
            .as_ref()
            .map(|name| format!("container {name}"));
        Self {
            file: repository_path(&inventory.file(finding.primary.place.file).name),
            code: finding.rule.code.to_owned(),
            object: object.into_iter().chain(container).collect::<Vec<_>>().join(", "),
            fingerprint: judged.fingerprint.to_string(),
            expires: None,
            reason: None,
        }
    }

    fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// `WW101 in k8s/pod.yaml (Pod web, container app)`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.code, self.file)?;
        if self.object.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.object)
        }
    }
}

fn fingerprints(judged: &[Judged]) -> BTreeSet<String> {
    judged.iter().map(|one| one.fingerprint.to_string()).collect()
}

fn sorted<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<&'a Entry> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort();
    entries
}

/// Dates as `YYYY-MM-DD`.
mod optional_date {
    use jiff::civil::Date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let date = text
            .parse()
            .map_err(|_| D::Error::custom(format!("expected a date YYYY-MM-DD, found `{text}`")))?;
        Ok(Some(date))
    }
}
