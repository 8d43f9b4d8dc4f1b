// SPDX-License-Identifier: Apache-2.0
//! What is found out of a command: how long it takes to each of its ends, and each wait in it.

use std::fmt;
use std::time::Duration;

use writeway_shell::Span;

use crate::bound::{Bound, Reason, Seconds};

/// How long something takes.
///
/// No run is faster than `best` or slower than `worst`, under the [allowances](crate#allowances).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// When everything it asks answers at once.
    pub best: Bound,
    /// When everything takes as long as it may.
    pub worst: Bound,
}

impl Timing {
    /// No time at all.
    pub const ZERO: Self = Self {
        best: Bound::ZERO,
        worst: Bound::ZERO,
    };

    /// Nothing is known of it.
    #[must_use]
    pub fn unknown(why: impl Into<Reason>) -> Self {
        let why = why.into();
        Self {
            best: Bound::unknown(why.clone()),
            worst: Bound::unknown(why),
        }
    }

    /// Takes either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            best: self.best.shorter(&other.best),
            worst: self.worst.longer(&other.worst),
        }
    }

    /// One after the other.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self {
            best: self.best.plus(&next.best),
            worst: self.worst.plus(&next.worst),
        }
    }
}

/// The ends of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Until it ends with exit status 0; `None`: it never does.
    pub success: Option<Outcome>,
    /// Until it ends with another status; `None`: it never does.
    pub failure: Option<Outcome>,
    /// Why it may never end, where no end is reached at all from some point on (`sleep infinity`).
    pub never: Option<Reason>,
    /// The waits in it, by their place.
    pub waits: Vec<Wait>,
}

impl Evaluation {
    /// Until it ends at all, well or not.
    #[must_use]
    pub fn end(&self) -> Timing {
        let mut ends = self.success.iter().chain(&self.failure).map(|end| &end.timing);
        let known = ends
            .next()
            .map(|first| ends.fold(first.clone(), |one, other| one.or(other)));
        match (known, &self.never) {
            (Some(timing), Some(why)) => Timing {
                worst: timing.worst.longer(&Bound::Unbounded(why.clone())),
                ..timing
            },
            (None, Some(why)) => Timing {
                best: Bound::Unbounded(why.clone()),
                worst: Bound::Unbounded(why.clone()),
            },
            (Some(timing), None) => timing,
            (None, None) => Timing::ZERO,
        }
    }

    /// The end that takes longest at worst.
    #[must_use]
    pub fn longest(&self) -> Option<&Outcome> {
        match (&self.success, &self.failure) {
            (Some(success), Some(failure)) => {
                let longer = failure.timing.worst.compare(&success.timing.worst).is_gt();
                Some(if longer { failure } else { success })
            }
            (success, failure) => success.as_ref().or(failure.as_ref()),
        }
    }
}

/// A way a command ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Until it ends so.
    pub timing: Timing,
    /// What the worst case is made of.
    pub worst_steps: Steps,
}

/// A wait: a loop around something that may not be there yet, or a command that waits itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Where it stands in the script; `None` when the command runs no script. In a script within the script it is the
    /// place of the command that runs it.
    pub span: Option<Span>,
    /// What kind of wait.
    pub kind: WaitKind,
    /// How often it looks, at most; `None` when that is not limited or not known.
    pub attempts: Option<u64>,
    /// What it sleeps between two looks; `None` when it does not, or not always the same.
    pub interval: Option<Duration>,
    /// What one look takes, at most; `None` when there is none that takes time, or several of them.
    pub probe: Option<Bound>,
    /// What looks, as its name is written; empty when it is not one program.
    pub probes: Vec<String>,
    /// From its start to its end, however it ends.
    pub timing: Timing,
    /// What the worst case is made of.
    pub worst_steps: Steps,
    /// What happens when it ends without what it waited for.
    pub exhausted: Exhaustion,
}

/// The kinds of wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitKind {
    /// `for`, `while` or `until` around a look.
    Loop,
    /// A loop that only spends time, or that watches that something stays as it is: there is nothing it waits for.
    Pause,
    /// A program that waits itself (`kubectl wait`, `curl --retry`, `helm --wait`).
    Program,
    /// `timeout` around something else.
    Timeout,
}

/// What happens when a wait ends without what it waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exhaustion {
    /// The script fails.
    Fails,
    /// The script goes another way than after a success, or looks again and fails if it is still not there.
    Handled,
    /// The script goes on as if it had succeeded.
    FallsThrough {
        /// What it does next that is more than looking: where that stands. `None`: it ends with exit status 0.
        next: Option<Span>,
    },
    /// It never is exhausted: nothing limits it.
    Never,
    /// Not known, or there is nothing it waits for.
    Unknown(Reason),
}

/// What a duration is made of: `168 × (3 s curl + 5 s sleep)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps {
    /// Groups of what is done equally often, in the order of the script.
    pub groups: Vec<Group>,
}

/// Steps that are taken equally often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How often.
    pub times: u64,
    /// What takes how long each time.
    pub steps: Vec<Step>,
}

/// One thing that takes time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name: that of a program, or `deadline`.
    pub what: String,
    /// What it takes each time.
    pub each: Duration,
    /// Where it stands in the script, if there is one.
    pub span: Option<Span>,
}

impl Steps {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> Duration {
        let each = |group: &Group| {
            let sum = group.steps.iter().map(|step| step.each);
            let sum = sum.fold(Duration::ZERO, Duration::saturating_add);
            Bound::Finite(sum).times(group.times).at_least()
        };
        self.groups
            .iter()
            .map(each)
            .fold(Duration::ZERO, Duration::saturating_add)
    }
}

/// `168 × (3 s curl + 5 s sleep) = 1344 s`; a single step stands alone.
impl fmt::Display for Steps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut single = true;
        for (index, group) in self.groups.iter().enumerate() {
            if index > 0 {
                write!(formatter, " + ")?;
            }
            let several = group.steps.len() > 1;
            single &= index == 0 && group.times == 1 && !several;
            if group.times > 1 {
                write!(formatter, "{} × ", group.times)?;
            }
            if several && group.times > 1 {
                write!(formatter, "(")?;
            }
            for (index, step) in group.steps.iter().enumerate() {
                let plus = if index > 0 { " + " } else { "" };
                write!(formatter, "{plus}{} {}", Seconds(step.each), step.what)?;
            }
            if several && group.times > 1 {
                write!(formatter, ")")?;
            }
        }
        if self.groups.is_empty() {
            return write!(formatter, "{}", Seconds(Duration::ZERO));
        }
        if single {
            return Ok(());
        }
        write!(formatter, " = {}", Seconds(self.total()))
    }
}
