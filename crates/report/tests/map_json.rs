// SPDX-License-Identifier: Apache-2.0
//! The map's JSON is a contract: its shape is pinned, and its schema says the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::Value;
use writeway_access::PodMap;
use writeway_report::{Schema, write_map_json};

fn json(maps: Vec<PodMap>) -> String {
    let inventory = common::inventory();
    let maps = maps.into_iter().map(|map| (&inventory.workloads()[0], map));
    let mut out = Vec::new();
    write_map_json(&mut out, &inventory, &[], maps).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_document_is_version_1_as_published() {
    let mut map = common::map();
    map.containers[0].paths.truncate(1);
    assert_snapshot!(json(vec![map]), @r#"
    {
      "version": 1,
      "workloads": [
        {
          "file": "pod.yaml",
          "kind": "Pod",
          "namespace": "shop",
          "name": "web",
          "starts": {
            "verdict": "yes",
            "why": []
          },
          "containers": [
            {
              "name": "app",
              "role": "main",
              "identity": {
                "uid": 1000,
                "gid": 0,
                "groups": [
                  0,
                  2000
                ],
                "capabilities": [
                  "CHOWN",
                  "DAC_OVERRIDE",
                  "FSETID"
                ]
              },
              "paths": [
                {
                  "path": "/data",
                  "source": "persistentVolumeClaim",
                  "volume": "data",
                  "exists": "yes",
                  "type": "dir",
                  "mode": "0755",
                  "uid": 0,
                  "gid": 0,
                  "readOnly": false,
                  "create": {
                    "verdict": "no",
                    "errno": "EACCES",
                    "why": [
                      "claim `data` is hostPath: kubelet never applies fsGroup there",
                      "uid 1000 is `other` of 0:0 0755"
                    ]
                  },
                  "overwrite": {
                    "file": "settings.json",
                    "verdict": "yes",
                    "errno": null,
                    "why": [
                      "mode 0666"
                    ]
                  },
                  "replace": {
                    "file": null,
                    "verdict": "unknown",
                    "errno": null,
                    "why": [
                      "no facts about image `acme/app:1`"
                    ]
                  },
                  "delete": {
                    "file": null,
                    "verdict": "unknown",
                    "errno": null,
                    "why": [
                      "no facts about image `acme/app:1`"
                    ]
                  },
                  "exec": {
                    "file": null,
                    "verdict": "unknown",
                    "errno": null,
                    "why": [
                      "no facts about image `acme/app:1`"
                    ]
                  },
                  "rubyTmpdir": "no",
                  "lifetime": "claim",
                  "fsGroup": "ignored"
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn no_workloads_are_an_empty_list() {
    assert_snapshot!(json(vec![]), @r#"
    {
      "version": 1,
      "workloads": []
    }
    "#);
}

#[test]
fn documents_conform_to_the_schema() {
    let schema: Value = serde_json::from_str(Schema::Map.text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(&json(vec![common::map(), common::not_starting()])).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn the_schema_names_every_field_there_is() {
    let document: Value = serde_json::from_str(&json(vec![common::map()])).unwrap();
    let workload = &document["workloads"][0];
    let container = &workload["containers"][0];
    let path = &container["paths"][0];
    let schema: Value = serde_json::from_str(Schema::Map.text()).unwrap();
    for (name, value) in [
        ("workload", workload),
        ("container", container),
        ("identity", &container["identity"]),
        ("path", path),
        ("answer", &path["create"]),
        ("fileAnswer", &path["overwrite"]),
    ] {
        let written: BTreeSet<_> = value.as_object().unwrap().keys().collect();
        let definition = &schema["$defs"][name];
        let mut described: BTreeSet<_> = definition["properties"].as_object().unwrap().keys().collect();
        // What only a probe's document has.
        described.retain(|field| *field != "probed");
        assert_eq!(written, described, "{name}");
        assert_eq!(
            written.len(),
            definition["required"].as_array().unwrap().len(),
            "{name}"
        );
    }
}
