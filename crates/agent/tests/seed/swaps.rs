// SPDX-License-Identifier: Apache-2.0
//! Kubelet swaps the keys while they are read: the target gets one set.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::kubelet::Volume;
use crate::world::{World, files, text};

const RUNS: usize = 200;
const NAMES: [&str; 6] = ["a", "b", "items/c", "items/d", "items/deep/e", "z"];

/// Seeds `from` into a new target each time, while kubelet swaps as fast as it can. All keys of a set have its number.
fn each_result_is_one_set(from: &[&str], keys: usize) {
    let mut world = World::new();
    let write = |volume: &mut Volume, number: usize| {
        let value = format!("{number:08}").repeat(64);
        volume.write(&NAMES.map(|name| (name, value.as_bytes())));
    };
    write(&mut world.secret, 0);
    let secret = world.secret.path.clone();
    let from: Vec<String> = from
        .iter()
        .map(|name| text(&secret.join(name)).to_owned())
        .collect();
    let stop = AtomicBool::new(false);
    let mut sets = BTreeSet::new();
    let (mut anew, mut swaps) = (0, 0);
    let unused = Volume::new(world.path("unused"));
    let mut volume = std::mem::replace(&mut world.secret, unused);
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                write(&mut volume, number);
            }
            number
        });
        let mut check = || {
            for run in 0..RUNS {
                let mut arguments: Vec<&str> = from.iter().map(String::as_str).collect();
                arguments.extend(["--to", "target", "-v"]);
                let ran = world.run(&arguments);
                if ran.code != 0 {
                    return Err(format!("run {run}: {}", ran.said));
                }
                anew += ran.said.matches("begun anew").count();
                let target = files(&world.path("target"));
                let values: BTreeSet<&String> = target.values().collect();
                if target.len() != keys || values.len() != 1 {
                    return Err(format!("run {run}: a mix of {} sets in {target:?}", values.len()));
                }
                sets.extend(values.into_iter().cloned());
                fs::remove_dir_all(world.path("target")).unwrap();
            }
            Ok(())
        };
        let checked = check();
        stop.store(true, Ordering::Relaxed);
        swaps = swapper.join().unwrap();
        checked.unwrap();
    });
    println!(
        "{swaps} swaps, {anew} attempts begun anew, {} sets seen in {RUNS} runs",
        sets.len()
    );
    assert!(
        sets.len() > RUNS / 4 && anew > 0,
        "no race: {} sets, {anew} begun anew",
        sets.len()
    );
}

#[test]
fn a_swap_in_mid_copy_gives_the_old_set_or_the_new_one() {
    each_result_is_one_set(&[""], NAMES.len());
}

#[test]
fn visible_keys_of_one_volume_are_of_one_set_too() {
    each_result_is_one_set(&["a", "z", "items"], 5);
}
