// SPDX-License-Identifier: Apache-2.0
//! Annotations of GitHub, read by the rules of its runner.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use writeway_check::Severity;
use writeway_report::printable;

use crate::common::checked::{Checked, hostile_texts};
use crate::common::{self, hostile_reports};

/// A workflow command.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

impl Command {
    /// Reads a line of a log as the runner does (actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2): the
    /// name and the properties stand between the first two `::`; properties are split at `,` and `=`, then unescaped in
    /// the order of its table.
    fn read(line: &str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("::")?;
        let (head, data) = rest.split_once("::")?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let properties = properties.trim().split(',').filter_map(|property| {
            let (key, value) = property.split_once('=')?;
            let value = unescape(
                value,
                &[
                    ("%0D", "\r"),
                    ("%0A", "\n"),
                    ("%3A", ":"),
                    ("%2C", ","),
                    ("%25", "%"),
                ],
            );
            Some((key.to_owned(), value))
        });
        Some(Self {
            name: name.to_owned(),
            properties: properties.collect(),
            data: unescape(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]),
        })
    }

    fn number(&self, property: &str) -> Option<u32> {
        self.properties.get(property).map(|value| value.parse().unwrap())
    }
}

fn unescape(text: &str, table: &[(&str, &str)]) -> String {
    table.iter().fold(text.to_owned(), |text, (escaped, token)| {
        text.replace(escaped, token)
    })
}

#[test]
fn a_finding_is_an_annotation() {
    let mut checked = Checked::one();
    let on_one_line = common::place(&checked.inventory, 0, "name: app", 0);
    let mut other = checked.findings[0].clone().with_severity(Severity::Info);
    other.primary.place = on_one_line;
    checked.findings.insert(0, other);
    assert_snapshot!(checked.print("github"), @"
    ::notice title=WW201 mount-not-writable,file=pod.yaml,line=8,endLine=8,col=7,endColumn=16::container `app` cannot create files in `/data`%0Awhy: claim `data` is hostPath: kubelet never applies fsGroup there%0Awhy: uid 1000 is `other` of 0:0 0755%0Ahelp: give the volume to uid 1000 where it is made
    ::error title=WW201 mount-not-writable,file=pod.yaml,line=11,endLine=12::container `app` cannot create files in `/data`%0Awhy: claim `data` is hostPath: kubelet never applies fsGroup there%0Awhy: uid 1000 is `other` of 0:0 0755%0Ahelp: give the volume to uid 1000 where it is made
    ");
    assert_eq!(Checked::clean().print("github"), "");
}

#[test]
fn the_runner_reads_what_was_written() {
    let printed = Checked::hostile().print("github");
    let commands: Vec<_> = printed.lines().map(|line| Command::read(line).unwrap()).collect();
    assert_eq!(commands.len(), hostile_texts().len());
    for (command, text) in commands.iter().zip(hostile_texts()) {
        let text = printable(&text);
        assert_eq!(command.name, "error");
        assert_eq!(
            command.properties["file"],
            format!("k8s/{text}.yaml").replace("//", "/")
        );
        assert_eq!(command.properties["title"], "WW201 mount-not-writable");
        let expected = format!(
            "container `{text}` cannot create files in `{text}`\nwhy: {text}\nhelp: {text}\nfix: {text} (--fix)"
        );
        assert_eq!(command.data, expected);
    }
}

/// The runner drops columns of a range on several lines, and what is out of order (actions/runner,
/// src/Runner.Worker/ActionCommandManager.cs, ValidateLinesAndColumns).
#[test]
fn lines_and_columns_are_such_that_the_runner_keeps_them() {
    for checked in hostile_reports() {
        for command in checked
            .print("github")
            .lines()
            .map(|line| Command::read(line).unwrap())
        {
            let (line, end_line) = (
                command.number("line").unwrap(),
                command.number("endLine").unwrap(),
            );
            let columns = (command.number("col"), command.number("endColumn"));
            assert!(line <= end_line, "{command:?}");
            match columns {
                (None, None) => {}
                (Some(column), Some(end)) => assert!(line == end_line && column <= end, "{command:?}"),
                _ => panic!("{command:?}"),
            }
        }
    }
}

/// The file holds what `error(message, properties)` of `@actions/core` 3.0.1 (npm) printed for three of the hostile texts,
/// their control characters replaced as everywhere.
#[test]
fn lines_are_those_that_githubs_own_library_prints() {
    let printed = Checked::hostile().print("github");
    let lines: Vec<_> = printed.lines().collect();
    let expected: Vec<_> = include_str!("actions-core-3.0.1.txt").lines().collect();
    assert_eq!([lines[0], lines[3], lines[4]], *expected);
}
