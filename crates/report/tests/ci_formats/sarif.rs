// SPDX-License-Identifier: Apache-2.0
//! SARIF, against the schema of the standard.

use std::path::Path;

use insta::assert_snapshot;
use jsonschema::Draft;
use serde_json::Value;
use writeway_check::{Finding, RULES, find};
use writeway_manifest::{Inventory, ParsedFile, Place};
use writeway_report::{Program, Unread};

use crate::common::checked::Checked;
use crate::common::{self, hostile_reports};

fn log(checked: &Checked) -> Value {
    serde_json::from_str(&checked.print("sarif")).unwrap()
}

/// The log's run.
fn run(checked: &Checked) -> Value {
    log(checked)["runs"][0].clone()
}

#[test]
fn every_log_conforms_to_the_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/schemas");
    let schema = std::fs::read_to_string(folder.join("sarif-2.1.0-rtm.5.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // Their pattern is no regular expression; our logs have neither.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    // Draft 4, which it names, does not have the format of relative URIs.
    let options = jsonschema::options().with_draft(Draft::Draft7);
    let validator = options.should_validate_formats(true).build(&schema).unwrap();
    for checked in hostile_reports() {
        let log = log(&checked);
        let errors: Vec<_> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let mut broken = log(&Checked::one());
    let location = &mut broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    location["artifactLocation"]["uri"] = "a b.yaml".into();
    assert!(!validator.is_valid(&broken), "a blank in a URI");
}

#[test]
fn a_finding_is_a_result_with_all_its_places() {
    let mut checked = Checked::one();
    checked.renderers.push(Program {
        name: "helm template".to_owned(),
        version: "v4.3.1".to_owned(),
    });
    checked.unread.push(Unread {
        message: "gone.yaml: no such file".to_owned(),
        place: None,
    });
    checked.unread.push(Unread {
        message: "expected a number".to_owned(),
        place: Some(common::place(&checked.inventory, 1, "data", 0)),
    });
    let mut run = run(&checked);
    // The rules have a test of their own, and grow in number.
    run["tool"]["driver"].as_object_mut().unwrap().remove("rules");
    run["results"][0].as_object_mut().unwrap().remove("ruleIndex");
    assert_snapshot!(serde_json::to_string_pretty(&run).unwrap(), @r#"
    {
      "columnKind": "unicodeCodePoints",
      "invocations": [
        {
          "executionSuccessful": false,
          "toolExecutionNotifications": [
            {
              "level": "error",
              "message": {
                "text": "gone.yaml: no such file"
              }
            },
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "claim.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 9,
                      "endLine": 3,
                      "startColumn": 5,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "expected a number"
              }
            }
          ]
        }
      ],
      "newlineSequences": [
        "\r\n",
        "\n",
        "\r"
      ],
      "originalUriBaseIds": {
        "%SRCROOT%": {
          "description": {
            "text": "The folder in which the program was run."
          }
        }
      },
      "results": [
        {
          "level": "error",
          "locations": [
            {
              "logicalLocations": [
                {
                  "fullyQualifiedName": "shop/Pod/web/app",
                  "kind": "resource",
                  "name": "app"
                }
              ],
              "message": {
                "text": "not writable (EACCES)"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "pod.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "endColumn": 27,
                  "endLine": 12,
                  "startColumn": 11,
                  "startLine": 11
                }
              }
            }
          ],
          "message": {
            "text": "container `app` cannot create files in `/data`\nwhy: claim `data` is hostPath: kubelet never applies fsGroup there\nwhy: uid 1000 is `other` of 0:0 0755\nhelp: give the volume to uid 1000 where it is made"
          },
          "partialFingerprints": {
            "writeway/v1": "bd0355cc497e8d403deb6024442b0f33"
          },
          "properties": {
            "confidence": "high"
          },
          "relatedLocations": [
            {
              "message": {
                "text": "the volume"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "pod.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "endColumn": 17,
                  "endLine": 14,
                  "startColumn": 7,
                  "startLine": 14
                }
              }
            },
            {
              "message": {
                "text": "its claim"
              },
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "claim.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "endColumn": 13,
                  "endLine": 4,
                  "startColumn": 3,
                  "startLine": 4
                }
              }
            }
          ],
          "ruleId": "WW201"
        }
      ],
      "tool": {
        "driver": {
          "informationUri": "https://github.com/writeway/writeway",
          "name": "Writeway",
          "semanticVersion": "0.1.0"
        },
        "extensions": [
          {
            "name": "helm template",
            "version": "v4.3.1"
          }
        ]
      }
    }
    "#);
}

#[test]
fn the_rules_say_what_their_pages_say() {
    let run = run(&Checked::one());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for (rule, described) in RULES.iter().zip(rules) {
        assert_eq!(described["id"], rule.code);
        assert_eq!(described["name"], rule.name);
        assert_eq!(described["help"]["markdown"], rule.documentation());
        assert_eq!(described["fullDescription"]["text"], rule.summary());
        assert!(
            described["helpUri"]
                .as_str()
                .unwrap()
                .ends_with(&format!("docs/rules/{}.md", rule.code))
        );
    }
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
}

#[test]
fn an_empty_run_is_a_success_and_an_unreadable_input_is_none() {
    let clean = run(&Checked::clean());
    assert_eq!(clean["results"], serde_json::json!([]));
    assert_eq!(clean["invocations"][0]["executionSuccessful"], true);
    let mut unread = Checked::clean();
    unread.unread.push(Unread {
        message: "gone.yaml: no such file".to_owned(),
        place: None,
    });
    assert_eq!(run(&unread)["invocations"][0]["executionSuccessful"], false);
}

/// The standard counts columns in characters as we do, says the log (section 3.14.17), and neither bytes nor UTF-16.
#[test]
fn columns_count_characters_beyond_the_basic_plane_as_one() {
    let text = format!(
        "# \u{1f600}\r\n{}",
        common::POD.replace("name: app", "\"\u{1f600}é\": app")
    );
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
    let Place { span, .. } = common::place(&inventory, 0, "app", 0);
    let finding = Finding::new(find("WW101").unwrap(), &inventory.workloads()[0], "m", span, "l");
    let run = run(&Checked::new(inventory, vec![finding]));
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
    let expected = serde_json::json!({"startLine": 9, "startColumn": 13, "endLine": 9, "endColumn": 16});
    assert_eq!(*region, expected);
}

/// A consumer takes `[text](1)` for a link unless the brackets are escaped (section 3.11.6).
#[test]
fn names_do_not_make_links() {
    let run = run(&Checked::hostile());
    for result in run["results"].as_array().unwrap() {
        let text = result["message"]["text"].as_str().unwrap();
        let link = text
            .match_indices("](")
            .find(|(at, _)| !text[..*at].ends_with('\\'));
        assert_eq!(link, None, "{text}");
    }
}
