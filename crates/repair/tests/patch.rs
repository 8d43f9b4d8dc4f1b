// SPDX-License-Identifier: Apache-2.0
//! What changes in an object, as a patch.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};

use writeway_manifest::{Inventory, ParsedFile};
use writeway_repair::{Patch, patches};

/// The patch from one text to another.
fn patch(old: &str, new: &str) -> Patch {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("a.yaml", old)]);
    let file = inventory.files().next().unwrap().0;
    let after = inventory.edited(&BTreeMap::from([(file, new.to_owned())]));
    let mut patches = patches(&inventory, &after, &BTreeSet::from([file]));
    assert_eq!(patches.len(), 1);
    patches.remove(0).patch
}

fn text(patch: &Patch) -> String {
    let (Patch::Strategic(value) | Patch::Json(value)) = patch;
    value.to_yaml()
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
    - {name: one, image: a}
  containers:
    - {name: app, image: a, args: [a, b]}
  volumes:
    - {name: data, emptyDir: {}}
    - {name: gone, emptyDir: {}}
    - {name: same, emptyDir: {}}
";

#[test]
fn items_are_merged_by_their_keys_and_new_init_containers_come_behind_those_that_are_named() {
    let new = POD
        .replace(
            "image: a}\n  containers",
            "image: a}\n    - {name: own, image: b}\n  containers",
        )
        .replace("[a, b]", "[c]")
        .replace("data, emptyDir: {}", "data, ephemeral: {a: 1}")
        .replace("    - {name: gone, emptyDir: {}}\n", "");
    let expected = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: one
    - name: own
      image: b
  containers:
    - name: app
      args:
        - c
  volumes:
    - name: data
      ephemeral:
        a: 1
      emptyDir: null
    - name: gone
      $patch: delete
";
    let patch = patch(POD, &new);
    assert!(matches!(patch, Patch::Strategic(_)));
    assert_eq!(text(&patch), expected);
}

#[test]
fn a_custom_resource_gets_operations() {
    let custom = POD.replace("v1\nkind: Pod", "example.org/v1\nkind: Web");
    let new = custom
        .replace(
            "{name: one, image: a}",
            "{name: zero, image: a}\n    - {name: one, image: a}",
        )
        .replace(
            "metadata: {name: web}",
            "metadata: {name: web, annotations: {a/b~c: d}}",
        )
        .replace("    - {name: gone, emptyDir: {}}\n", "");
    let expected = "\
- op: add
  path: /metadata/annotations
  value:
    a/b~c: d
- op: add
  path: /spec/initContainers/0
  value:
    name: zero
    image: a
- op: remove
  path: /spec/volumes/1
";
    let operations = patch(&custom, &new);
    assert!(matches!(operations, Patch::Json(_)));
    assert_eq!(text(&operations), expected);
    let deeper = new.replace("d}}", "e}}");
    assert_eq!(
        text(&patch(&new, &deeper)),
        "- op: replace\n  path: /metadata/annotations/a~1b~0c\n  value: e\n"
    );
}
