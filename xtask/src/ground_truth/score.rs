// SPDX-License-Identifier: Apache-2.0
//! How often the write map was right, by what it was asked.

use std::collections::BTreeMap;
use std::fmt;

/// What is compared. The order is that of the printed table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    /// Whether the pod starts.
    Starts,
    /// Making a new file, with the errno.
    Create,
    /// Mode bits of a path.
    Mode,
    /// Owner of a path.
    Uid,
    /// Group of a path.
    Gid,
    /// Uid, gid and groups of the process.
    Identity,
    /// Effective capabilities of the process.
    Capabilities,
    /// What Ruby's `Dir.tmpdir` answers.
    RubyTmpdir,
    /// Whether something is at a path.
    Exists,
    /// What is at a path.
    Kind,
    /// Opening an existing file for writing.
    Overwrite,
    /// Renaming a file over another one.
    Replace,
    /// Running a file that was put there.
    Exec,
}

impl Aspect {
    /// The name in the printed table.
    fn name(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Create => "create",
            Self::Mode => "mode",
            Self::Uid => "uid",
            Self::Gid => "gid",
            Self::Identity => "identity",
            Self::Capabilities => "capabilities",
            Self::RubyTmpdir => "rubyTmpdir",
            Self::Exists => "exists",
            Self::Kind => "type",
            Self::Overwrite => "overwrite",
            Self::Replace => "replace",
            Self::Exec => "exec",
        }
    }

    /// Whether a wrong answer fails the run. The others are compared for information: what was measured there is
    /// close to what the map says, but not always the same question.
    pub(super) fn decides(self) -> bool {
        self <= Self::RubyTmpdir
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How one comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The map says what was measured.
    Right,
    /// The map says something else.
    Wrong,
    /// The map says nothing.
    Unknown,
}

/// A comparison that did not end right.
#[derive(Debug)]
pub(super) struct Disagreement {
    /// The case.
    pub(super) case: String,
    /// The container; empty for the pod.
    pub(super) container: String,
    /// The path; empty for the container.
    pub(super) path: String,
    /// What is compared.
    pub(super) aspect: Aspect,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// What was measured.
    pub(super) measured: String,
    /// What the map says.
    pub(super) said: String,
    /// The last step of the map's derivation.
    pub(super) why: String,
}

impl Disagreement {
    /// Whether it is one of those that may fail the run.
    pub(super) fn counts(&self) -> bool {
        match self.outcome {
            Outcome::Right => false,
            Outcome::Wrong => self.aspect.decides(),
            Outcome::Unknown => self.aspect == Aspect::Create,
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.case)?;
        for part in [&self.container, &self.path] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        write!(
            f,
            ": {} measured {}, the map says {}",
            self.aspect, self.measured, self.said
        )?;
        if !self.why.is_empty() {
            write!(f, " ({})", self.why)?;
        }
        Ok(())
    }
}

/// Counts of one aspect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    right: u64,
    wrong: u64,
    unknown: u64,
}

/// The comparisons of any number of cases.
#[derive(Debug, Default)]
pub(super) struct Score {
    /// Number of cases.
    pub(super) cases: u64,
    /// Number of paths examined.
    pub(super) paths: u64,
    tallies: BTreeMap<Aspect, Tally>,
    /// Everything that did not end right, in the order of the cases.
    pub(super) disagreements: Vec<Disagreement>,
}

impl Score {
    /// Counts one comparison.
    pub(super) fn count(&mut self, aspect: Aspect, outcome: Outcome) {
        let tally = self.tallies.entry(aspect).or_default();
        match outcome {
            Outcome::Right => tally.right += 1,
            Outcome::Wrong => tally.wrong += 1,
            Outcome::Unknown => tally.unknown += 1,
        }
    }

    /// Adds another score behind this one.
    pub(super) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.paths += other.paths;
        for (aspect, theirs) in other.tallies {
            let tally = self.tallies.entry(aspect).or_default();
            tally.right += theirs.right;
            tally.wrong += theirs.wrong;
            tally.unknown += theirs.unknown;
        }
        self.disagreements.extend(other.disagreements);
    }

    /// Wrong answers that fail the run.
    pub(super) fn wrong(&self) -> u64 {
        self.tallies
            .iter()
            .filter(|(aspect, _)| aspect.decides())
            .map(|(_, tally)| tally.wrong)
            .sum()
    }

    /// Per cent of the `create` verdicts that the map leaves open.
    pub(super) fn unknown_percent(&self) -> f64 {
        let tally = self.tallies.get(&Aspect::Create).copied().unwrap_or_default();
        let all = tally.right + tally.wrong + tally.unknown;
        if all == 0 {
            0.0
        } else {
            100.0 * tally.unknown as f64 / all as f64
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<13}{:>7}{:>7}{:>9}", "", "right", "wrong", "unknown")?;
        for (aspect, tally) in &self.tallies {
            let note = match aspect {
                Aspect::Create => format!("  ({:.2} %)", self.unknown_percent()),
                _ if !aspect.decides() => "  for information".to_owned(),
                _ => String::new(),
            };
            writeln!(
                f,
                "  {aspect:<13}{:>7}{:>7}{:>9}{note}",
                tally.right, tally.wrong, tally.unknown
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(outcomes: &[(Aspect, Outcome)]) -> Score {
        let mut score = Score::default();
        for (aspect, outcome) in outcomes {
            score.count(*aspect, *outcome);
        }
        score
    }

    #[test]
    fn only_what_decides_counts_as_wrong() {
        for (aspect, wrong) in [
            (Aspect::Create, 1),
            (Aspect::RubyTmpdir, 1),
            (Aspect::Exists, 0),
            (Aspect::Exec, 0),
        ] {
            assert_eq!(
                score(&[(aspect, Outcome::Wrong), (aspect, Outcome::Right)]).wrong(),
                wrong,
                "{aspect}"
            );
        }
    }

    #[test]
    fn only_create_counts_as_unknown() {
        let mut sum = score(&[
            (Aspect::Create, Outcome::Unknown),
            (Aspect::Mode, Outcome::Unknown),
        ]);
        sum.add(score(&[
            (Aspect::Create, Outcome::Right),
            (Aspect::Create, Outcome::Wrong),
        ]));
        assert_eq!(format!("{:.2}", sum.unknown_percent()), "33.33");
        assert_eq!(sum.wrong(), 1);
        assert_eq!(Score::default().unknown_percent(), 0.0);
    }
}
