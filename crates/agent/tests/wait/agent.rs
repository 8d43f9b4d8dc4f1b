// SPDX-License-Identifier: Apache-2.0
//! The built agent, run: how it ends, what it says, and when.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// `writeway-agent wait`, with nothing of the environment that it reads.
pub(crate) fn wait() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_writeway-agent"));
    command.arg("wait");
    for variable in [
        "SSL_CERT_FILE",
        "KUBERNETES_SERVICE_HOST",
        "KUBERNETES_SERVICE_PORT",
        "WRITEWAY_LOG_FORMAT",
    ] {
        command.env_remove(variable);
    }
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    /// From before its start until after its end.
    pub(crate) took: Duration,
    /// The longest time for which this machine let a thread wait meanwhile that had asked for less: what others keep it
    /// busy with is not the agent's.
    pub(crate) stalled: Duration,
}

impl Outcome {
    /// The lines, without the name of the program.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stderr
            .lines()
            .map(|line| line.strip_prefix("writeway-agent wait: ").unwrap_or(line))
            .collect()
    }

    /// Fails if it took more than the budget and 100 ms.
    pub(crate) fn within(&self, budget: Duration, what: &str) {
        let most = budget + Duration::from_millis(100) + self.stalled;
        assert!(
            self.took <= most,
            "{what}: took {:?} of {budget:?}, where the machine stalled for {:?}: {}",
            self.took,
            self.stalled,
            self.stderr
        );
    }
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    start(command).end()
}

/// Runs `wait` with these words.
pub(crate) fn run_wait(words: &[&str]) -> Outcome {
    run(wait().args(words))
}

/// Starts it.
pub(crate) fn start(command: &mut Command) -> Running {
    let stalls = Stalls::watch();
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    Running {
        child,
        stderr,
        said: String::new(),
        start,
        stalls,
    }
}

/// An agent that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
    start: Instant,
    stalls: Stalls,
}

impl Running {
    /// The next line it writes.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        self.said.push_str(&line);
        line
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Outcome {
        // It closes standard error as it ends.
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = self.child.wait().unwrap();
        let took = self.start.elapsed();
        Outcome {
            code: status.code(),
            stderr: self.said,
            took,
            stalled: self.stalls.end(),
        }
    }
}

/// A thread that asks for short pauses, and sees how much longer they get.
struct Stalls {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Stalls {
    fn watch() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let pause = Duration::from_millis(5);
            let mut longest = Duration::ZERO;
            while !seen.load(Ordering::Relaxed) {
                let before = Instant::now();
                thread::sleep(pause);
                longest = longest.max(before.elapsed().saturating_sub(pause));
            }
            longest
        });
        Self { over, thread }
    }

    fn end(self) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
