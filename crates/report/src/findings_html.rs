// SPDX-License-Identifier: Apache-2.0
//! Findings beside the write map, as a page for a browser.

use std::io::{self, Write};

use writeway_check::map_all;

use crate::CheckReport;
use crate::page::data::PageData;
use crate::page::write_page;

/// Writes the page. The write maps are made for it, as `map` makes them.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_html(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    let mut data = PageData::new("Writeway report", report.inventory(), true);
    let fixable = report.summary.fixable_line();
    let line: Vec<_> = std::iter::once(report.summary.line()).chain(fixable).collect();
    data.line = line.join(", ");
    data.add_renderers(report.renderers);
    data.unread = report
        .unread
        .iter()
        .map(|unread| report.unread_text(unread))
        .collect();
    for (workload, map) in map_all(report.context) {
        data.add_workload(workload, &map);
    }
    for (finding, fingerprint) in report.fingerprinted() {
        data.add_finding(finding, fingerprint);
    }
    write_page(out, &data)
}
