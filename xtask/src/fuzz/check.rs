// SPDX-License-Identifier: Apache-2.0
//! The whole way from a text to every report: the same bytes each time, places within the files, JSON that is JSON.

use std::io;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use writeway_access::Context;
use writeway_check::{Finding, Policy, Settings, check, judge, map_all};
use writeway_facts::Facts;
use writeway_manifest::Inventory;
use writeway_report::{
    CHECK_FORMATS, CheckReport, HumanOptions, TableOptions, write_findings_human, write_map_json,
    write_workload_table,
};

use super::read;

/// The line between the manifests and the facts of an input.
const FACTS: &str = "\n=== facts\n";

/// The reports that are one JSON document.
const JSON: [&str; 4] = ["json", "sarif", "gitlab", "map json"];

/// Manifests, and facts behind a line of their own if there is one; facts that cannot be read are none. `None` for bytes
/// that are no text.
pub(super) fn input(bytes: &[u8]) -> anyhow::Result<Option<(&str, Facts)>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(None);
    };
    let (manifests, facts) = text.split_once(FACTS).unwrap_or((text, ""));
    let facts = match writeway_facts::read(facts) {
        Ok(facts) => facts,
        Err(errors) => {
            ensure!(errors.iter().count() > 0, "facts are refused without an error");
            Facts::default()
        }
    };
    Ok(Some((manifests, facts)))
}

/// Every report of an [`input`] is the same each time, and well-formed.
pub(super) fn holds(bytes: &[u8]) -> anyhow::Result<()> {
    let Some((manifests, facts)) = input(bytes)? else {
        return Ok(());
    };
    let first = reports(manifests, &facts)?;
    let second = reports(manifests, &facts)?;
    for ((name, first), (_, second)) in first.iter().zip(&second) {
        ensure!(first == second, "two reports of one input differ: {name}");
    }
    Ok(())
}

/// Every report of the manifests, by name.
fn reports(manifests: &str, facts: &Facts) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let inventory = read::inventory(manifests);
    let context = Context {
        inventory: &inventory,
        facts,
        extra_paths: &["/data".to_owned()],
    };
    let settings = Settings::default();
    let findings = check(&context, &settings);
    for finding in &findings {
        places(&inventory, finding).with_context(|| format!("{}: {}", finding.rule.code, finding.message))?;
    }
    let judged = judge(&inventory, findings, &settings, &Policy::default());
    let checked = CheckReport::new(&context, &[], &[], &judged);

    let mut reports = Vec::new();
    let mut report = |name, write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut written = Vec::new();
        write(&mut written).with_context(|| name)?;
        ensure!(std::str::from_utf8(&written).is_ok(), "{name} is no UTF-8");
        reports.push((name, written));
        anyhow::Ok(())
    };
    let plain = HumanOptions::default();
    for format in &CHECK_FORMATS {
        report(format.name, &|out| format.write(out, &checked, &plain))?;
    }
    let narrow = HumanOptions {
        color: true,
        width: Some(40),
        ..plain
    };
    report("human, narrow", &|out| {
        write_findings_human(out, &checked, &narrow)
    })?;
    report("map json", &|out| {
        write_map_json(out, &inventory, &[], map_all(&context))
    })?;
    let options = TableOptions {
        color: false,
        width: Some(100),
        why: true,
    };
    report("map table", &|out| {
        map_all(&context)
            .try_for_each(|(workload, map)| write_workload_table(out, &inventory, workload, &map, &options))
    })?;
    for (name, written) in reports.iter().filter(|(name, _)| JSON.contains(name)) {
        serde_json::from_slice::<Value>(written).with_context(|| format!("{name} cannot be read"))?;
    }
    Ok(reports)
}

fn places(inventory: &Inventory, finding: &Finding) -> anyhow::Result<()> {
    let locations = std::iter::once(&finding.primary).chain(&finding.related);
    for location in locations {
        let file = inventory.file(location.place.file);
        read::within(file.stream.text(), location.place.span, &location.label)?;
    }
    ensure!(!finding.message.contains('\n'), "a message of several lines");
    Ok(())
}
