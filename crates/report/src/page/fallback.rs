// SPDX-License-Identifier: Apache-2.0
//! What is read where the page's program does not run: the counts and two plain tables.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::data::{FindingRow, ObjectRow, PageData, SubjectRow};
use super::markup;

/// Rows of a table; more are counted.
const MOST_ROWS: usize = 200;

/// Writes it. The program replaces all of it.
pub(super) fn write(out: &mut dyn Write, data: &PageData<'_>) -> io::Result<()> {
    if !data.unread.is_empty() {
        writeln!(out, "<h2>Not read</h2>\n<ul>")?;
        for unread in data.unread.iter().take(MOST_ROWS) {
            writeln!(out, "<li>{}</li>", markup(unread))?;
        }
        writeln!(out, "</ul>")?;
    }
    if !data.findings.is_empty() {
        write_rules(out, data)?;
        let columns = ["severity", "rule", "place", "object", "finding"];
        let rows = data.findings.iter().map(|finding| finding_row(data, finding));
        write_table(out, "Findings", &columns, rows)?;
    }
    let workloads = data.subjects.iter().filter(|subject| subject.starts.is_some());
    let columns = [
        "workload",
        "place",
        "starts",
        "can be written",
        "cannot",
        "unknown",
    ];
    write_table(
        out,
        "Write map",
        &columns,
        workloads.map(|workload| workload_row(data, workload)),
    )
}

fn write_rules(out: &mut dyn Write, data: &PageData<'_>) -> io::Result<()> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &data.findings {
        *numbers.entry(finding.code).or_default() += 1;
    }
    let rows = data.rules.iter().map(|(code, rule)| {
        let number = numbers.get(code).copied().unwrap_or(0);
        [(*code).to_owned(), rule.name.to_owned(), number.to_string()]
    });
    write_table(out, "Rules", &["rule", "name", "findings"], rows)
}

fn finding_row(data: &PageData<'_>, finding: &FindingRow) -> [String; 5] {
    let object = data.subjects.get(finding.subject);
    [
        data.string(finding.severity),
        finding.code.to_owned(),
        format!("{}:{}", data.string(finding.file), finding.line),
        object.map_or(String::new(), |subject| name(data, subject)),
        data.string(finding.message),
    ]
}

fn workload_row(data: &PageData<'_>, workload: &SubjectRow) -> [String; 6] {
    let starts = workload
        .starts
        .map_or(String::new(), |(verdict, _)| data.string(verdict));
    let tally = workload.tally;
    [
        name(data, workload),
        format!("{}:{}", data.string(workload.file), workload.line),
        starts,
        tally.yes.to_string(),
        tally.no.to_string(),
        tally.unknown.to_string(),
    ]
}

/// Kind and name of an object: `Deployment shop/web`.
fn name(data: &PageData<'_>, subject: &SubjectRow) -> String {
    let Some(ObjectRow(kind, namespace, name)) = subject.object else {
        return String::new();
    };
    let namespace = namespace.map_or(String::new(), |namespace| format!("{}/", data.string(namespace)));
    format!("{} {namespace}{}", data.string(kind), data.string(name))
}

fn write_table<const N: usize>(
    out: &mut dyn Write,
    title: &str,
    columns: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "<h2>{title}</h2>\n<div class=\"plain\"><table>\n<thead><tr>")?;
    for column in columns {
        write!(out, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for row in rows.by_ref().take(MOST_ROWS) {
        write!(out, "<tr>")?;
        for cell in row {
            write!(out, "<td>{}</td>", markup(&cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>")?;
    match rows.count() {
        0 => Ok(()),
        more => writeln!(out, "<p>And {more} more.</p>"),
    }
}
