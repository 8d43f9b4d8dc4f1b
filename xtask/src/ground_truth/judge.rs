// SPDX-License-Identifier: Apache-2.0
//! A measured pod against its write map, as the map's JSON reports it.

use serde_json::Value;
use writeway_access::CapabilitySet;

use super::case::{Case, ObservedContainer, ObservedIdentity, ObservedPath};
use super::score::{Aspect, Disagreement, Outcome, Score};

/// A capability that the node of the measurements did not have itself, so that even its privileged containers lack it.
const NOT_ON_THE_NODE: &str = "SYS_RESOURCE";

/// Compares one case with its workload in the map's JSON.
///
/// The paths of a pod that did not start are not compared: some of its containers may have run, but the map of a pod
/// that does not start has none.
pub(super) fn judge(case: &Case, workload: &Value) -> Score {
    let mut judge = Judge {
        case,
        score: Score::default(),
    };
    judge.score.cases = 1;
    let measured = if case.observed.started { "yes" } else { "no" };
    let starts = &workload["starts"];
    // A pod starts or it does not: leaving that open is as good as wrong.
    let said = starts["verdict"].as_str().unwrap_or("nothing").to_owned();
    judge.compare(Place::POD, Aspect::Starts, measured, Some(said), starts);
    if case.observed.started {
        for (name, observed) in &case.observed.containers {
            judge.container(name, observed, find(&workload["containers"], "name", name));
        }
    }
    judge.score
}

/// Where a comparison is made.
#[derive(Clone, Copy)]
struct Place<'a> {
    container: &'a str,
    path: &'a str,
}

impl Place<'_> {
    const POD: Self = Self {
        container: "",
        path: "",
    };
}

struct Judge<'a> {
    case: &'a Case,
    score: Score,
}

impl Judge<'_> {
    fn container(&mut self, name: &str, observed: &ObservedContainer, mapped: &Value) {
        self.identity(
            Place {
                container: name,
                path: "",
            },
            &observed.identity,
            &mapped["identity"],
        );
        for path in &observed.paths {
            if !["/proc", "/sys"]
                .iter()
                .any(|kernel| is_below(&path.path, kernel))
            {
                self.score.paths += 1;
                let place = Place {
                    container: name,
                    path: &path.path,
                };
                self.path(place, path, find(&mapped["paths"], "path", &path.path));
            }
        }
    }

    fn identity(&mut self, place: Place<'_>, observed: &ObservedIdentity, mapped: &Value) {
        let said = |field: &str| mapped[field].as_u64().map(|id| format!("{field} {id}"));
        self.compare(
            place,
            Aspect::Identity,
            &format!("uid {}", observed.uid),
            said("uid"),
            mapped,
        );
        self.compare(
            place,
            Aspect::Identity,
            &format!("gid {}", observed.gid),
            said("gid"),
            mapped,
        );
        let groups = mapped["groups"].as_array().map(|groups| {
            let ids = groups.iter().filter_map(Value::as_u64).collect();
            format!("groups {}", listed(ids))
        });
        let measured = observed.groups.iter().copied().map(u64::from).collect();
        self.compare(
            place,
            Aspect::Identity,
            &format!("groups {}", listed(measured)),
            groups,
            mapped,
        );
        let capabilities = mapped["capabilities"].as_array().map(|names| {
            let names = names
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != NOT_ON_THE_NODE)
                .collect();
            listed(names)
        });
        self.compare(
            place,
            Aspect::Capabilities,
            &listed(capabilities_of(&observed.capeff)),
            capabilities,
            mapped,
        );
    }

    fn path(&mut self, place: Place<'_>, observed: &ObservedPath, mapped: &Value) {
        let create = match (
            &observed.error,
            observed.kind.as_deref(),
            observed.create.as_deref(),
        ) {
            (Some(error), _, _) => refused(error),
            (None, Some("file"), _) => refused("ENOTDIR"),
            (None, _, Some(tried)) => attempt(tried),
            (None, _, None) => "nothing".to_owned(),
        };
        self.compare(
            place,
            Aspect::Create,
            &create,
            verdict(&mapped["create"]),
            &mapped["create"],
        );

        if let Some(mode) = &observed.mode {
            let said = mapped["mode"].as_str().map(octal);
            self.compare(place, Aspect::Mode, &octal(mode), said, mapped);
        }
        for (aspect, field, id) in [
            (Aspect::Uid, "uid", observed.uid),
            (Aspect::Gid, "gid", observed.gid),
        ] {
            if let Some(id) = id {
                let said = mapped[field].as_u64().map(|id| id.to_string());
                self.compare(place, aspect, &id.to_string(), said, mapped);
            }
        }
        // The probe's predicate does not see a read-only mount; the map's answer does.
        if let (Some(ruby), Some(false)) = (observed.ruby_tmpdir, observed.read_only) {
            self.compare(
                place,
                Aspect::RubyTmpdir,
                yes_or_no(ruby),
                tri(&mapped["rubyTmpdir"]),
                mapped,
            );
        }
        self.informative(place, observed, mapped);
    }

    /// What is compared for information only.
    fn informative(&mut self, place: Place<'_>, observed: &ObservedPath, mapped: &Value) {
        if observed.error.as_deref() != Some("EACCES") {
            self.compare(
                place,
                Aspect::Exists,
                yes_or_no(observed.exists),
                tri(&mapped["exists"]),
                mapped,
            );
        }
        if let Some(kind) = &observed.kind {
            let said = mapped["type"].as_str().map(str::to_owned);
            self.compare(place, Aspect::Kind, kind, said, mapped);
        }
        // Only the same file gives the same answer, and the map may know of another one than the probe met first.
        let (file, append) = match &observed.existing {
            Some(existing) => (existing.file.rsplit('/').next(), Some(&existing.append)),
            None => (None, observed.append.as_ref()),
        };
        if let Some(append) = append
            && mapped["overwrite"]["file"].as_str() == file
        {
            let said = &mapped["overwrite"];
            self.compare(place, Aspect::Overwrite, &attempt(append), verdict(said), said);
        }
        // The probe replaced a file of its own: whose file it is matters in a sticky directory.
        if let Some(replace) = &observed.replace
            && mapped["replace"]["file"].is_null()
        {
            let said = &mapped["replace"];
            self.compare(place, Aspect::Replace, &attempt(replace), verdict(said), said);
        }
        if let Some(exec) = observed.exec.as_deref().filter(|exec| *exec != "not-tried") {
            self.compare(
                place,
                Aspect::Exec,
                &attempt(exec),
                verdict(&mapped["exec"]),
                &mapped["exec"],
            );
        }
    }

    /// Counts one comparison; `reason` is the part of the map that holds the derivation.
    fn compare(
        &mut self,
        place: Place<'_>,
        aspect: Aspect,
        measured: &str,
        said: Option<String>,
        reason: &Value,
    ) {
        let outcome = match &said {
            None => Outcome::Unknown,
            Some(said) if said == measured => Outcome::Right,
            Some(_) => Outcome::Wrong,
        };
        self.score.count(aspect, outcome);
        if outcome != Outcome::Right {
            let why = reason["why"]
                .as_array()
                .and_then(|steps| steps.last())
                .and_then(Value::as_str);
            self.score.disagreements.push(Disagreement {
                case: self.case.id.clone(),
                container: place.container.to_owned(),
                path: place.path.to_owned(),
                aspect,
                outcome,
                measured: measured.to_owned(),
                said: said.unwrap_or_else(|| "nothing certain".to_owned()),
                why: why.unwrap_or_default().to_owned(),
            });
        }
    }
}

/// The member of a list whose field has that value; null when there is none.
fn find<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let members = list.as_array().map(Vec::as_slice).unwrap_or_default();
    members
        .iter()
        .find(|member| member[field] == value)
        .unwrap_or(&Value::Null)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A measured attempt in the words of [`verdict`].
fn attempt(tried: &str) -> String {
    if tried == "ok" {
        "yes".to_owned()
    } else {
        refused(tried)
    }
}

fn refused(errno: &str) -> String {
    format!("no/{errno}")
}

/// A verdict of the map: `yes` or `no/ERRNO`; `None` when it leaves the answer or the errno open.
fn verdict(mapped: &Value) -> Option<String> {
    match (mapped["verdict"].as_str()?, mapped["errno"].as_str()) {
        ("yes", _) => Some("yes".to_owned()),
        ("no", Some(errno)) => Some(refused(errno)),
        _ => None,
    }
}

/// `yes` or `no`; `None` when the map leaves it open.
fn tri(mapped: &Value) -> Option<String> {
    mapped
        .as_str()
        .filter(|answer| *answer != "unknown")
        .map(str::to_owned)
}

fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

/// Mode bits with four digits; what is none stays as it is.
fn octal(mode: &str) -> String {
    u16::from_str_radix(mode, 8).map_or_else(|_| mode.to_owned(), |bits| format!("{bits:04o}"))
}

/// Names of the bits set in the mask of /proc/self/status.
fn capabilities_of(mask: &str) -> Vec<String> {
    let bits = u64::from_str_radix(mask, 16).unwrap_or_default();
    let known = CapabilitySet::ALL.iter().enumerate();
    known
        .filter(|(number, _)| bits >> number & 1 == 1)
        .map(|(_, capability)| capability.to_string())
        .collect()
}

/// A set as text, whatever its order was.
fn listed<T: Ord + ToString>(mut members: Vec<T>) -> String {
    members.sort();
    members.dedup();
    let shown: Vec<String> = members.iter().map(ToString::to_string).collect();
    format!("[{}]", shown.join(" "))
}

#[cfg(test)]
mod tests;
