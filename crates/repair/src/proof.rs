// SPDX-License-Identifier: Apache-2.0
//! What has to be true after a change: the need is met, and nothing that worked is lost.

use writeway_access::{ContainerMap, PathMap, PodMap, Tri};
use writeway_check::Need;

/// How the derivation of a verdict changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turned {
    /// The steps that are gone.
    pub was: Vec<String>,
    /// The steps that came.
    pub is: Vec<String>,
}

/// Compares the map of a pod with that of what becomes of it.
///
/// # Errors
/// Why the change is no good.
pub(crate) fn prove(before: &PodMap, after: &PodMap, need: Option<&Need>) -> Result<Turned, String> {
    starts(before, after)?;
    let turned = match need {
        Some(need) => met(before, after, need)?,
        None => Turned::default(),
    };
    for container in &before.containers {
        keeps(container, after, need)?;
    }
    Ok(turned)
}

/// A pod that starts has to start.
fn starts(before: &PodMap, after: &PodMap) -> Result<(), String> {
    let kept = match before.starts.verdict {
        Tri::Yes => after.starts.verdict == Tri::Yes,
        Tri::Unknown => after.starts.verdict != Tri::No,
        Tri::No => true,
    };
    if kept {
        return Ok(());
    }
    let why = after.starts.why().next().unwrap_or("it is not known why");
    Err(format!("the pod might not start then: {why}"))
}

fn met(before: &PodMap, after: &PodMap, need: &Need) -> Result<Turned, String> {
    let path = &need.path;
    let last = || {
        need.steps(after)
            .last()
            .map_or(String::new(), |step| format!(": {step}"))
    };
    match need.is_met(after) {
        Tri::Yes => {}
        Tri::No => return Err(format!("`{path}` would not do then, either{}", last())),
        Tri::Unknown => return Err(format!("whether `{path}` would do then is not known{}", last())),
    }
    let (was, is) = (need.steps(before), need.steps(after));
    let only = |these: &[String], others: &[String]| {
        let these = these.iter().filter(|step| !others.contains(step));
        these.cloned().collect()
    };
    Ok(Turned {
        was: only(was, is),
        is: only(is, was),
    })
}

/// What a container could do, it still can, but for what a new volume at the needed path hides.
fn keeps(before: &ContainerMap, after: &PodMap, need: Option<&Need>) -> Result<(), String> {
    let Some(container) = after.containers.iter().find(|map| map.name == before.name) else {
        // The pod did not start as far as that; that it starts is judged above.
        return Ok(());
    };
    for path in &before.paths {
        let Some(now) = container.paths.iter().find(|now| now.path == path.path) else {
            continue;
        };
        let is_needed = need.is_some_and(|need| need.container == before.name && need.path == path.path);
        if let Some(what) = lost(path, now, is_needed) {
            return Err(format!(
                "container `{}` could no longer {what} `{}`",
                before.name, path.path
            ));
        }
    }
    Ok(())
}

/// What could be done at a path, and no longer can.
fn lost(before: &PathMap, now: &PathMap, is_needed: bool) -> Option<&'static str> {
    let abilities = [
        ("create files in", before.create.tri(), now.create.tri(), true),
        ("run files in", before.exec.tri(), now.exec.tri(), false),
        (
            "write to files in",
            before.overwrite.verdict.tri(),
            now.overwrite.verdict.tri(),
            false,
        ),
    ];
    let mut lost = abilities.into_iter().filter(|(_, was, is, of_directory)| {
        // An empty volume has no files of the image to write to, nor a need for it.
        let counts = *of_directory || !is_needed;
        counts && *was == Tri::Yes && *is != Tri::Yes
    });
    lost.next().map(|(what, ..)| what)
}
