// SPDX-License-Identifier: Apache-2.0
//! Findings as a summary in Markdown (GitHub Flavored Markdown), for `$GITHUB_STEP_SUMMARY` and comments.

use std::io::{self, Write};

use writeway_check::{Finding, Severity};

use crate::explanation::subject_name;
use crate::fix_text::fix_lines;
use crate::region::Region;
use crate::{CheckReport, counted, printable};

/// Bytes of rows in all. A comment may have 65,536 characters, a step's summary 1 MiB (GitHub documentation, "Workflow
/// commands").
const MOST_ROWS: usize = 60_000;
/// Characters of a cell; more are cut.
const MOST_OF_A_CELL: usize = 300;

/// Writes the counts, and a table of the findings, the most severe first.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_markdown(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    writeln!(out, "## Writeway: {}", report.summary.line())?;
    if let Some(line) = report.summary.fixable_line() {
        writeln!(out, "\n{line}")?;
    }
    if !report.unread.is_empty() {
        let problems = counted(report.unread.len(), "problem");
        writeln!(
            out,
            "\n{problems} in the inputs: nothing is known about what could not be read."
        )?;
    }
    let mut findings: Vec<_> = report.findings().collect();
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| severity | rule | place | object | finding |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    findings.sort_by_key(|finding| finding.severity);
    let mut written = 0;
    for (index, finding) in findings.iter().enumerate() {
        let row = row(report, finding);
        written += row.len();
        if written > MOST_ROWS {
            let rest = counted(findings.len() - index, "more finding");
            return writeln!(out, "\n{rest}: see the log, or another format.");
        }
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn row(report: &CheckReport<'_>, finding: &Finding) -> String {
    let Region {
        file, line, column, ..
    } = Region::of(report.inventory(), finding.primary.place);
    let severity = match finding.severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let code = finding.rule.code;
    let place = inline(&format!("`{file}:{line}:{column}`"));
    let object = inline(&subject_name(&finding.subject));
    let texts = std::iter::once(finding.message.clone()).chain(fix_lines(finding));
    // A cell has no lines of its own but these (GitHub Flavored Markdown, "Tables" and "Raw HTML").
    let texts: Vec<_> = texts.map(|text| inline(&text)).collect();
    let texts = texts.join("<br>");
    format!("| {severity} | {code} | {place} | {object} | {texts} |")
}

/// A text whose words between backticks are code, in a cell: whatever names are in it, they are nothing but text.
fn inline(text: &str) -> String {
    let text = shortened(&printable(text));
    let parts: Vec<_> = text.split('`').collect();
    // An even number of parts is an odd number of backticks: one of them is in a name.
    let paired = parts.len() % 2 == 1;
    let mut markdown = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        let is_code = paired && index % 2 == 1;
        if is_code && !part.trim().is_empty() && !part.contains(['|', '\\']) {
            markdown.extend(["`", part, "`"]);
        } else {
            let backtick = if is_code || (!paired && index > 0) {
                "\\`"
            } else {
                ""
            };
            markdown.push_str(backtick);
            escape(part, &mut markdown);
            markdown.push_str(if is_code { backtick } else { "" });
        }
    }
    markdown
}

/// Every punctuation character that may mean something anywhere in a paragraph may be escaped (CommonMark, "Backslash
/// escapes").
fn escape(text: &str, markdown: &mut String) {
    for character in text.chars() {
        if character.is_ascii_punctuation()
            && !matches!(character, ',' | '.' | '/' | '-' | '(' | ')' | '\'' | '"')
        {
            markdown.push('\\');
        }
        markdown.push(character);
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_OF_A_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_backticks_are_code_and_names_are_text() {
        for (text, markdown) in [
            ("container `app` cannot", "container `app` cannot"),
            ("`a|b`", "\\`a\\|b\\`"),
            ("`a\\`", "\\`a\\\\\\`"),
            ("a `b", "a \\`b"),
            ("`` and `x`", "\\`\\` and `x`"),
            (
                "<img src=x> [a](b) *c* _d_ #1 & @me ~~",
                "\\<img src\\=x\\> \\[a\\](b) \\*c\\* \\_d\\_ \\#1 \\& \\@me \\~\\~",
            ),
            ("https://example.org", "https\\://example.org"),
        ] {
            assert_eq!(inline(text), markdown);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(1000);
        assert_eq!(inline(&long).chars().count(), MOST_OF_A_CELL + 1);
    }
}
