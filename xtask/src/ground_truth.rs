// SPDX-License-Identifier: Apache-2.0
//! The write map against pods that ran on a real node.
//!
//! A case holds the manifests of a pod as created, the facts that no manifest says, and what a probe saw in its
//! containers. The map of these manifests, as its JSON reports it, has to say the same.

pub(crate) mod case;
mod judge;
mod levels;
mod mapped;
mod score;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use rayon::prelude::*;

use case::Case;
pub use levels::{repair, repair_testdata};
use score::Score;

/// The project's own measured pods, below `testdata/`, with the share of `create` verdicts, in per cent, that the map
/// may leave open.
const TESTDATA: [(&str, f64); 2] = [
    ("kubelet-1.36.jsonl.gz", 1.0),
    ("kubelet-1.36-hard.jsonl.gz", 2.0),
];

/// Judges the project's own measured pods.
///
/// # Errors
/// When a file cannot be read, or what is printed cannot be written.
pub fn judge_testdata(out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut agrees = true;
    for (name, max_unknown) in TESTDATA {
        let file = crate::workspace().join("testdata").join(name);
        agrees &= judge(out, &file, max_unknown, false)?;
    }
    Ok(agrees)
}

/// Prints how often the write map of a file's cases is right, and where it is not; whether nothing is wrong and no more
/// than `max_unknown` per cent of the `create` verdicts are left open. `all` lists disagreements that are for
/// information, too.
///
/// # Errors
/// When the file cannot be read, or what is printed cannot be written.
pub fn judge(out: &mut dyn Write, file: &Path, max_unknown: f64, all: bool) -> anyhow::Result<bool> {
    let cases = case::read(file)?;
    if cases.is_empty() {
        bail!("{}: no case in it", file.display());
    }
    let scores: Vec<Score> = cases.par_iter().map(score_of).collect::<anyhow::Result<_>>()?;
    let mut score = Score::default();
    for one in scores {
        score.add(one);
    }
    let shown = file.strip_prefix(crate::workspace()).unwrap_or(file).display();
    writeln!(out, "{shown}: {} cases, {} paths", score.cases, score.paths)?;
    write!(out, "{score}")?;
    for disagreement in score
        .disagreements
        .iter()
        .filter(|disagreement| all || disagreement.counts())
    {
        writeln!(out, "  {disagreement}")?;
    }
    let open = score.unknown_percent();
    if open > max_unknown {
        writeln!(
            out,
            "  create is unknown for {open:.2} % of the paths, at most {max_unknown} % may be"
        )?;
    }
    Ok(score.wrong() == 0 && open <= max_unknown)
}

/// Prints everything about one case: what was created and known, what was measured, what the map says and why.
///
/// # Errors
/// When no file has that case, or one cannot be read, or what is printed cannot be written.
pub fn show(out: &mut dyn Write, files: &[PathBuf], id: &str) -> anyhow::Result<bool> {
    for file in files {
        let Some(case) = case::read(file)?.into_iter().find(|case| case.id == id) else {
            continue;
        };
        let map = mapped::workload(&case)?;
        serde_json::to_writer_pretty(&mut *out, &case)?;
        write!(out, "\n\nThe map:\n")?;
        serde_json::to_writer_pretty(&mut *out, &map)?;
        let score = judge::judge(&case, &map);
        write!(out, "\n\n{score}")?;
        for disagreement in &score.disagreements {
            writeln!(out, "  {disagreement}")?;
        }
        return Ok(score.wrong() == 0);
    }
    bail!(
        "no case {id} in {}",
        files
            .iter()
            .map(|file| file.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn score_of(case: &Case) -> anyhow::Result<Score> {
    Ok(judge::judge(case, &mapped::workload(case)?))
}
