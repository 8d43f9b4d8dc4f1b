// SPDX-License-Identifier: Apache-2.0
//! What is known of the configs of public images, where no fact tells them.

use writeway_access::{Context, PodMap, map_pod};
use writeway_facts::knowledge::{self, Knowledge, declared_volumes, lookup};
use writeway_facts::{Facts, ImageFacts, ImageReference};
use writeway_manifest::Which;

use crate::RuleContext;

/// The namespace of Docker's official images.
const OFFICIAL: &str = "docker.io/library/";

/// Official images of operating systems, as containers that prepare something use them: none of them names a user.
const SYSTEMS: &[&str] = &["alpine", "bash", "busybox", "debian", "fedora", "ubuntu"];

/// The map of the workload with the known `USER` and `VOLUME` of its images; `None` when nothing is known beyond facts.
pub(crate) fn map_with_known_configs(context: &RuleContext<'_>) -> Option<PodMap> {
    let facts = facts_with_known_configs(context)?;
    let access = Context {
        facts: &facts,
        ..*context.access
    };
    Some(map_pod(&access, context.workload))
}

fn facts_with_known_configs(context: &RuleContext<'_>) -> Option<Facts> {
    let told = context.access.facts;
    let mut images: Vec<(String, ImageFacts)> = Vec::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let Some(image) = &container.image else { continue };
        let told = told.image(image);
        let mut known = told.cloned().unwrap_or_default();
        if known.user.is_none() && is_known_to_have_no_user(image) {
            known.user = Some(String::new());
        }
        let volumes = declared_volumes(image);
        if known.volumes.is_none() && !volumes.is_empty() {
            known.volumes = Some(volumes.iter().map(|path| (*path).to_owned()).collect());
        }
        if known != told.cloned().unwrap_or_default() {
            images.push((image.value.clone(), known));
        }
    }
    if images.is_empty() {
        return None;
    }
    let mut facts = told.clone();
    facts.images.extend(images);
    Some(facts)
}

/// Whether an image is an official one that names no user, so that it starts as root: an operating system, or one whose
/// Dockerfile the table was made from.
pub(crate) fn is_known_to_have_no_user(image: &str) -> bool {
    let Ok(reference) = ImageReference::parse(image) else {
        return false;
    };
    let name = reference.name();
    let Some(name) = name.strip_prefix(OFFICIAL) else {
        return false;
    };
    if SYSTEMS.contains(&name) {
        return true;
    }
    let Knowledge::Known(writes) = lookup(image) else {
        return false;
    };
    let surely = |confidence| confidence == knowledge::Confidence::High;
    writes.iter().all(|write| write.start_uid == 0) && writes.iter().any(|write| surely(write.confidence))
}
