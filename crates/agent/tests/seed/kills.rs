// SPDX-License-Identifier: Apache-2.0
//! Killed at any instant: nothing torn or open to others is ever to be seen, and the next run ends right.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::world::{AGENT, World, files, text};

const KILLS: u32 = 200;

/// A set of keys of one size.
struct Shape {
    keys: usize,
    length: usize,
}

/// A run spends its time in copying.
const LARGE: Shape = Shape {
    keys: 12,
    // Three buffers and a bit, so that a file is written in several pieces.
    length: 3 * 64 * 1024 + 17,
};

/// A run spends its time in making and renaming files.
const MANY: Shape = Shape {
    keys: 250,
    length: 50,
};

impl Shape {
    fn payload(&self, generation: u32) -> BTreeMap<String, String> {
        let value = |key: usize| format!("{generation:07} {key:07} ").repeat(self.length / 16 + 1);
        let name = |key: usize| {
            if key.is_multiple_of(3) {
                format!("sub/{key}")
            } else {
                key.to_string()
            }
        };
        (0..self.keys)
            .map(|key| (name(key), value(key).get(..self.length).unwrap().to_owned()))
            .collect()
    }

    /// Whether a file is one whole value, whichever it is: 16 bytes again and again.
    fn is_whole(&self, bytes: &[u8]) -> bool {
        let (first, _) = bytes.split_at(16.min(bytes.len()));
        bytes.len() == self.length && bytes.chunks(16).all(|chunk| first.starts_with(chunk))
    }
}

fn start(world: &World) -> Child {
    let mut command = Command::new(AGENT);
    command.args(["seed", "-q", text(&world.secret.path), "--to", "target"]);
    command
        .current_dir(&world.root)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Looks at every key again and again; answers how many were read.
fn watch(shape: &Shape, target: &Path, stop: &AtomicBool) -> Result<usize, String> {
    let names: Vec<String> = shape.payload(0).into_keys().collect();
    let mut read = 0;
    while !stop.load(Ordering::Relaxed) {
        for name in &names {
            let path = target.join(name);
            let Ok(status) = fs::symlink_metadata(&path) else {
                continue;
            };
            if !status.is_file() || status.mode() & 0o077 != 0 {
                return Err(format!("{name} is {:o}", status.mode()));
            }
            if let Ok(bytes) = fs::read(&path) {
                read += 1;
                if !shape.is_whole(&bytes) {
                    return Err(format!("{name} is torn: {} bytes", bytes.len()));
                }
            }
        }
        for directory in ["", "sub"] {
            let status = fs::symlink_metadata(target.join(directory));
            if status.is_ok_and(|status| status.mode() & 0o077 != 0) {
                return Err(format!("{directory:?} is open to others"));
            }
        }
    }
    Ok(read)
}

/// One run that is killed, and the next one.
struct Round<'a> {
    world: &'a mut World,
    shape: &'a Shape,
    generation: u32,
}

impl Round<'_> {
    fn write(&mut self) -> BTreeMap<String, String> {
        let payload = self.shape.payload(self.generation);
        let set: Vec<(&str, &[u8])> = payload
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        self.world.secret.write(&set);
        payload
    }

    /// Kills a run after this time, and says how far it had come.
    fn kill(&mut self, after: Duration) -> &'static str {
        self.generation += 1;
        self.write();
        let mut child = start(self.world);
        // The instant itself is what is random here: nothing is waited for.
        thread::sleep(after);
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        let left = files(&self.world.path(".target.writeway-seed"));
        let staged = left.keys().any(|name| name.ends_with(".staged"));
        let new = format!("{:07}", self.generation);
        let published = files(&self.world.path("target"))
            .values()
            .any(|value| value.starts_with(&new));
        match (ended.success(), staged, published) {
            (true, ..) => "ended before",
            (_, false, false) => "killed before staging",
            (_, true, false) => "killed while staging",
            (_, true, true) => "killed while publishing",
            (_, false, true) => "killed after publishing",
        }
    }

    /// Runs once more; the source may have changed meanwhile, and the killed run's work is no conflict.
    fn go_on(&mut self, changed: bool) -> Result<(), String> {
        self.generation += u32::from(changed);
        let expected = self.write();
        let ran = self.world.seed(&[]);
        if ran.code != 0 || files(&self.world.path("target")) != expected {
            return Err(ran.said);
        }
        match files(&self.world.path(".target.writeway-seed")).len() {
            1 => Ok(()),
            more => Err(format!("{more} files are left beside the lineage")),
        }
    }
}

/// Kills runs at instants that are spread over the time of one; answers how often it came how far.
fn killed(shape: &Shape, kills: u32) -> BTreeMap<&'static str, u32> {
    let mut world = World::new();
    let target = world.path("target");
    let mut round = Round {
        world: &mut world,
        shape,
        generation: 0,
    };
    round.write();
    let mut whole = Duration::ZERO;
    for _ in 0..3 {
        let _ = fs::remove_dir_all(&target);
        let begun = Instant::now();
        assert!(start(round.world).wait().unwrap().success());
        whole = whole.max(begun.elapsed());
    }
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let stop = AtomicBool::new(false);
    let mut phases = BTreeMap::new();
    thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(shape, &target, &stop));
        let mut rounds = || {
            for number in 0..kills {
                // A first seeding, or an update of what is there.
                if number % 4 == 0 {
                    let _ = fs::remove_dir_all(&target);
                    let _ = fs::remove_dir_all(round.world.path(".target.writeway-seed"));
                }
                let after = whole.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
                *phases.entry(round.kill(after)).or_default() += 1;
                round
                    .go_on(number % 2 == 0)
                    .map_err(|why| format!("kill {number}: {why}"))?;
            }
            Ok::<_, String>(())
        };
        let done = rounds();
        stop.store(true, Ordering::Relaxed);
        let read = watcher.join().unwrap();
        done.unwrap();
        println!(
            "{phases:?}, {} files read by the watcher, a run takes {whole:?}",
            read.unwrap()
        );
    });
    phases
}

#[test]
fn killed_at_200_random_instants_nothing_torn_is_seen_and_the_next_run_ends_right() {
    let mut phases = killed(&LARGE, KILLS / 2);
    for (phase, count) in killed(&MANY, KILLS / 2) {
        *phases.entry(phase).or_default() += count;
    }
    // The instants were spread, and most of them hit.
    assert!(
        phases.get("ended before").is_none_or(|ended| *ended < KILLS / 2),
        "{phases:?}"
    );
    for phase in ["killed while staging", "killed while publishing"] {
        assert!(phases.contains_key(phase), "{phases:?}");
    }
}
