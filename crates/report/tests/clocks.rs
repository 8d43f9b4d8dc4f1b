// SPDX-License-Identifier: Apache-2.0
//! The clocks for people, pinned as a whole; and for machines, against the schema.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use serde_json::Value;
use writeway_access::Context;
use writeway_clock::{Assumptions, Bound, Clocks, Evaluation, Group, Outcome, Step, Steps, Timing};
use writeway_facts::Facts;
use writeway_manifest::{Container, Inventory, ParsedFile};
use writeway_report::{CheckReport, HumanOptions, Schema, write_findings_human, write_findings_json};

const INPUTS: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: catalyst, namespace: apps}
spec:
  interval: 10m
  timeout: 15m
  install: {remediation: {retries: 3}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: minter
  namespace: apps
  annotations: {helm.sh/hook: post-install, helm.sh/hook-weight: '5'}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: mint
  namespace: apps
  annotations: {helm.sh/hook: post-install, helm.sh/hook-weight: '10'}
spec:
  backoffLimit: 8
  template:
    spec:
      restartPolicy: OnFailure
      containers: [{name: mint, image: alpine/k8s:1.31.4}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalyst, namespace: apps, labels: {app.kubernetes.io/instance: catalyst}}
spec:
  selector: {matchLabels: {app: catalyst}}
  template:
    metadata: {labels: {app: catalyst}}
    spec:
      containers:
        - name: catalyst
          image: catalyst:1.0.0
          readinessProbe: {initialDelaySeconds: 20, tcpSocket: {port: 80}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: apps}
spec:
  schedule: '@daily'
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      template:
        spec:
          restartPolicy: Never
          containers: [{name: \"re\\u001bport\", image: report:1}]
";

/// What the containers run: one asks 168 times, nobody knows what the others do.
fn evaluate(container: &Container) -> Evaluation {
    let step = |what: &str, each| Step {
        what: what.to_owned(),
        each: Duration::from_secs(each),
        span: None,
    };
    let outcome = if *container.name == *"mint" {
        Outcome {
            timing: Timing {
                best: Bound::ZERO,
                worst: Bound::seconds(1344),
            },
            worst_steps: Steps {
                groups: vec![Group {
                    times: 168,
                    steps: vec![step("curl", 3), step("sleep", 5)],
                }],
            },
        }
    } else {
        Outcome {
            timing: Timing {
                best: Bound::ZERO,
                worst: Bound::unknown("the image decides what runs"),
            },
            worst_steps: Steps::default(),
        }
    };
    Evaluation {
        success: Some(outcome.clone()),
        failure: Some(outcome),
        never: None,
        waits: Vec::new(),
    }
}

fn inventory(text: &str) -> Inventory {
    Inventory::from_parsed(vec![ParsedFile::parse("in.yaml", text)])
}

fn context<'a>(inventory: &'a Inventory, facts: &'a Facts) -> Context<'a> {
    Context {
        inventory,
        facts,
        extra_paths: &[],
    }
}

fn human(inventory: &Inventory, assumptions: &Assumptions) -> String {
    let clocks = Clocks::new(inventory, assumptions, &|_, container| evaluate(container));
    let facts = Facts::default();
    let context = context(inventory, &facts);
    let report = CheckReport::new(&context, &[], &[], &[]).with_clocks(Some(&clocks));
    let mut out = Vec::new();
    let options = HumanOptions {
        color: false,
        width: None,
        statistics: false,
    };
    write_findings_human(&mut out, &report, &options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_release_is_a_table_with_the_arithmetic_and_what_ends_each_wait() {
    insta::assert_snapshot!(human(&inventory(INPUTS), &Assumptions::default()), @r"
    release `catalyst` of HelmRelease apps/catalyst  in.yaml:3
    install: Helm waits 900 s (in.yaml:6:12), counted anew for each of 2 waits; Flux tries again up to 3 times
      STEP                                        BEST   WORST  WHY
      what is no hook, side by side               20 s   900 s  Helm gives up after 900 s; how long it takes is not known
        Deployment apps/catalyst                  20 s  ≥ 90 s  when container `catalyst` answers its probes
          scheduling                               0 s    10 s  allowed by `scheduling`
          pull of catalyst:1.0.0                   0 s    60 s  allowed by `image-pull`
          probes of `catalyst`                    20 s  ≥ 20 s  when container `catalyst` answers its probes
      post-install 5  ServiceAccount apps/minter   0 s     0 s  created, not waited for
      post-install 10  Job apps/mint               0 s   900 s  Helm gives up after 900 s; it could take 10822 s
        scheduling                                 0 s    10 s  allowed by `scheduling`
        pull of alpine/k8s:1.31.4                  0 s    60 s  allowed by `image-pull`
        container `mint`                           0 s  1344 s  168 × (3 s curl + 5 s sleep) = 1344 s
        7 more attempts                            0 s  9408 s  7 × 1344 s + 0 s of pauses, for backoffLimit 8, restartPolicy OnFailure
      all of it                                   20 s  1800 s

    upgrade: Helm waits 900 s (in.yaml:6:12)
      STEP                           BEST   WORST  WHY
      what is no hook, side by side  20 s   900 s  Helm gives up after 900 s; how long it takes is not known
        Deployment apps/catalyst     20 s  ≥ 90 s  when container `catalyst` answers its probes
          scheduling                  0 s    10 s  allowed by `scheduling`
          pull of catalyst:1.0.0      0 s    60 s  allowed by `image-pull`
          probes of `catalyst`       20 s  ≥ 20 s  when container `catalyst` answers its probes
      all of it                      20 s   900 s

    CronJob apps/report  in.yaml:44
      STEP                      BEST     WORST  WHY
      scheduling                 0 s      10 s  allowed by `scheduling`
      pull of report:1           0 s      60 s  allowed by `image-pull`
      container `re\u{1b}port`   0 s   unknown  the image decides what runs
      6 more attempts            0 s  ≥ 1050 s  backoffLimit 6 by default, restartPolicy Never
      activeDeadlineSeconds                     all attempts are ended after 600 s
      all of it                  0 s     600 s

    no findings, 3 workloads in 1 file
    ");
}

#[test]
fn who_says_how_long_helm_waits_is_told() {
    let (_, hooks) = INPUTS.split_once("---\n").unwrap();
    let without = inventory(hooks);
    let shown = human(&without, &Assumptions::default());
    assert!(
        shown
            .contains("install: Helm waits 300 s (Helm's default, unless `--timeout` says something else)\n"),
        "{shown}"
    );
    let configured = Assumptions {
        helm_timeout: Some(Duration::from_secs(1200)),
        release_timeout: Some(Duration::from_secs(1800)),
        ..Assumptions::default()
    };
    let shown = human(&without, &configured);
    assert!(
        shown.contains("install: Helm waits 1200 s (`helm-timeout`)\n"),
        "{shown}"
    );
    assert!(shown.contains("`release-timeout` is 1800 s\n"), "{shown}");
}

#[test]
fn where_nothing_is_waited_for_that_is_said() {
    let shown = human(
        &inventory("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"),
        &Assumptions::default(),
    );
    assert!(
        shown.starts_with("no Jobs, and no releases with hooks: there is nothing to wait for\n"),
        "{shown}"
    );
}

#[test]
fn json_has_the_clocks_only_when_they_are_asked_for_and_conforms_to_the_schema() {
    let inventory = inventory(INPUTS);
    let clocks = Clocks::new(&inventory, &Assumptions::default(), &|_, container| {
        evaluate(container)
    });
    let json = |clocks| -> Value {
        let facts = Facts::default();
        let context = context(&inventory, &facts);
        let report = CheckReport::new(&context, &[], &[], &[]).with_clocks(clocks);
        let mut out = Vec::new();
        write_findings_json(&mut out, &report).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    let document = json(Some(&clocks));
    let schema = serde_json::from_str(Schema::Check.text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(json(None).get("clocks"), None);

    let install = &document["clocks"]["releases"][0]["actions"][0];
    let job = &install["steps"][2];
    assert_eq!(job["hook"]["weight"], 10);
    assert_eq!(job["timeout"]["seconds"], 900.0);
    assert_eq!(
        (&job["timeout"]["line"], &job["timeout"]["column"]),
        (&6.into(), &12.into())
    );
    assert_eq!(job["worst"]["seconds"], 900.0);
    assert_eq!(job["parts"][0]["worst"]["seconds"], 10_822.0);
    let rest = &install["steps"][0];
    assert_eq!(rest["hook"], Value::Null);
    assert_eq!(rest["parts"][0]["worst"]["kind"], "unknown");
    assert_eq!(document["clocks"]["jobs"][0]["worst"]["seconds"], 600.0);
}
