// SPDX-License-Identifier: Apache-2.0
//! # WW502 wait-loop-falls-through
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds loops that wait for something a limited number of times, or until a deadline, and after the last attempt go on as
//! if it had come.
//!
//! The script is followed in every way it may go. A loop is reported when what it does after its last attempt is what it
//! does after a success, step by step. It is not when the script tells the two apart (a flag or the counter is tested
//! behind the loop, the status of a function is used, also by `|| true`), when it asks the same again and fails, when
//! `set -e` ends it, or when a comment or message at the loop says that going on is meant ("best effort", "not fatal",
//! "anyway"). A loop is a wait when it sleeps and can be left early. Confidence is medium when the next step may still
//! fail by itself, high when the script ends with status 0.
//!
//! ## Why is this bad
//!
//! The wait is there because the next step needs what it waits for. Without it that step fails with an error that hides
//! the cause, or does half of its work: it registers at a server that does not answer, migrates a database that is not
//! there, stores an empty answer. A Job whose script ends with status 0 counts as done, and is not tried again.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: wait-for-db
//!     image: docker.io/library/postgres:17
//!     command:
//!       - sh
//!       - -c
//!       - |
//!         for i in $(seq 1 30); do
//!           pg_isready -h db && break
//!           sleep 2
//!         done
//! ```
//!
//! ## Use instead
//!
//! Leave the loop by `exit 0`, and fail behind it:
//!
//! ```yaml
//! initContainers:
//!   - name: wait-for-db
//!     image: docker.io/library/postgres:17
//!     command:
//!       - sh
//!       - -c
//!       - |
//!         for i in $(seq 1 30); do
//!           pg_isready -h db && exit 0
//!           sleep 2
//!         done
//!         echo "no database after 30 attempts" >&2
//!         exit 1
//! ```
//!
//! Where more follows, set a flag before `break` and test it behind the loop. An init container that fails is tried again
//! by kubelet, with growing pauses.
//!
//! ## References
//!
//! - POSIX.1-2024, XCU 2.9.4 "Compound Commands": the status of a loop is that of the last command in it
//! - Kubernetes: "Init Containers", "Jobs": what a failure leads to

use writeway_access::ContainerScript;
use writeway_clock::{Evaluation, Exhaustion, Wait, WaitKind, evaluate_container};
use writeway_manifest::{Container, Which};
use writeway_shell::Span;

use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww502_wait_loop_falls_through.rs"), run);

/// What people write where going on is meant.
const MEANT: &[&str] = &[
    "anyway",
    "best effort",
    "best-effort",
    "continue without",
    "continuing without",
    "do not fail",
    "don't fail",
    "even if",
    "ignore",
    "non-fatal",
    "nonfatal",
    "not fatal",
    "not ready yet, continuing",
    "optional",
    "proceed without",
    "proceeding without",
    "regardless",
    "will retry",
];

/// Lines before and behind a loop in which such words count.
const NEAR: usize = 3;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::All);
    containers
        .filter(|container| mentions_sleep(context, container))
        .filter_map(|container| {
            let inventory = context.access.inventory;
            let (evaluation, script) = evaluate_container(inventory, context.workload, container)?;
            Some(judge(context, container, &evaluation, &script?))
        })
        .flatten()
        .collect()
}

/// Whether a command of the container sleeps. Without one there is no wait to evaluate.
fn mentions_sleep(context: &RuleContext<'_>, container: &Container) -> bool {
    let mut commands = context.commands(container).iter();
    commands.any(|command| command.name == "sleep")
}

fn judge(
    context: &RuleContext<'_>,
    container: &Container,
    evaluation: &Evaluation,
    script: &ContainerScript<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for wait in &evaluation.waits {
        let (Some(span), Exhaustion::FallsThrough { next }) = (wait.span, &wait.exhausted) else {
            continue;
        };
        if wait.kind != WaitKind::Loop || !sleeps(wait) || is_meant(&script.script.text, span) {
            continue;
        }
        let place = |span| script.script.place_of(context.access.inventory, span);
        let goes_on = match next {
            Some(_) => "goes on as if it had succeeded",
            None => "ends with status 0",
        };
        let message = format!(
            "container `{}` waits for {}, and {goes_on} when that has not come",
            container.name.value,
            waited_for(wait)
        );
        let object = &context.workload.object;
        let mut finding = Finding::about(
            &RULE,
            Some(object),
            message,
            place(span),
            "goes on after the last attempt",
        )
        .in_container(&container.name)
        .with_confidence(if next.is_some() {
            Confidence::Medium
        } else {
            Confidence::High
        })
        .because(steps(wait))
        .with_help("test behind the loop whether it succeeded, and `exit 1` if not");
        if let Some(next) = next {
            finding = finding.related(place(*next), "is reached without what the loop waits for");
        }
        findings.push(finding);
    }
    findings
}

fn sleeps(wait: &Wait) -> bool {
    let mut steps = wait.worst_steps.groups.iter().flat_map(|group| &group.steps);
    wait.interval.is_some() || steps.any(|step| step.what == "sleep")
}

/// What a wait looks for, in words.
fn waited_for(wait: &Wait) -> String {
    match wait.probes.as_slice() {
        [] => "something".to_owned(),
        probes => {
            let quoted: Vec<String> = probes.iter().map(|probe| format!("`{probe}`")).collect();
            format!("{} to succeed", quoted.join(" and "))
        }
    }
}

fn steps(wait: &Wait) -> Vec<String> {
    let mut steps = Vec::new();
    if let Some(attempts) = wait.attempts {
        steps.push(format!("the loop makes {attempts} attempts at most"));
    }
    if wait.timing.worst.finite().is_some() {
        steps.push(format!("it takes up to {}", wait.worst_steps));
    }
    steps.push("after the last attempt the script does what it does after a success".to_owned());
    steps
}

/// Whether the text at the loop says that going on is meant.
fn is_meant(script: &str, span: Span) -> bool {
    let before = script.get(..span.start).unwrap_or_default();
    let behind = script.get(span.end..).unwrap_or_default();
    let first = before.lines().rev().take(NEAR + 1);
    let inside = script.get(span.start..span.end).unwrap_or_default().lines();
    let last = behind.lines().take(NEAR + 1);
    let says = |line: &str| {
        let line = line.to_lowercase();
        let speaks =
            line.contains('#') || line.contains("echo") || line.contains("printf") || line.contains("log");
        speaks && MEANT.iter().any(|words| line.contains(words))
    };
    first.chain(inside).chain(last).any(says)
}
