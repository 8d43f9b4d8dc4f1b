// SPDX-License-Identifier: Apache-2.0
//! Jobs with their attempts, pods with what they wait for before they run.

use writeway_clock::{Assumptions, Bound, JobClock, Retries, job_clock};
use writeway_manifest::Inventory;

use crate::{evaluate, inventory, seconds};

/// A Job with that in its spec and with these containers in its pod.
fn job(spec: &str, pod: &str) -> Inventory {
    inventory(&format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: job}}\nspec:\n  template: {{spec: {{{pod}}}}}\n{spec}"
    ))
}

/// Its clock with 10 s for scheduling and 60 s for each image.
fn clock(inventory: &Inventory) -> JobClock<'_> {
    let workload = &inventory.workloads()[0];
    job_clock(workload, &Assumptions::default(), &|_, container| {
        evaluate(container)
    })
    .unwrap()
}

fn one(policy: &str, container: &str) -> String {
    format!("restartPolicy: {policy}, containers: [{{name: {container}, image: a}}]")
}

#[test]
fn each_attempt_has_all_its_time_again() {
    // Spec, policy, container; attempts; all of them; until the Job has ended.
    let rows: &[(&str, &str, &str, u32, u64, u64)] = &[
        ("backoffLimit: 0", "Never", "wait-100", 1, 170, 170),
        // Every pod is scheduled and pulls anew; 10 s and 20 s between them.
        ("backoffLimit: 2", "Never", "wait-100", 3, 3 * 170 + 30, 540),
        ("", "Never", "wait-100", 7, 7 * 170 + 630, 1820),
        (
            "backoffLimit: 2\n  activeDeadlineSeconds: 300",
            "Never",
            "wait-100",
            3,
            540,
            300,
        ),
        // One pod: it is scheduled once. The first restart is at once, the others after 10 s, 20 s, …
        ("backoffLimit: 0", "OnFailure", "wait-100", 1, 170, 170),
        ("backoffLimit: 1", "OnFailure", "wait-100", 1, 170, 170),
        ("backoffLimit: 2", "OnFailure", "wait-100", 2, 70 + 200 + 10, 280),
        (
            "backoffLimit: 8",
            "OnFailure",
            "wait-300",
            8,
            70 + 2400 + 910,
            3380,
        ),
        // Behind a run of more than 10 minutes there is no pause.
        (
            "backoffLimit: 8",
            "OnFailure",
            "wait-1344",
            8,
            70 + 8 * 1344,
            10_822,
        ),
        // What does not fail is not tried again.
        ("", "OnFailure", "run-100", 1, 170, 170),
    ];
    for (spec, policy, container, attempts, all, end) in rows {
        let inventory = job(&format!("  {spec}\n"), &one(policy, container));
        let clock = clock(&inventory);
        assert_eq!(
            (clock.retries.attempts(), clock.attempts.worst, clock.end.worst),
            (Some(*attempts), Bound::seconds(*all), Bound::seconds(*end)),
            "{spec} {policy} {container}"
        );
    }
}

#[test]
fn the_best_case_needs_no_second_attempt_and_no_pull() {
    let waits = job("", &one("Never", "wait-100"));
    assert_eq!(clock(&waits).end.best, Bound::ZERO);
    let runs = job("", &one("Never", "run-100"));
    assert_eq!(clock(&runs).end.best, Bound::seconds(100));
}

#[test]
fn what_else_decides_about_attempts_makes_them_unknown_and_the_first_one_certain() {
    let policy = "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]}";
    for spec in [
        policy,
        "completions: 3",
        "parallelism: 2",
        "completionMode: Indexed\n  backoffLimitPerIndex: 1\n  completions: 1",
    ] {
        let inventory = job(&format!("  {spec}\n"), &one("Never", "wait-100"));
        let clock = clock(&inventory);
        assert!(matches!(clock.retries, Retries::Unknown(_)), "{spec}");
        assert!(clock.end.worst.finite().is_none(), "{spec}");
        assert_eq!(clock.end.worst.at_least(), seconds(170), "{spec}");
    }
}

#[test]
fn a_suspended_job_takes_as_long_as_people_want() {
    let inventory = job("  suspend: true\n", &one("Never", "run-100"));
    assert!(clock(&inventory).end.worst.finite().is_none());
}

#[test]
fn init_containers_come_one_after_the_other_and_main_containers_side_by_side() {
    // Pod; until the first attempt has ended at worst.
    let rows = [
        // 10 + 60 for one image, however many containers have it.
        (
            "initContainers: [{name: wait-20, image: a}, {name: wait-30, image: a}], containers: [{name: run-5, image: a}]",
            70 + 20 + 30 + 5,
        ),
        // 10 + 60 + 60.
        (
            "initContainers: [{name: wait-20, image: a}], containers: [{name: run-5, image: b}]",
            130 + 20 + 5,
        ),
        (
            "containers: [{name: run-5, image: a}, {name: run-50, image: b}]",
            130 + 50,
        ),
        // A sidecar only has to be started.
        (
            "initContainers: [{name: serve, image: a, restartPolicy: Always}], containers: [{name: run-5, image: a}]",
            70 + 5,
        ),
    ];
    for (pod, expected) in rows {
        let inventory = job("  backoffLimit: 0\n", &format!("restartPolicy: Never, {pod}"));
        assert_eq!(clock(&inventory).attempt.worst, Bound::seconds(expected), "{pod}");
    }
}

#[test]
fn a_container_that_never_ends_keeps_its_job_from_ending_unless_there_is_a_deadline() {
    let pod = "restartPolicy: Never, containers: [{name: serve, image: a}]";
    let endless = job("", pod);
    assert!(matches!(clock(&endless).end.worst, Bound::Unbounded(_)));
    let ended = job("  activeDeadlineSeconds: 300\n", pod);
    assert_eq!(clock(&ended).end.worst, Bound::seconds(300));
    let pod_deadline = job(
        "  backoffLimit: 0\n",
        &format!("activeDeadlineSeconds: 300, {pod}"),
    );
    assert_eq!(
        clock(&pod_deadline).end.worst,
        Bound::seconds(310),
        "behind the scheduling"
    );
}

#[test]
fn what_a_program_takes_is_not_known_but_what_comes_before_it_is() {
    let inventory = job("  backoffLimit: 0\n", &one("Never", "migrate"));
    let worst = clock(&inventory).end.worst;
    assert_eq!(worst.finite(), None);
    assert_eq!(worst.at_least(), seconds(70));
}

#[test]
fn the_rows_say_what_the_time_is_made_of() {
    let inventory = job(
        "  backoffLimit: 2\n  activeDeadlineSeconds: 600\n",
        &one("OnFailure", "wait-100"),
    );
    let clock = clock(&inventory);
    let rows: Vec<_> = clock
        .rows()
        .into_iter()
        .map(|row| {
            (
                row.what,
                row.timing
                    .map(|timing| timing.worst.to_string())
                    .unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("scheduling", "10 s"),
        ("pull of a", "60 s"),
        ("container `wait-100`", "100 s"),
        ("1 more attempt", "110 s"),
        ("activeDeadlineSeconds", ""),
    ];
    let expected = expected.map(|(what, worst)| (what.to_owned(), worst.to_owned()));
    assert_eq!(rows, expected);
}
