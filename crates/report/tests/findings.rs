// SPDX-License-Identifier: Apache-2.0
//! Findings for people, pinned as a whole; and for machines, against the schema.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use insta::assert_snapshot;
use writeway_check::{Finding, RULES, Severity};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_report::{
    HumanOptions, Schema, Summary, write_findings_human, write_findings_json, write_statistics,
};

fn finding(inventory: &Inventory) -> Finding {
    let place = |file, text, nth| common::place(inventory, file, text, nth);
    let mount = place(0, "name: data\n          mountPath: /data", 0);
    Finding::new(
        RULES[1],
        &inventory.workloads()[0],
        "container `app` cannot create files in `/data`",
        mount.span,
        "not writable (EACCES)",
    )
    .in_container("app")
    .related(place(0, "name: data", 1), "the volume")
    .related(place(1, "name: data", 0), "its claim")
    .because([
        "claim `data` is hostPath: kubelet never applies fsGroup there".to_owned(),
        "uid 1000 is `other` of 0:0 0755".to_owned(),
    ])
    .with_help("give the volume to uid 1000 where it is made")
}

fn human(inventory: &Inventory, findings: &[Finding], options: HumanOptions) -> String {
    let mut out = Vec::new();
    let summary = Summary::new(findings, inventory.workloads().len(), 2);
    write_findings_human(&mut out, inventory, findings, &summary, &options).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_finding_is_shown_with_all_its_places_in_all_files() {
    let inventory = common::inventory();
    assert_snapshot!(human(&inventory, &[finding(&inventory)], HumanOptions::default()), @"
    error[WW201]: container `app` cannot create files in `/data`
      --> pod.yaml:11:11
       |
    11 |           - name: data
       |  ___________^
    12 | |           mountPath: /data
       | |__________________________^ not writable (EACCES)
    13 |     volumes:
    14 |       - name: data
       |         ---------- the volume
       |
      ::: claim.yaml:4:3
       |
     4 |     name: data
       |     ---------- its claim
       |
       = why: claim `data` is hostPath: kubelet never applies fsGroup there
       = why: uid 1000 is `other` of 0:0 0755
       = help: give the volume to uid 1000 where it is made

    1 finding (1 error), 1 workload in 2 files
    ");
}

#[test]
fn no_findings_are_a_line() {
    assert_snapshot!(human(&common::inventory(), &[], HumanOptions::default()), @"no findings, 1 workload in 2 files");
}

#[test]
fn places_far_apart_and_on_very_long_lines_are_shown_by_their_surroundings() {
    let filler = "x".repeat(200_000);
    let text = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"long\",\"annotations\":{{\"a\":\"{filler}\"}}}},\
         \"spec\":{{\"containers\":[{{\"name\":\"app\"}}]}}}}"
    );
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("long.json", text)]);
    let primary = common::place(&inventory, 0, "\"app\"", 0);
    let finding = Finding::new(
        RULES[0],
        &inventory.workloads()[0],
        "message",
        primary.span,
        "here",
    )
    .related(common::place(&inventory, 0, "\"long\"", 0), "in this pod");
    let shown = human(&inventory, &[finding], HumanOptions::default());
    assert!(shown.contains("long.json:1:200"), "{shown}");
    assert!(shown.len() < 2_000, "{} bytes", shown.len());
}

#[test]
fn messages_cannot_send_escape_sequences() {
    let inventory = common::inventory();
    let mut hostile = finding(&inventory);
    hostile.message = "container `\u{1b}[2J`".to_owned();
    hostile.why.push("\u{1b}]0;x\u{7}".to_owned());
    hostile.primary.label = "\u{1b}[31m".to_owned();
    assert!(!human(&inventory, &[hostile], HumanOptions::default()).contains('\u{1b}'));
}

#[test]
fn statistics_count_by_rule() {
    let inventory = common::inventory();
    let other = Finding::new(RULES[0], &inventory.workloads()[0], "m", Default::default(), "l")
        .with_severity(Severity::Info);
    let findings = [finding(&inventory), finding(&inventory), other];
    let mut out = Vec::new();
    write_statistics(&mut out, &Summary::new(&findings, 1, 2)).unwrap();
    assert_snapshot!(String::from_utf8(out).unwrap(), @"
    2  WW201  mount-not-writable
    1  WW101  read-only-root-without-writable-temp
    3 findings (2 errors, 1 info), 1 workload in 2 files
    ");
}

#[test]
fn json_has_one_primary_location_and_columns_in_characters() {
    let inventory = common::inventory();
    let findings = [finding(&inventory)];
    let mut out = Vec::new();
    write_findings_json(
        &mut out,
        &inventory,
        &[],
        &findings,
        &Summary::new(&findings, 1, 2),
    )
    .unwrap();
    assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
    {
      "version": 1,
      "findings": [
        {
          "code": "WW201",
          "name": "mount-not-writable",
          "severity": "error",
          "confidence": "high",
          "message": "container `app` cannot create files in `/data`",
          "object": {
            "kind": "Pod",
            "namespace": "shop",
            "name": "web",
            "container": "app"
          },
          "locations": [
            {
              "file": "pod.yaml",
              "line": 11,
              "column": 11,
              "endLine": 12,
              "endColumn": 27,
              "label": "not writable (EACCES)",
              "primary": true
            },
            {
              "file": "pod.yaml",
              "line": 14,
              "column": 7,
              "endLine": 14,
              "endColumn": 17,
              "label": "the volume",
              "primary": false
            },
            {
              "file": "claim.yaml",
              "line": 4,
              "column": 3,
              "endLine": 4,
              "endColumn": 13,
              "label": "its claim",
              "primary": false
            }
          ],
          "why": [
            "claim `data` is hostPath: kubelet never applies fsGroup there",
            "uid 1000 is `other` of 0:0 0755"
          ],
          "help": "give the volume to uid 1000 where it is made",
          "fixes": []
        }
      ],
      "summary": {
        "findings": 1,
        "errors": 1,
        "warnings": 0,
        "infos": 0,
        "workloads": 1,
        "files": 2,
        "byRule": {
          "WW201": 1
        }
      }
    }
    "#);
}

#[test]
fn json_conforms_to_the_schema() {
    let inventory = common::inventory();
    let findings = [finding(&inventory)];
    let mut out = Vec::new();
    write_findings_json(
        &mut out,
        &inventory,
        &[],
        &findings,
        &Summary::new(&findings, 1, 2),
    )
    .unwrap();
    let schema = serde_json::from_str(Schema::Check.text()).unwrap();
    let document = serde_json::from_slice(&out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}
