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
        .map(|edited| edited.text().to_owned())
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

#[test]
fn empty_collections_are_filled_in_lines() {
    check(&[
        ("a: {}\nb: 1\n", "set a.c 2", "a:\n  c: 2\nb: 1\n"),
        ("a: {} # c\nb: 1\n", "set a.c 2", "a: # c\n  c: 2\nb: 1\n"),
        ("a: { }\nb: 1\n", "set a.c 2", "a:\n  c: 2\nb: 1\n"),
        ("a: []\nl:\n- 1\n", "insert a[0] x", "a:\n- x\nl:\n- 1\n"),
        ("a: []\n", "insert a[0] {b: 1, c: 2}", "a:\n  - b: 1\n    c: 2\n"),
        ("a:\n- {}\n", "set a[0].b 1", "a:\n- b: 1\n"),
        ("a:\nb: 1\n", "insert a[0] x", "a:\n  - x\nb: 1\n"),
        ("a: ~ # c\nb: 1\n", "set a.c 1", "a: # c\n  c: 1\nb: 1\n"),
        ("a: null\n", "insert a[0] x", "a:\n  - x\n"),
        ("a: !!null\n", "set a.b 1", "a:\n  b: 1\n"),
        ("a: &x {}\nb: 1\n", "set a.b 1", "a: &x\n  b: 1\nb: 1\n"),
        ("a: !!map {}\n", "set a.b 1", "a: !!map\n  b: 1\n"),
        ("a: {\n}\n", "set a.b 1", "a: {b: 1}\n"),
        ("---\n", "set a.b 1", "---\na:\n  b: 1\n"),
        ("--- # c\n...\n", "set a 1", "--- # c\na: 1\n...\n"),
        ("~\n", "set a 1", "a: 1\n"),
    ]);
}

#[test]
fn lists_at_the_column_of_their_key_stay_there() {
    let text =
        "spec:\n  containers:\n  - name: app\n    image: app\n  # the volumes\n  volumes:\n  - name: data\n";
    check(&[
        (
            text,
            "insert spec.containers[1] {name: x, args: [v]}",
            "spec:\n  containers:\n  - name: app\n    image: app\n  - name: x\n    args:\n    - v\n  # the volumes\n  volumes:\n  - name: data\n",
        ),
        (
            text,
            "set spec.containers[0].volumeMounts [{name: data, mountPath: /data}]",
            "spec:\n  containers:\n  - name: app\n    image: app\n    volumeMounts:\n    - name: data\n      mountPath: /data\n  # the volumes\n  volumes:\n  - name: data\n",
        ),
        (
            text,
            "before containers spec.initContainers [{name: own}]",
            "spec:\n  initContainers:\n  - name: own\n  containers:\n  - name: app\n    image: app\n  # the volumes\n  volumes:\n  - name: data\n",
        ),
    ]);
}

#[test]
fn comments_stay_with_what_they_belong_to() {
    let text = "# the file\nl:\n  # of x\n  - x # behind x\n    # deeper\n  # of z\n  - z\n  # - commented out\n# of m\nm: 1\n";
    check(&[
        (
            text,
            "insert l[0] v",
            "# the file\nl:\n  - v\n  # of x\n  - x # behind x\n    # deeper\n  # of z\n  - z\n  # - commented out\n# of m\nm: 1\n",
        ),
        (
            text,
            "insert l[1] v",
            "# the file\nl:\n  # of x\n  - x # behind x\n    # deeper\n  - v\n  # of z\n  - z\n  # - commented out\n# of m\nm: 1\n",
        ),
        (
            text,
            "insert l[2] v",
            "# the file\nl:\n  # of x\n  - x # behind x\n    # deeper\n  # of z\n  - z\n  # - commented out\n  - v\n# of m\nm: 1\n",
        ),
        (
            text,
            "remove l[0]",
            "# the file\nl:\n  # of x\n    # deeper\n  # of z\n  - z\n  # - commented out\n# of m\nm: 1\n",
        ),
        (
            text,
            "set l[0] v",
            "# the file\nl:\n  # of x\n  - v # behind x\n    # deeper\n  # of z\n  - z\n  # - commented out\n# of m\nm: 1\n",
        ),
        (
            text,
            "before m l2 1",
            "# the file\nl:\n  # of x\n  - x # behind x\n    # deeper\n  # of z\n  - z\n  # - commented out\nl2: 1\n# of m\nm: 1\n",
        ),
        ("# top\na: 1\n# end\n", "set b 2", "# top\na: 1\nb: 2\n# end\n"),
        ("# top\na: 1\n", "before a b 2", "# top\nb: 2\na: 1\n"),
        (
            "a:\n  b: 1\n  # of nothing\n\nc: 1\n",
            "set a.d 2",
            "a:\n  b: 1\n  # of nothing\n  d: 2\n\nc: 1\n",
        ),
        (
            "a:\n  # above\n  b: 1 # behind\n# below\n",
            "remove a.b",
            "a: {}\n  # above\n# below\n",
        ),
        (
            "l:\n- a: 1 # c\n  # of b\n  b: 2\n",
            "remove l[0].a",
            "l:\n- # of b\n  b: 2\n",
        ),
    ]);
}

#[test]
fn values_keep_their_column_and_their_quotes() {
    check(&[
        (
            "a:     1   # c\nlong:  2   # d\n",
            "set a 5",
            "a:     5   # c\nlong:  2   # d\n",
        ),
        ("a:\t1\n", "set a 5", "a:\t5\n"),
        ("a: 'x'\n", "set b '1'", "a: 'x'\nb: '1'\n"),
        ("a: \"x\"\n", "set b '1'", "a: \"x\"\nb: \"1\"\n"),
        ("a: 'x'\n", "set a 5", "a: 5\n"),
        ("a: 'x'\n", "set a \"it's\\tv\"", "a: \"it's\\tv\"\n"),
        ("a: 'x'\n", "set a \"it's\"", "a: 'it''s'\n"),
        ("a: plain\n  goes on # c\nb: 1\n", "set a v", "a: v # c\nb: 1\n"),
        ("a: # c\n  value\nb: 1\n", "set a v", "a: v # c\nb: 1\n"),
    ]);
}

#[test]
fn block_scalars_keep_their_chomping() {
    check(&[
        ("a: |\n  x\n", "set b 1", "a: |\n  x\nb: 1\n"),
        ("a: |\n  x\n\n\n", "set b 1", "a: |\n  x\nb: 1\n\n\n"),
        ("a: |+\n  x\n\n", "set b 1", "a: |+\n  x\n\nb: 1\n"),
        (
            "a: |+\n  x\n\nc: 1\n",
            "before c b 1",
            "a: |+\n  x\n\nb: 1\nc: 1\n",
        ),
        ("a: >-\n  x\n\nc: 1\n", "set a v", "a: v\n\nc: 1\n"),
        ("a: |\n  x", "set b 1", "a: |-\n  x\nb: 1"),
        ("a: >+2 # c\n  x", "set b 1", "a: >-2 # c\n  x\nb: 1"),
        ("a: |-\n  x", "set b 1", "a: |-\n  x\nb: 1"),
        ("a: |\n  x\nb: 1", "remove b", "a: |\n  x\n"),
        ("l:\n- |\n  x\n- z\n", "insert l[1] v", "l:\n- |\n  x\n- v\n- z\n"),
        ("a: v # c\n", "set a \"x\\nz\\n\"", "a: | # c\n  x\n  z\n"),
        ("a: v", "set b \"x\\nz\\n\"", "a: v\nb: |\n  x\n  z\n"),
        ("a: v", "set b \"x\\nz\"", "a: v\nb: |-\n  x\n  z"),
        (
            "l:\n  - v\n",
            "set l[0] \"x\\n\\nz\"",
            "l:\n  - |-\n    x\n\n    z\n",
        ),
    ]);
}

#[test]
fn windows_line_ends_stay_windows_line_ends() {
    check(&[
        (
            "a: 1\r\n",
            "set b {c: {d: [1]}}",
            "a: 1\r\nb:\r\n  c:\r\n    d:\r\n      - 1\r\n",
        ),
        ("a: 1", "set b 2", "a: 1\nb: 2"),
        ("a: 1\r\nb: 2", "set c 3", "a: 1\r\nb: 2\r\nc: 3"),
        (
            "a: 1\r\n\r\n# c\r\n",
            "set b \"x\\nz\\n\"",
            "a: 1\r\nb: |\r\n  x\r\n  z\r\n\r\n# c\r\n",
        ),
        ("a: 1\r\nb: 2\r\nc: 3\r\n", "remove b", "a: 1\r\nc: 3\r\n"),
        (
            "a: {\r\n  b: 1\r\n}\r\n",
            "set a.c 2",
            "a: {\r\n  b: 1,\r\n  c: 2\r\n}\r\n",
        ),
        (
            "a:\r\n- x # c\r\n- z\r\n",
            "insert a[1] v",
            "a:\r\n- x # c\r\n- v\r\n- z\r\n",
        ),
    ]);
}

#[test]
fn a_byte_order_mark_stays_and_is_no_column() {
    check(&[
        ("\u{feff}a: 1\n", "set b 2", "\u{feff}a: 1\nb: 2\n"),
        ("\u{feff}a: 1\n", "before a b 2", "\u{feff}b: 2\na: 1\n"),
        ("\u{feff}a: 1\nb: 2\n", "remove a", "\u{feff}b: 2\n"),
        ("\u{feff}a: 1\n", "remove a", "\u{feff}{}\n"),
        ("\u{feff}- x\n", "insert [0] v", "\u{feff}- v\n- x\n"),
        ("\u{feff}---\na: 1\n", "set b 2", "\u{feff}---\na: 1\nb: 2\n"),
    ]);
}

#[test]
fn a_leading_marker_stays() {
    check(&[
        ("---\na: 1\n", "set b 2", "---\na: 1\nb: 2\n"),
        ("---\na: 1\n", "before a b 2", "---\nb: 2\na: 1\n"),
        ("---\na: 1\n...\n", "set b 2", "---\na: 1\nb: 2\n...\n"),
        ("a: 1\n...\n# c\n", "set b 2", "a: 1\nb: 2\n...\n# c\n"),
        ("--- # c\na: 1\nb: 1\n", "remove a", "--- # c\nb: 1\n"),
        ("--- {a: 1}\n", "set b 2", "--- {a: 1, b: 2}\n"),
        (
            "%YAML 1.1\n---\na: 1\n",
            "set b 2",
            "%YAML 1.1\n---\na: 1\nb: 2\n",
        ),
    ]);
}

#[test]
fn a_missing_line_break_at_the_end_stays_missing() {
    check(&[
        ("a: 1", "set b 2", "a: 1\nb: 2"),
        ("a: 1 # c", "set b 2", "a: 1 # c\nb: 2"),
        ("a: 1\nb: 2", "remove b", "a: 1"),
        ("a:\n- x\n- z", "remove a[1]", "a:\n- x"),
        ("a:\n- x", "insert a[1] z", "a:\n- x\n- z"),
        ("a:\n  b: 1", "remove a.b", "a: {}"),
        ("a:", "set a.b 1", "a:\n  b: 1"),
    ]);
}

#[test]
fn the_other_documents_of_a_stream_stay() {
    let text = "# first\na: 1\n---\n# second\na: 1\n# end\n---\n\n--- # fourth\na: 1\n...\n# fifth\n%YAML 1.1\n---\na: 1";
    for (document, expected) in [
        (0, text.replacen("# first\na: 1\n", "# first\na: 1\nb: 2\n", 1)),
        (1, text.replacen("# second\na: 1\n", "# second\na: 1\nb: 2\n", 1)),
        (2, text.replacen("---\n\n---", "---\nb: 2\n\n---", 1)),
        (3, text.replacen("# fourth\na: 1\n", "# fourth\na: 1\nb: 2\n", 1)),
        (4, format!("{text}\nb: 2")),
    ] {
        assert_eq!(edited(text, document, &["set b 2"]), Ok(expected), "{document}");
    }
}

#[test]
fn broken_documents_beside_it_stay_as_they_are() {
    let text = "a: 1\n---\nb: [\n---\nc: 1\n---\n{{ template }}: x\n";
    let stream = Stream::parse(text);
    assert_eq!(stream.errors().len(), 2);
    let document = stream.documents().nth(1).expect("a document");
    let edited = document
        .edit(&[edit("set d 2")])
        .map(|edited| edited.text().to_owned());
    assert_eq!(edited, Ok(text.replacen("c: 1\n", "c: 1\nd: 2\n", 1)));
}

#[test]
fn several_edits_are_made_one_after_the_other() {
    let text = "spec:\n  containers:\n  - name: app # main\n    image: app\n";
    let commands = [
        "set spec.containers[0].securityContext.runAsUser 1000",
        "set spec.containers[0].securityContext.readOnlyRootFilesystem true",
        "insert spec.volumes[0] {name: tmp, emptyDir: {}}",
        "set spec.volumes[0].emptyDir.sizeLimit 1Gi",
        "insert spec.containers[0].volumeMounts[0] {name: tmp, mountPath: /tmp}",
        "remove spec.containers[0].image",
        "set spec.containers[0].name app",
    ];
    let expected = "spec:\n  containers:\n  - name: app # main\n    securityContext:\n      runAsUser: 1000\n      readOnlyRootFilesystem: true\n    volumeMounts:\n    - name: tmp\n      mountPath: /tmp\n  volumes:\n  - name: tmp\n    emptyDir:\n      sizeLimit: 1Gi\n";
    assert_eq!(edited(text, 0, &commands).as_deref(), Ok(expected));
    let stream = Stream::parse(text);
    let document = stream.documents().next().expect("a document");
    let edits: Vec<Edit> = commands.iter().map(|command| edit(command)).collect();
    let changes = document.edit(&edits).expect("edits").changes;
    let spans: Vec<_> = changes.iter().map(|change| &text[change.span.range()]).collect();
    assert_eq!(spans, ["    image: app"], "{changes:?}");
}

#[test]
fn one_refused_edit_refuses_its_batch() {
    let stream = Stream::parse("a: 1\nb: [x]\n");
    let document = stream.documents().next().expect("a document");
    let refusal = document
        .edit(&[edit("set c 2"), edit("remove b[1]"), edit("set d 2")])
        .expect_err("a refusal");
    assert_eq!((refusal.index, refusal.reason.clone()), (1, Reason::NotFound));
    assert_eq!(
        refusal.to_string(),
        "b[1]: nothing stands there; read the path from the document again"
    );
}

#[test]
fn what_is_so_already_is_not_touched() {
    for command in ["set a 256", "set b {c: [1, true]}", "before b a 256"] {
        let stream = Stream::parse("a: 0400 # mode\nb: {c: [1, yes]}\n");
        let document = stream.documents().next().expect("a document");
        let edited = document.edit(&[edit(command)]).expect("no refusal");
        assert_eq!(
            (edited.text(), edited.changes.len()),
            (stream.text(), 0),
            "{command}"
        );
    }
}

#[test]
fn anchors_that_are_used_elsewhere_refuse_edits() {
    let text = "a: &a {b: 1}\nc: *a\nd: &d\n  e: 1\nf: &f [&g x, *g]\nh:\n  <<: *a\n  i: 1\n";
    for (command, expected) in [
        ("set a.b 2", Reason::Anchored),
        ("set a 2", Reason::Anchored),
        ("remove a", Reason::Anchored),
        ("set c.b 2", Reason::Alias),
        ("remove f[0]", Reason::Anchored),
        ("set f[0] v", Reason::Anchored),
        ("remove h.b", Reason::Merged),
        ("set h.b.c 1", Reason::Merged),
    ] {
        assert_eq!(edited(text, 0, &[command]), Err(expected), "{command}");
    }
}

#[test]
fn anchors_that_do_not_matter_allow_edits() {
    let text = "a: &a {b: 1}\nc: *a # alias\nd: &d\n  e: 1\nf: &f [&g x, *g]\nh:\n  <<: *a\n  i: 1\n";
    for (command, old, new) in [
        ("set c 2", "*a # alias", "2 # alias"),
        ("remove c", "c: *a # alias\n", ""),
        ("set d.x 2", "  e: 1\n", "  e: 1\n  x: 2\n"),
        ("set d 2", "d: &d\n  e: 1\n", "d: 2\n"),
        ("insert f[2] v", ", *g]", ", *g, v]"),
        ("remove f[1]", ", *g]", "]"),
        ("set f v", "&f [&g x, *g]", "v"),
        ("set h.x 2", "  i: 1\n", "  i: 1\n  x: 2\n"),
        ("set h.b 2", "  i: 1\n", "  i: 1\n  b: 2\n"),
        ("remove h.i", "  i: 1\n", ""),
    ] {
        assert_eq!(
            edited(text, 0, &[command]),
            Ok(text.replacen(old, new, 1)),
            "{command}"
        );
    }
}

#[test]
fn duplicate_keys_are_refused_and_others_are_not() {
    let text = "a: 1\nb:\n  c: 1\nb:\n  c: 2\n";
    for command in ["set b.c 3", "remove b", "set b 1"] {
        assert_eq!(edited(text, 0, &[command]), Err(Reason::Duplicate), "{command}");
    }
    check(&[(text, "set a 2", "a: 2\nb:\n  c: 1\nb:\n  c: 2\n")]);
}

#[test]
fn keys_with_a_question_mark_are_edited_like_others() {
    check(&[
        ("? a\n: 1\n", "set b 2", "? a\n: 1\nb: 2\n"),
        ("? a\n: 1\n", "set a 2", "? a\n: 2\n"),
        (
            "? a\n: 1\n? c\n: 2\n",
            "before c b 2",
            "? a\n: 1\nb: 2\n? c\n: 2\n",
        ),
        ("? a\n: 1\n? c\n: 2\n", "remove a", "? c\n: 2\n"),
        ("? a\n: b: 1\n", "set a.c 2", "? a\n: b: 1\n  c: 2\n"),
        ("{? a : 1}\n", "set a 2", "{? a : 2}\n"),
        ("{? a : 1, b: 2}\n", "remove a", "{b: 2}\n"),
    ]);
}

#[test]
fn tags_go_with_the_value_that_goes() {
    check(&[
        ("a: !!str 5 # c\n", "set a 6", "a: 6 # c\n"),
        ("a: !!int '5'\n", "set a v", "a: 'v'\n"),
        ("a: !!map\n  b: 1\n", "set a.c 2", "a: !!map\n  b: 1\n  c: 2\n"),
        ("a: !!seq\n- x\n", "remove a[0]", "a: !!seq []\n"),
        ("- !!str x\n- z\n", "remove [0]", "- z\n"),
        ("- !!str x\n- z\n", "set [0] {b: 1}", "- b: 1\n- z\n"),
        ("!!str 5: x\n", "set a 1", "!!str 5: x\na: 1\n"),
        ("a: 1\n!!str 5: x\n", "remove [\"5\"]", "a: 1\n"),
    ]);
}

#[test]
fn a_merge_key_that_would_win_or_come_up_is_respected() {
    let text = "a: &a {b: 1}\nh:\n  b: 2\n  <<: *a\n";
    assert!(matches!(
        edited(text, 0, &["set h.b 3"]),
        Err(Reason::Unproved(_))
    ));
    let text = "a: &a {b: 1}\nh:\n  <<: *a\n  b: 2\n";
    assert_eq!(edited(text, 0, &["remove h.b"]), Err(Reason::Merged));
    check(&[(text, "set h.b 3", "a: &a {b: 1}\nh:\n  <<: *a\n  b: 3\n")]);
}

#[test]
fn edits_that_make_no_sense_are_refused() {
    let text = "a: 1\nl: [x]\nm: {n: v}\n";
    let document = |command: &str| edited(text, 0, &[command]);
    assert_eq!(document("remove x"), Err(Reason::NotFound));
    assert_eq!(document("remove l[1]"), Err(Reason::NotFound));
    assert_eq!(document("set l[1] v"), Err(Reason::NotFound));
    assert_eq!(document("insert l[2] v"), Err(Reason::NotFound));
    assert_eq!(document("insert x[1] v"), Err(Reason::NotFound));
    assert_eq!(document("set x[0].z v"), Err(Reason::NotFound));
    assert!(matches!(document("insert m.n v"), Err(Reason::Malformed(_))));
    assert!(matches!(document("before n l[0] v"), Err(Reason::Malformed(_))));
    let wrong = |wanted, found| Err(Reason::WrongKind { wanted, found });
    assert_eq!(document("set a.b v"), wrong("a mapping", "a scalar"));
    assert_eq!(document("set l.b v"), wrong("a mapping", "a list"));
    assert_eq!(document("set m[0] v"), wrong("a list", "a mapping"));
    let stream = Stream::parse(text);
    let root = Edit {
        path: Path::root(),
        operation: Operation::Remove,
    };
    let refusal = stream
        .documents()
        .next()
        .expect("a document")
        .edit(&[root])
        .expect_err("a refusal");
    assert_eq!(
        refusal.to_string(),
        "the document: the document itself cannot be edited; name a key or an item"
    );
}

#[test]
fn deep_places_and_values_are_refused_and_nothing_overflows() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::list([inner]));
    let deep = nested(200);
    let stream = Stream::parse(format!("a: {}1{}\n", "[".repeat(200), "]".repeat(200)));
    let document = stream.documents().next().expect("a document");
    let edit = |path: Path, value: Value| Edit {
        path,
        operation: Operation::Set(value),
    };
    let new = Path(vec!["b".into()]);
    assert!(document.edit(&[edit(new.clone(), deep.clone())]).is_ok());
    let inside: Path = std::iter::once(Step::from("a"))
        .chain((0..199).map(|_| Step::from(0)))
        .collect();
    assert!(document.edit(&[edit(inside.join(0), Value::from("v"))]).is_ok());
    let far: Path = (0..100_000).map(|_| Step::from("x")).collect();
    for refused in [
        edit(inside, deep.clone()),
        edit(new, nested(256)),
        edit(far, Value::Null),
    ] {
        let reason = document.edit(&[refused]).map_err(|refusal| refusal.reason);
        assert!(
            matches!(reason, Err(Reason::Malformed(_) | Reason::Unproved(_))),
            "{reason:?}"
        );
    }
}
