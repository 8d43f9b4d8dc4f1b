// SPDX-License-Identifier: Apache-2.0
//! WW502: wait loops behind which a script goes on in any case.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::only;
use writeway_check::Confidence;

#[test]
fn the_message_says_what_comes_after_the_last_attempt() {
    let rows = [
        (
            "bad",
            "container `wait` waits for `pg_isready` to succeed, and ends with status 0 when that has not come",
            Confidence::High,
            None,
        ),
        (
            "bad-goes-on",
            "container `run` waits for `curl` to succeed, and goes on as if it had succeeded when that has not come",
            Confidence::Medium,
            Some("curl -sf --max-time 30 -X POST http://api:8080/v1/seed -d @/seed/data.json"),
        ),
        (
            "bad-deadline",
            "container `run` waits for `nc` to succeed, and goes on as if it had succeeded when that has not come",
            Confidence::Medium,
            Some("exec /app/index --all"),
        ),
        (
            "bad-set-e-does-not-help",
            "container `run` waits for `psql` to succeed, and goes on as if it had succeeded when that has not come",
            Confidence::Medium,
            Some("psql -h db -U postgres -f /sql/grants.sql"),
        ),
    ];
    for (name, message, confidence, next) in rows {
        let (case, finding) = only("WW502", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(finding.confidence, confidence, "{name}");
        let related = finding.related.first().map(|location| case.text(location));
        assert_eq!(related, next, "{name}");
    }
}

#[test]
fn the_arithmetic_stands_in_the_steps() {
    let rows = [
        (
            "bad",
            [
                "the loop makes 30 attempts at most",
                "it takes up to 30 × (3 s pg_isready + 2 s sleep) = 150 s",
            ],
        ),
        (
            "bad-goes-on",
            [
                "the loop makes 60 attempts at most",
                "it takes up to 60 × (2 s curl + 5 s sleep) = 420 s",
            ],
        ),
    ];
    for (name, steps) in rows {
        let (_, finding) = only("WW502", name);
        assert_eq!(finding.why[..2], steps, "{name}");
    }
}

#[test]
fn a_function_is_one_finding_however_often_it_is_called() {
    let (case, finding) = only("WW502", "bad-function-without-status");
    assert!(case.text(&finding.primary).starts_with("for attempt in"));
}
