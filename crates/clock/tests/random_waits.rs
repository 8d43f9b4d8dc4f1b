// SPDX-License-Identifier: Apache-2.0
//! Random small wait scripts, run in every way they may go: the prediction is exactly the fastest and the slowest run.
//!
//! The commands that take time are functions of the shell here, so that a run is one process. A way is the list of the
//! answers that the script gets; every list up to some length is tried.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use writeway_clock::{Bound, Environment, Outcome, evaluate};

/// Scripts that are tried.
const SCRIPTS: u32 = 100;
/// Answers of one run that are varied; a script that asks more often is left out.
const ANSWERS: usize = 7;

/// Questions take 2 s at most, and are answered by the digits of `answers`: 0 for yes. The clock is in `clock`.
const COMMANDS: &str = r#"
clock=0
nc() {
  case $answers in
    '') printf 'more\n'; trap - EXIT; exit 99 ;;
  esac
  answer=${answers%"${answers#?}"}
  answers=${answers#?}
  [ "$late" = 1 ] && clock=$((clock + 2))
  return "$answer"
}
sleep() { clock=$((clock + $1)); }
trap 'printf "%s %s\n" "$?" "$clock"' EXIT
"#;

/// A random script with at most two levels of loops.
fn script() -> impl Strategy<Value = String> {
    let look = Just("nc -z -w 2 db 5432".to_owned());
    let leave = prop_oneof![Just("break"), Just("exit 0"), Just("exit 1"), Just("found=1")];
    let pause = (1_u8..4).prop_map(|seconds| format!("sleep {seconds}"));
    let body = (look.clone(), leave, pause.clone(), any::<bool>(), 0_u8..4).prop_map(
        |(look, leave, pause, negated, shape)| match (shape, negated) {
            (0, false) => format!("{look} && {leave}\n{pause}"),
            (0, true) => format!("{look} || {leave}\n{pause}"),
            (1, false) => format!("if {look}; then {leave}; else {pause}; fi"),
            (1, true) => format!("if ! {look}; then {pause}; else {leave}; fi"),
            (2, _) => format!("{pause}\nif {look}; then\n  {leave}\nfi"),
            (_, _) => format!("[ $i -eq 2 ] && continue\n{look} && {leave}\n{pause}"),
        },
    );
    let wait = (body, 1_u8..4, 0_u8..4).prop_map(|(body, times, shape)| match shape {
        0 => format!("for i in $(seq {times}); do\n{body}\ndone"),
        1 => format!("i=0\nwhile [ $i -lt {times} ]; do\ni=$((i + 1))\n{body}\ndone"),
        2 => format!("i=0\nuntil [ $((i += 1)) -gt {times} ]; do\n{body}\ndone"),
        _ => format!("i=0\nwhile i=$((i + 1)); [ $i -le {times} ]; do\n{body}\ndone"),
    });
    let ends = prop_oneof![
        Just("true"),
        Just("exit 1"),
        Just("[ \"$found\" = 1 ]"),
        Just("[ \"$found\" = 1 ] || exit 3"),
        Just("nc -z -w 2 db 5432 || exit 1"),
        Just("if [ $i -ge 2 ]; then exit 1; fi"),
    ];
    let strict = prop_oneof![Just("set -e\n"), Just("")];
    let waits = prop::collection::vec((wait, any::<bool>(), pause), 1..3);
    (strict, waits, ends).prop_map(|(strict, waits, end)| {
        let mut text = format!("{strict}found=0\n");
        for (wait, in_function, pause) in waits {
            if in_function {
                text.push_str(&format!("f() {{\n{wait}\n}}\nf\n{pause}\n"));
            } else {
                text.push_str(&format!("{wait}\n"));
            }
        }
        text.push_str(end);
        text.push('\n');
        text
    })
}

/// The status and the seconds of a run; `None` when it asks more often than there are answers.
fn run(script: &str, answers: &str, late: bool) -> Option<(i32, u64)> {
    let text = format!("answers={answers}\nlate={}\n{COMMANDS}\n{script}", u8::from(late));
    let output = Command::new("/bin/sh")
        .args(["-c", &text])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or_default();
    if last == "more" {
        return None;
    }
    let (status, clock) = last.split_once(' ')?;
    Some((status.parse().unwrap(), clock.parse().unwrap()))
}

/// The fastest and the slowest run to success, and to failure; `None` when a run has too many answers.
type Ends = [Option<(u64, u64)>; 2];

fn all_runs(script: &str) -> Option<Ends> {
    let mut ends: Ends = [None, None];
    let mut open = vec![String::new()];
    while let Some(answers) = open.pop() {
        let runs = [false, true].map(|late| run(script, &answers, late));
        let [Some((status, fast)), Some((_, slow))] = runs else {
            if answers.len() == ANSWERS {
                return None;
            }
            open.extend(["0", "1"].map(|answer| format!("{answers}{answer}")));
            continue;
        };
        let slot = &mut ends[usize::from(status != 0)];
        *slot = Some(slot.map_or((fast, slow), |(least, most)| (least.min(fast), most.max(slow))));
    }
    Some(ends)
}

fn predicted(script: &str) -> Ends {
    let words = ["sh", "-c", script].map(str::to_owned);
    let environment = Environment {
        complete: true,
        ..Environment::default()
    };
    let evaluation = evaluate(&words, &environment, &|_| None);
    let seconds = |bound: &Bound| bound.finite().unwrap_or(Duration::MAX).as_secs();
    let end = |outcome: &Outcome| (seconds(&outcome.timing.best), seconds(&outcome.timing.worst));
    [&evaluation.success, &evaluation.failure].map(|outcome| outcome.as_ref().map(end))
}

#[test]
fn random_scripts_take_exactly_what_is_predicted() {
    let config = Config {
        cases: SCRIPTS,
        max_global_rejects: SCRIPTS * 20,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let telling = Cell::new(0);
    let outcome = runner.run(&script(), |script| {
        let Some(measured) = all_runs(&script) else {
            return Err(TestCaseError::reject("it asks too often"));
        };
        prop_assert_eq!(predicted(&script), measured, "{}", script);
        if let [Some(success), Some(failure)] = measured
            && success.0 < success.1
            && success != failure
        {
            telling.set(telling.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(
        telling.get() >= SCRIPTS / 4,
        "{} scripts say something",
        telling.get()
    );
}
