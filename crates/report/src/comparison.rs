// SPDX-License-Identifier: Apache-2.0
//! The write map of a container beside what a probe saw in it.
//!
//! Only what both sides know can agree or differ. What one of them leaves open is counted, and proves nothing.

mod matching;

use writeway_access::{ContainerMap, FileKind, FileVerdict, Identity, PathMap, Tri, Verdict};
use writeway_manifest::Workload;

use crate::map_table::answer_text;
use crate::probe_document::{ProbedAnswer, ProbedContainer, ProbedIdentity, ProbedPath};

pub use matching::{Unmatched, find_container, find_workload};

/// How one comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The map says what was seen.
    Agrees,
    /// The map says something else.
    Differs,
    /// One side does not know, or they speak of different files.
    Unknown,
}

impl Agreement {
    /// The name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
        }
    }
}

/// One field of the map's document, on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The path; `None` for what belongs to the container.
    pub path: Option<String>,
    /// The field: `create`, `mode`, `uid` …
    pub field: &'static str,
    /// What the map says.
    pub map: String,
    /// What the probe says.
    pub probe: String,
    /// How they go together.
    pub agreement: Agreement,
    /// The last step of the map's derivation, for answers.
    pub map_why: Option<String>,
    /// The last step of the probe's, for answers.
    pub probe_why: Option<String>,
}

/// Everything about one container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Each field, in the order of the probe's paths.
    pub compared: Vec<Compared>,
    /// Paths on a macOS `fakeowner` mount, of which nothing is compared.
    pub fake_owner: Vec<String>,
}

/// One container that was compared.
#[derive(Debug)]
pub struct ComparedContainer<'a> {
    /// The workload of the inputs.
    pub workload: &'a Workload,
    /// The container's name.
    pub container: &'a str,
    /// What the probe calls its pod.
    pub pod: &'a str,
    /// What came of it.
    pub comparison: Comparison,
}

impl Comparison {
    /// Holds the map of a container against what a probe saw in it. The map has to have the probe's paths.
    pub fn of(map: &ContainerMap, probe: &ProbedContainer) -> Self {
        let mut comparison = Self::default();
        comparison.identity(&map.identity, &probe.identity);
        for seen in &probe.paths {
            if seen.probed.as_ref().is_some_and(|probed| probed.fake_owner) {
                comparison.fake_owner.push(seen.path.clone());
            } else if let Some(said) = map.paths.iter().find(|said| said.path == seen.path) {
                comparison.path(said, seen);
            }
        }
        comparison
    }

    /// A pod that cannot start, says the map, though a probe ran in it.
    pub fn not_starting(why: Option<&str>, certain: bool) -> Self {
        let compared = Compared {
            path: None,
            field: "starts",
            map: "no".to_owned(),
            probe: "yes".to_owned(),
            agreement: if certain {
                Agreement::Differs
            } else {
                Agreement::Unknown
            },
            map_why: why.map(str::to_owned),
            probe_why: Some("the probe ran in the container".to_owned()),
        };
        Self {
            compared: vec![compared],
            fake_owner: Vec::new(),
        }
    }

    /// How many comparisons ended so.
    pub fn count(&self, agreement: Agreement) -> usize {
        self.compared
            .iter()
            .filter(|compared| compared.agreement == agreement)
            .count()
    }

    fn identity(&mut self, map: &Identity, probe: &ProbedIdentity) {
        self.fact(None, "uid", map.uid, probe.uid);
        self.fact(None, "gid", map.gid, probe.gid);
        let groups = |groups: Option<&[u32]>| groups.map(|groups| set(groups.iter().map(u32::to_string)));
        self.fact(
            None,
            "groups",
            groups(map.groups.as_deref()),
            groups(probe.groups.as_deref()),
        );
        let said = map.capabilities.as_ref();
        self.fact(
            None,
            "capabilities",
            said.map(|names| set(names.iter().map(ToString::to_string))),
            probe
                .capabilities
                .as_ref()
                .map(|names| set(names.iter().cloned())),
        );
    }

    fn path(&mut self, map: &PathMap, probe: &ProbedPath) {
        let path = Some(probe.path.as_str());
        self.fact(path, "exists", tri(map.exists), word(&probe.exists));
        self.fact(
            path,
            "type",
            map.kind.map(FileKind::as_str),
            probe.kind.as_deref(),
        );
        self.fact(
            path,
            "mode",
            map.mode.map(|mode| format!("{mode:04o}")),
            probe.mode.clone(),
        );
        self.fact(path, "uid", map.uid, probe.uid);
        self.fact(path, "gid", map.gid, probe.gid);
        self.fact(path, "readOnly", map.read_only, probe.read_only);
        self.fact(path, "source", Some(map.source), word(&probe.source));
        // Without a name the probe could not tell whether there is a volume.
        self.fact(
            path,
            "volume",
            map.volume.as_deref().filter(|_| probe.volume.is_some()),
            probe.volume.as_deref(),
        );
        self.answer(path, "create", (None, &map.create), &probe.create);
        for (field, said, seen) in [
            ("overwrite", &map.overwrite, &probe.overwrite),
            ("replace", &map.replace, &probe.replace),
            ("delete", &map.delete, &probe.delete),
        ] {
            let FileVerdict { file, verdict } = said;
            self.answer(path, field, (file.as_deref(), verdict), seen);
        }
        self.answer(path, "exec", (None, &map.exec), &probe.exec);
        self.fact(path, "rubyTmpdir", tri(map.ruby_tmpdir), word(&probe.ruby_tmpdir));
    }

    /// Compares what both sides know or do not know.
    fn fact<M: ToString, P: ToString>(
        &mut self,
        path: Option<&str>,
        field: &'static str,
        map: Option<M>,
        probe: Option<P>,
    ) {
        let map = map.map(|map| map.to_string());
        let probe = probe.map(|probe| probe.to_string());
        let agreement = match (&map, &probe) {
            (Some(map), Some(probe)) if map == probe => Agreement::Agrees,
            (Some(_), Some(_)) => Agreement::Differs,
            _ => Agreement::Unknown,
        };
        let unknown = || "unknown".to_owned();
        self.compared.push(Compared {
            path: path.map(str::to_owned),
            field,
            map: map.unwrap_or_else(unknown),
            probe: probe.unwrap_or_else(unknown),
            agreement,
            map_why: None,
            probe_why: None,
        });
    }

    /// Compares two answers, each about a file or none. A *no* without an errno agrees with every *no*.
    fn answer(
        &mut self,
        path: Option<&str>,
        field: &'static str,
        (file, map): (Option<&str>, &Verdict),
        probe: &ProbedAnswer,
    ) {
        let said = map.tri().as_str();
        let errnos = map
            .errno()
            .map(writeway_access::Errno::as_str)
            .zip(probe.errno.as_deref());
        let agreement = if file != probe.file.as_deref() || said == "unknown" || probe.verdict == "unknown" {
            Agreement::Unknown
        } else if said == probe.verdict && errnos.is_none_or(|(said, seen)| said == seen) {
            Agreement::Agrees
        } else {
            Agreement::Differs
        };
        let of = |file: Option<&str>| file.map_or_else(String::new, |file| format!(" ({file})"));
        let seen = match &probe.errno {
            Some(errno) => format!("{} {errno}", probe.verdict),
            None => probe.verdict.clone(),
        };
        self.compared.push(Compared {
            path: path.map(str::to_owned),
            field,
            map: format!("{}{}", answer_text(map), of(file)),
            probe: format!("{seen}{}", of(probe.file.as_deref())),
            agreement,
            map_why: map.why.last().cloned(),
            probe_why: probe.why.last().cloned(),
        });
    }
}

fn tri(answer: Tri) -> Option<&'static str> {
    (answer != Tri::Unknown).then(|| answer.as_str())
}

/// A word of the document that is not `unknown`.
fn word(word: &str) -> Option<&str> {
    (word != "unknown").then_some(word)
}

/// A set as text, whatever its order was.
fn set(members: impl Iterator<Item = String>) -> String {
    let mut members: Vec<String> = members.collect();
    members.sort();
    members.dedup();
    if members.is_empty() {
        "none".to_owned()
    } else {
        members.join(" ")
    }
}
