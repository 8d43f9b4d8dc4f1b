// SPDX-License-Identifier: Apache-2.0
//! Wait scripts, run for real: what is predicted is what a shell takes on a clock that is a file.
//!
//! Each script of `waits/` says in its head what it takes to each of its ends. It is evaluated, and it is run by `/bin/sh`
//! (or bash) with `fake-command.sh` in the place of every command that takes time, in many worlds: one in which
//! everything answers at once, one in which nothing ever answers, and one for every attempt at which the answer may
//! come, at once or as late as possible. No run may be faster or slower than predicted, and some run has to be exactly as
//! fast and as slow. What is unbounded has to exceed every cap that is set.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use writeway_clock::{Bound, Environment, Evaluation, Exhaustion, Outcome, evaluate};

/// The commands that take time, or tell it.
const COMMANDS: &[&str] = &[
    "curl",
    "date",
    "kubectl",
    "nc",
    "pg_isready",
    "ping",
    "sleep",
    "timeout",
];
/// How near a run has to come to a limit that is never quite reached: a deadline just not seen.
const NEAR: Duration = Duration::from_millis(2);
/// How much longer than predicted a run may go on before it is ended.
const BEYOND: Duration = Duration::from_secs(60);
/// Attempts up to which the answer is made to come at each one.
const EACH_ATTEMPT: u64 = 6;

/// What the head of a script says.
#[derive(Default)]
struct Head {
    lines: Vec<(String, String)>,
}

impl Head {
    fn of(script: &str) -> Self {
        let lines = script.lines().map_while(|line| line.strip_prefix("# "));
        let pairs = lines.filter_map(|line| line.split_once(": "));
        Self {
            lines: pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    fn get<'h>(&'h self, key: &'h str) -> Option<&'h str> {
        self.all(key).next()
    }

    fn all<'h>(&'h self, key: &'h str) -> impl Iterator<Item = &'h str> {
        let found = self.lines.iter().filter(move |(own, _)| own == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// A script of the set.
struct Script {
    name: String,
    path: PathBuf,
    text: String,
    head: Head,
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/waits");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        Script {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            head: Head::of(&text),
            path,
            text,
        }
    };
    paths.into_iter().map(read).collect()
}

fn predict(script: &Script) -> Evaluation {
    let shell = script.head.get("shell").unwrap_or("sh");
    let words = [shell, "-c", &script.text].map(str::to_owned);
    let unknown = script.head.all("environment").map(|name| (name.to_owned(), None));
    let environment = Environment {
        variables: unknown.collect(),
        complete: true,
    };
    evaluate(&words, &environment, &|_| None)
}

fn shown(bound: &Bound) -> String {
    match bound {
        Bound::Finite(_) => bound.to_string(),
        Bound::Unknown { .. } => "unknown".to_owned(),
        Bound::Unbounded(_) => "unbounded".to_owned(),
    }
}

fn shown_end(outcome: Option<&Outcome>) -> String {
    outcome.map_or("none".to_owned(), |outcome| {
        format!(
            "{} .. {}",
            shown(&outcome.timing.best),
            shown(&outcome.timing.worst)
        )
    })
}

#[test]
fn each_script_takes_what_its_head_says() {
    let scripts = scripts();
    assert!(scripts.len() >= 40, "only {} scripts", scripts.len());
    let mut wrong = Vec::new();
    for script in &scripts {
        let evaluation = predict(script);
        let mut compare = |what: &str, found: String| {
            if let Some(said) = script.head.get(what)
                && said != found
            {
                wrong.push(format!("{}: {what}: {said}, but found {found}", script.name));
            }
        };
        assert!(script.head.get("success").is_some(), "{}", script.name);
        assert!(script.head.get("failure").is_some(), "{}", script.name);
        compare("success", shown_end(evaluation.success.as_ref()));
        compare("failure", shown_end(evaluation.failure.as_ref()));
        compare("never", evaluation.never.map_or("no", |_| "yes").to_owned());
        let exhausted = evaluation.waits.first().map(|wait| match &wait.exhausted {
            Exhaustion::Fails => "fails",
            Exhaustion::Handled => "handled",
            Exhaustion::FallsThrough { .. } => "falls-through",
            Exhaustion::Never => "never",
            Exhaustion::Unknown(_) => "unknown",
        });
        compare("exhausted", exhausted.unwrap_or("no wait").to_owned());
        let steps = evaluation.waits.first().map(|wait| wait.worst_steps.to_string());
        compare("steps", steps.unwrap_or_default());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How the commands answer.
#[derive(Clone, Debug, Default)]
struct World {
    variables: BTreeMap<String, String>,
}

impl World {
    /// Good answers from that attempt on (0: none), in no time or as late as possible.
    fn new(succeeds: u64, late: bool) -> Self {
        let mut world = Self::default();
        world.set("SUCCEEDS", succeeds);
        world.set("LATE", u8::from(late));
        world.set("CAP", 100_000_000);
        world.set("EPOCH", 1_700_000_000_000_u64);
        world
    }

    fn set(&mut self, name: &str, value: impl ToString) {
        self.variables.insert(format!("FAKE_{name}"), value.to_string());
    }

    /// A world of a script's head: `fail late first=999`.
    fn parse(text: &str) -> Self {
        let mut world = Self::new(1, false);
        for word in text.split_whitespace() {
            match word.split_once('=') {
                None if word == "fail" => world.set("SUCCEEDS", 0),
                None if word == "late" => world.set("LATE", 1),
                None => {}
                Some(("epoch", value)) => {
                    world.set("EPOCH", 1_700_000_000_000 + value.parse::<u64>().unwrap());
                }
                Some(("succeeds", value)) => world.set("SUCCEEDS", value),
                Some((name, value)) => world.set(&name.to_uppercase(), value),
            }
        }
        world
    }
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ended {
    Success(Duration),
    Failure(Duration),
    /// It was still running at the cap.
    Capped,
}

/// A folder with the commands, and the way to run scripts with them.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-command.sh");
        let fake = folder.path().join("fake-command");
        fs::copy(source, &fake).unwrap();
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        for command in COMMANDS {
            symlink(&fake, folder.path().join("bin").join(command)).unwrap();
        }
        Self { folder }
    }

    /// Runs a script; also says how many questions it asked.
    fn run(&self, script: &Script, world: &World) -> (Ended, u64) {
        let state = tempfile::tempdir_in(self.folder.path()).unwrap();
        let file = |name: &str| state.path().join(name);
        fs::write(file("clock"), "0\n").unwrap();
        fs::write(file("count"), "0\n").unwrap();
        let shell = match script.head.get("shell") {
            Some(shell) => format!("/bin/{shell}"),
            None => "/bin/sh".to_owned(),
        };
        let path = format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display());
        let status = Command::new("/bin/sh")
            .args(["-c", "echo $$ >\"$FAKE/pid\"; exec \"$@\"", "start", &shell])
            .arg(&script.path)
            .env_clear()
            .envs(&world.variables)
            .env("PATH", path)
            .env("FAKE", state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let number = |name: &str| -> u64 {
            let text = fs::read_to_string(file(name)).unwrap();
            text.trim().parse().unwrap()
        };
        let took = Duration::from_millis(number("clock"));
        let ended = if file("stop").exists() {
            Ended::Capped
        } else if status.success() {
            Ended::Success(took)
        } else {
            Ended::Failure(took)
        };
        (ended, number("count"))
    }
}

#[test]
fn no_run_is_faster_or_slower_and_some_run_is_as_fast_and_as_slow() {
    let scripts = scripts();
    let measured = scripts
        .iter()
        .filter(|script| script.head.get("unmeasured").is_none());
    let measured: Vec<&Script> = measured.collect();
    assert!(measured.len() >= 40, "only {} scripts are run", measured.len());
    let (even, odd): (Vec<_>, Vec<_>) = measured.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    let check = |part: &[(usize, &&Script)]| -> Vec<String> {
        let machine = Machine::new();
        part.iter()
            .flat_map(|(_, script)| measure(&machine, script))
            .collect()
    };
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(|| check(&odd));
        let mut wrong = check(&even);
        wrong.extend(other.join().unwrap());
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a script in its worlds; says where the runs do not agree with what is predicted.
fn measure(machine: &Machine, script: &Script) -> Vec<String> {
    let predicted = predict(script);
    let mut wrong = Vec::new();
    let unbounded = [&predicted.success, &predicted.failure]
        .into_iter()
        .flatten()
        .any(|end| matches!(end.timing.worst, Bound::Unbounded(_)));
    if unbounded || predicted.never.is_some() {
        for cap in [50_000, 500_000] {
            let mut world = World::new(0, true);
            world.set("CAP", cap);
            if machine.run(script, &world).0 != Ended::Capped {
                wrong.push(format!("{}: it ends before {cap} ms", script.name));
            }
        }
    }
    let ends = [&predicted.success, &predicted.failure].into_iter().flatten();
    let longest = ends.filter_map(|end| end.timing.worst.finite()).max();
    let cap = (longest.unwrap_or_default() + BEYOND).as_millis();
    let mut runs = Vec::new();
    let mut attempts = 1;
    for late in [false, true] {
        let mut world = World::new(0, late);
        world.set("CAP", cap);
        let (ended, asked) = machine.run(script, &world);
        if ended != Ended::Capped {
            attempts = attempts.max(asked);
        }
        runs.push((world, ended));
    }
    let chosen: Vec<u64> = if attempts <= EACH_ATTEMPT {
        (1..=attempts + 1).collect()
    } else {
        vec![1, 2, attempts, attempts + 1]
    };
    let own = script.head.all("world").map(World::parse);
    let worlds = chosen
        .iter()
        .flat_map(|attempt| [World::new(*attempt, false), World::new(*attempt, true)]);
    for mut world in worlds.chain(own) {
        world.set("CAP", cap);
        let (ended, _) = machine.run(script, &world);
        runs.push((world, ended));
    }
    let success = |ended: &Ended| match ended {
        Ended::Success(took) => Some(*took),
        _ => None,
    };
    let failure = |ended: &Ended| match ended {
        Ended::Failure(took) => Some(*took),
        _ => None,
    };
    wrong.extend(agree(
        script,
        "success",
        predicted.success.as_ref(),
        &runs,
        success,
    ));
    wrong.extend(agree(
        script,
        "failure",
        predicted.failure.as_ref(),
        &runs,
        failure,
    ));
    wrong
}

fn agree(
    script: &Script,
    what: &str,
    predicted: Option<&Outcome>,
    runs: &[(World, Ended)],
    took: impl Fn(&Ended) -> Option<Duration>,
) -> Vec<String> {
    let times: Vec<(Duration, &World)> = runs
        .iter()
        .filter_map(|(world, ended)| took(ended).map(|took| (took, world)))
        .collect();
    let name = &script.name;
    let Some(predicted) = predicted else {
        let unexpected = times.first();
        return unexpected
            .map(|(took, world)| {
                format!("{name}: {what} after {took:?}, which is not predicted, in {world:?}")
            })
            .into_iter()
            .collect();
    };
    let (best, worst) = (&predicted.timing.best, &predicted.timing.worst);
    let mut wrong = Vec::new();
    for (took, world) in &times {
        if *took < best.at_least() || worst.finite().is_some_and(|worst| *took > worst) {
            wrong.push(format!(
                "{name}: {what} after {took:?}, predicted {best} .. {worst}, in {world:?}"
            ));
        }
    }
    let fastest = times.iter().map(|(took, _)| *took).min();
    let slowest = times.iter().map(|(took, _)| *took).max();
    if let Some(best) = best.finite()
        && fastest.is_none_or(|fastest| fastest > best + NEAR)
    {
        wrong.push(format!(
            "{name}: {what}: predicted {best:?} at best, but the fastest run took {fastest:?}"
        ));
    }
    if let Some(worst) = worst.finite()
        && slowest.is_none_or(|slowest| slowest + NEAR < worst)
    {
        wrong.push(format!(
            "{name}: {what}: predicted {worst:?} at worst, but the slowest run took {slowest:?}"
        ));
    }
    wrong
}
