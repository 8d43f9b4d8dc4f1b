// SPDX-License-Identifier: Apache-2.0
//! Scripts of init containers, measured on real shells and tools, on the model.
//!
//! `testdata/scripts.jsonl` holds scripts that ran as `cargo xtask shells` runs them: who ran what on which tree with
//! whose tools, how it ended and what was there afterwards. The variable `WRITEWAY_MEASURED_SCRIPTS` names another file
//! of such lines.

#[path = "measured_scripts/case.rs"]
mod case;
#[path = "measured_scripts/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::json;
use writeway_access::{FileKind, PathMap, PodMap, Tri};

use case::Case;
use tree::Seen;

/// Of a hundred scripts, so many may leave something open in the map: where builds of the tools differ, the map says so,
/// and whatever follows may depend on it.
const MAX_OPEN_PERCENT: usize = 5;

/// Disagreements of one script that are told.
const MAX_SHOWN: usize = 8;

/// What one case amounts to: where the map is wrong, and how many entries it knows and leaves open.
#[derive(Default)]
struct Score {
    disagreements: Vec<String>,
    known: usize,
    unknown: usize,
}

#[test]
fn scripts_do_what_real_shells_and_tools_do() {
    let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/scripts.jsonl");
    let file = env::var_os("WRITEWAY_MEASURED_SCRIPTS").map_or_else(|| PathBuf::from(frozen), PathBuf::from);
    let text = fs::read_to_string(&file).unwrap();
    let mut report = String::new();
    let (mut known, mut open, mut disagreeing) = (0, 0, 0);
    for (index, line) in text.lines().enumerate() {
        let case: Case = serde_json::from_str(line).unwrap();
        let mut score = judge(&case);
        known += score.known;
        open += usize::from(score.unknown > 0);
        if !score.disagreements.is_empty() {
            disagreeing += 1;
            let place = format!("{}:{}", file.display(), index + 1);
            score.disagreements.truncate(MAX_SHOWN);
            writeln!(report, "{place}: {case}  {}", score.disagreements.join("\n  ")).unwrap();
        }
    }
    let cases = text.lines().count();
    assert!(cases > 0 && known > 0, "{}: nothing in it", file.display());
    assert!(
        report.is_empty(),
        "{disagreeing} of {cases} scripts do something else:\n{report}"
    );
    assert!(
        open * 100 <= cases * MAX_OPEN_PERCENT,
        "{open} of {cases} scripts leave something unknown"
    );
}

/// The script as the init container's own, and once more inside of another script that goes on when it has failed.
fn judge(case: &Case) -> Score {
    let mut score = Score::default();
    let mut probes = tree::probes(&case.before, &case.after, &case.script);
    let alone = case.map(&json!(["sh", "-c", case.script]), &probes);
    let succeeded = case.status == 0;
    starts(case, &alone, &mut score);
    if succeeded && alone.starts.verdict != Tri::No {
        compare(case, &probes, &main_paths(&alone), &mut score);
    }
    let outer = "if sh -c \"$1\"; then mkdir /mark/ok; else mkdir /mark/failed; fi";
    probes.extend(["/mark/ok".to_owned(), "/mark/failed".to_owned()]);
    let inside = case.map(&json!(["sh", "-c", outer, "sh", case.script]), &probes);
    let inside = main_paths(&inside);
    let said = inside.get("/mark/ok").map_or(Tri::No, |path| path.exists);
    // A status that is not known is taken as success: what a failure keeps from happening, the map may have.
    if succeeded || said != Tri::Unknown {
        compare(case, &probes, &inside, &mut score);
    }
    if said != Tri::Unknown && said != Tri::from(succeeded) {
        score.disagreements.push(format!(
            "measured status {}, mapped success: {said:?}",
            case.status
        ));
    }
    score
}

/// Whether the pod starts, and who runs the script.
fn starts(case: &Case, map: &PodMap, score: &mut Score) {
    let said = map.starts.verdict;
    // A status that is not known is taken as success, so only a certain failure is a verdict.
    if said == Tri::No && case.status == 0 {
        score.disagreements.push(format!(
            "measured success, mapped: {}",
            map.starts.why().collect::<Vec<_>>().join("; ")
        ));
    }
    let Some(init) = map.containers.first() else {
        return;
    };
    let capabilities = init.identity.capabilities.as_ref().map(|capabilities| {
        capabilities
            .iter()
            .map(|capability| capability.name().to_owned())
            .collect()
    });
    if (init.identity.uid, init.identity.gid) != (Some(case.uid), Some(case.gid))
        || capabilities != Some(case.effective_capabilities())
    {
        score.disagreements.push(format!("mapped {:?}", init.identity));
    }
}

fn main_paths(map: &PodMap) -> BTreeMap<&str, &PathMap> {
    map.containers
        .iter()
        .filter(|container| container.name == "main")
        .flat_map(|container| &container.paths)
        .map(|path| (path.path.as_str(), path))
        .collect()
}

fn compare(case: &Case, probes: &[String], paths: &BTreeMap<&str, &PathMap>, score: &mut Score) {
    for probe in probes {
        let Some(seen) = tree::look(&case.after, probe) else {
            continue;
        };
        let measured = match seen {
            Seen::Nothing => "nothing",
            Seen::Entry(entry) => entry,
        };
        let mapped = paths
            .get(probe.as_str())
            .map_or_else(|| "no path".to_owned(), |path| mapped(path));
        let agrees = mapped == "?" || agree(&mapped, measured);
        if !agrees {
            score
                .disagreements
                .push(format!("{probe}: measured {measured}, mapped {mapped}"));
        } else if mapped.contains('?') {
            score.unknown += 1;
        } else if mapped != "nothing" {
            score.known += 1;
        }
    }
}

/// What the map says, as an entry of a tree; `?` for what it leaves open.
fn mapped(path: &PathMap) -> String {
    let kind = match (path.exists, path.kind) {
        (Tri::Unknown, _) => return "?".to_owned(),
        (Tri::No, _) | (Tri::Yes, Some(FileKind::Link)) => return "nothing".to_owned(),
        (Tri::Yes, Some(FileKind::Directory)) => "d",
        (Tri::Yes, Some(FileKind::File)) => "f",
        (Tri::Yes, None) => "?",
    };
    let open = || "?".to_owned();
    let mode = path.mode.map_or_else(open, |mode| format!("{mode:04o}"));
    let id = |id: Option<u32>| id.map_or_else(open, |id| id.to_string());
    format!("{kind} {mode} {}:{}", id(path.uid), id(path.gid))
}

fn agree(mapped: &str, measured: &str) -> bool {
    let words = |entry: &str| -> Vec<String> { entry.split([' ', ':']).map(str::to_owned).collect() };
    let (mapped, measured) = (words(mapped), words(measured));
    mapped.len() == measured.len()
        && mapped
            .iter()
            .zip(&measured)
            .all(|(mapped, measured)| mapped == "?" || mapped == measured)
}
