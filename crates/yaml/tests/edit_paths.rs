// SPDX-License-Identifier: Apache-2.0
//! Paths: from places to names and back.
#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use writeway_yaml::{Document, Node, Path, Stream};

fn first(stream: &Stream) -> Document<'_> {
    stream.documents().next().expect("a document")
}

/// Checks every value of a mapping or list that a path can name, itself included.
fn check(document: Document<'_>, node: Node<'_>, seen: &mut Vec<String>) {
    if node.is_alias() {
        return;
    }
    let path = document.path_of(node).expect("a path");
    assert_eq!(path.find(document.root()), Some(node), "{path}");
    seen.push(path.to_string());
    for item in node.items() {
        check(document, item, seen);
    }
    for (key, value) in node.entries() {
        assert_eq!(document.path_of(key), document.path_of(value), "{path}");
        check(document, value, seen);
    }
}

#[test]
fn every_value_has_a_path_that_leads_to_it() {
    let text = "kind: List\nitems:\n- spec:\n    containers:\n    - {name: app, args: [a, [b]]}\n  metadata:\n    annotations:\n      \
                a.b/c: x\n      'q \"k': &x\n      on: z\n-\n";
    let stream = Stream::parse(text);
    let mut seen = Vec::new();
    check(first(&stream), first(&stream).root(), &mut seen);
    assert_eq!(
        seen,
        [
            "the document",
            "kind",
            "items",
            "items[0]",
            "items[0].spec",
            "items[0].spec.containers",
            "items[0].spec.containers[0]",
            "items[0].spec.containers[0].name",
            "items[0].spec.containers[0].args",
            "items[0].spec.containers[0].args[0]",
            "items[0].spec.containers[0].args[1]",
            "items[0].spec.containers[0].args[1][0]",
            "items[0].metadata",
            "items[0].metadata.annotations",
            "items[0].metadata.annotations[\"a.b/c\"]",
            "items[0].metadata.annotations[\"q \\\"k\"]",
            "items[0].metadata.annotations.true",
            "items[1]",
        ]
    );
}

#[test]
fn a_place_in_the_text_has_a_path() {
    let stream = Stream::parse("a: [x, {b: c}]\n---\na: [v]\n");
    let documents: Vec<_> = stream.documents().collect();
    let list = documents[0].root().get("a").expect("a value");
    let path = documents[0].path_to(list.items().nth(1).expect("an item").span());
    assert_eq!(path, Some(Path(vec!["a".into(), 1.into()])));
    assert_eq!(
        documents[1].path_to(list.span()),
        None,
        "it stands in another document"
    );
    let other = Stream::parse("a: 1\n");
    assert_eq!(first(&stream).path_of(first(&other).root()), None);
}

#[test]
fn what_no_path_names_has_none() {
    let stream = Stream::parse("a: &a {b: 1}\nc:\n  <<: {d: [2]}\nc: *a\n");
    let root = first(&stream).root();
    let path = |text: &str, column: u32| {
        let start = u32::try_from(stream.text().find(text).expect("the text")).expect("an offset") + column;
        let end = start + u32::try_from(text.len()).expect("a length") - column;
        first(&stream).path_to(writeway_yaml::Span::new(start, end))
    };
    assert_eq!(
        path("[2]", 0),
        None,
        "a merge key and an earlier duplicate are above it"
    );
    assert_eq!(path("*a", 0), Some(Path(vec!["c".into()])), "the alias itself");
    let through_alias = root.get("c").and_then(|alias| alias.get("b")).expect("a value");
    assert_eq!(
        first(&stream).path_of(through_alias),
        Some(Path(vec!["a".into(), "b".into()])),
        "where it is written"
    );
}
