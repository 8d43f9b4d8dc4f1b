// SPDX-License-Identifier: Apache-2.0
//! Durations that may have no limit, or not be known.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why something is not known or has no limit: one sentence, lower case, without a full stop.
pub type Reason = Arc<str>;

/// A limit of a duration. Sums and products never overflow: they stop at the longest [`Duration`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// Exactly this long.
    Finite(Duration),
    /// Not known; `at_least` of it is certain.
    Unknown {
        /// What it takes in any case.
        at_least: Duration,
        /// What is not known.
        why: Reason,
    },
    /// There is no limit: it is longer than any duration.
    Unbounded(Reason),
}

impl Bound {
    /// No time at all.
    pub const ZERO: Self = Self::Finite(Duration::ZERO);

    /// A number of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self::Finite(Duration::from_secs(seconds))
    }

    /// Nothing is known of it.
    #[must_use]
    pub fn unknown(why: impl Into<Reason>) -> Self {
        Self::Unknown {
            at_least: Duration::ZERO,
            why: why.into(),
        }
    }

    /// No limit.
    #[must_use]
    pub fn unbounded(why: impl Into<Reason>) -> Self {
        Self::Unbounded(why.into())
    }

    /// The duration, when it is known and has a limit.
    #[must_use]
    pub const fn finite(&self) -> Option<Duration> {
        match self {
            Self::Finite(duration) => Some(*duration),
            Self::Unknown { .. } | Self::Unbounded(_) => None,
        }
    }

    /// What is certain of it; [`Duration::MAX`] when there is no limit.
    #[must_use]
    pub const fn at_least(&self) -> Duration {
        match self {
            Self::Finite(duration) => *duration,
            Self::Unknown { at_least, .. } => *at_least,
            Self::Unbounded(_) => Duration::MAX,
        }
    }

    /// Why it is not a duration.
    #[must_use]
    pub const fn why(&self) -> Option<&Reason> {
        match self {
            Self::Finite(_) => None,
            Self::Unknown { why, .. } | Self::Unbounded(why) => Some(why),
        }
    }

    /// Whether it is longer than `limit` in any case. A bound that is not known is, once its certain part is.
    #[must_use]
    pub fn exceeds(&self, limit: Duration) -> bool {
        self.at_least() > limit
    }

    /// One after the other.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Unbounded(_), _) => self.clone(),
            (_, Self::Unbounded(_)) => other.clone(),
            (Self::Finite(one), Self::Finite(two)) => Self::Finite(one.saturating_add(*two)),
            (Self::Unknown { why, .. }, _) | (_, Self::Unknown { why, .. }) => Self::Unknown {
                at_least: self.at_least().saturating_add(other.at_least()),
                why: why.clone(),
            },
        }
    }

    /// What is left after a duration has passed.
    #[must_use]
    pub fn minus(&self, passed: Duration) -> Self {
        match self {
            Self::Finite(duration) => Self::Finite(duration.saturating_sub(passed)),
            Self::Unknown { at_least, why } => Self::Unknown {
                at_least: at_least.saturating_sub(passed),
                why: why.clone(),
            },
            Self::Unbounded(_) => self.clone(),
        }
    }

    /// So often, one after the other.
    #[must_use]
    pub fn times(&self, count: u64) -> Self {
        match self {
            _ if count == 0 => Self::ZERO,
            Self::Finite(duration) => Self::Finite(multiplied(*duration, count)),
            Self::Unknown { at_least, why } => Self::Unknown {
                at_least: multiplied(*at_least, count),
                why: why.clone(),
            },
            Self::Unbounded(_) => self.clone(),
        }
    }

    /// The longer of two.
    #[must_use]
    pub fn longer(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Unbounded(_), _) => self.clone(),
            (_, Self::Unbounded(_)) => other.clone(),
            (Self::Finite(one), Self::Finite(two)) => Self::Finite(*one.max(two)),
            (Self::Unknown { why, .. }, _) | (_, Self::Unknown { why, .. }) => Self::Unknown {
                at_least: self.at_least().max(other.at_least()),
                why: why.clone(),
            },
        }
    }

    /// The shorter of two: a time limit cuts off what has none, or is not known.
    #[must_use]
    pub fn shorter(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Unbounded(_), other) => other.clone(),
            (one, Self::Unbounded(_)) => one.clone(),
            (Self::Finite(one), Self::Finite(two)) => Self::Finite(*one.min(two)),
            (Self::Unknown { at_least, .. }, Self::Finite(limit))
            | (Self::Finite(limit), Self::Unknown { at_least, .. })
                if at_least >= limit =>
            {
                Self::Finite(*limit)
            }
            (Self::Unknown { why, .. }, _) | (_, Self::Unknown { why, .. }) => Self::Unknown {
                at_least: self.at_least().min(other.at_least()),
                why: why.clone(),
            },
        }
    }

    /// What it cannot exceed when something ends it after `limit`.
    #[must_use]
    pub fn cut(&self, limit: Duration) -> Self {
        match self {
            Self::Finite(duration) => Self::Finite((*duration).min(limit)),
            Self::Unknown { .. } | Self::Unbounded(_) => Self::Finite(limit),
        }
    }

    /// Which of two is longer, by what is certain of each.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let rank = |bound: &Self| match bound {
            Self::Finite(_) => 0,
            Self::Unknown { .. } => 1,
            Self::Unbounded(_) => 2,
        };
        rank(self)
            .cmp(&rank(other))
            .then_with(|| self.at_least().cmp(&other.at_least()))
    }
}

/// `5 s`, `0.5 s`; `at least 5 s, unknown: …`; `unbounded: …`.
impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite(duration) => write!(formatter, "{}", Seconds(*duration)),
            Self::Unknown { at_least, why } if at_least.is_zero() => write!(formatter, "unknown: {why}"),
            Self::Unknown { at_least, why } => {
                write!(formatter, "at least {}, unknown: {why}", Seconds(*at_least))
            }
            Self::Unbounded(why) => write!(formatter, "unbounded: {why}"),
        }
    }
}

/// A duration in seconds, as people write it: `5 s`, `0.25 s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0.as_secs(), self.0.subsec_nanos());
        if fraction == 0 {
            return write!(formatter, "{whole} s");
        }
        let fraction = format!("{fraction:09}");
        write!(formatter, "{whole}.{} s", fraction.trim_end_matches('0'))
    }
}

fn multiplied(duration: Duration, count: u64) -> Duration {
    u32::try_from(count)
        .ok()
        .and_then(|count| duration.checked_mul(count))
        .unwrap_or_else(|| {
            let nanos = duration.as_nanos().saturating_mul(u128::from(count));
            let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
            Duration::new(seconds, u32::try_from(nanos % 1_000_000_000).unwrap_or(0))
        })
}
