// SPDX-License-Identifier: Apache-2.0
//! Findings for people, pinned as a whole; and for machines, against the schema.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::borrow::Cow;

use common::checked::{Checked, finding};
use insta::assert_snapshot;
use serde_json::Value;
use writeway_check::{Confidence, Finding, Fix, Severity, find};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_report::{CHECK_FORMATS, HumanOptions, Schema, Unread, printable};

#[test]
fn a_finding_is_shown_with_all_its_places_in_all_files() {
    assert_snapshot!(Checked::one().print("human"), @"
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
fn every_format_with_room_names_fixes_in_the_same_words() {
    let checked = Checked::fixable();
    for format in &CHECK_FORMATS {
        // Markdown has a backslash before whatever might mean something.
        let printed = checked.print(format.name).replace("\\:", ":");
        let said = match format.name {
            // Words are the reader's: `title` and `safe` are fields.
            "json" | "jsonl" => {
                assert!(printed.contains("run as uid 0"), "{}: {printed}", format.name);
                continue;
            }
            "html" => vec!["run as uid 0 (--fix --unsafe-fixes)", " to 1000 (--fix)"],
            _ => vec!["fix: run as uid 0 (--fix --unsafe-fixes)", " to 1000 (--fix)"],
        };
        for text in said {
            assert_eq!(
                printed.contains(text),
                format.shows_fixes(),
                "{}: {printed}",
                format.name
            );
        }
    }
}

#[test]
fn what_is_rendered_is_repaired_by_patches_and_counted_so() {
    let inventory = common::inventory();
    let fixes = [
        (true, true, "--fix"),
        (true, false, "--fix --unsafe-fixes"),
        (false, true, "--output kustomize DIR"),
        (false, false, "--output kustomize DIR --unsafe-fixes"),
    ];
    let findings = |wanted: &[usize]| {
        let findings = wanted.iter().map(|index| {
            let (in_place, safe, _) = fixes[*index];
            let mut finding = finding(&inventory);
            let title = format!("change {index}");
            finding.fixes = vec![Fix {
                title,
                safe,
                in_place,
            }];
            finding
        });
        findings.collect::<Vec<_>>()
    };
    for (wanted, line) in [
        (&[0, 0][..], "2 fixable with --fix"),
        (&[1], "1 fixable with --fix --unsafe-fixes"),
        (&[2], "1 fixable with --output kustomize DIR"),
        (&[0, 1, 1], "1 fixable with --fix, 2 more with --unsafe-fixes"),
        (
            &[2, 3],
            "1 fixable with --output kustomize DIR, 1 more with --unsafe-fixes",
        ),
        (
            &[1, 2],
            "1 fixable with --fix --unsafe-fixes, 1 more with --output kustomize DIR",
        ),
        (
            &[0, 1, 2, 3],
            "1 fixable with --fix, 1 more with --unsafe-fixes, 1 more with --output kustomize DIR, 1 more with --output \
             kustomize DIR --unsafe-fixes",
        ),
    ] {
        let printed = Checked::new(common::inventory(), findings(wanted)).print("human");
        assert_eq!(printed.lines().last(), Some(line), "{printed}");
        for index in wanted {
            let fix = format!("= fix: change {index} ({})\n", fixes[*index].2);
            assert!(printed.contains(&fix), "{fix}: {printed}");
        }
    }
}

#[test]
fn findings_that_are_not_reported_are_only_counted() {
    let comment = "name: app # writeway: ignore[WW201] why";
    let pod = common::POD.replace("name: app", comment);
    let inventory = Inventory::from_parsed(vec![
        ParsedFile::parse("pod.yaml", pod),
        ParsedFile::parse("claim.yaml", common::CLAIM),
    ]);
    let finding = finding(&inventory);
    let unsure = finding.clone().with_confidence(Confidence::Low);
    let checked = Checked::new(inventory, vec![finding.clone(), finding, unsure]);
    for format in &CHECK_FORMATS {
        let printed = checked.print(format.name);
        assert!(!printed.contains("files in `/data`"), "{}", format.name);
    }
    assert_snapshot!(checked.print("human"), @"no findings, 2 suppressed, 1 workload in 2 files");
    let document: Value = serde_json::from_str(&checked.print("json")).unwrap();
    let summary = &document["summary"];
    assert_eq!(
        (&summary["suppressed"], &summary["filtered"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn no_findings_are_a_line() {
    assert_snapshot!(Checked::clean().print("human"), @"no findings, 1 workload in 2 files");
}

#[test]
fn what_could_not_be_read_is_not_without_findings() {
    let unread = Unread {
        message: "nowhere: no such file or folder".to_owned(),
        place: None,
    };
    let mut some = Checked::clean();
    some.unread.push(unread.clone());
    let mut nothing = Checked::new(Inventory::from_parsed(Vec::new()), Vec::new());
    nothing.unread.push(unread);
    let statistics = HumanOptions {
        statistics: true,
        ..HumanOptions::default()
    };
    for (checked, line) in [
        (some, "no findings in what could be read, 1 workload in 2 files\n"),
        (nothing, "nothing could be checked\n"),
    ] {
        assert_eq!(checked.print("human"), line);
        assert_eq!(checked.print_with("human", statistics), line);
        let markdown = checked.print("markdown");
        assert!(
            markdown.starts_with(&format!("## Writeway: {line}")),
            "{markdown}"
        );
        let page = checked.print("html");
        assert!(page.contains(line.trim_end()), "{page}");
    }
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
        find("WW101").unwrap(),
        &inventory.workloads()[0],
        "message",
        primary.span,
        "here",
    )
    .related(common::place(&inventory, 0, "\"long\"", 0), "in this pod");
    let shown = Checked::new(inventory, vec![finding]).print("human");
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
    assert!(
        !Checked::new(inventory, vec![hostile])
            .print("human")
            .contains('\u{1b}')
    );
}

#[test]
fn statistics_count_by_rule() {
    let inventory = common::inventory();
    let rule = find("WW101").unwrap();
    let other = Finding::new(rule, &inventory.workloads()[0], "m", Default::default(), "l");
    let findings = vec![
        finding(&inventory),
        finding(&inventory),
        other.with_severity(Severity::Info),
    ];
    let options = HumanOptions {
        statistics: true,
        ..HumanOptions::default()
    };
    assert_snapshot!(Checked::new(inventory, findings).print_with("human", options), @"
    2  WW201  mount-not-writable
    1  WW101  read-only-root-without-writable-temp
    3 findings (2 errors, 1 info), 1 workload in 2 files
    ");
}

#[test]
fn json_has_one_primary_location_and_columns_in_characters() {
    assert_snapshot!(Checked::one().print("json"), @r#"
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
          "fixes": [],
          "fingerprint": "bd0355cc497e8d403deb6024442b0f33"
        }
      ],
      "summary": {
        "findings": 1,
        "errors": 1,
        "warnings": 0,
        "infos": 0,
        "suppressed": 0,
        "inBaseline": 0,
        "filtered": 0,
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
fn json_lines_are_the_findings_of_the_document_with_the_version() {
    let inventory = common::inventory();
    let mut other = finding(&inventory);
    other.message = "two\nlines".to_owned();
    let checked = Checked::new(common::inventory(), vec![finding(&inventory), other]);
    let document: Value = serde_json::from_str(&checked.print("json")).unwrap();
    let printed = checked.print("jsonl");
    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for (line, finding) in lines.iter().zip(document["findings"].as_array().unwrap()) {
        let mut expected = finding.clone();
        expected["version"] = 1.into();
        assert_eq!(*line, expected);
    }
    assert!(
        printed.starts_with("{\"version\":1,\"code\":\"WW201\","),
        "{printed}"
    );
    assert_eq!(Checked::clean().print("jsonl"), "");
}

#[test]
fn json_conforms_to_the_schema() {
    let schema = serde_json::from_str(Schema::Check.text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for checked in [Checked::clean(), Checked::one(), Checked::hostile()] {
        let document = serde_json::from_str(&checked.print("json")).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn a_concise_finding_is_a_line() {
    assert_snapshot!(Checked::one().print("concise"), @"pod.yaml:11:11: WW201 error container `app` cannot create files in `/data`");
    assert_eq!(Checked::clean().print("concise"), "");
}

#[test]
fn a_json_line_is_a_finding() {
    assert_snapshot!(Checked::one().print("jsonl"), @r#"{"version":1,"code":"WW201","name":"mount-not-writable","severity":"error","confidence":"high","message":"container `app` cannot create files in `/data`","object":{"kind":"Pod","namespace":"shop","name":"web","container":"app"},"locations":[{"file":"pod.yaml","line":11,"column":11,"endLine":12,"endColumn":27,"label":"not writable (EACCES)","primary":true},{"file":"pod.yaml","line":14,"column":7,"endLine":14,"endColumn":17,"label":"the volume","primary":false},{"file":"claim.yaml","line":4,"column":3,"endLine":4,"endColumn":13,"label":"its claim","primary":false}],"why":["claim `data` is hostPath: kubelet never applies fsGroup there","uid 1000 is `other` of 0:0 0755"],"help":"give the volume to uid 1000 where it is made","fixes":[],"fingerprint":"bd0355cc497e8d403deb6024442b0f33"}"#);
}

/// The verdicts decide, in every format alike.
#[test]
fn what_is_filtered_out_is_in_no_format() {
    let inventory = common::inventory();
    let finding = finding(&inventory);
    let unsure = finding.clone().with_confidence(Confidence::Low);
    let filtered = Checked::new(inventory, vec![unsure]);
    for format in &CHECK_FORMATS {
        let says = |checked: &Checked| checked.print(format.name).contains(&finding.message);
        assert!(says(&Checked::one()) && !says(&filtered), "{}", format.name);
    }
}

#[test]
fn no_format_prints_control_characters_whatever_is_in_the_inputs() {
    let hostile = Checked::hostile();
    for format in &CHECK_FORMATS {
        let printed = hostile.print(format.name);
        let unprintable = printed
            .lines()
            .find(|line| !matches!(printable(line), Cow::Borrowed(_)));
        assert_eq!(unprintable, None, "{}", format.name);
        assert!(printed.len() > 1000, "{}", format.name);
    }
}
