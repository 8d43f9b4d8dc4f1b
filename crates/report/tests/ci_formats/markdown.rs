// SPDX-License-Identifier: Apache-2.0
//! The summary in Markdown, read by a parser of GitHub Flavored Markdown.

use insta::assert_snapshot;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use writeway_check::Severity;
use writeway_report::printable;

use crate::common::checked::{Checked, finding, many};
use crate::common::{self, hostile_reports};

/// The cells of the body, row by row, as text; anything but text and code in one fails.
fn rows(markdown: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut in_cell = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                in_cell = true;
                if let Some(row) = rows.last_mut() {
                    row.push(String::new());
                }
            }
            Event::End(TagEnd::TableCell) => in_cell = false,
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => {}
            Event::Text(text) | Event::Code(text) if in_cell => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            // What a cell has in the place of lines.
            Event::InlineHtml(html) if in_cell && &*html == "<br>" => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push('\n');
                }
            }
            event => assert!(!in_cell, "{event:?}"),
        }
    }
    rows
}

#[test]
fn findings_are_a_table_the_most_severe_first() {
    let mut checked = Checked::one();
    let info = finding(&checked.inventory).with_severity(Severity::Info);
    checked.findings.insert(0, info);
    assert_snapshot!(checked.print("markdown"), @"
    ## Writeway: 2 findings (1 error, 1 info), 1 workload in 2 files

    | severity | rule | place | object | finding |
    |---|---|---|---|---|
    | **error** | WW201 | `pod.yaml:11:11` | Pod shop/web, container app | container `app` cannot create files in `/data` |
    | info | WW201 | `pod.yaml:11:11` | Pod shop/web, container app | container `app` cannot create files in `/data` |
    ");
}

#[test]
fn no_findings_are_a_heading() {
    assert_snapshot!(Checked::clean().print("markdown"), @"## Writeway: no findings, 1 workload in 2 files");
}

#[test]
fn a_reader_sees_the_names_as_they_are() {
    let checked = Checked::hostile();
    let rows = rows(&checked.print("markdown"));
    assert_eq!(rows.len(), checked.findings.len());
    for (row, finding) in rows.iter().zip(&checked.findings) {
        let words = |text: &str| {
            text.replace(['`', '…'], "")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let shown = |text: &str| words(&printable(text).chars().take(300).collect::<String>());
        let (message, fix) = row[4].split_once('\n').unwrap();
        assert_eq!(
            (row.len(), row[0].as_str(), row[1].as_str()),
            (5, "error", "WW201")
        );
        assert_eq!(words(message), shown(&finding.message));
        assert_eq!(
            words(fix),
            shown(&format!("fix: {} (--fix)", finding.fixes[0].title))
        );
    }
}

#[test]
fn a_summary_fits_into_a_comment() {
    for checked in hostile_reports() {
        assert!(checked.print("markdown").len() < 65_536);
    }
    let inventory = common::inventory();
    let findings = many(&inventory, 5_000);
    let markdown = Checked::new(inventory, findings).print("markdown");
    assert!(
        markdown.len() > 50_000 && markdown.len() < 65_536,
        "{}",
        markdown.len()
    );
    let shown = rows(&markdown).len();
    assert!(markdown.ends_with(&format!(
        "\n{} more findings: see the log, or another format.\n",
        5_000 - shown
    )));
}
