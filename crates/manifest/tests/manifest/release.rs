// SPDX-License-Identifier: Apache-2.0
//! What bounds a release: Jobs, probes, hooks and the resources that deploy charts.

use std::time::Duration;

use writeway_manifest::{HookEvent, Inventory, Which};

use crate::reading::{only_workload, problems, read, read_pod, slice};

#[test]
fn a_job_and_the_template_of_a_cron_job_say_how_often_and_how_long_they_try() {
    const SPEC: &str = "{backoffLimit: 8, activeDeadlineSeconds: 900, template: {spec: {restartPolicy: OnFailure, containers: []}}}";
    let texts = [
        format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{name: mint}}\nspec: {SPEC}\n"),
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: mint}}\nspec: {{jobTemplate: {{spec: {SPEC}}}}}\n"
        ),
    ];
    for text in texts {
        let inventory = read(&text);
        let workload = only_workload(&inventory);
        let job = workload.job.as_ref().unwrap();
        assert_eq!(job.retries(), Some(8), "{text}");
        let deadline = job.active_deadline_seconds.as_ref().unwrap();
        assert_eq!(
            (deadline.value, slice(&text, deadline.span)),
            (900, "900"),
            "{text}"
        );
        let restart = workload.pod.restart_policy.as_ref().unwrap();
        assert_eq!(restart.value, "OnFailure", "{text}");
    }
}

#[test]
fn a_job_without_a_limit_retries_six_times() {
    let rows = [
        ("", Some(6)),
        ("backoffLimit: 0, ", Some(0)),
        ("backoffLimitPerIndex: 2, ", None),
        ("backoffLimitPerIndex: 2, backoffLimit: 3, ", Some(3)),
    ];
    for (fields, expected) in rows {
        let inventory = read(&format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec: {{{fields}template: {{spec: {{containers: []}}}}}}\n"
        ));
        let job = only_workload(&inventory).job.as_ref().unwrap();
        assert_eq!(job.retries(), expected, "{fields}");
    }
}

#[test]
fn only_jobs_have_a_job_spec() {
    let inventory = read(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: []}}}\n",
    );
    assert_eq!(only_workload(&inventory).job, None);
}

#[test]
fn probes_have_the_defaults_of_kubernetes() {
    let pod = read_pod(
        "containers: [{name: app, readinessProbe: {tcpSocket: {port: 80}}, \
         startupProbe: {httpGet: {port: 80}, periodSeconds: 5, failureThreshold: 60, initialDelaySeconds: 3}}]",
    );
    let probes = &pod.containers(Which::Main).next().unwrap().probes;
    let readiness = probes.readiness.as_ref().unwrap();
    assert_eq!(
        (
            readiness.period(),
            readiness.failures(),
            readiness.initial_delay(),
            readiness.timeout()
        ),
        (Duration::from_secs(10), 3, Duration::ZERO, Duration::from_secs(1))
    );
    let startup = probes.startup.as_ref().unwrap();
    assert_eq!(
        (startup.period(), startup.failures(), startup.initial_delay()),
        (Duration::from_secs(5), 60, Duration::from_secs(3))
    );
    assert_eq!(probes.liveness, None);
}

const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: app, namespace: apps}
spec:
  timeout: 15m
  interval: 1h
  install: {remediation: {retries: 3}}
  upgrade: {timeout: 90s, disableWait: true}
";

#[test]
fn a_helm_release_has_a_timeout_for_each_action() {
    let inventory = read(RELEASE);
    assert_eq!(problems(&inventory), [""; 0]);
    let [release] = inventory.helm_releases() else {
        panic!("{:?}", inventory.helm_releases());
    };
    let (timeout, span) = release.timeout_of(&release.install);
    assert_eq!((timeout.as_secs(), slice(RELEASE, span.unwrap())), (900, "15m"));
    assert_eq!(release.timeout_of(&release.upgrade).0.as_secs(), 90);
    assert_eq!(
        release.install.retries.as_ref().map(|retries| retries.value),
        Some(3)
    );
    assert!(release.upgrade.disable_wait.as_ref().unwrap().value);
}

#[test]
fn a_helm_release_without_a_timeout_has_five_minutes() {
    let inventory =
        read("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\nspec: {}\n");
    let release = &inventory.helm_releases()[0];
    assert_eq!(
        release.timeout_of(&release.install),
        (Duration::from_secs(300), None)
    );
}

#[test]
fn a_timeout_that_is_none_is_a_warning_at_its_place() {
    let inventory = read(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\nspec: {timeout: 15}\n",
    );
    assert_eq!(
        problems(&inventory),
        ["warning 4:17: `spec.timeout` must be a string, not a number; put it in quotes"]
    );
    let inventory = read(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\nspec: {timeout: soon}\n",
    );
    assert_eq!(
        problems(&inventory),
        ["warning 4:17: `spec.timeout` must be a duration, for example 5m30s"]
    );
}

#[test]
fn an_application_has_one_source_or_many() {
    for sources in [
        "source: {repoURL: r, path: a, helm: {releaseName: x}}",
        "sources: [{repoURL: r, path: a, helm: {releaseName: x}}]",
    ] {
        let inventory = read(&format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: app}}\nspec: {{{sources}, syncPolicy: {{automated: {{}}}}}}\n"
        ));
        assert_eq!(problems(&inventory), [""; 0]);
        let application = &inventory.applications()[0];
        let [source] = application.sources.as_slice() else {
            panic!("{:?}", application.sources);
        };
        assert_eq!(source.path.as_ref().map(|path| path.as_str()), Some("a"));
        assert!(source.helm.is_some() && source.chart.is_none() && application.automated.is_some());
    }
}

/// `kind name` of every object.
fn objects(inventory: &Inventory) -> Vec<String> {
    let objects = inventory.objects().iter();
    objects
        .map(|object| format!("{} {}", object.object.kind, object.object.name))
        .collect()
}

#[test]
fn every_object_is_listed_with_its_annotations_whatever_its_kind() {
    let inventory = read(
        "\
apiVersion: v1
kind: Secret
metadata: {name: token, annotations: {helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-weight: \"5\"}}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: w, labels: {a: b}}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: s}}
  - {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}
",
    );
    assert_eq!(
        objects(&inventory),
        ["Secret token", "Widget w", "Service s", "Pod p"]
    );
    let hook = inventory.objects()[0].helm_hook().unwrap();
    assert!(hook.runs_at(HookEvent::PreUpgrade) && hook.weight == 5);
    for object in inventory.objects() {
        assert_eq!(inventory.metadata(&object.object), Some(object.value.as_ref()));
    }
}
