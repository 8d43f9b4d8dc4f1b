// SPDX-License-Identifier: Apache-2.0
//! WW501, WW503 and WW511: waits against what is around them, with the arithmetic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::time::Duration;

use common::{Case, found, only, pair};
use writeway_check::{Confidence, Finding, Settings, Severity};
use writeway_clock::Assumptions;

const HIGH: Confidence = Confidence::High;
const MEDIUM: Confidence = Confidence::Medium;
const LOW: Confidence = Confidence::Low;

/// What a rule finds in one of its fixtures when that is configured.
fn with_clock(code: &str, name: &str, clock: Assumptions) -> Vec<Finding> {
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let mut findings = Case::fixture(code, name).findings_with(&settings);
    findings.retain(|finding| finding.rule.code == code);
    findings
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The author counted 168 pauses of 5 s: 840 s, and 60 s to spare. With up to 3 s for each look it is 1344 s.
#[test]
fn h4_1_a_wait_of_840_s_that_takes_1344_s_does_not_fit_into_900_s() {
    let (case, finding) = only("WW501", "bad");
    assert_eq!(
        finding.message,
        "container `wait` may wait 168 × (3 s curl + 5 s sleep) = 1344 s, but Helm waits 900 s for the hook"
    );
    assert_eq!((finding.severity, finding.confidence), (Severity::Warning, HIGH));
    // The loop is the place, the timeout of the HelmRelease explains it.
    assert_eq!(case.text(&finding.primary), "for i in $(seq 1 168); do");
    assert_eq!(finding.primary.label, "waits up to 1344 s");
    assert_eq!(case.related(&finding), [pair("Helm waits 900 s", "15m")]);
    assert_eq!(
        finding.why,
        [
            "the wait of container `wait`: 168 × (3 s curl + 5 s sleep) = 1344 s",
            "scheduling and the pull of an image may take 70 s, as `[clock]` allows",
            "the first attempt ends after 1414 s at worst",
            "HelmRelease `catalyst` gives Helm 900 s for each wait of its install",
        ]
    );
}

/// Scheduling, image pulls and restarts count, too.
#[test]
fn h4_1_what_is_around_the_wait_counts_too() {
    // 840 s of waiting fit, with 10 s for scheduling and 60 s for the image they do not.
    let (_, finding) = only("WW501", "bad-image-pull");
    assert_eq!(
        finding.message,
        "container `wait` may take 910 s until it ends, but Helm waits 900 s for the hook"
    );
    assert_eq!(
        finding.confidence, MEDIUM,
        "it is due to what is only allowed for"
    );
    let no_pull = Assumptions {
        image_pull: Duration::from_secs(20),
        ..Assumptions::default()
    };
    assert_eq!(with_clock("WW501", "bad-image-pull", no_pull), []);

    // One attempt of 550 s fits, eight of them do not.
    let (_, finding) = only("WW503", "bad");
    assert!(
        finding.message.contains("4820 s in all, but Helm waits 900 s"),
        "{}",
        finding.message
    );
    assert_eq!(Case::fixture("WW503", "bad").of("WW501"), []);
}

#[test]
fn ww501_the_smallest_limit_that_is_exceeded_is_named() {
    // Fixture, container, what it does, what ends it, what is marked, confidence.
    let rows = [
        (
            "bad-cronjob-init",
            "wait-for-db",
            "100 × (5 s nc + 5 s sleep) = 1000 s",
            "its Job is ended after 600 s",
            "600",
            HIGH,
        ),
        (
            "bad-deadline",
            "migrate",
            "60 × 2 s nc + 59 × 8 s sleep = 592 s",
            "its Job is ended after 300 s",
            "300",
            HIGH,
        ),
        (
            "bad-install-timeout",
            "wait",
            "100 × (1 s nc + 3 s sleep) = 400 s",
            "Helm waits 300 s for the hook",
            "5m",
            HIGH,
        ),
    ];
    for (name, container, sum, clause, marked, confidence) in rows {
        let (case, finding) = only("WW501", name);
        assert_eq!(
            finding.message,
            format!("container `{container}` may wait {sum}, but {clause}")
        );
        assert_eq!(case.text(&finding.related[0]), marked, "{name}");
        assert_eq!(finding.confidence, confidence, "{name}");
        assert_eq!(finding.subject.container.as_deref(), Some(container));
    }
}

#[test]
fn ww501_helms_own_default_is_a_hint_and_a_configured_timeout_is_not() {
    let (_, finding) = only("WW501", "bad-helm-default");
    assert_eq!(finding.confidence, LOW);
    assert!(
        finding.message.ends_with("but Helm waits 300 s for the hook"),
        "{}",
        finding.message
    );
    let configured = |helm_timeout, release_timeout| Assumptions {
        helm_timeout,
        release_timeout,
        ..Assumptions::default()
    };
    let ten = with_clock("WW501", "bad-helm-default", configured(Some(minutes(10)), None));
    assert_eq!(ten[0].confidence, HIGH);
    assert!(ten[0].message.ends_with("but Helm waits 600 s for the hook"));
    let twenty = with_clock("WW501", "bad-helm-default", configured(Some(minutes(20)), None));
    assert_eq!(twenty, []);
    let budget = with_clock(
        "WW501",
        "bad-helm-default",
        configured(Some(minutes(20)), Some(minutes(12))),
    );
    assert!(
        budget[0].message.ends_with("but a release may take 720 s"),
        "{}",
        budget[0].message
    );
}

#[test]
fn ww501_pauses_are_counted_where_looks_may_hang_and_an_endless_wait_is_not_said_to_take_no_time() {
    for (name, message) in [
        (
            "bad-looks-may-hang",
            "container `wait` may wait 60 × 10 s sleep = 600 s and more, but Helm waits 300 s for the hook",
        ),
        (
            "bad-deadline-ends-endless-wait",
            "container `wait` may take 600 s until it ends, but Helm waits 300 s for the hook",
        ),
    ] {
        let (_, finding) = only("WW501", name);
        assert_eq!(finding.message, message);
        assert_eq!(finding.confidence, LOW, "{name}");
    }
}

#[test]
fn ww501_a_wait_without_limit_is_worth_knowing_and_one_that_never_fits_is_an_error() {
    let (_, finding) = only("WW501", "bad-unbounded");
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.help.unwrap().contains("`activeDeadlineSeconds`"));

    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: settle}\nspec:\n  activeDeadlineSeconds: 60\n  \
               backoffLimit: 0\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: \
               settle\n          image: busybox:1.37.0\n          command: [sh, -c, 'sleep 90']\n";
    let findings = Case::new(job, "").of("WW501");
    assert_eq!(findings[0].severity, Severity::Error);
    assert!(
        findings[0]
            .message
            .starts_with("container `settle` takes 90 s at best and 160 s at worst, "),
        "{}",
        findings[0].message
    );
}

#[test]
fn ww501_a_hook_that_names_no_release_is_less_sure() {
    let manifest = std::fs::read_to_string(common::fixtures().join("WW501/bad.yaml")).unwrap();
    let unnamed = manifest.replace("  labels: {app.kubernetes.io/instance: catalyst}\n", "");
    assert_ne!(manifest, unnamed);
    let findings = Case::new(&unnamed, "").of("WW501");
    assert_eq!(findings[0].confidence, MEDIUM);
}

#[test]
fn a_command_that_may_hang_hides_no_wait_and_is_none() {
    let (_, finding) = only("WW501", "bad-with-a-command-that-may-hang");
    assert!(
        finding
            .message
            .contains("may wait 168 × (3 s curl + 5 s sleep) = 1344 s, but Helm waits 900 s"),
        "{}",
        finding.message
    );
    assert!(
        finding.why[2].starts_with(
            "the first attempt takes 1414 s at worst, not counting what is not known: `kubectl`"
        ),
        "{:?}",
        finding.why
    );
    let (_, finding) = only("WW503", "bad-with-a-command-that-may-hang");
    assert!(
        finding
            .message
            .contains("4 attempts of container `wait` waits up to 720 s anew: 2950 s and more in all"),
        "{}",
        finding.message
    );
}

#[test]
fn ww503_pauses_are_counted_where_looks_may_hang() {
    let (_, finding) = only("WW503", "bad-looks-may-hang");
    assert_eq!(
        finding.message,
        // 5 × 290 s, and 10 s, 20 s, 40 s and 80 s until the next pod.
        "each of 5 attempts of container `wait` waits 290 s and more anew: 1600 s and more in all, and nothing ends it \
         earlier"
    );
}

#[test]
fn ww503_attempts_are_counted_as_kubernetes_counts_them() {
    // Fixture; message; what says so, and what is marked there.
    let rows = [
        (
            "bad",
            "each of 8 attempts of container `wait` waits up to 480 s anew: 4820 s in all, but Helm waits 900 s for the hook",
            "550 s for the first with scheduling and image pulls + 7 × 480 s, 910 s of pauses between them: 4820 s",
            "8",
        ),
        (
            "bad-never",
            "each of 4 attempts of container `wait` waits up to 420 s anew: 2030 s in all, but Helm waits 900 s for the hook",
            "490 s for the first with scheduling and image pulls + 3 × 490 s, 70 s of pauses between them: 2030 s",
            "3",
        ),
        (
            "bad-default-backoff-limit",
            "each of 6 attempts of container `migrate` waits up to 415 s anew: 2870 s in all, and nothing ends it earlier",
            "485 s for the first with scheduling and image pulls + 5 × 415 s, 310 s of pauses between them: 2870 s",
            "OnFailure",
        ),
    ];
    for (name, message, sum, marked) in rows {
        let (case, finding) = only("WW503", name);
        assert_eq!(finding.message, message);
        assert_eq!(finding.why[2], sum, "{name}");
        assert_eq!(case.text(&finding.primary), marked, "{name}");
        let limited = message.contains("Helm");
        assert_eq!(finding.severity == Severity::Warning, limited, "{name}");
    }
}

#[test]
fn ww503_a_deadline_is_the_cure_unless_helm_gives_up_before() {
    assert_eq!(found("WW503", "good-deadline").1, []);
    let (_, finding) = only("WW503", "bad-deadline-longer-than-helm");
    assert!(
        finding.message.ends_with("but Helm waits 900 s for the hook"),
        "{}",
        finding.message
    );
}

#[test]
fn ww511_the_sum_of_the_waits_is_told_at_the_timeout() {
    // Fixture; message; what is marked; the steps.
    let rows: [(&str, &str, &str, &[&str]); 4] = [
        (
            "bad",
            "an install or upgrade may take 1470 s: the timeout of 900 s counts for each of 3 waits anew",
            "15m",
            &[
                "pre-install -5, Job `wait-for-db`: up to 490 s",
                "pre-install 0, Job `wait-for-queue`: up to 490 s",
                "post-install 0, Job `wait-for-search`: up to 490 s",
            ],
        ),
        (
            "bad-rest-of-the-release",
            "an install or upgrade may take 990 s: the timeout of 900 s counts for each of 2 waits anew",
            "15m",
            &[
                "pre-install 0, Job `wait-for-db`: up to 910 s, ended by Helm after 900 s",
                "what is no hook, all of it together: 90 s at least in the worst case",
            ],
        ),
        (
            "bad-cut",
            "an install may take 1200 s: the timeout of 600 s counts for each of 2 waits anew",
            "10m",
            &[
                "pre-install 0, Job `wait-for-db`: without limit, ended by Helm after 600 s",
                "post-install 0, Job `wait-for-queue`: without limit, ended by Helm after 600 s",
            ],
        ),
        (
            "bad-deadlines",
            "an install may take 480 s: the timeout of 300 s counts for each of 2 waits anew",
            "shop",
            &[
                "pre-install 0, Job `wait-for-db`: up to 240 s",
                "pre-install 1, Job `wait-for-queue`: up to 240 s",
            ],
        ),
    ];
    for (name, message, marked, why) in rows {
        let (case, finding) = only("WW511", name);
        assert_eq!(finding.message, message);
        assert_eq!(case.text(&finding.primary), marked, "{name}");
        assert_eq!(finding.why, why, "{name}");
        assert_eq!(finding.severity, Severity::Info);
    }
}

#[test]
fn ww511_a_configured_budget_takes_the_place_of_the_timeout() {
    let budget = |release_timeout| Assumptions {
        release_timeout: Some(release_timeout),
        ..Assumptions::default()
    };
    assert_eq!(with_clock("WW511", "bad", budget(minutes(30))), []);
    let findings = with_clock("WW511", "good", budget(minutes(5)));
    assert_eq!(
        findings[0].message,
        "an install may take 560 s: `release-timeout` is 300 s"
    );
    let configured = Assumptions {
        helm_timeout: Some(minutes(10)),
        ..Assumptions::default()
    };
    let findings = with_clock("WW511", "good-no-release", configured);
    assert_eq!(findings[0].subject.object.as_ref().unwrap().name, "wait-for-db");
}
