// SPDX-License-Identifier: Apache-2.0
//! What is found out of scripts, seen from outside.

use std::time::Duration;

use writeway_clock::{Bound, Environment, Evaluation, Exhaustion, WaitKind, evaluate};

/// Evaluates a script with the environment that its first words set.
fn shell(name: &str, script: &str) -> Evaluation {
    let words = [name, "-c", script].map(str::to_owned);
    let environment = Environment {
        complete: true,
        ..Environment::default()
    };
    evaluate(&words, &environment, &|_| None)
}

fn sh(script: &str) -> Evaluation {
    shell("sh", script)
}

fn seconds(bound: &Bound) -> Option<f64> {
    bound.finite().map(|duration| duration.as_secs_f64())
}

#[test]
fn the_probe_counts_beside_the_pause() {
    let evaluation = sh("for i in $(seq 1 168); do
           if curl -sSf --max-time 3 http://gitea/api/v1/version; then break; fi
           sleep 5
         done");
    let [wait] = evaluation.waits.as_slice() else {
        panic!("{:?}", evaluation.waits);
    };
    assert_eq!(wait.kind, WaitKind::Loop);
    assert_eq!(wait.attempts, Some(168));
    assert_eq!(wait.interval, Some(Duration::from_secs(5)));
    assert_eq!(wait.probe, Some(Bound::seconds(3)));
    assert_eq!(wait.timing.best, Bound::ZERO);
    assert_eq!(wait.timing.worst, Bound::seconds(1344));
    assert_eq!(
        wait.worst_steps.to_string(),
        "168 × (3 s curl + 5 s sleep) = 1344 s"
    );
    assert_eq!(wait.exhausted, Exhaustion::FallsThrough { next: None });
    let success = evaluation.success.expect("it succeeds in any case");
    assert_eq!(success.timing.worst, Bound::seconds(1344));
    assert!(evaluation.failure.is_none());
}

#[test]
fn two_counted_loops_over_one_variable_are_both_followed() {
    let evaluation = sh("for i in $(seq 1 60); do
           if curl -sf -m 2 http://gitea/; then break; fi
           echo \"attempt $i of 60\"
           sleep 10
         done
         echo \"it may be there\"
         for i in $(seq 1 120); do
           if curl -sf -m 3 http://gitea/api; then break; fi
           echo \"attempt $i of 120\"
           sleep 10
           if [ $i -eq 120 ]; then
             echo timeout
             exit 1
           fi
         done
         TOKEN=$(curl -s -m 5 http://gitea/login)
         echo \"${#TOKEN}\"");
    let worst: Vec<_> = evaluation
        .waits
        .iter()
        .map(|wait| seconds(&wait.timing.worst))
        .collect();
    assert_eq!(worst, [Some(720.0), Some(1560.0)]);
    assert_eq!(seconds(&evaluation.end().worst), Some(2280.0));
}

#[test]
fn a_deadline_is_overrun_by_one_round() {
    let evaluation = sh("end=$(( $(date +%s) + 600 ))
         while [ $(date +%s) -lt $end ]; do
           curl -sf -m 3 http://gitea/ && exit 0
           sleep 5
         done
         exit 1");
    let wait = &evaluation.waits[0];
    assert_eq!(wait.timing.worst, Bound::seconds(608));
    assert_eq!(wait.attempts, None);
    assert_eq!(wait.exhausted, Exhaustion::Fails);
    let success = evaluation.success.expect("it may succeed");
    assert_eq!(success.timing.worst, Bound::seconds(603));
}

#[test]
fn bounds_add_and_join_without_overflow() {
    let unknown = Bound::Unknown {
        at_least: Duration::from_secs(5),
        why: "?".into(),
    };
    let unbounded = Bound::unbounded("for ever");
    assert_eq!(seconds(&Bound::seconds(2).plus(&Bound::seconds(3))), Some(5.0));
    assert_eq!(
        Bound::Finite(Duration::MAX).plus(&Bound::seconds(1)),
        Bound::Finite(Duration::MAX)
    );
    assert_eq!(Bound::seconds(2).times(0), Bound::ZERO);
    assert!(Bound::seconds(u64::MAX).times(u64::MAX).at_least() >= Duration::from_secs(u64::MAX));
    assert_eq!(
        unknown.plus(&Bound::seconds(2)).at_least(),
        Duration::from_secs(7)
    );
    assert_eq!(unknown.plus(&unbounded), unbounded);
    assert_eq!(Bound::seconds(60).shorter(&unbounded), Bound::seconds(60));
    assert_eq!(Bound::seconds(4).shorter(&unknown), Bound::seconds(4));
    assert_eq!(unknown.cut(Duration::from_secs(60)), Bound::seconds(60));
    assert_eq!(
        unknown.longer(&Bound::seconds(9)).at_least(),
        Duration::from_secs(9)
    );
    assert!(unknown.exceeds(Duration::from_secs(4)));
    assert!(!unknown.exceeds(Duration::from_secs(5)));
    assert!(unbounded.exceeds(Duration::MAX - Duration::from_secs(1)));
}

#[test]
fn a_wait_of_the_agent_has_one_budget_for_everything() {
    let rows = [
        (
            "writeway-agent wait https://api tcp://db:5432 --budget 90s",
            Some(90.0),
            Some(90.0),
        ),
        (
            "/writeway-agent wait https://api --budget=1m30s -q",
            Some(90.0),
            Some(90.0),
        ),
        (
            "writeway-agent wait https://api --budget \"$(cat /budget)\"",
            None,
            None,
        ),
        (
            "writeway-agent wait https://$(cat /host) --budget 5s",
            Some(5.0),
            Some(5.0),
        ),
        ("writeway-agent wait https://api --newer 5s", None, None),
        (
            "writeway-agent own 1:1 /data --timeout 2m",
            Some(120.0),
            Some(120.0),
        ),
        ("writeway-agent sleep 1.5s", Some(1.5), None),
        ("writeway-agent sleep 5", None, Some(0.0)),
        ("writeway-agent wait https://api --budget 60", None, Some(0.0)),
        ("writeway-agent mkdir /v/d", Some(0.0), Some(0.0)),
    ];
    for (line, success, failure) in rows {
        let evaluation = sh(line);
        let end =
            |end: &Option<writeway_clock::Outcome>| end.as_ref().and_then(|end| seconds(&end.timing.worst));
        assert_eq!(
            (end(&evaluation.success), end(&evaluation.failure)),
            (success, failure),
            "{line}"
        );
    }
    let waits = sh("writeway-agent wait https://api --budget 90s || exit 1").waits;
    assert_eq!(waits.len(), 1);
}
