// SPDX-License-Identifier: Apache-2.0
//! The clocks for people: a table for each release and for each Job of none, with what each time is made of.

use std::io::{self, Write};
use std::time::Duration;

use unicode_width::UnicodeWidthStr;
use writeway_clock::{
    Action, ActionClock, Bound, Clocks, PartClock, Release, ReleaseClock, ReleaseStep, Row, Seconds, Timeout,
    TimeoutSource, Timing,
};
use writeway_manifest::{Inventory, ObjectRef};

use crate::counted;
use crate::heading::{object_heading, object_name};
use crate::paint::{FAINT, HEADING, paint};
use crate::printable;

/// Writes the clocks.
///
/// # Errors
/// When the writer fails.
pub(crate) fn write_clocks_human(
    out: &mut dyn Write,
    inventory: &Inventory,
    clocks: &Clocks<'_>,
    color: bool,
) -> io::Result<()> {
    let page = Page {
        inventory,
        color,
        budget: clocks.assumptions.release_timeout,
    };
    for clock in &clocks.releases {
        page.release(out, clock)?;
    }
    for (workload, job) in &clocks.jobs {
        let object = &workload.object;
        writeln!(out, "{}", page.heading(&object_heading(inventory, object)))?;
        let mut lines = part_lines(0, &job.rows());
        lines.push(Line::sum(&job.end, None));
        page.table(out, &lines)?;
    }
    if clocks.releases.is_empty() && clocks.jobs.is_empty() {
        writeln!(
            out,
            "no Jobs, and no releases with hooks: there is nothing to wait for\n"
        )?;
    }
    Ok(())
}

struct Page<'a> {
    inventory: &'a Inventory,
    color: bool,
    /// What a whole release may take.
    budget: Option<Duration>,
}

impl Page<'_> {
    fn heading(&self, text: &str) -> String {
        paint(text, HEADING, self.color)
    }

    fn release(&self, out: &mut dyn Write, clock: &ReleaseClock<'_>) -> io::Result<()> {
        let release = &clock.release;
        let name = match &release.name {
            Some(name) => format!("release `{name}`"),
            None => "hooks that name no release".to_owned(),
        };
        let of = release
            .declared
            .map(|declared| format!(" of {}", object_heading(self.inventory, &declared.object)));
        let heading = format!("{}{}", printable(&name), of.unwrap_or_default());
        writeln!(out, "{}", self.heading(&heading))?;
        for actions in clock.actions.chunk_by(|one, other| {
            one.is_like(other) && again(release, one.action) == again(release, other.action)
        }) {
            let Some(first) = actions.first() else { continue };
            let names: Vec<_> = actions.iter().map(|clock| clock.action.as_str()).collect();
            let again = again(release, first.action);
            writeln!(
                out,
                "{}{}{again}",
                names.join(", "),
                self.patience(release, first)
            )?;
            let events = |index: usize| -> Vec<_> {
                let steps = actions.iter().filter_map(|clock| clock.steps.get(index)?.hook);
                steps.map(|(event, _)| event.as_str()).collect()
            };
            let steps = first.steps.iter().enumerate();
            let mut lines: Vec<_> = steps
                .flat_map(|(index, step)| step_lines(step, &events(index).join("/")))
                .collect();
            lines.push(Line::sum(&first.end, self.budget));
            self.table(out, &lines)?;
        }
        Ok(())
    }

    /// How long Helm waits, and who says so.
    fn patience(&self, release: &Release<'_>, clock: &ActionClock<'_>) -> String {
        let waits = clock.steps.iter().filter(|step| step.is_waited_for()).count();
        let Some(Timeout { after, source, .. }) = clock.steps.iter().find_map(|step| step.timeout) else {
            return match waits {
                0 => ": nothing is waited for".to_owned(),
                _ if release.by_argo => {
                    ": Argo CD waits without limit, unless `controller.sync.timeout.seconds` sets one"
                        .to_owned()
                }
                _ => ": how long Helm waits is not known".to_owned(),
            };
        };
        let said = match source {
            TimeoutSource::HelmRelease(_, Some(place)) => self.inventory.position_text(place),
            TimeoutSource::HelmRelease(_, None) => "Flux's default".to_owned(),
            TimeoutSource::Configured => "`helm-timeout`".to_owned(),
            TimeoutSource::Default => "Helm's default, unless `--timeout` says something else".to_owned(),
        };
        let anew = if waits > 1 {
            format!(", counted anew for each of {}", counted(waits, "wait"))
        } else {
            String::new()
        };
        format!(": Helm waits {} ({}){anew}", Seconds(after), printable(&said))
    }

    fn table(&self, out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
        let titles = ["STEP", "BEST", "WORST", "WHY"].map(str::to_owned);
        let cells: Vec<_> = std::iter::once(titles)
            .chain(lines.iter().map(Line::cells))
            .collect();
        let width = |column: usize| cells.iter().map(|cells| cells[column].width()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
        for (index, [what, best, worst, why]) in cells.iter().enumerate() {
            let line = format!(
                "  {what}{}  {}{best}  {}{worst}  {why}",
                pad(what, widths[0]),
                pad(best, widths[1]),
                pad(worst, widths[2]),
            );
            let style = if index == 0 { FAINT } else { anstyle::Style::new() };
            writeln!(out, "{}", paint(line.trim_end(), style, self.color))?;
        }
        writeln!(out)
    }
}

/// A line of a table.
struct Line {
    depth: usize,
    what: String,
    timing: Option<Timing>,
    why: Option<String>,
}

impl Line {
    fn sum(end: &Timing, budget: Option<Duration>) -> Self {
        let unknown = end.worst.why().map(|why| why.to_string());
        let budget = budget.map(|budget| format!("`release-timeout` is {}", Seconds(budget)));
        let why: Vec<_> = unknown.into_iter().chain(budget).collect();
        Self {
            depth: 0,
            what: "all of it".to_owned(),
            timing: Some(end.clone()),
            why: (!why.is_empty()).then(|| why.join("; ")),
        }
    }

    fn cells(&self) -> [String; 4] {
        let time = |bound: fn(&Timing) -> &Bound| {
            let bound = self.timing.as_ref().map(bound);
            bound.map(time).unwrap_or_default()
        };
        [
            printable(&format!("{}{}", "  ".repeat(self.depth), self.what)).into_owned(),
            time(|timing| &timing.best),
            time(|timing| &timing.worst),
            self.why
                .as_deref()
                .map(|why| printable(why).into_owned())
                .unwrap_or_default(),
        ]
    }
}

/// `1344 s`, `≥ 70 s`, `unknown`, `unbounded`.
fn time(bound: &Bound) -> String {
    match bound {
        Bound::Finite(duration) => Seconds(*duration).to_string(),
        Bound::Unknown { at_least, .. } if at_least.is_zero() => "unknown".to_owned(),
        Bound::Unknown { at_least, .. } => format!("≥ {}", Seconds(*at_least)),
        Bound::Unbounded(_) => "unbounded".to_owned(),
    }
}

/// What Flux does when the action fails.
fn again(release: &Release<'_>, action: Action) -> String {
    let retries = release.declared.and_then(|release| match action {
        Action::Install => release.install.retries.as_ref(),
        Action::Upgrade => release.upgrade.retries.as_ref(),
        Action::Rollback | Action::Uninstall | Action::Test => None,
    });
    match retries.map(|retries| retries.value) {
        None | Some(0) => String::new(),
        Some(retries) => match usize::try_from(retries) {
            Ok(retries) => format!("; Flux tries again up to {}", counted(retries, "time")),
            Err(_) => "; Flux tries again without end".to_owned(),
        },
    }
}

fn step_lines(step: &ReleaseStep<'_>, events: &str) -> Vec<Line> {
    let ended = step.timeout.filter(|_| step.timing.worst != step.end.worst);
    let why = ended.map(|Timeout { after, .. }| {
        let gives_up = format!("Helm gives up after {}", Seconds(after));
        match &step.timing.worst {
            Bound::Finite(worst) => format!("{gives_up}; it could take {}", Seconds(*worst)),
            Bound::Unbounded(_) => format!("{gives_up}; nothing else ends it"),
            Bound::Unknown { .. } => format!("{gives_up}; how long it takes is not known"),
        }
    });
    let line = |what: String, depth, why| Line {
        depth,
        what,
        timing: Some(step.end.clone()),
        why,
    };
    match step.hook {
        Some((_, weight)) => {
            let mut lines = Vec::new();
            for part in &step.parts {
                let created = matches!(part.clock, PartClock::Created);
                let why = if created {
                    Some("created, not waited for".to_owned())
                } else {
                    why.clone()
                };
                let what = format!("{events} {weight}  {}", shown_name(part.object));
                lines.push(line(what, 0, why));
                lines.extend(part_lines(1, &part.clock.rows()));
            }
            lines
        }
        None => {
            let mut lines = vec![line("what is no hook, side by side".to_owned(), 0, why)];
            for part in &step.parts {
                let timing = part.clock.timing();
                lines.push(Line {
                    depth: 1,
                    what: shown_name(part.object),
                    why: timing.worst.why().map(|why| why.to_string()),
                    timing: Some(timing),
                });
                lines.extend(part_lines(2, &part.clock.rows()));
            }
            lines
        }
    }
}

fn shown_name(object: &ObjectRef) -> String {
    format!("{} {}", object.kind, object_name(object))
}

fn part_lines(depth: usize, rows: &[Row]) -> Vec<Line> {
    let line = |row: &Row| Line {
        depth: depth + usize::from(row.within),
        what: row.what.clone(),
        timing: row.timing.clone(),
        why: row.why.clone(),
    };
    rows.iter().map(line).collect()
}
