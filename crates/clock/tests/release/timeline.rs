// SPDX-License-Identifier: Apache-2.0
//! The steps of a release and their sum.

use writeway_clock::{Action, Assumptions, Bound, Clocks};
use writeway_manifest::Inventory;

use crate::{evaluate, inventory};

fn clocks(inventory: &Inventory) -> Clocks<'_> {
    Clocks::new(inventory, &Assumptions::default(), &|_, container| {
        evaluate(container)
    })
}

const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: a, namespace: apps}
spec: {interval: 1m, timeout: 15m}
";

fn hook(name: &str, events: &str, container: &str) -> String {
    format!(
        "---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n  annotations: {{helm.sh/hook: '{events}'}}\n\
         spec:\n  backoffLimit: 0\n  template: {{spec: {{restartPolicy: Never, containers: [{{name: {container}, image: \
         a}}]}}}}\n"
    )
}

fn deployment(labels: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app, labels: {{{labels}}}}}\nspec:\n  selector: \
         {{matchLabels: {{app: a}}}}\n  template:\n    metadata: {{labels: {{app: a}}}}\n    spec:\n      containers:\n        \
         - name: serve\n          image: a\n          startupProbe: {{initialDelaySeconds: 5, periodSeconds: 10, \
         failureThreshold: 30, exec: {{command: [ok]}}}}\n          readinessProbe: {{initialDelaySeconds: 20, exec: \
         {{command: [ok]}}}}\n"
    )
}

/// What Helm waits for in an action: the name of the first object of each step, its worst case as Helm ends it.
fn steps(clocks: &Clocks<'_>, action: Action) -> Vec<(String, String)> {
    let actions = clocks.releases.iter().flat_map(|release| &release.actions);
    let found = actions.filter(|clock| clock.action == action);
    let steps = found.flat_map(|clock| &clock.steps);
    steps
        .map(|step| (step.parts[0].object.name.clone(), step.end.worst.to_string()))
        .collect()
}

fn rows(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, worst): &(&str, &str)| ((*name).to_owned(), (*worst).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn an_action_is_its_hooks_before_everything_that_is_no_hook_and_its_hooks_after() {
    let text = [
        RELEASE.to_owned(),
        hook("after", "post-install,post-upgrade", "wait-30"),
        hook("before", "pre-install", "wait-1000"),
        hook("removal", "pre-delete", "run-5"),
        deployment("app.kubernetes.io/instance: a"),
    ];
    let inventory = inventory(&text.concat());
    let clocks = clocks(&inventory);
    assert_eq!(
        steps(&clocks, Action::Install),
        rows(&[("before", "900 s"), ("app", "900 s"), ("after", "100 s")]),
        "what may take longer is ended by Helm"
    );
    assert_eq!(
        steps(&clocks, Action::Upgrade),
        rows(&[("app", "900 s"), ("after", "100 s")])
    );
    assert_eq!(steps(&clocks, Action::Uninstall), rows(&[("removal", "75 s")]));
    assert_eq!(steps(&clocks, Action::Rollback), []);
    let install = &clocks.releases[0].actions[0];
    assert_eq!(install.end.worst, Bound::seconds(1900));
    assert_eq!(clocks.jobs, []);
}

#[test]
fn a_pod_is_ready_at_the_earliest_when_its_probes_may_begin() {
    let text = format!("{RELEASE}{}", deployment("app.kubernetes.io/instance: a"));
    let inventory = inventory(&text);
    let clocks = clocks(&inventory);
    let part = &clocks.releases[0].actions[0].steps[0].parts[0];
    let timing = part.clock.timing();
    assert_eq!(timing.best, Bound::seconds(20));
    assert_eq!(timing.worst.at_least().as_secs(), 10 + 60 + 20);
    assert_eq!(timing.worst.finite(), None, "its program decides");
    let probes = part
        .clock
        .rows()
        .into_iter()
        .find_map(|row| row.why.filter(|why| why.contains("anew")));
    assert_eq!(
        probes.as_deref(),
        Some("started anew after 305 s = 5 s + 30 × 10 s")
    );
}

#[test]
fn helm_does_not_wait_for_hooks_that_are_no_jobs_and_no_pods() {
    let secret =
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {helm.sh/hook: pre-install}}\n";
    let deployment = deployment("").replace("labels: {}", "annotations: {helm.sh/hook: pre-install}");
    let inventory = inventory(&format!("{RELEASE}{secret}{deployment}"));
    let clocks = clocks(&inventory);
    assert_eq!(
        steps(&clocks, Action::Install),
        rows(&[("s", "0 s"), ("app", "0 s")])
    );
}

#[test]
fn jobs_of_no_release_have_clocks_of_their_own() {
    let job = hook("plain", "", "wait-30").replace("  annotations: {helm.sh/hook: ''}\n", "");
    let inventory = inventory(&format!("{job}{}", deployment("")));
    let clocks = clocks(&inventory);
    assert_eq!(clocks.releases, []);
    let names: Vec<_> = clocks
        .jobs
        .iter()
        .map(|(workload, _)| workload.object.name.as_str())
        .collect();
    assert_eq!(names, ["plain"]);
    assert_eq!(clocks.jobs[0].1.end.worst, Bound::seconds(100));
}

#[test]
fn an_upgrade_with_the_same_steps_is_like_the_install() {
    let same = inventory(&format!(
        "{RELEASE}{}",
        hook("h", "pre-install,pre-upgrade", "wait-30")
    ));
    let clocks_of_same = clocks(&same);
    let actions = &clocks_of_same.releases[0].actions;
    assert!(actions[0].is_like(&actions[1]));
    let other = inventory(&format!(
        "{RELEASE}{}",
        hook("h", "pre-install,post-upgrade", "wait-30")
    ));
    let clocks_of_other = clocks(&other);
    let actions = &clocks_of_other.releases[0].actions;
    assert!(
        !actions[0].is_like(&actions[1]),
        "the hook is before the rest here, behind it there"
    );
}
