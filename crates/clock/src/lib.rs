// SPDX-License-Identifier: Apache-2.0
//! Floor 1: how long scripts, Jobs and releases take at best and at worst, and what happens when a wait is exhausted.
//! Pure: no I/O, no async.
//!
//! [`evaluate`] (and [`evaluate_container`]) runs a script in every way it may go, without running anything: commands that ask others succeed or fail
//! and take any time that their options allow, the rest is followed exactly. A value that is not known takes every way;
//! what has no limit is *unbounded*, what cannot be known is *unknown*, both with their reason.
//!
//! [`Clocks`] puts together what Helm waits for: hooks by event and weight, Jobs with every attempt, pods with
//! scheduling, image pulls and probes; [`Assumptions`] says what no manifest does.
//!
//! # Allowances
//!
//! What is not counted, because it depends on the machine and not on the script: work on text and files of the own
//! container (`test`, `grep`, `jq`, `cp` …) and starting a program take no time; a program ends at once when it is told
//! to; where a program's limit does not include the look-up of a name, that is not counted; servers do not ask curl for
//! longer pauses (`Retry-After`). Signals from outside do not come.

mod arithmetic;
mod assumptions;
mod backoff;
mod bound;
mod builtin;
mod clocks;
mod command;
mod compound;
mod condition;
mod duration;
mod evaluation;
mod helm_order;
mod interpreter;
mod job;
mod ledger;
mod loops;
mod nested;
mod pod;
mod program;
mod reads;
mod ready;
mod release;
mod row;
mod site;
mod state;
mod timeline;
mod value;
mod watch;
mod words;

pub use assumptions::Assumptions;
pub use backoff::{job_pauses, kubelet_pauses};
pub use bound::{Bound, Reason, Seconds};
pub use command::{Environment, Files, evaluate, evaluate_container};
pub use evaluation::{Evaluation, Exhaustion, Group, Outcome, Step, Steps, Timing, Wait, WaitKind};
pub use helm_order::hook_order;
pub use job::{Again, JobClock, Retries};
pub use pod::{PodClock, PodStep, PodStepKind};
pub use program::curl::{CURL_LETTERS, CURL_WORDS};
pub use ready::{ReadyClock, ReadyStep};
pub use release::{Action, Hook, Release, Timeout, TimeoutSource, releases};
pub use row::Row;
pub use timeline::{ActionClock, Clocks, Evaluate, Part, PartClock, ReleaseClock, ReleaseStep, job_clock};
