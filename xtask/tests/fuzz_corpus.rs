// SPDX-License-Identifier: Apache-2.0
//! What the fuzzer found worth keeping is tried on each test run: seeds, and inputs that once broke something.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use rayon::prelude::*;
use xtask::fuzz::{TARGETS, Target};

/// The inputs of a target, by name.
fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = xtask::workspace().join("fuzz/corpus").join(target.name);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| fs::read(&path).map(|bytes| (path, bytes)).unwrap();
    paths.into_iter().map(read).collect()
}

#[test]
fn every_target_holds_of_every_input() {
    let inputs: Vec<_> = TARGETS.into_iter().flat_map(corpus).collect();
    inputs.par_iter().for_each(|(path, bytes)| {
        for target in TARGETS {
            if let Err(error) = (target.holds)(bytes) {
                panic!("{} of {}: {error:#}", target.name, path.display());
            }
        }
    });
}

#[test]
fn the_corpora_stay_small() {
    let corpora = TARGETS.map(corpus);
    assert!(corpora.iter().all(|corpus| corpus.len() >= 10));
    let bytes: usize = corpora.iter().flatten().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes < 1 << 19, "{bytes} bytes");
}
