// SPDX-License-Identifier: Apache-2.0
//! How pods fare, for people: a line for each pod, below it each check that refuses it and the fields at fault.

use std::io::{self, Write};

use writeway_access::Tri;
use writeway_manifest::{Inventory, Place, Span};
use writeway_pod_security::{Admission, Refusal};

use crate::heading::workload_heading;
use crate::paint::{FAINT, HEADING, answer_style, paint};
use crate::{counted, printable};

/// Writes every pod and a line of counts.
///
/// # Errors
/// When the writer fails.
pub fn write_admissions_human(
    out: &mut dyn Write,
    inventory: &Inventory,
    admissions: &[Admission<'_>],
    color: bool,
) -> io::Result<()> {
    for admission in admissions {
        let heading = workload_heading(inventory, admission.workload);
        let tri = tri(admission);
        let answer = paint(answer(tri), answer_style(tri), color);
        let policy = match admission.policy {
            None => ", no level is known".to_owned(),
            Some(policy) if tri == Tri::Unknown => format!(" to {policy}"),
            Some(policy) => format!(" by {policy}"),
        };
        writeln!(out, "{}  {answer}{policy}", paint(&heading, HEADING, color))?;
        let at = |span: Span| {
            let file = admission.workload.object.file;
            let place = inventory.position_text(Place { file, span });
            paint(&printable(&place), FAINT, color)
        };
        for refusal in &admission.verdict.refusals {
            write_refusal(out, refusal, &at, color)?;
        }
        for span in &admission.verdict.unknown {
            writeln!(out, "  {}: not known until it is filled in", at(*span))?;
        }
    }
    writeln!(out, "{}", summary(admissions))
}

fn write_refusal(
    out: &mut dyn Write,
    refusal: &Refusal,
    at: &dyn Fn(Span) -> String,
    color: bool,
) -> io::Result<()> {
    let check = paint(refusal.check, HEADING, color);
    writeln!(out, "  {check}: {}", printable(&refusal.detail))?;
    for culprit in &refusal.culprits {
        let of = culprit
            .container
            .as_ref()
            .map(|container| format!("container `{}`: ", container.name))
            .unwrap_or_default();
        writeln!(
            out,
            "    {}: {}",
            at(culprit.span),
            printable(&format!("{of}{}", culprit.fault))
        )?;
    }
    Ok(())
}

fn tri(admission: &Admission<'_>) -> Tri {
    match admission.verdict.admitted() {
        Some(true) => Tri::Yes,
        Some(false) => Tri::No,
        None => Tri::Unknown,
    }
}

fn answer(admitted: Tri) -> &'static str {
    match admitted {
        Tri::Yes => "admitted",
        Tri::No => "refused",
        Tri::Unknown => "unknown",
    }
}

/// `3 pods: 1 refused, 2 admitted`.
fn summary(admissions: &[Admission<'_>]) -> String {
    let counts: Vec<String> = [Tri::No, Tri::Unknown, Tri::Yes]
        .into_iter()
        .map(|wanted| {
            (
                wanted,
                admissions
                    .iter()
                    .filter(|admission| tri(admission) == wanted)
                    .count(),
            )
        })
        .filter(|(_, number)| *number > 0)
        .map(|(admitted, number)| format!("{number} {}", answer(admitted)))
        .collect();
    let pods = counted(admissions.len(), "pod");
    if counts.is_empty() {
        return pods;
    }
    format!("{pods}: {}", counts.join(", "))
}
