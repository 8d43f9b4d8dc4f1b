// SPDX-License-Identifier: Apache-2.0
//! The table for people, in the words of `writeway map`.

use std::fmt::Write as _;

use crate::log::printable;

use super::document::Origin;
use super::identity::Identity;
use super::path::PathProbe;

const TITLES: [&str; 12] = [
    "PATH",
    "SOURCE",
    "FS",
    "TYPE",
    "MODE",
    "OWNER",
    "CREATE",
    "OVERWRITE",
    "FILE",
    "DELETE",
    "EXEC",
    "RUBY",
];

/// The whole table.
pub(super) fn text(origin: &Origin, identity: &Identity, paths: &[PathProbe]) -> String {
    let mut text = String::new();
    let pod = match &origin.namespace {
        Some(namespace) => format!("{namespace}/{}", origin.pod),
        None => origin.pod.clone(),
    };
    let _ = writeln!(text, "Pod {}", printable(&pod));
    let container = origin.container.as_deref().unwrap_or("a container");
    let groups: Vec<String> = identity.groups.iter().map(u32::to_string).collect();
    let capabilities = match identity.capabilities.as_deref() {
        Some([]) => "none".to_owned(),
        Some(names) => names.join(" "),
        None => "?".to_owned(),
    };
    let _ = writeln!(
        text,
        "  {}, uid {}, gid {}, groups {}, capabilities {capabilities}",
        printable(container),
        identity.uid,
        identity.gid,
        groups.join(" "),
    );
    let rows: Vec<[String; TITLES.len()]> = paths.iter().map(cells).collect();
    let mut widths = TITLES.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in std::iter::once(&TITLES.map(str::to_owned)).chain(&rows) {
        let mut line = String::from("    ");
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn cells(probe: &PathProbe) -> [String; TITLES.len()] {
    let or = |value: Option<&str>, absent: &str| printable(value.unwrap_or(absent));
    let there = probe.exists == "yes";
    let missing = if there { "?" } else { "-" };
    [
        printable(&probe.path),
        match &probe.volume {
            Some(volume) => printable(&format!("{} {volume}", probe.source)),
            None => probe.source.to_owned(),
        },
        or(probe.probed.file_system.as_deref(), missing),
        match (probe.exists, probe.kind) {
            ("no", _) => "absent".to_owned(),
            (_, kind) => kind.unwrap_or("?").to_owned(),
        },
        or(probe.mode.as_deref(), missing),
        match (probe.uid, probe.gid) {
            (Some(uid), Some(gid)) => format!("{uid}:{gid}"),
            _ => missing.to_owned(),
        },
        probe.create.answer.text(),
        probe.overwrite.verdict.answer.text(),
        or(probe.overwrite.file.as_deref(), "-"),
        probe.delete.verdict.answer.text(),
        probe.exec.verdict.answer.text(),
        probe.ruby_tmpdir.to_owned(),
    ]
}
