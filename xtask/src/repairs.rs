// SPDX-License-Identifier: Apache-2.0
//! What `check --fix` makes of pods that ran on a real node and could not write to what they mount.
//!
//! Every mount of a main container or sidecar that is not marked read-only and, as the map says, cannot be written to is
//! repaired with the case's facts, and mapped anew: each is either repaired, by a safe fix or only by an unsafe one, or
//! refused with a reason.

mod mend;
mod tally;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rayon::prelude::*;

use crate::ground_truth::case;
use mend::{Mended, mend};
use tally::Tally;

/// The project's own measured pods, with the mounts that were repaired when this was written: by safe fixes, and with
/// unsafe ones, too. There may be more, never fewer.
const TESTDATA: [(&str, usize, usize); 2] = [
    ("kubelet-1.36.jsonl.gz", 313, 325),
    ("kubelet-1.36-hard.jsonl.gz", 56, 78),
];

/// Repairs the project's own measured pods.
///
/// # Errors
/// When a file cannot be read, or what is printed cannot be written.
pub fn judge_testdata(out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut sound = true;
    for (name, safe, with_unsafe) in TESTDATA {
        let file = crate::workspace().join("testdata").join(name);
        let tally = repair_file(out, &file, None)?;
        sound &= tally.is_sound();
        let (now_safe, now_all) = tally.repaired();
        if now_safe < safe || now_all < with_unsafe {
            writeln!(
                out,
                "  {now_safe} mounts are repaired by safe fixes and {now_all} with unsafe ones; it was {safe} and {with_unsafe}"
            )?;
            sound = false;
        }
    }
    Ok(sound)
}

/// Repairs the pods of files, and prints what came of it; whether every repair holds. With `folder`, writes the repaired
/// pods there, each with the objects it needs, as `ID.json`, and their facts as `ID.facts.json`.
///
/// # Errors
/// When a file cannot be read, or something cannot be written.
pub fn run(out: &mut dyn Write, files: &[PathBuf], folder: Option<&Path>) -> anyhow::Result<bool> {
    if files.is_empty() {
        return judge_testdata(out);
    }
    let mut sound = true;
    for file in files {
        sound &= repair_file(out, file, folder)?.is_sound();
    }
    Ok(sound)
}

fn repair_file(out: &mut dyn Write, file: &Path, folder: Option<&Path>) -> anyhow::Result<Tally> {
    let cases = case::read(file)?;
    if cases.is_empty() {
        bail!("{}: no case in it", file.display());
    }
    let mended: Vec<Mended> = cases.par_iter().map(mend).collect::<anyhow::Result<_>>()?;
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for one in &mended {
            one.write(folder)?;
        }
    }
    let mut tally = Tally::default();
    for one in &mended {
        tally.add(one);
    }
    let shown = file.strip_prefix(crate::workspace()).unwrap_or(file).display();
    writeln!(out, "{shown}: {} pods", mended.len())?;
    write!(out, "{tally}")?;
    Ok(tally)
}
