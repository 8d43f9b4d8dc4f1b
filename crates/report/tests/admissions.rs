// SPDX-License-Identifier: Apache-2.0
//! How pods fare: the lines for people, and the document for programs, whose shape is pinned.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use insta::assert_snapshot;
use writeway_manifest::{Inventory, ParsedFile};
use writeway_pod_security::{Level, Policy, PolicyVersion, Request};
use writeway_report::{Schema, write_admissions_human, write_admissions_json};

const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: fine, namespace: shop}
spec:
  containers: [{name: app}]
---
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec:
  hostPID: true
  initContainers: [{name: own, securityContext: {privileged: true}}]
  containers: [{name: app}]
---
apiVersion: v1
kind: Pod
metadata: {name: open}
spec:
  containers: [{name: app, securityContext: {procMount: '${PROC}'}}]
";

fn inventory() -> Inventory {
    Inventory::from_parsed(vec![ParsedFile::parse("pods.yaml", PODS)])
}

fn baseline() -> Request {
    Request {
        level: Some(Level::Baseline),
        version: Some(PolicyVersion::Minor(31)),
        cluster_minor: None,
    }
}

fn human(request: Request, color: bool) -> String {
    let inventory = inventory();
    let admissions: Vec<_> = inventory
        .workloads()
        .iter()
        .map(|workload| request.admit(&inventory, workload))
        .collect();
    let mut out = Vec::new();
    write_admissions_human(&mut out, &inventory, &admissions, color).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(request: Request) -> String {
    let inventory = inventory();
    let admissions: Vec<_> = inventory
        .workloads()
        .iter()
        .map(|workload| request.admit(&inventory, workload))
        .collect();
    let mut out = Vec::new();
    write_admissions_json(&mut out, &inventory, &[], &admissions).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn each_pod_has_a_line_and_each_refusal_its_places() {
    assert_snapshot!(human(baseline(), false), @r#"
    Pod shop/fine  pods.yaml:3  admitted by baseline:v1.31
    Pod bad  pods.yaml:9  refused by baseline:v1.31
      hostNamespaces: hostPID=true
        pods.yaml:11:12: a namespace of the node
      privileged: container "own" must not set securityContext.privileged=true
        pods.yaml:12:62: container `own`: privileged
    Pod open  pods.yaml:17  unknown to baseline:v1.31
      pods.yaml:19:57: not known until it is filled in
    3 pods: 1 refused, 1 unknown, 1 admitted
    "#);
}

#[test]
fn pods_without_a_level_are_admitted_and_that_is_said() {
    let text = human(Request::default(), false);
    assert!(
        text.starts_with("Pod shop/fine  pods.yaml:3  admitted, no level is known\n"),
        "{text}"
    );
    assert!(text.ends_with("3 pods: 3 admitted\n"), "{text}");
}

#[test]
fn colour_does_not_change_the_text() {
    let colored = human(baseline(), true);
    assert!(colored.contains('\u{1b}'));
    let mut plain = String::new();
    for (index, part) in colored.split('\u{1b}').enumerate() {
        plain.push_str(if index == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    assert_eq!(plain, human(baseline(), false));
}

#[test]
fn the_document_is_version_1_as_published() {
    let document = json(baseline());
    assert_snapshot!(document, @r#"
    {
      "version": 1,
      "pods": [
        {
          "file": "pods.yaml",
          "kind": "Pod",
          "namespace": "shop",
          "name": "fine",
          "level": "baseline",
          "policyVersion": "v1.31",
          "admitted": true,
          "refusedBy": [],
          "unknown": []
        },
        {
          "file": "pods.yaml",
          "kind": "Pod",
          "namespace": null,
          "name": "bad",
          "level": "baseline",
          "policyVersion": "v1.31",
          "admitted": false,
          "refusedBy": [
            {
              "check": "hostNamespaces",
              "reason": "host namespaces",
              "detail": "hostPID=true",
              "locations": [
                {
                  "file": "pods.yaml",
                  "line": 11,
                  "column": 12,
                  "endLine": 11,
                  "endColumn": 16,
                  "label": "a namespace of the node",
                  "container": null
                }
              ]
            },
            {
              "check": "privileged",
              "reason": "privileged",
              "detail": "container \"own\" must not set securityContext.privileged=true",
              "locations": [
                {
                  "file": "pods.yaml",
                  "line": 12,
                  "column": 62,
                  "endLine": 12,
                  "endColumn": 66,
                  "label": "privileged",
                  "container": "own"
                }
              ]
            }
          ],
          "unknown": []
        },
        {
          "file": "pods.yaml",
          "kind": "Pod",
          "namespace": null,
          "name": "open",
          "level": "baseline",
          "policyVersion": "v1.31",
          "admitted": null,
          "refusedBy": [],
          "unknown": [
            {
              "file": "pods.yaml",
              "line": 19,
              "column": 57,
              "endLine": 19,
              "endColumn": 66
            }
          ]
        }
      ]
    }
    "#);
    let schema = serde_json::from_str(Schema::Admit.text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for document in [document, json(Request::default())] {
        let document = serde_json::from_str(&document).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn a_name_cannot_change_the_terminal() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: \"a\\e[31m\\n\", securityContext: {privileged: true}}]}\n";
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
    let admissions = [baseline().admit(&inventory, &inventory.workloads()[0])];
    let mut out = Vec::new();
    write_admissions_human(&mut out, &inventory, &admissions, false).unwrap();
    let shown = String::from_utf8(out).unwrap();
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert_eq!(shown.lines().count(), 4, "{shown}");
}

#[test]
fn the_policy_that_is_asked_for_is_shown_as_it_was_asked_for() {
    let asked = Request {
        level: Some(Level::Restricted),
        version: None,
        cluster_minor: Some(30),
    };
    let inventory = inventory();
    let policy = asked.admit(&inventory, &inventory.workloads()[0]).policy;
    let expected = Policy {
        level: Level::Restricted,
        version: PolicyVersion::Latest,
    };
    assert_eq!(policy, Some(expected));
}
