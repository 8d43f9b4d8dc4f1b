// SPDX-License-Identifier: Apache-2.0
//! The write map as a picture that stands alone (SVG 1.1): for each workload a table of containers by paths.
//!
//! It is made to be shown by an `img` element, e.g. in a README: no script, no font of its own, both themes through a
//! media query. An answer is told by its colour, by its pattern, by its sign and by its word.

mod layout;

use std::io::{self, Write};

use quick_xml::escape::escape;
use writeway_access::{PathMap, PodMap, Tri};
use writeway_check::write_verdict;
use writeway_manifest::{Inventory, Workload};

use crate::heading::workload_heading;
use crate::map_table::answer_text;
use crate::xml_text::xml_text;
use layout::{Grid, HEAD, LINE, MARGIN, ROW, shown_path};

const STYLE: &str = include_str!("../assets/map.css");

/// Room below the last workload for what the signs mean.
const LEGEND: usize = 40;
/// Room between two cells.
const GAP: usize = 4;

/// Writes the picture: several workloads stand one below the other.
///
/// # Errors
/// When the writer fails.
pub fn write_map_svg<'a>(
    out: &mut dyn Write,
    inventory: &Inventory,
    maps: impl Iterator<Item = (&'a Workload, PodMap)>,
) -> io::Result<()> {
    // The size of the whole comes first, so that the parts are kept.
    let mut body = Vec::new();
    let mut described = Vec::new();
    let (mut width, mut height) = (0, MARGIN);
    for (workload, map) in maps {
        let heading = workload_heading(inventory, workload);
        let picture = Picture::new(&heading, &map);
        picture.write(&mut body, height)?;
        width = width.max(picture.width());
        height += picture.height() + MARGIN;
        described.push(picture.description());
    }
    if described.is_empty() {
        described.push("No workloads.".to_owned());
    }
    let (width, height) = (width.max(layout::LEAST_WIDTH), height + LEGEND);
    write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"writeway-title writeway-desc\">\n\
         <title id=\"writeway-title\">Write map: who can write where</title>\n<desc id=\"writeway-desc\">{}</desc>\n\
         <style>{STYLE}</style>\n<defs>\n\
         <pattern id=\"writeway-no\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"no-line\" width=\"2\" height=\"7\"/></pattern>\n\
         <pattern id=\"writeway-unknown\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">\
         <circle class=\"unknown-dot\" cx=\"2\" cy=\"2\" r=\"1\"/></pattern>\n</defs>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n",
        markup(&described.join(" "))
    )?;
    out.write_all(&body)?;
    write_legend(out, height - LEGEND)?;
    writeln!(out, "</svg>")
}

/// What the signs mean.
fn write_legend(out: &mut dyn Write, top: usize) -> io::Result<()> {
    let meanings = [
        (Tri::Yes, "can be written"),
        (Tri::No, "cannot, with the error"),
        (Tri::Unknown, "not decided by manifests and facts"),
    ];
    let mut left = MARGIN;
    for (answer, meaning) in meanings {
        write_sign(out, answer, left, top)?;
        writeln!(
            out,
            "<text class=\"faint\" x=\"{}\" y=\"{}\">{meaning}</text>",
            left + 22,
            top + 13
        )?;
        left += 22 + layout::small_width(meaning) + MARGIN;
    }
    Ok(())
}

/// One workload.
struct Picture<'a> {
    heading: &'a str,
    map: &'a PodMap,
    grid: Grid<'a>,
}

impl<'a> Picture<'a> {
    fn new(heading: &'a str, map: &'a PodMap) -> Self {
        let grid = Grid::new(&map.containers);
        Self { heading, map, grid }
    }

    fn width(&self) -> usize {
        let heading = layout::width(self.heading);
        let reasons = self.map.starts.why().map(layout::shown_reason);
        let reasons = reasons
            .map(|reason| layout::small_width(&reason))
            .max()
            .unwrap_or(0);
        2 * MARGIN + self.grid.width().max(heading).max(reasons)
    }

    fn height(&self) -> usize {
        let reasons = match self.map.starts.verdict {
            Tri::Yes => 0,
            Tri::No | Tri::Unknown => LINE * (1 + self.map.starts.why().len()),
        };
        let grid = if self.grid.paths.is_empty() {
            0
        } else {
            HEAD + ROW * self.grid.paths.len()
        };
        LINE + reasons + grid
    }

    /// All that the picture shows, in words.
    fn description(&self) -> String {
        let mut text = format!("{}.", self.heading);
        if self.map.starts.verdict != Tri::Yes {
            text.push_str(&format!(" {}.", starts_text(self.map.starts.verdict)));
        }
        for container in &self.map.containers {
            let answers = container.paths.iter().map(|path| {
                let answer = answer_text(write_verdict(path));
                format!("{} {answer}", path.path)
            });
            let answers: Vec<_> = answers.collect();
            text.push_str(&format!(
                " {} ({}): {}.",
                container.name,
                container.role.as_str(),
                answers.join(", ")
            ));
        }
        text
    }

    fn write(&self, out: &mut Vec<u8>, top: usize) -> io::Result<()> {
        let mut line = top + 13;
        writeln!(
            out,
            "<text class=\"heading\" x=\"{MARGIN}\" y=\"{line}\">{}</text>",
            markup(self.heading)
        )?;
        if self.map.starts.verdict != Tri::Yes {
            line += LINE;
            let class = self.map.starts.verdict.as_str();
            let text = starts_text(self.map.starts.verdict);
            writeln!(
                out,
                "<text class=\"answer {class}\" x=\"{MARGIN}\" y=\"{line}\">{text}</text>"
            )?;
            for reason in self.map.starts.why() {
                line += LINE;
                writeln!(
                    out,
                    "<text class=\"faint\" x=\"{MARGIN}\" y=\"{line}\">{}</text>",
                    markup(&layout::shown_reason(reason))
                )?;
            }
        }
        let top = line + LINE - 13;
        self.write_heads(out, top)?;
        for (row, path) in self.grid.paths.iter().enumerate() {
            let y = top + HEAD + row * ROW;
            writeln!(
                out,
                "<text class=\"path\" x=\"{MARGIN}\" y=\"{}\"><title>{}</title>{}</text>",
                y + 23,
                markup(path),
                markup(&shown_path(path))
            )?;
            for (column, map) in self.grid.row(path) {
                if let Some(map) = map {
                    write_cell(out, map, column, y)?;
                }
            }
        }
        Ok(())
    }

    fn write_heads(&self, out: &mut Vec<u8>, top: usize) -> io::Result<()> {
        for (column, container) in self.grid.columns() {
            writeln!(
                out,
                "<text class=\"container\" x=\"{}\" y=\"{}\">{}</text>\n<text class=\"faint\" x=\"{}\" y=\"{}\">{}</text>",
                column.left,
                top + 18,
                markup(&layout::shown_name(&container.name)),
                column.left,
                top + 36,
                layout::role_text(container)
            )?;
        }
        Ok(())
    }
}

fn write_cell(out: &mut Vec<u8>, map: &PathMap, column: layout::Column, y: usize) -> io::Result<()> {
    let verdict = write_verdict(map);
    let class = verdict.tri().as_str();
    let (x, width, height) = (column.left, column.width - GAP, ROW - GAP);
    let answer = answer_text(verdict);
    let why = [answer.clone()].into_iter().chain(verdict.why.iter().cloned());
    let why = why.collect::<Vec<_>>().join("; ");
    writeln!(
        out,
        "<g><title>{}</title><rect class=\"cell {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>",
        markup(&why)
    )?;
    if verdict.tri() != Tri::Yes {
        writeln!(
            out,
            "<rect fill=\"url(#writeway-{class})\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
        )?;
    }
    write_sign(out, verdict.tri(), x + 8, y + 3)?;
    writeln!(
        out,
        "<text class=\"answer {class}\" x=\"{}\" y=\"{}\">{answer}</text>\n\
         <text class=\"what\" x=\"{}\" y=\"{}\">{}</text></g>",
        x + 28,
        y + 16,
        x + 9,
        y + 30,
        markup(&layout::what(map))
    )
}

/// The sign of an answer, 16 wide and high: a tick, a cross, a question mark.
fn write_sign(out: &mut dyn Write, answer: Tri, x: usize, y: usize) -> io::Result<()> {
    let class = answer.as_str();
    let drawn = match answer {
        Tri::Yes => "M4 8.5l3 3 5-6.5",
        Tri::No => "M4.5 4.5l7 7M11.5 4.5l-7 7",
        Tri::Unknown => "M5.5 6.2a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.4v.2",
    };
    writeln!(
        out,
        "<path class=\"sign {class}\" transform=\"translate({x} {y})\" d=\"{drawn}\"/>"
    )
}

fn starts_text(starts: Tri) -> &'static str {
    match starts {
        Tri::Yes => "starts",
        Tri::No => "does not start",
        Tri::Unknown => "may not start",
    }
}

/// Text from manifests as XML shows it.
fn markup(text: &str) -> String {
    escape(xml_text(text).as_str()).into_owned()
}
