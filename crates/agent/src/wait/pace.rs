// SPDX-License-Identifier: Apache-2.0
//! The pauses between looks: each twice the one before, up to a longest one, and none exactly as long as another's, so
//! that pods which start together do not look together.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use crate::exit::Failure;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// How long the next pause is.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    next: Duration,
    longest: Duration,
}

impl Pace {
    /// Pauses from `first` to `longest`, or what is usual.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when the longest pause is shorter than the first.
    pub(super) fn new(first: Option<Duration>, longest: Option<Duration>) -> Result<Self, Failure> {
        let (next, longest) = match (first, longest) {
            (Some(first), Some(longest)) if first > longest => {
                return Err(Failure::usage("`--max-interval` is shorter than `--interval`"));
            }
            (first, Some(longest)) => (first.unwrap_or(FIRST.min(longest)), longest),
            (first, None) => {
                let first = first.unwrap_or(FIRST);
                (first, LONGEST.max(first))
            }
        };
        Ok(Self { next, longest })
    }

    /// The next pause, where so much time is left: never more than a half of it, so that the last look is near its end.
    pub(super) fn pause(&mut self, left: Duration) -> Duration {
        let half = self.next / 2;
        self.next = self.next.saturating_mul(2).min(self.longest);
        let pause = half + half.mul_f64(chance());
        pause.min(left / 2)
    }
}

/// A number from 0 to 1. The standard library keys its hash tables by chance, anew each time, which is chance enough here.
fn chance() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(0);
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_shortened_by_at_most_a_half() {
        let forever = Duration::from_secs(3600);
        let mut pace = Pace::new(None, None).unwrap();
        for whole in [250, 500, 1000, 2000, 4000, 5000, 5000] {
            let whole = Duration::from_millis(whole);
            let pause = pace.pause(forever);
            assert!((whole / 2..=whole).contains(&pause), "{pause:?} of {whole:?}");
        }
    }

    #[test]
    fn a_pause_leaves_time_for_a_last_look() {
        let mut pace = Pace::new(Some(Duration::from_secs(10)), None).unwrap();
        assert_eq!(pace.pause(Duration::from_secs(4)), Duration::from_secs(2));
        assert_eq!(pace.pause(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn pauses_differ() {
        let pauses: std::collections::BTreeSet<Duration> = (0..20)
            .map(|_| Pace::new(None, None).unwrap().pause(LONGEST))
            .collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn a_longest_pause_below_the_first_is_refused() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert!(Pace::new(seconds(2), seconds(1)).is_err());
        assert!(Pace::new(None, Some(Duration::from_millis(10))).is_ok());
        assert!(Pace::new(seconds(60), None).is_ok());
    }
}
