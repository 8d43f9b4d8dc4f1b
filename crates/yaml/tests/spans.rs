// SPDX-License-Identifier: Apache-2.0
//! Where values stand: the exact text of every node.
#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use writeway_yaml::{Node, Position, Stream};

/// The text of the value that `path` leads to: names and, for lists, numbers.
fn raw(text: &str, path: &[&str]) -> String {
    let stream = Stream::parse(text);
    assert_eq!(stream.errors(), &[], "{text:?}");
    let root = stream.documents().next().expect("a document").root();
    find(root, path).raw().to_owned()
}

fn find<'t>(root: Node<'t>, path: &[&str]) -> Node<'t> {
    path.iter().fold(root, |node, step| match step.parse::<usize>() {
        Ok(index) => node.items().nth(index).expect("an item"),
        Err(_) => node.get(step).expect("an entry"),
    })
}

#[test]
fn scalars_stand_alone_without_comments_and_properties() {
    let table = [
        ("a: 1  # c\n", "1"),
        ("a: one two \n", "one two"),
        ("a: 'it''s' # c\n", "'it''s'"),
        ("a: \"x\\\n  y\"\n", "\"x\\\n  y\""),
        ("a: plain\n  goes on\nb: 1\n", "plain\n  goes on"),
        ("a: &x !!str  1\n", "1"),
        ("a: !!str &x\n  1\n", "1"),
        ("{a: 1 , b: 2}\n", "1"),
        ("{\"a\":1}\n", "1"),
        ("? a\n: 1\n", "1"),
    ];
    for (text, expected) in table {
        assert_eq!(raw(text, &["a"]), expected, "{text:?}");
    }
}

#[test]
fn block_scalars_reach_from_their_header_to_their_last_line() {
    let table = [
        ("a: |\n  x\n  y\nb: 1\n", "|\n  x\n  y"),
        ("a: >-  # c | c\n\n  x\n\n\nb: 1\n", ">-  # c | c\n\n  x"),
        ("a: |\n  x\n# comment\nb: 1\n", "|\n  x"),
        ("a: |+\n  x\n\n\nb: 1\n", "|+\n  x\n\n"),
        ("a: |\n  x", "|\n  x"),
        ("a: |\n\nb: 1\n", "|"),
        ("a: |2-\n   x\n", "|2-\n   x"),
        ("a: &p>|q !!str # |\n  |\n  x\n", ""),
        ("a: &p !!str |\n  x\n", "|\n  x"),
        ("a:\n  # c |\n  |\n  x\n", "|\n  x"),
        ("a: |\n  x  \n   \nb: 1\n", "|\n  x  \n   "),
        ("a: |\r\n  x\r\n\r\nb: 1\r\n", "|\r\n  x"),
    ];
    for (text, expected) in table {
        if expected.is_empty() {
            assert!(
                !Stream::parse(text).errors().is_empty(),
                "{text:?}: such an anchor is refused"
            );
        } else {
            assert_eq!(raw(text, &["a"]), expected, "{text:?}");
        }
    }
    assert_eq!(raw("- |\n  x\n- >\n  y\n", &["1"]), ">\n  y");
    assert_eq!(raw("--- |\n  x\n...\n", &[]), "|\n  x");
    assert_eq!(raw("# c\n|\n  x\n", &[]), "|\n  x");
    assert_eq!(raw("- - - |\n      x\n", &["0", "0", "0"]), "|\n      x");
}

#[test]
fn block_collections_reach_from_first_key_or_dash_to_last_content() {
    let text = "a:\n  b: 1 # c\n  c:\n  - x\n  -  - y\n     - z\n\n# end\nd: 1\n";
    assert_eq!(raw(text, &["a"]), "b: 1 # c\n  c:\n  - x\n  -  - y\n     - z");
    assert_eq!(raw(text, &["a", "c"]), "- x\n  -  - y\n     - z");
    assert_eq!(raw(text, &["a", "c", "1"]), "- y\n     - z");
    assert_eq!(raw("a:\n- - x\nb: 1\n", &["a"]), "- - x");
    assert_eq!(raw("a: # c - c\n# - x\n- x\n", &["a"]), "- x");
    assert_eq!(raw("a: &p\n-\n- x\n", &["a"]), "-\n- x");
    assert_eq!(raw("- a: 1\n  b: 2\n- c\n", &["0"]), "a: 1\n  b: 2");
    assert_eq!(raw("a:\n  k:\nb: 1\n", &["a"]), "k:");
    assert_eq!(raw("---\n- a\n# c\n", &[]), "- a");
}

#[test]
fn flow_collections_include_their_brackets() {
    assert_eq!(raw("a: [1, {b: 2} ]  # c\n", &["a"]), "[1, {b: 2} ]");
    assert_eq!(raw("a: [1, {b: 2} ]\n", &["a", "1"]), "{b: 2}");
    assert_eq!(raw("a: [b: 2 , c]\n", &["a", "0"]), "b: 2");
    assert_eq!(raw("a: {\n  b: 1,\n}\n", &["a"]), "{\n  b: 1,\n}");
    assert_eq!(raw("a: []\n", &["a"]), "[]");
}

#[test]
fn a_value_that_is_not_written_stands_behind_its_colon_or_dash() {
    let place = |text: &str, path: &[&str]| {
        let stream = Stream::parse(text);
        let root = stream.documents().next().expect("a document").root();
        let node = find(root, path);
        assert!(node.is_null() && node.span().is_empty());
        node.span().start
    };
    assert_eq!(place("a:\nb: 1\n", &["a"]), 2);
    assert_eq!(place("a :\nb: 1\n", &["a"]), 3);
    assert_eq!(place("a: # c\nb: 1\n", &["a"]), 2);
    assert_eq!(place("a: &x\nb: 1\n", &["a"]), 5);
    assert_eq!(place("{a: , b}\n", &["a"]), 3);
    assert_eq!(place("{a: , b}\n", &["b"]), 7);
    assert_eq!(place("- a\n-\n- b\n", &["1"]), 5);
    assert_eq!(place("---\n", &[]), 3);
}

#[test]
fn documents_know_their_extent() {
    let text = "# c\n---\na: 1\n# d\n---\nb: 2\n...\nc: 3\n";
    let stream = Stream::parse(text);
    let spans: Vec<_> = stream
        .documents()
        .map(|document| &text[document.span().range()])
        .collect();
    assert_eq!(spans, ["---\na: 1\n# d\n", "---\nb: 2\n...", "c: 3\n"]);
    let indices: Vec<_> = stream.documents().map(|document| document.index()).collect();
    assert_eq!(indices, [0, 1, 2]);
}

#[test]
fn positions_are_right_in_every_document() {
    let text = "a: 1\r\n---\r\nb:\r\n  - ä: é\r\n    ö: \"ü\"\r\n";
    let stream = Stream::parse(text);
    let root = stream.documents().nth(1).expect("two documents").root();
    let item = find(root, &["b", "0"]);
    let place = |node: Node<'_>| stream.position(node.span().start);
    assert_eq!(place(item), Position { line: 4, column: 5 });
    assert_eq!(place(item.get("ä").expect("ä")), Position { line: 4, column: 8 });
    let (key, value) = item.get_entry("ö").expect("ö");
    assert_eq!(place(key), Position { line: 5, column: 5 });
    assert_eq!(place(value), Position { line: 5, column: 8 });
    assert_eq!(
        stream.position(value.span().end),
        Position { line: 5, column: 11 }
    );
}

#[test]
fn a_value_is_found_again_by_its_place() {
    fn same(node: Node<'_>, text: &Stream, seen: &mut usize) {
        let found = text.value_at(node.span()).expect("a value");
        assert_eq!((found.raw(), found.content()), (node.raw(), node.content()));
        *seen += 1;
        for item in node.items() {
            same(item, text, seen);
        }
        for (key, value) in node.entries() {
            same(key, text, seen);
            same(value, text, seen);
        }
    }
    let stream = Stream::parse(
        "a: &x |\n  one\n  two\nb: *x\nc: [1, {d: 'e', f: }]\n---\n- - - g\n  -\n- \"h\\n\"\n---\nk:\n  <<: {l: m}\n",
    );
    assert_eq!(stream.errors(), &[]);
    let mut seen = 0;
    for document in stream.documents() {
        same(document.root(), &stream, &mut seen);
    }
    assert!(seen > 20, "{seen}");
    assert_eq!(stream.value_at(writeway_yaml::Span::new(1, 2)), None);
}
