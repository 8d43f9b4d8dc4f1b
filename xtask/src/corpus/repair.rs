// SPDX-License-Identifier: Apache-2.0
//! Real manifests under repair, as they are and with random mutations.

use std::io::Write;

use anyhow::Context as _;
use rayon::prelude::*;
use writeway_facts::Facts;

use super::{Manifest, mutate};
use crate::random::Random;
use crate::repair_judge::{Sum, examined};

/// Repairs every file as it is, then as many mutants of random files; whether nothing is wrong.
///
/// # Errors
/// When nothing can be written.
pub(super) fn run(
    out: &mut dyn Write,
    files: &[Manifest],
    mutants: usize,
    seed: u64,
) -> anyhow::Result<bool> {
    let facts = mutate::FACTS
        .iter()
        .map(|text| writeway_facts::read(text).context("the facts of mutants"))
        .collect::<anyhow::Result<Vec<Facts>>>()?;
    let real: Sum = files
        .par_iter()
        .flat_map_iter(|file| [false, true].map(|is_unsafe| (file, is_unsafe)))
        .map(|(file, is_unsafe)| examined(&file.name, &file.text, &facts[0], is_unsafe))
        .reduce(Sum::default, Sum::and);
    writeln!(out, "repaired, as they are: {real}")?;
    let mutated: Sum = (0..mutants)
        .into_par_iter()
        .map(|number| {
            let mut random = Random::new(seed.wrapping_mul(0x1_0000_0000).wrapping_add(number as u64));
            let file = &files[random.below(files.len())];
            let Some(text) = mutate::mutant(&file.text, &mut random) else {
                return Sum::default();
            };
            let facts = &facts[random.below(facts.len())];
            let name = format!("{} (mutant {number} of seed {seed})", file.name);
            examined(&name, &text, facts, random.percent(50))
        })
        .reduce(Sum::default, Sum::and);
    writeln!(out, "repaired, mutants: {mutated}")?;
    for (remedy, count) in &mutated.remedies {
        writeln!(out, "  {remedy}: {count}")?;
    }
    let remarks: Vec<_> = real.remarks.iter().chain(&mutated.remarks).collect();
    for remark in &remarks {
        writeln!(out, "{remark}")?;
    }
    Ok(remarks.is_empty())
}
