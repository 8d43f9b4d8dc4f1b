// SPDX-License-Identifier: Apache-2.0
//! Edits: the exact text that comes out, for every way in which manifests are written.

#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use writeway_yaml::{Edit, Operation, Path, Reason, Step, Stream, Value};

/// A path as it is displayed: `spec.containers[0].name`; names with dots stand in `["…"]`.
fn path(written: &str) -> Path {
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = written;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, behind) = quoted.split_once("\"]").expect("a closing bracket");
            steps.push(key.into());
            rest = behind;
        } else if let Some(item) = rest.strip_prefix('[') {
            let (index, behind) = item.split_once(']').expect("a closing bracket");
            steps.push(index.parse::<usize>().expect("a number").into());
            rest = behind;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(rest[..end].into());
            rest = &rest[end..];
        }
    }
    Path(steps)
}

/// A value from flow style.
fn value(written: &str) -> Value {
    let stream = Stream::parse(written);
    let root = stream.documents().next().expect("a document").root();
    Value::read(root).expect("a value")
}

/// `set PATH VALUE`, `before SIBLING PATH VALUE`, `insert PATH VALUE` or `remove PATH`.
fn edit(command: &str) -> Edit {
    let (name, rest) = command.split_once(' ').expect("a command");
    let (place, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let (place, operation) = match name {
        "set" => (place, Operation::Set(value(rest))),
        "insert" => (place, Operation::Insert(value(rest))),
        "remove" => (place, Operation::Remove),
        _ => {
            let (path, rest) = rest.split_once(' ').expect("a path");
            (path, Operation::SetBefore(place.to_owned(), value(rest)))
        }
    };
    Edit {
        path: path(place),
        operation,
    }
}

fn edited(text: &str, document: usize, commands: &[&str]) -> Result<String, Reason> {
    let stream = Stream::parse(text);
    assert_eq!(stream.errors(), &[], "{text:?}");
    let document = stream.documents().nth(document).expect("a document");
    let edits: Vec<Edit> = commands.iter().map(|command| edit(command)).collect();
    document
        .edit(&edits)
        .map(|edited| edited.text)
        .map_err(|refusal| refusal.reason)
}

/// Checks rows of text, edit and outcome in the first document.
fn check(table: &[(&str, &str, &str)]) {
    for (text, command, expected) in table {
        assert_eq!(
            edited(text, 0, &[command]).as_deref(),
            Ok(*expected),
            "{command}\n{text}"
        );
    }
}

#[test]
fn keys_are_set_behind_the_last_one() {
    check(&[
        ("a: 1\n", "set b 2", "a: 1\nb: 2\n"),
        ("a:\n  b: 1\nc: 2\n", "set a.d x", "a:\n  b: 1\n  d: x\nc: 2\n"),
        (
            "a:\n    b: 1\n",
            "set a.d {e: {f: [1, {g: h}]}}",
            "a:\n    b: 1\n    d:\n        e:\n            f:\n              - 1\n              - g: h\n",
        ),
        ("a: 1\n", "set b.c.d true", "a: 1\nb:\n  c:\n    d: true\n"),
        ("a: 1\nl:\n- x\n", "set b [v]", "a: 1\nl:\n- x\nb:\n- v\n"),
        (
            "a:\n  - name: x\n    b: 1\n  - name: y\n",
            "set a[0].c 2",
            "a:\n  - name: x\n    b: 1\n    c: 2\n  - name: y\n",
        ),
        (
            "a:\n- name: x\n- name: y\n",
            "set a[1].c {d: 1}",
            "a:\n- name: x\n- name: y\n  c:\n    d: 1\n",
        ),
    ]);
}

#[test]
fn keys_are_set_in_front_of_a_sibling() {
    check(&[
        ("a: 1\nb: 2\n", "before b c 3", "a: 1\nc: 3\nb: 2\n"),
        (
            "a: 1\n# of b\nb: 2\n",
            "before b c 3",
            "a: 1\nc: 3\n# of b\nb: 2\n",
        ),
        ("a: 1\nb: 2\n", "before a c 3", "c: 3\na: 1\nb: 2\n"),
        ("a: 1\nb: 2\n", "before x c 3", "a: 1\nb: 2\nc: 3\n"),
        ("a: 1\nb: 2\n", "before a b 3", "a: 1\nb: 3\n"),
        ("l:\n- a: 1\n", "before a l[0].b 2", "l:\n- b: 2\n  a: 1\n"),
        (
            "m:\n  # of a\n  a: 1\n",
            "before a m.b 2",
            "m:\n  b: 2\n  # of a\n  a: 1\n",
        ),
    ]);
}

#[test]
fn values_are_replaced_in_their_place() {
    check(&[
        ("a: 1 # c\n", "set a 2", "a: 2 # c\n"),
        ("a: x\n", "set a {b: 1}", "a:\n  b: 1\n"),
        ("a: x # c\nb: 1\n", "set a {b: 1}", "a: # c\n  b: 1\nb: 1\n"),
        ("a:\n  b: 1\nc: 1\n", "set a 5", "a: 5\nc: 1\n"),
        ("a: # c\n  b: 1\nc: 1\n", "set a 5", "a: 5 # c\nc: 1\n"),
        (
            "a:\n  # of b\n  b: 1\nc: 1\n",
            "set a.b {d: 2}",
            "a:\n  # of b\n  b:\n    d: 2\nc: 1\n",
        ),
        ("a:\n- x\n- y\n", "set a[0] z", "a:\n- z\n- y\n"),
        (
            "a:\n- x\n- y\n",
            "set a[0] {b: 1, c: 2}",
            "a:\n- b: 1\n  c: 2\n- y\n",
        ),
        ("a:\n- b: 1\n  c: 2\n- y\n", "set a[0] x", "a:\n- x\n- y\n"),
        ("a:\nb: 1\n", "set a.c 1", "a:\n  c: 1\nb: 1\n"),
        ("a: # c\nb: 1\n", "set a x", "a: x # c\nb: 1\n"),
        ("a: 'x'\n", "set a v", "a: 'v'\n"),
        ("a: \"x\"\n", "set a v", "a: \"v\"\n"),
    ]);
}

#[test]
fn items_are_inserted() {
    check(&[
        ("a:\n- x\n- y\n", "insert a[0] z", "a:\n- z\n- x\n- y\n"),
        ("a:\n- x\n- y\n", "insert a[1] z", "a:\n- x\n- z\n- y\n"),
        (
            "a:\n- x\n- y\nb: 1\n",
            "insert a[2] z",
            "a:\n- x\n- y\n- z\nb: 1\n",
        ),
        (
            "a:\n  - x: 1\n    z: 2\n",
            "insert a[1] {x: 3, z: 4}",
            "a:\n  - x: 1\n    z: 2\n  - x: 3\n    z: 4\n",
        ),
        (
            "a:\n  -   x: 1\n",
            "insert a[1] {x: 3, z: 4}",
            "a:\n  -   x: 1\n  -   x: 3\n      z: 4\n",
        ),
        (
            "a: 1\nl:\n  - 1\n",
            "insert b[0] x",
            "a: 1\nl:\n  - 1\nb:\n  - x\n",
        ),
        (
            "a:\n  b:\n    c: 1\n",
            "insert a.d[0] {e: 1}",
            "a:\n  b:\n    c: 1\n  d:\n    - e: 1\n",
        ),
        ("- - a\n", "insert [0][0] b", "- - b\n  - a\n"),
    ]);
}

#[test]
fn keys_and_items_are_removed() {
    check(&[
        ("a: 1\nb: 2\n", "remove a", "b: 2\n"),
        ("a: 1\nb: 2\n", "remove b", "a: 1\n"),
        ("a:\n  b: 1\nc: 1\n", "remove a.b", "a: {}\nc: 1\n"),
        ("a:\n- b: 1\nc: 1\n", "remove a[0]", "a: []\nc: 1\n"),
        ("a:\n- b: 1\n  c: 2\n", "remove a[0].b", "a:\n- c: 2\n"),
        ("a:\n- b: 1\nc: 2\n", "remove a[0].b", "a:\n- {}\nc: 2\n"),
        ("a:\n- x\n- y\n", "remove a[0]", "a:\n- y\n"),
        ("- - a\n  - b\n", "remove [0][0]", "- - b\n"),
        (
            "a: 1\n# of b\nb: 2 # c\nc: 3\n",
            "remove b",
            "a: 1\n# of b\nc: 3\n",
        ),
    ]);
}

#[test]
fn flow_style_stays_flow_style() {
    check(&[
        ("a: {b: 1}\n", "set a.c 2", "a: {b: 1, c: 2}\n"),
        ("a: { b: 1 }\n", "set a.c x", "a: { b: 1, c: x }\n"),
        ("a: {b: 1,}\n", "set a.c 2", "a: {b: 1, c: 2,}\n"),
        ("a: {b: 1}\n", "before b a.c {d: [1]}", "a: {c: {d: [1]}, b: 1}\n"),
        ("a: {b: 1}\n", "set a.b {c: d}", "a: {b: {c: d}}\n"),
        ("a: {b, c: }\n", "set a.b 1", "a: {b: 1, c: }\n"),
        ("a: {b, c: }\n", "set a.c 1", "a: {b, c: 1 }\n"),
        ("a: {b: !!str 1}\n", "set a.b x", "a: {b: x}\n"),
        ("a: {b: 1, c: 2}\n", "remove a.b", "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", "remove a.c", "a: {b: 1}\n"),
        ("a: {b: 1, c: 2,}\n", "remove a.c", "a: {b: 1,}\n"),
        ("a: {b: 1} # c\n", "remove a.b", "a: {} # c\n"),
        ("a: [x, z]\n", "insert a[1] v", "a: [x, v, z]\n"),
        ("a: [x, z]\n", "insert a[2] v", "a: [x, z, v]\n"),
        ("a: [x]\n", "insert a[0] 'v, w'", "a: [\"v, w\", x]\n"),
        ("a: [\"x\"]\n", "insert a[1] v", "a: [\"x\", \"v\"]\n"),
        ("a: ['x']\n", "insert a[1] v", "a: ['x', 'v']\n"),
        ("a: [x, z]\n", "remove a[0]", "a: [z]\n"),
        ("a: [x, z]\n", "remove a[1]", "a: [x]\n"),
        ("a: [x]\n", "remove a[0]", "a: []\n"),
        ("a: [x, {b: 1}]\n", "set a[1].c 2", "a: [x, {b: 1, c: 2}]\n"),
        ("a: {b: {}}\n", "set a.b.c 2", "a: {b: {c: 2}}\n"),
        ("{}\n", "set a {b: c}", "{a: {b: c}}\n"),
        ("a: {b: 1}\n", "set a {c: 2}", "a: {c: 2}\n"),
    ]);
}

#[test]
fn flow_style_over_several_lines_keeps_its_lines() {
    check(&[
        ("a: {\n  b: 1\n}\n", "set a.c 2", "a: {\n  b: 1,\n  c: 2\n}\n"),
        ("a: {\n  b: 1,\n}\n", "set a.c 2", "a: {\n  b: 1,\n  c: 2,\n}\n"),
        (
            "a: [\n  x, # of x\n  z # of z\n]\n",
            "insert a[2] v",
            "a: [\n  x, # of x\n  z, # of z\n  v\n]\n",
        ),
        (
            "a: [\n  x, # of x\n  # above z\n  z\n]\n",
            "insert a[1] v",
            "a: [\n  x, # of x\n  v,\n  # above z\n  z\n]\n",
        ),
        (
            "a: [\n  x,\n  z\n]\n",
            "insert a[0] v",
            "a: [\n  v,\n  x,\n  z\n]\n",
        ),
        ("a: [\n  x, # c\n  z\n]\n", "remove a[0]", "a: [\n  z\n]\n"),
        (
            "a: [\n  x, # c\n  z # d\n]\n",
            "remove a[1]",
            "a: [\n  x # c\n]\n",
        ),
        ("a: [\n  x,\n  z,\n]\n", "remove a[1]", "a: [\n  x,\n]\n"),
        ("a: [\n  x,\n  z]\n", "remove a[1]", "a: [\n  x]\n"),
        ("a: [x,\n  z]\n", "remove a[0]", "a: [\n  z]\n"),
        ("a: [x,\n  z]\n", "insert a[2] v", "a: [x,\n  z, v]\n"),
        (
            "a: [\n  # nothing\n]\n",
            "insert a[0] v",
            "a: [\n  # nothing\n  v\n]\n",
        ),
        (
            "a: [\n  # nothing\n  x # of x\n]\n",
            "remove a[0]",
            "a: [\n  # nothing\n]\n",
        ),
    ]);
}

#[test]
fn json_stays_json() {
    let pod = "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"volumes\": [],\n        \"containers\": [\n            {\n                \"name\": \"app\"\n            }\n        ]\n    }\n}\n";
    check(&[
        (
            pod,
            "set spec.containers[0].tty true",
            "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"volumes\": [],\n        \"containers\": [\n            {\n                \"name\": \"app\",\n                \"tty\": true\n            }\n        ]\n    }\n}\n",
        ),
        (
            pod,
            "insert spec.volumes[0] {name: tmp, emptyDir: {sizeLimit: 1Gi}}",
            "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"volumes\": [\n            {\n                \"name\": \"tmp\",\n                \"emptyDir\": {\n                    \"sizeLimit\": \"1Gi\"\n                }\n            }\n        ],\n        \"containers\": [\n            {\n                \"name\": \"app\"\n            }\n        ]\n    }\n}\n",
        ),
        (
            pod,
            "remove spec.volumes",
            "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"containers\": [\n            {\n                \"name\": \"app\"\n            }\n        ]\n    }\n}\n",
        ),
        (
            pod,
            "remove spec.containers",
            "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"volumes\": []\n    }\n}\n",
        ),
        (
            pod,
            "before containers spec.os linux",
            "{\n    \"kind\": \"Pod\",\n    \"spec\": {\n        \"volumes\": [],\n        \"os\": \"linux\",\n        \"containers\": [\n            {\n                \"name\": \"app\"\n            }\n        ]\n    }\n}\n",
        ),
        (
            "{\"a\":1,\"b\":[\"x\"]}",
            "set c {d: v}",
            "{\"a\":1,\"b\":[\"x\"],\"c\":{\"d\":\"v\"}}",
        ),
        (
            "{\"a\":1,\"b\":[\"x\"]}",
            "insert b[1] {d: null}",
            "{\"a\":1,\"b\":[\"x\",{\"d\":null}]}",
        ),
        (
            "{\n\t\"a\": 1\n}\n",
            "set c {d: v}",
            "{\n\t\"a\": 1,\n\t\"c\": {\n\t\t\"d\": \"v\"\n\t}\n}\n",
        ),
    ]);
}
