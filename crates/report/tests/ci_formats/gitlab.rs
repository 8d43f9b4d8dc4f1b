// SPDX-License-Identifier: Apache-2.0
//! The Code Quality report of GitLab, against what GitLab demands of one.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};
use writeway_manifest::{Inventory, ParsedFile};

use crate::common::checked::{Checked, finding, many};
use crate::common::{self, hostile_reports};

fn issues(checked: &Checked) -> Vec<Value> {
    serde_json::from_str(&checked.print("gitlab")).unwrap()
}

#[test]
fn a_finding_is_an_issue() {
    assert_snapshot!(Checked::one().print("gitlab"), @r#"
    [
      {
        "description": "container `app` cannot create files in `/data`",
        "check_name": "WW201",
        "fingerprint": "bd0355cc497e8d403deb6024442b0f33",
        "severity": "critical",
        "location": {
          "path": "pod.yaml",
          "lines": {
            "begin": 11,
            "end": 12
          }
        }
      }
    ]
    "#);
    assert_eq!(Checked::clean().print("gitlab"), "[]\n");
}

/// GitLab documentation, "Code Quality report format": the fields that it needs, and the severities that it knows. Its
/// own schema (gitlabhq, `app/validators/json_schemas/codeclimate.json`) demands less: neither the name of the check nor
/// a path nor a line.
#[test]
fn every_issue_has_what_gitlab_reads() {
    let text = json!({"type": "string", "minLength": 1});
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": text,
                "check_name": text,
                "fingerprint": text,
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {
                                "begin": {"type": "integer", "minimum": 1},
                                "end": {"type": "integer", "minimum": 1}
                            }
                        }
                    }
                }
            }
        }
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    for checked in hostile_reports() {
        let issues = issues(&checked);
        assert_eq!(issues.len(), checked.findings.len());
        let errors: Vec<_> = validator
            .iter_errors(&issues.into())
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

/// GitLab shows one issue of those that have the same.
#[test]
fn fingerprints_are_unique() {
    let inventory = common::inventory();
    let findings = many(&inventory, 100);
    let issues = issues(&Checked::new(inventory, findings));
    let fingerprints: BTreeSet<_> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!((issues.len(), fingerprints.len()), (100, 100));
}

#[test]
fn paths_are_those_of_the_repository() {
    let inventory = Inventory::from_parsed(vec![
        ParsedFile::parse("./k8s/./pod.yaml", common::POD),
        ParsedFile::parse("claim.yaml", common::CLAIM),
    ]);
    let finding = finding(&inventory);
    let issues = issues(&Checked::new(inventory, vec![finding]));
    assert_eq!(issues[0]["location"]["path"], "k8s/pod.yaml");
}
