// SPDX-License-Identifier: Apache-2.0
//! Documents: lists, JSON, strangers and broken ones.

use writeway_manifest::SkipReason;

use crate::reading::{problems, read};

fn names(text: &str) -> Vec<String> {
    let inventory = read(text);
    assert_eq!(problems(&inventory), [""; 0]);
    inventory
        .workloads()
        .iter()
        .map(|workload| workload.object.name.clone())
        .collect()
}

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: NAME}, spec: {containers: [{name: a}]}}";

fn pod(name: &str) -> String {
    POD.replace("NAME", name)
}

#[test]
fn lists_are_unfolded_in_place() {
    let text = format!(
        "{}\n---\napiVersion: v1\nkind: List\nitems:\n- {}\n- {{apiVersion: v1, kind: List, items: [{}]}}\n---\n{}\n",
        pod("a"),
        pod("b"),
        pod("c"),
        pod("d")
    );
    assert_eq!(names(&text), ["a", "b", "c", "d"]);
}

#[test]
fn items_of_typed_lists_take_the_lists_type() {
    let text = "
apiVersion: apps/v1
kind: DeploymentList
items:
- metadata: {name: a}
  spec: {template: {spec: {containers: [{name: a}]}}}
- apiVersion: v1
  kind: Pod
  metadata: {name: b}
  spec: {containers: [{name: a}]}
";
    assert_eq!(names(text), ["a", "b"]);
}

#[test]
fn items_of_a_plain_list_without_a_kind_are_skipped() {
    let inventory = read("apiVersion: v1\nkind: List\nitems: [{spec: {containers: [{name: a}]}}, text]\n");
    assert_eq!(inventory.workloads().len(), 0);
    assert_eq!(inventory.skipped().len(), 2);
}

#[test]
fn a_kind_that_only_ends_like_a_list_is_an_object() {
    let inventory = read("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n");
    assert_eq!(inventory.others()[0].kind, "AllowList");
}

#[test]
fn json_is_read_as_yaml() {
    let text = "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"a\\u0062\"},\n\t\"spec\": {\"containers\": [{\"name\": \"a\"}]}\n}\n";
    assert_eq!(names(text), ["ab"]);
}

#[test]
fn documents_that_are_no_manifests_are_counted() {
    let text = format!(
        "# header\n---\n---\n{}\n---\nreplicas: 3\nreplicas: 4\n---\n- a\n---\njust text\n---\nkind: Pod\n---\napiVersion: v1\nkind: 5\n",
        pod("a")
    );
    let inventory = read(&text);
    let count = |reason| {
        inventory
            .skipped()
            .iter()
            .filter(|skipped| skipped.reason == reason)
            .count()
    };
    assert_eq!((count(SkipReason::Empty), count(SkipReason::WithoutKind)), (1, 5));
    assert_eq!(
        problems(&inventory),
        [""; 0],
        "what is no manifest may say what it likes"
    );
    assert_eq!(inventory.workloads()[0].object.document, 1);
}

#[test]
fn a_broken_document_is_located_and_the_next_one_read() {
    let text = format!("a: b\n c: [\n---\n{}\n", pod("after"));
    let inventory = read(&text);
    let problems = problems(&inventory);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("error 2:"), "{problems:?}");
    assert_eq!(inventory.workloads()[0].object.name, "after");
}

#[test]
fn duplicate_keys_of_a_manifest_are_reported_and_the_last_one_counts() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  containers: [{name: a}]\n  hostPID: false\n";
    let inventory = read(text);
    assert_eq!(
        problems(&inventory),
        ["warning 7:3: key `hostPID` is written twice; the last one counts"]
    );
    let first = inventory.problems()[0].also.unwrap();
    assert_eq!(inventory.position_text(first), "file.yaml:5:3");
    assert!(!inventory.workloads()[0].pod.host_pid.unwrap().value);
}

#[test]
fn unknown_kinds_pass_through() {
    let inventory =
        read("apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\napiVersion: a.example/v1\nkind: B\n");
    let others: Vec<_> = inventory
        .others()
        .iter()
        .map(|object| (object.kind.as_str(), object.document))
        .collect();
    assert_eq!(others, [("Service", 0), ("B", 1)]);
}
