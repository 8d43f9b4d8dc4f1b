// SPDX-License-Identifier: Apache-2.0
//! Pauses between an attempt that failed and the next one.

use std::time::Duration;

/// First and longest pause of kubelet (pkg/kubelet/kubelet.go, initialCrashLoopBackOff; pkg/kubelet/apis/config/v1beta1,
/// MaxContainerBackOff), without the feature gates that shorten them.
const KUBELET: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
/// A container that ran for longer starts at the first pause again (pkg/kubelet/kubelet.go, crashLoopBackOff.HasExpiredFunc).
const KUBELET_RESET: Duration = Duration::from_secs(600);
/// First and longest pause of the Job controller (pkg/controller/job/job_controller.go, DefaultJobPodFailureBackOff and
/// MaxJobPodFailureBackOff).
const JOB: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(600));

/// The pauses before `restarts` restarts of a container that fails again and again, each time after `run`, together.
///
/// The first restart is at once: a pause is only kept for the next one (pkg/kubelet/kuberuntime/kuberuntime_manager.go,
/// doBackOff; client-go util/flowcontrol/backoff.go, IsInBackOffSince). `run: None` is a run without end.
pub fn kubelet_pauses(restarts: u32, run: Option<Duration>) -> Duration {
    if run.is_none_or(|run| run > KUBELET_RESET) {
        return Duration::ZERO;
    }
    pauses(KUBELET, restarts.saturating_sub(1))
}

/// The pauses before `retries` new pods of a Job whose pods fail one after the other, together
/// (pkg/controller/job/backoff_utils.go, getRemainingTimeForFailuresCount).
pub fn job_pauses(retries: u32) -> Duration {
    pauses(JOB, retries)
}

/// The sum of so many pauses, each twice the one before.
fn pauses((first, longest): (Duration, Duration), number: u32) -> Duration {
    let mut sum = Duration::ZERO;
    let mut pause = first;
    for left in (1..=number).rev() {
        if pause >= longest {
            return sum.saturating_add(longest.saturating_mul(left));
        }
        sum += pause;
        pause *= 2;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_job_waits_10_seconds_and_then_twice_as_long_each_time_up_to_10_minutes() {
        let rows = [
            (0, 0),
            (1, 10),
            (2, 10 + 20),
            (6, 10 + 20 + 40 + 80 + 160 + 320),
            (7, 10 + 20 + 40 + 80 + 160 + 320 + 600),
            (8, 10 + 20 + 40 + 80 + 160 + 320 + 600 + 600),
        ];
        for (retries, expected) in rows {
            assert_eq!(job_pauses(retries), seconds(expected), "{retries}");
        }
        assert_eq!(
            job_pauses(u32::MAX),
            seconds(630 + 600 * (u64::from(u32::MAX) - 6))
        );
    }

    #[test]
    fn kubelet_restarts_at_once_the_first_time_and_after_a_run_of_more_than_10_minutes() {
        let rows = [
            (0, Some(60), 0),
            (1, Some(60), 0),
            (2, Some(60), 10),
            (7, Some(60), 10 + 20 + 40 + 80 + 160 + 300),
            (8, Some(600), 10 + 20 + 40 + 80 + 160 + 300 + 300),
            (8, Some(601), 0),
            (8, None, 0),
        ];
        for (restarts, run, expected) in rows {
            assert_eq!(
                kubelet_pauses(restarts, run.map(seconds)),
                seconds(expected),
                "{restarts} {run:?}"
            );
        }
    }
}
