// SPDX-License-Identifier: Apache-2.0
//! A map beside what a probe saw, for people: where they agree, where they differ and why.

use std::io::{self, Write};

use writeway_access::Tri;
use writeway_manifest::Inventory;

use crate::comparison::{Agreement, Compared, ComparedContainer, Comparison};
use crate::heading::workload_heading;
use crate::paint::{FAINT, HEADING, answer_style, paint};
use crate::printable;

/// Writes what came of comparing one container.
///
/// # Errors
/// When the writer fails.
pub fn write_comparison_human(
    out: &mut dyn Write,
    inventory: &Inventory,
    compared: &ComparedContainer<'_>,
    color: bool,
) -> io::Result<()> {
    let comparison = &compared.comparison;
    let heading = workload_heading(inventory, compared.workload);
    writeln!(out, "{}", paint(&heading, HEADING, color))?;
    let title = paint(&printable(compared.container), HEADING, color);
    writeln!(out, "  {title}, as probed in pod {}", printable(compared.pod))?;
    write_agreements(out, comparison, color)?;
    for compared in &comparison.compared {
        if compared.agreement == Agreement::Differs {
            write_difference(out, compared, color)?;
        }
    }
    for path in &comparison.fake_owner {
        let path = printable(path);
        writeln!(
            out,
            "    {path} is on a macOS `fakeowner` mount: what a probe sees there proves nothing"
        )?;
    }
    let count = |agreement| comparison.count(agreement);
    writeln!(
        out,
        "  {} agree, {} differ, {} unknown to one of them",
        count(Agreement::Agrees),
        count(Agreement::Differs),
        count(Agreement::Unknown)
    )
}

/// A line for each path, with the fields in which both sides say the same, and those that one does not know.
fn write_agreements(out: &mut dyn Write, comparison: &Comparison, color: bool) -> io::Result<()> {
    let mut places: Vec<&Option<String>> = comparison.compared.iter().map(|one| &one.path).collect();
    places.dedup();
    let fields = |path: &Option<String>, agreement: Agreement| {
        let matching = comparison
            .compared
            .iter()
            .filter(|one| one.path == *path && one.agreement == agreement);
        let names: Vec<&str> = matching.map(|one| one.field).collect();
        if names.is_empty() {
            "-".to_owned()
        } else {
            names.join(" ")
        }
    };
    let rows: Vec<[String; 3]> = places
        .iter()
        .map(|path| {
            [
                printable(path.as_deref().unwrap_or("process")).into_owned(),
                fields(path, Agreement::Agrees),
                fields(path, Agreement::Unknown),
            ]
        })
        .collect();
    let titles = ["PATH", "AGREES", "UNKNOWN"];
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].chars().count()).max();
        widest.unwrap_or(0).max(titles[column].len())
    };
    let (first, second) = (width(0), width(1));
    let line = |row: [&str; 3]| {
        let line = format!("    {:first$}  {:second$}  {}", row[0], row[1], row[2]);
        line.trim_end().to_owned()
    };
    writeln!(out, "{}", paint(&line(titles), FAINT, color))?;
    for row in &rows {
        writeln!(out, "{}", line(row.each_ref().map(String::as_str)))?;
    }
    Ok(())
}

fn write_difference(out: &mut dyn Write, compared: &Compared, color: bool) -> io::Result<()> {
    let place = printable(compared.path.as_deref().unwrap_or("process")).into_owned();
    let differs = paint("differs", answer_style(Tri::No), color);
    writeln!(
        out,
        "    {differs}: {place} {}: the map says {}, the probe {}",
        compared.field,
        printable(&compared.map),
        printable(&compared.probe)
    )?;
    for (side, why) in [("map", &compared.map_why), ("probe", &compared.probe_why)] {
        if let Some(why) = why {
            let line = format!("{side}: {}", printable(why));
            writeln!(out, "      {}", paint(&line, FAINT, color))?;
        }
    }
    Ok(())
}
