// SPDX-License-Identifier: Apache-2.0
//! The agent in containers, as pods run it: what it does there, and what it calls, is what its tables say.
//!
//! Each verb has a table of runs, its main forms and its failures. Every run happens in a container of its own, by a real
//! container runtime: the image of one static executable, read-only, `no_new_privs`, no capability that the run does not
//! name, a user without a name, one writable volume. It has to end as the table says; and so it has to under the verb's
//! seccomp profile, where `openat2(2)` is missing, and where a filter refuses it.

pub mod container;
mod network;
pub(crate) mod page;
pub mod profile;
mod runs;
mod trace;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use writeway_agent::needs::{NEEDS, Needs, RUNTIME};

use crate::{agent, tools};
use container::{Container, Filter, Runtime};
use network::Network;
use runs::{RUNS, Run};

/// Calls that filters refuse, and with what: `EPERM` and `ENOSYS` are what older ones answer for what they do not know
/// (`asm-generic/errno-base.h`, `errno.h`), and `ENOSYS` what containerd's and Docker's have for `clone3`, whose arguments a
/// filter cannot see. Without `openat2` [`writeway_agent`] opens files in an older way, without `clone3` glibc makes threads
/// in one.
const REFUSALS: [(&str, &str, u32); 3] = [
    ("openat2", "EPERM", 1),
    ("openat2", "ENOSYS", 38),
    ("clone3", "ENOSYS", 38),
];

/// Where containers are laid, below the workspace.
const FOLDER: &str = "target/sandbox";

/// What every run needs: the static executable, and the runtimes.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    network: Network,
}

/// A call that nobody makes, for a filter that is there and refuses nothing.
const UNUSED: &str = "acct";

impl Sandbox {
    /// Builds the executable, and has the tools.
    ///
    /// # Errors
    /// When it does not compile, a tool is missing and cannot be installed, or this is not root on Linux.
    pub fn new() -> anyhow::Result<Self> {
        tools::container_runtimes()?;
        let root = fs::metadata("/proc/self")?.uid() == 0;
        anyhow::ensure!(root, "containers take root on Linux: become root");
        anyhow::ensure!(
            cfg!(target_arch = "x86_64"),
            "the tables are those of x86_64: on other processors other calls are made"
        );
        let program = agent::build(agent::Machine::named(None)?)?.path;
        let network = Network::new(&program, &folder("network"))?;
        Ok(Self { program, network })
    }

    /// Does one run; what was not as its table says, one line each, and what was called.
    fn judge(&self, run: &Run, filter: Filter, runtime: Runtime, traced: bool) -> anyhow::Result<Judged> {
        static CONTAINERS: AtomicU32 = AtomicU32::new(0);
        let folder = folder(&CONTAINERS.fetch_add(1, Ordering::Relaxed).to_string());
        let container = Container {
            program: &self.program,
            folder: &folder,
            identity: run.identity,
            filter,
            network: Some(self.network.path()),
            etc: self.network.etc(),
        };
        container.prepare()?;
        let volume = container.volume();
        let _sockets = tree::lay(&volume, run.before)?;
        let arguments: Vec<String> = [run.verb]
            .iter()
            .chain(run.arguments)
            .map(|&word| word.to_owned())
            .collect();
        let mut running = container.start(runtime, &arguments, traced)?;
        let happened = running.happens(run.meanwhile);
        let ended = running.end().with_context(|| run.title())?;
        let mut wrong = tree::differences(&volume, &self.program, run.after)?;
        wrong.extend(happened.err().map(|error| error.to_string()));
        if ended.code != Some(run.exit) {
            wrong.push(format!("it ended with {:?}, not {}", ended.code, run.exit));
        }
        if !ended.said.contains(run.says) {
            wrong.push(format!("it did not say `{}`", run.says));
        }
        if !wrong.is_empty() {
            wrong.push(format!("it said: {}", ended.said.trim_end()));
        }
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        let trace = ended.trace.unwrap_or_default();
        Ok(Judged { wrong, trace })
    }

    /// Does every run of a verb in this way; what was wrong, each line with the run's title.
    ///
    /// # Errors
    /// When a container cannot be made.
    pub fn wrong(&self, verb: &str, filter: &Filter, runtime: Runtime) -> anyhow::Result<Vec<String>> {
        let mut wrong = Vec::new();
        for run in RUNS.iter().filter(|run| run.verb == verb) {
            let judged = self.judge(run, filter.clone(), runtime, false)?;
            wrong.extend(judged.wrong.iter().map(|line| format!("{}: {line}", run.title())));
        }
        Ok(wrong)
    }

    /// What a verb calls in all of its runs, with and without newer calls; the runs of each call.
    ///
    /// # Errors
    /// When a container cannot be made, or a run ends otherwise than its table says: what it calls would say nothing.
    pub fn calls(&self, verb: &str) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
        let mut calls = BTreeMap::<String, BTreeSet<String>>::new();
        let missing = REFUSALS.map(|(call, _, errno)| Filter::Refuse(call, errno));
        for run in RUNS.iter().filter(|run| run.verb == verb) {
            for filter in [Filter::None].iter().chain(&missing) {
                let judged = self.judge(run, filter.clone(), Runtime::Crun, true)?;
                anyhow::ensure!(
                    judged.wrong.is_empty(),
                    "{}: {}",
                    run.title(),
                    judged.wrong.join("; ")
                );
                for call in judged.trace.program {
                    calls.entry(call).or_default().insert(run.title());
                }
            }
        }
        Ok(calls)
    }

    /// What a runtime calls once it has loaded a filter, for the first run of a verb.
    ///
    /// # Errors
    /// When the container cannot be made.
    pub fn calls_of_runtime(&self, verb: &str, runtime: Runtime) -> anyhow::Result<BTreeSet<String>> {
        let run = RUNS.iter().find(|run| run.verb == verb);
        let run = run.with_context(|| format!("{verb} has no run"))?;
        let judged = self.judge(run, Filter::Refuse(UNUSED, 1), runtime, true)?;
        anyhow::ensure!(
            !judged.trace.runtime.is_empty(),
            "no filter was loaded: {:?}",
            judged.wrong
        );
        Ok(judged.trace.runtime)
    }
}

/// A folder for one container of this process.
fn folder(name: &str) -> PathBuf {
    crate::workspace().join(format!("{FOLDER}/{}-{name}", std::process::id()))
}

/// What came of one run.
struct Judged {
    wrong: Vec<String>,
    trace: trace::Trace,
}

/// A way to judge a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Without a filter.
    Hardened,
    /// A call that its profile does not allow ends it.
    UnderProfile(Runtime),
    /// `openat2(2)`, then `clone3(2)`, is refused.
    WithoutNewerCalls,
    /// What it calls is what its table says.
    Calls,
}

impl Way {
    /// Every one of them.
    pub const ALL: [Self; 5] = [
        Self::Calls,
        Self::Hardened,
        Self::UnderProfile(Runtime::Crun),
        Self::UnderProfile(Runtime::Runc),
        Self::WithoutNewerCalls,
    ];

    /// Does all runs of a verb in this way; what was wrong, one line each.
    ///
    /// # Errors
    /// When a container cannot be made, or the calls of a run are not to be had.
    pub fn judge(self, sandbox: &Sandbox, needs: &Needs) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Hardened => sandbox.wrong(needs.verb, &Filter::None, Runtime::Crun),
            Self::UnderProfile(runtime) => {
                sandbox.wrong(needs.verb, &Filter::Kill(profile::of(needs)), runtime)
            }
            Self::WithoutNewerCalls => {
                let mut wrong = Vec::new();
                for (call, name, errno) in REFUSALS {
                    let lines = sandbox.wrong(needs.verb, &Filter::Refuse(call, errno), Runtime::Crun)?;
                    wrong.extend(lines.iter().map(|line| format!("{call}, {name}: {line}")));
                }
                Ok(wrong)
            }
            Self::Calls => calls_of_the_table(sandbox, needs),
        }
    }
}

/// Every call of a verb that is not in its table, and every one of the table that is never made.
fn calls_of_the_table(sandbox: &Sandbox, needs: &Needs) -> anyhow::Result<Vec<String>> {
    let called = sandbox.calls(needs.verb)?;
    let mut wrong = Vec::new();
    for (name, runs) in &called {
        if !needs.calls().any(|call| call.name == name) {
            let runs: Vec<_> = runs.iter().map(String::as_str).collect();
            wrong.push(format!(
                "it calls {name}, which is not in the table: {}",
                runs.join(", ")
            ));
        }
    }
    let never = needs
        .calls()
        .filter(|call| !call.by_chance && !called.contains_key(call.name));
    wrong.extend(never.map(|call| format!("the table has {}, which no run called", call.name)));
    Ok(wrong)
}

/// Judges every verb, or one; whether all is as the tables say.
///
/// # Errors
/// When the sandbox cannot be made.
pub fn run(out: &mut dyn Write, verb: Option<&str>) -> anyhow::Result<bool> {
    let sandbox = Sandbox::new()?;
    let mut right = true;
    for needs in NEEDS
        .iter()
        .filter(|needs| verb.is_none_or(|verb| verb == needs.verb))
    {
        for way in Way::ALL {
            let wrong = way.judge(&sandbox, needs)?;
            let verdict = if wrong.is_empty() {
                "as it should be"
            } else {
                "wrong"
            };
            writeln!(out, "{}, {way:?}: {verdict}", needs.verb)?;
            for line in &wrong {
                writeln!(out, "  {line}")?;
            }
            right &= wrong.is_empty();
        }
    }
    for runtime in [Runtime::Crun, Runtime::Runc] {
        for call in missing_for(&sandbox, runtime)? {
            writeln!(out, "{runtime:?} calls {call}, which the profile does not allow")?;
            right = false;
        }
    }
    Ok(right)
}

/// What a runtime calls once the filter is loaded, and no profile has to allow by its tables.
///
/// # Errors
/// When a container cannot be made.
pub fn missing_for(sandbox: &Sandbox, runtime: Runtime) -> anyhow::Result<Vec<String>> {
    let called = sandbox.calls_of_runtime("version", runtime)?;
    let listed = |call: &String| RUNTIME.calls.iter().any(|listed| listed.name == call);
    Ok(called.into_iter().filter(|call| !listed(call)).collect())
}

/// The verbs that have a run.
#[must_use]
pub fn verbs() -> BTreeSet<&'static str> {
    RUNS.iter().map(|run| run.verb).collect()
}
