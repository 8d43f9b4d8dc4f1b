// SPDX-License-Identifier: Apache-2.0
//! What documents mean: lookups, merge keys, duplicates, aliases, text in all its forms. Values that are not obvious were
//! measured with `sigs.k8s.io/yaml` on go-yaml v2.4.
#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

#[path = "support/json.rs"]
mod json;

use serde_json::{Value, json};
use writeway_yaml::{Kind, Node, Scalar, Stream};

/// The only document of a stream without errors.
fn root(stream: &Stream) -> Node<'_> {
    assert_eq!(stream.errors(), &[], "{:?}", stream.text());
    stream.documents().next().expect("one document").root()
}

/// All documents of a stream without errors.
fn documents(text: &str) -> Vec<Value> {
    let stream = Stream::parse(text);
    assert_eq!(stream.errors(), &[], "{text:?}");
    stream
        .documents()
        .map(|document| json::to_json(document.root()))
        .collect()
}

#[test]
fn values_are_found_by_name_and_position() {
    let stream = Stream::parse("a: 1\nb:\n- x\n- {c: [y, no]}\n");
    let root = root(&stream);
    assert_eq!(root.kind(), Kind::Mapping);
    assert_eq!(root.get("a").and_then(Node::as_i64), Some(1));
    assert_eq!(root.get("z"), None);
    assert_eq!(root.items().count(), 0, "a mapping has no items");
    let list = root.get("b").expect("b");
    assert_eq!(list.entries().count(), 0, "a list has no entries");
    let items: Vec<_> = list.items().collect();
    assert_eq!(items[0].as_str(), Some("x"));
    assert!(!list.is_flow() && items[1].is_flow());
    let c: Vec<_> = items[1]
        .get("c")
        .expect("c")
        .items()
        .filter_map(Node::scalar)
        .collect();
    assert_eq!(c, [Scalar::Bool(true), Scalar::Bool(false)]);
    let (key, value) = root.get_entry("a").expect("a");
    assert_eq!((key.raw(), value.raw()), ("a", "1"));
}

#[test]
fn keys_are_looked_up_by_their_json_name() {
    let stream = Stream::parse("on: 1\n0x10: 2\n'on ': 3\n\"a\\tb\": 4\nname: 5\n");
    let root = root(&stream);
    for (name, value) in [("true", 1), ("16", 2), ("on ", 3), ("a\tb", 4), ("name", 5)] {
        assert_eq!(root.get(name).and_then(Node::as_i64), Some(value), "{name}");
    }
    for name in ["on", "0x10", "nam", ""] {
        assert_eq!(root.get(name), None, "{name}");
    }
}

#[test]
fn a_merge_key_acts_where_it_stands() {
    let table = [
        ("m: &m {a: 1, b: 2}\nr: {<<: *m, a: 9}\n", json!({"a": 9, "b": 2})),
        ("m: &m {a: 1, b: 2}\nr: {a: 9, <<: *m}\n", json!({"a": 1, "b": 2})),
        (
            "m: [&m {a: 1}, &n {a: 2, b: 2}]\nr: {<<: [*m, *n], c: 3}\n",
            json!({"a": 1, "b": 2, "c": 3}),
        ),
        ("r: {<<: {a: 1}, b: 2}\n", json!({"a": 1, "b": 2})),
        ("m: &m {<<: {a: 1}, b: 2}\nr: {<<: *m}\n", json!({"a": 1, "b": 2})),
        ("r: {<<: {a: 1}, <<: {a: 2}}\n", json!({"a": 2})),
        ("r: {<<: []}\n", json!({})),
        ("r: {'<<': {a: 1}}\n", json!({"<<": {"a": 1}})),
        ("r: {!!merge '<<': {a: 1}}\n", json!({"a": 1})),
        ("r: {! '<<': {a: 1}}\n", json!({"a": 1})),
        ("k: &k <<\nr: {*k : {a: 1}}\n", json!({"<<": {"a": 1}})),
    ];
    for (text, expected) in table {
        let stream = Stream::parse(text);
        let merged = root(&stream).get("r").expect("r");
        assert_eq!(json::to_json(merged), expected, "{text}");
        for (name, value) in expected.as_object().expect("a mapping") {
            assert_eq!(
                merged.get(name).map(json::to_json).as_ref(),
                Some(value),
                "{text} {name}"
            );
        }
    }
}

#[test]
fn merged_entries_keep_the_place_where_they_are_written() {
    let stream = Stream::parse("m: &m\n  a: 1\nr:\n  <<: *m\n  b: 2\n");
    let (key, value) = root(&stream).get("r").and_then(|r| r.get_entry("a")).expect("a");
    assert_eq!(stream.position(key.span().start).line, 2);
    assert_eq!(value.raw(), "1");
}

#[test]
fn of_duplicate_keys_the_last_one_counts_and_all_are_reported() {
    let stream = Stream::parse("a: 1\nb: 2\na: 3\n'a': 4\n");
    let root = root(&stream);
    assert_eq!(json::to_json(root), json!({"a": 4, "b": 2}));
    let names: Vec<_> = root.entries().map(|(key, _)| key.key_text()).collect();
    assert_eq!(names, ["a", "b"], "the place of the first, the value of the last");
    let lines: Vec<_> = stream
        .duplicates()
        .iter()
        .map(|duplicate| {
            let line = |span: writeway_yaml::Span| stream.position(span.start).line;
            (
                duplicate.key.as_str(),
                line(duplicate.first),
                line(duplicate.second),
            )
        })
        .collect();
    assert_eq!(lines, [("a", 1, 3), ("a", 3, 4)]);
}

#[test]
fn duplicates_are_found_in_large_mappings_too() {
    let mut text: String = (0..100)
        .map(|number| format!("key{number}: {number}\n"))
        .collect();
    text.push_str("key7: again\n0x1: a\n1: b\n");
    let stream = Stream::parse(text);
    let keys: Vec<_> = stream
        .duplicates()
        .iter()
        .map(|duplicate| duplicate.key.as_str())
        .collect();
    assert_eq!(keys, ["key7", "1"]);
    assert_eq!(root(&stream).get("key7").and_then(Node::as_str), Some("again"));
    assert_eq!(root(&stream).get("1").and_then(Node::as_str), Some("b"));
}

#[test]
fn a_merged_key_is_no_duplicate() {
    let stream = Stream::parse("m: &m {a: 1}\nr: {<<: *m, a: 2}\ns: {a: 1}\n");
    assert_eq!(
        root(&stream)
            .get("r")
            .and_then(|r| r.get("a"))
            .and_then(Node::as_i64),
        Some(2)
    );
    assert!(stream.duplicates().is_empty());
}

#[test]
fn aliases_are_followed_but_keep_their_own_place() {
    let stream = Stream::parse("a: &x {k: [1]}\nb: *x\nc: &y text\nd: [*y]\n*y : e\n");
    let root = root(&stream);
    let alias = root.get("b").expect("b");
    assert_eq!(alias.kind(), Kind::Mapping);
    assert_eq!(alias.raw(), "*x");
    assert_eq!(stream.position(alias.span().start).line, 2);
    assert!(alias.is_alias() && !alias.resolved().is_alias());
    assert!(alias.is_anchored() && alias.resolved().is_anchored());
    assert_eq!(Some(alias.resolved()), root.get("a"));
    assert_eq!(
        alias
            .get("k")
            .and_then(|k| k.items().next())
            .and_then(Node::as_i64),
        Some(1)
    );
    assert_eq!(
        root.get("d")
            .and_then(|d| d.items().next())
            .and_then(Node::as_str),
        Some("text")
    );
    assert_eq!(root.get("text").and_then(Node::as_str), Some("e"));
}

#[test]
fn the_latest_anchor_of_a_name_counts_and_none_outlives_its_document() {
    assert_eq!(documents("- &a 1\n- *a\n- &a 2\n- *a\n"), [json!([1, 1, 2, 2])]);
    let stream = Stream::parse("a: &a 1\n---\nb: *a\n");
    assert_eq!(stream.documents().count(), 1);
    assert_eq!(stream.errors().len(), 1);
}

#[test]
fn documents_are_counted_and_may_be_empty() {
    assert_eq!(documents(""), Vec::<Value>::new());
    assert_eq!(documents("# only a comment\n"), Vec::<Value>::new());
    assert_eq!(documents("---\n"), [Value::Null]);
    assert_eq!(
        documents("---\n---\n...\n---\n# x\n"),
        [Value::Null, Value::Null, Value::Null]
    );
    assert_eq!(
        documents("a: 1\n...\n---\nb: 2\n...\n"),
        [json!({"a": 1}), json!({"b": 2})]
    );
    assert_eq!(
        documents("--- text\n--- {a: 1}\n--- |\n block\n"),
        [json!("text"), json!({"a": 1}), json!("block\n")]
    );
    assert_eq!(documents("%YAML 1.1\n---\na: yes\n"), [json!({"a": true})]);
    assert_eq!(
        documents("%TAG !e! tag:example.com,2000:\n---\na: !e!x 1\n"),
        [json!({"a": "1"})]
    );
}

#[test]
fn json_is_read_with_tabs_escapes_and_duplicates() {
    let text = "{\n\t\"a\": \"\\ud83d\\ude00\\/\\u00e9\\n\",\n\t\"b\": [\n\t\t1e2,\n\t\tnull\n\t],\n\t\"a\": {}\n}\n";
    assert_eq!(documents(text), [json!({"a": {}, "b": [100.0, null]})]);
    assert_eq!(Stream::parse(text).duplicates().len(), 1);
    let stream = Stream::parse("{\"a\":\"\\ud83d\\ude00\\/\\u00e9\\n\",\"b\":true}");
    assert_eq!(root(&stream).get("a").and_then(Node::as_str), Some("😀/é\n"));
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_start_of_every_document() {
    assert_eq!(documents("\u{feff}a: 1\n"), [json!({"a": 1})]);
    assert_eq!(documents("\u{feff}---\na: 1\n"), [json!({"a": 1})]);
    assert_eq!(
        documents("\u{feff}a: 1\n---\n\u{feff}b: 2\n"),
        [json!({"a": 1}), json!({"b": 2})]
    );
    assert_eq!(
        documents("a: 1\n--- # c\n\u{feff}b: \"x\ny\"\n---\n\u{feff}c: 3\n").len(),
        3
    );
    let stream = Stream::parse("\u{feff}a: 1\n---\n\u{feff}b: &x |\n  t\n");
    let values: Vec<_> = stream
        .documents()
        .filter_map(|document| document.root().entries().next())
        .collect();
    assert_eq!(values[0].1.raw(), "1");
    assert_eq!(values[1].0.raw(), "b");
    assert_eq!(values[1].1.raw(), "|\n  t");
}

#[test]
fn tabs_stand_wherever_they_do_not_indent() {
    assert_eq!(
        documents("a:\t1\t# c\nb: |\n  x\ty\n  \tz\n"),
        [json!({"a": 1, "b": "x\ty\n\tz\n"})]
    );
    assert_eq!(
        documents("a: 1\n\t\nb: 2\n"),
        [json!({"a": 1, "b": 2})],
        "a line with only a tab"
    );
    assert_eq!(documents("a: |2\n  \tx\n"), [json!({"a": "\tx\n"})]);
    assert_eq!(
        documents("a: [\n\t1,\n\t{b:\n\t\t2}]\nc: 3\n"),
        [json!({"a": [1, {"b": 2}], "c": 3})]
    );
    assert_eq!(
        documents("a: \"x\n\ty\"\nb: 'x\n\ty'\n"),
        [json!({"a": "x y", "b": "x y"})]
    );
    assert_eq!(
        documents("a:\t\n  b: x\n\t# c\n  c: &d\t1\n"),
        [json!({"a": {"b": "x", "c": 1}})]
    );
}

#[test]
fn block_scalars_chomp_as_go_yaml_does() {
    let table = [
        ("a: |\n  x\n\n", "x\n"),
        ("a: |-\n  x\n\n", "x"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: |\n  x", "x"),
        ("a: |+\n  x", "x"),
        ("a: >\n  x\n  y", "x y"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\r\n  x\r\n  y\r\n", "x\ny\n"),
        ("a: >\n  x\n\n  y\n    z\n", "x\ny\n  z\n"),
        ("a: |1\n  x\n", " x\n"),
        ("a: |  # comment\n  # text\n", "# text\n"),
        ("a: |\n\n\n  x\n", "\n\nx\n"),
    ];
    for (text, expected) in table {
        assert_eq!(documents(text), [json!({ "a": expected })], "{text:?}");
    }
}

#[test]
fn shapes_that_only_libyaml_reads_are_read() {
    let table = [
        // Quoted text that goes on at the column of its key, or before it.
        (
            "a:\n  k: \"foo\n  bar\"\n  x: 1\n",
            json!({"a": {"k": "foo bar", "x": 1}}),
        ),
        ("k: 'a\nb'\nl: \"c\n\nd\"\n", json!({"k": "a b", "l": "c\nd"})),
        ("- \"# no comment\n'x\"\n- w\n", json!(["# no comment 'x", "w"])),
        (
            "a: it's # don't\nk: \"foo\nbar\"\n",
            json!({"a": "it's", "k": "foo bar"}),
        ),
        // No blank before the comment.
        ("a: \"x\"# c\nb: [1]#d\n", json!({"a": "x", "b": [1]})),
        // An escaped apostrophe in double quotes.
        ("a: \"it\\'s\\\\\"\n", json!({"a": "it's\\"})),
        (
            "# c\n%YAML 1.1\n---\na: \"x\ny\"# c\nz: \"\\'\"\n",
            json!({"a": "x y", "z": "'"}),
        ),
        (
            "%TAG !e! tag:x,2000:\n---\na: !e!y \"x\nz\"\n",
            json!({"a": "x z"}),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(documents(text), [expected], "{text:?}");
    }
}

#[test]
fn rewritten_shapes_keep_exact_places() {
    let text = "a: \"x\ny\"# c\nb: |\n  z\nc: \"\\'\" # d\ne: [f]\n---\ng: h\n";
    let stream = Stream::parse(text);
    assert_eq!(stream.errors(), &[]);
    let raw: Vec<_> = stream
        .documents()
        .flat_map(|document| document.root().entries())
        .map(|(key, value)| (key.raw(), value.raw()))
        .collect();
    assert_eq!(
        raw,
        [
            ("a", "\"x\ny\""),
            ("b", "|\n  z"),
            ("c", "\"\\'\""),
            ("e", "[f]"),
            ("g", "h")
        ]
    );
}

#[test]
fn long_lines_are_no_obstacle() {
    let long = "x".repeat(3 << 20);
    let text = format!("a: {long}\nb: \"{long}\"\nc: [{}1]\n", "1, ".repeat(20_000));
    let stream = Stream::parse(text);
    let root = root(&stream);
    assert_eq!(
        root.get("a").and_then(Node::as_str).map(str::len),
        Some(long.len())
    );
    assert_eq!(
        root.get("b").and_then(Node::as_str).map(str::len),
        Some(long.len())
    );
    assert_eq!(root.get("c").map(|c| c.items().count()), Some(20_001));
}

#[test]
fn a_stream_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let stream = Stream::parse("a: 1\n");
    shared(&stream);
    let sum: i64 = std::thread::scope(|scope| {
        let read = || root(&stream).get("a").and_then(Node::as_i64).unwrap_or_default();
        let handles = [scope.spawn(read), scope.spawn(read)];
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_default())
            .sum()
    });
    assert_eq!(sum, 2);
}
