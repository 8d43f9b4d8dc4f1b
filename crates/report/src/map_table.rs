// SPDX-License-Identifier: Apache-2.0
//! The write map as a table: a heading for each workload and container, a line for each path.

mod column;
mod layout;

use std::io::{self, Write};

use writeway_access::{ContainerMap, Identity, PathMap, PodMap, Tri, Verdict};
use writeway_manifest::{Inventory, Workload};

use crate::heading::workload_heading;
use crate::paint::{FAINT, HEADING, answer_style, paint};
use crate::printable;
use column::{COLUMNS, Cell};
use layout::Layout;

pub(crate) use column::{answer_text, source_text};

/// How the table is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// With colour.
    pub color: bool,
    /// Columns of the terminal; without it nothing is shortened.
    pub width: Option<usize>,
    /// With the steps that led to each answer.
    pub why: bool,
}

/// Writes the table of one workload.
///
/// # Errors
/// When the writer fails.
pub fn write_workload_table(
    out: &mut dyn Write,
    inventory: &Inventory,
    workload: &Workload,
    map: &PodMap,
    options: &TableOptions,
) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        paint(&workload_heading(inventory, workload), HEADING, options.color)
    )?;
    write_starts(out, map, options)?;
    let rows = |container: &ContainerMap| container.paths.iter().map(column::cells).collect::<Vec<_>>();
    let rows: Vec<_> = map.containers.iter().map(rows).collect();
    let layout = Layout::fitting(rows.iter().flatten(), options.width);
    for (container, rows) in map.containers.iter().zip(&rows) {
        writeln!(out, "  {}", container_heading(container, options))?;
        write_explanation(out, "identity", &container.identity.why, options)?;
        if !rows.is_empty() {
            let titles = COLUMNS.map(|column| Cell::plain(column.title));
            writeln!(
                out,
                "    {}",
                paint(&layout.line(&titles, false), FAINT, options.color)
            )?;
        }
        for (path, cells) in container.paths.iter().zip(rows) {
            writeln!(out, "    {}", layout.line(cells, options.color))?;
            write_path_explanation(out, path, options)?;
        }
    }
    Ok(())
}

fn container_heading(container: &ContainerMap, options: &TableOptions) -> String {
    let name = paint(&printable(&container.name), HEADING, options.color);
    format!(
        "{name} ({}), {}",
        container.role.as_str(),
        identity_text(&container.identity)
    )
}

fn identity_text(identity: &Identity) -> String {
    let number = |id: Option<u32>| id.map_or("?".to_owned(), |id| id.to_string());
    let groups = match identity.groups.as_deref() {
        Some([]) => "none".to_owned(),
        Some(groups) => groups.iter().map(u32::to_string).collect::<Vec<_>>().join(" "),
        None => "?".to_owned(),
    };
    let capabilities = match identity.capabilities.as_deref() {
        Some([]) => "none".to_owned(),
        Some(capabilities) => counted_capabilities(capabilities),
        None => "?".to_owned(),
    };
    format!(
        "uid {}, gid {}, groups {groups}, capabilities {capabilities}",
        number(identity.uid),
        number(identity.gid)
    )
}

/// Those that decide about writing by name, the others by their number.
fn counted_capabilities(capabilities: &[writeway_access::Capability]) -> String {
    use writeway_access::Capability;

    const DECISIVE: [Capability; 3] = [Capability::DAC_OVERRIDE, Capability::CHOWN, Capability::FOWNER];
    let mut words: Vec<String> = DECISIVE
        .iter()
        .filter(|it| capabilities.contains(it))
        .map(ToString::to_string)
        .collect();
    let others = capabilities.len() - words.len();
    if others > 0 {
        words.push(
            format!("and {others} more")
                .trim_start_matches(if words.is_empty() { "and " } else { "" })
                .to_owned(),
        );
    }
    words.join(" ")
}

/// A pod that surely starts needs no line.
fn write_starts(out: &mut dyn Write, map: &PodMap, options: &TableOptions) -> io::Result<()> {
    let text = match map.starts.verdict {
        Tri::Yes => return Ok(()),
        Tri::No => "does not start",
        Tri::Unknown => "may not start",
    };
    write!(
        out,
        "  {}",
        paint(text, answer_style(map.starts.verdict), options.color)
    )?;
    let why: Vec<_> = map.starts.why().map(str::to_owned).collect();
    match why.split_first() {
        Some((reason, more)) if !options.why => {
            write!(out, ": {}", printable(reason))?;
            if !more.is_empty() {
                write!(out, " (and {} more)", more.len())?;
            }
            writeln!(out)
        }
        _ => {
            writeln!(out)?;
            write_explanation(out, "starts", &why, options)
        }
    }
}

fn write_path_explanation(out: &mut dyn Write, path: &PathMap, options: &TableOptions) -> io::Result<()> {
    let title = |verb: &str, verdict: &Verdict| format!("{verb}: {}", answer_text(verdict));
    write_explanation(out, &title("create", &path.create), &path.create.why, options)?;
    let overwrite = &path.overwrite;
    let verb = match &overwrite.file {
        Some(file) => format!("overwrite {}", printable(file)),
        None => "overwrite".to_owned(),
    };
    write_explanation(
        out,
        &title(&verb, &overwrite.verdict),
        &overwrite.verdict.why,
        options,
    )?;
    // Said only where it comes as a surprise: files can be made there, yet Ruby goes elsewhere.
    let surprising = path.create.tri() == Tri::Yes && path.ruby_tmpdir == Tri::No;
    if let Some(mode) = path.mode.filter(|mode| surprising && mode & 0o1002 == 0o0002) {
        let step = format!("mode {mode:04o} lets everybody write and is not sticky");
        write_explanation(out, "Ruby's Dir.tmpdir: no", &[step], options)?;
    }
    Ok(())
}

fn write_explanation(
    out: &mut dyn Write,
    title: &str,
    steps: &[String],
    options: &TableOptions,
) -> io::Result<()> {
    if !options.why || steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "      {}", paint(title, FAINT, options.color))?;
    for step in steps {
        writeln!(out, "        {}", paint(&printable(step), FAINT, options.color))?;
    }
    Ok(())
}
