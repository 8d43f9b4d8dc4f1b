// SPDX-License-Identifier: Apache-2.0
//! What is refused, where, with which words, and what can still be read beside it.

use writeway_yaml::{ErrorKind, Node, Position, Stream};

/// The only error of a stream with its place.
fn error(text: &str) -> Option<(ErrorKind, Position, String)> {
    let stream = Stream::parse(text);
    let [error] = stream.errors() else { return None };
    Some((error.kind, stream.position(error.span.start), error.to_string()))
}

fn refused(text: &str) -> Option<(ErrorKind, u32, u32)> {
    error(text).map(|(kind, position, _)| (kind, position.line, position.column))
}

#[test]
fn reading_goes_on_behind_a_broken_document() {
    let broken = [
        "a: [1, 2",
        "a: \"open",
        "a: b: c",
        "a: 1\n b: 2",
        "\ta: 1",
        "a: *nobody",
        "a: !!int x",
        "{{ .Values.x }}: 1",
        "a: x\u{0}y",
        "a: \"\\q\"",
        "? [1]\n: 2",
        "<<: 1",
        "a: }",
    ];
    for document in broken {
        let stream = Stream::parse(format!("first: 1\n---\n{document}\n---\nlast: 3\n"));
        let read: Vec<_> = stream
            .documents()
            .map(|document| {
                (
                    document.index(),
                    document
                        .root()
                        .entries()
                        .map(|(key, _)| key.raw())
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        assert_eq!(stream.errors().len(), 1, "{document:?}: {:?}", stream.errors());
        assert_eq!(read, [(0, vec!["first"]), (2, vec!["last"])], "{document:?}");
        let line = stream.position(stream.errors()[0].span.start).line;
        assert!((3..=6).contains(&line), "{document:?} is reported on line {line}");
    }
}

#[test]
fn nothing_of_a_broken_document_is_left() {
    let stream = Stream::parse("a: 1\na: 2\nb: \"\\t\"\nc: [\n---\nd: &x 1\ne: *x\n");
    assert!(stream.duplicates().is_empty());
    let root = stream.documents().next().map(|document| document.root());
    assert_eq!(
        root.and_then(|root| root.get("e")).and_then(Node::as_i64),
        Some(1)
    );
}

#[test]
fn text_behind_a_complete_document_is_an_error_and_the_document_stays() {
    let stream = Stream::parse("x\n# c\ny: 1\n");
    assert_eq!(stream.documents().count(), 1);
    assert_eq!(refused("x\n# c\ny: 1\n"), Some((ErrorKind::Syntax, 3, 1)));
}

#[test]
fn an_unknown_alias_suggests_quotes() {
    let (kind, position, message) = error("a: 1\nb: */5 * * * *\n").unwrap();
    assert_eq!(
        (kind, position),
        (ErrorKind::UnknownAlias, Position { line: 2, column: 4 })
    );
    assert_eq!(
        message,
        "`*/5` refers to an anchor `&/5` that is not defined before it; if `*` is meant as text (a cron schedule, a \
         wildcard), put the value in quotes"
    );
    assert_eq!(
        refused("a: *b\nb: &b 1\n"),
        Some((ErrorKind::UnknownAlias, 1, 4)),
        "defined too late"
    );
}

#[test]
fn a_value_may_not_contain_itself() {
    for (text, column) in [
        ("a: &a [*a]\n", 8),
        ("a: &a {b: {c: *a}}\n", 15),
        ("&a a: &b [*b]\n", 11),
    ] {
        assert_eq!(
            refused(text),
            Some((ErrorKind::SelfReference, 1, column)),
            "{text}"
        );
    }
}

#[test]
fn keys_must_be_text() {
    for (text, word) in [
        ("? [a]\n: 1\n", "a list"),
        ("? {a: b}\n: 1\n", "a mapping"),
        ("x: {{ .Values.y }}\n", "a mapping"),
        ("a: &a [1]\nb: {*a : 1}\n", "a list"),
        ("~: 1\n", "null"),
        (": 1\n", "null"),
        ("18446744073709551615: 1\n", "a number above"),
    ] {
        let (kind, _, message) = error(text).unwrap();
        assert_eq!(kind, ErrorKind::InvalidKey, "{text}");
        assert!(message.contains(word), "{text}: {message}");
    }
    assert_eq!(refused("a:\n  x: {{ y }}\n"), Some((ErrorKind::InvalidKey, 2, 7)));
}

#[test]
fn a_merge_key_needs_mappings() {
    for text in [
        "<<: 1\n",
        "<<:\n",
        "<<: [1]\n",
        "a: &a [{b: 1}]\nc: {<<: *a}\n",
        "a: &a x\nc: {<<: [*a]}\n",
    ] {
        assert_eq!(
            error(text).map(|(kind, ..)| kind),
            Some(ErrorKind::InvalidMerge),
            "{text}"
        );
    }
}

#[test]
fn forbidden_characters_are_located_even_in_comments() {
    let table = [
        ("a: x\u{0}y\n", (1, 5)),
        ("a: 1\n# c\u{7}\nb: 2\n", (2, 4)),
        ("a: \"\u{1b}[0m\"\n", (1, 5)),
        ("ä: \u{7f}\n", (1, 4)),
        ("a: \u{85}\u{9f}\n", (1, 5)),
        ("a: 'x\u{ffff}'\n", (1, 6)),
        ("\u{0}", (1, 1)),
        ("# c\u{1}\n", (1, 4)),
    ];
    for (text, (line, column)) in table {
        assert_eq!(
            refused(text),
            Some((ErrorKind::ControlCharacter, line, column)),
            "{text:?}"
        );
    }
    let (_, _, message) = error("a: \u{7}\n").unwrap();
    assert_eq!(
        message,
        "the character U+0007 is not allowed in YAML; remove it, or write it as an escape in double quotes"
    );
}

#[test]
fn what_go_yaml_refuses_beyond_yaml_1_2_is_refused() {
    assert_eq!(
        refused("a: |\n  \tx\n"),
        Some((ErrorKind::Syntax, 1, 4)),
        "a tab where indentation is guessed"
    );
    assert_eq!(
        refused("a: &b:c 1\n"),
        Some((ErrorKind::Syntax, 1, 4)),
        "a colon in an anchor"
    );
}

#[test]
fn a_tab_may_not_indent() {
    for (text, line, column) in [
        ("\ta: 1\n", 1, 1),
        ("- \ta: 1\n", 1, 3),
        ("-\tx\n", 1, 2),
        ("a:\n \t- x\n", 2, 2),
        ("a:\n  \tb\n", 2, 3),
        ("? \ta\n: 1\n", 1, 3),
        ("a: |\n  x\n\tb: 1\n", 3, 1),
        ("a:\n\t[1]\n", 2, 1),
        ("a: &b 1\nc:\n\t*b\n", 3, 1),
    ] {
        let (kind, found, _) = error(text).unwrap();
        assert_eq!((kind, found.line), (ErrorKind::Syntax, line), "{text:?}");
        assert!(
            found.column == column || found.column == column + 1,
            "{text:?}: {found:?}"
        );
    }
}

#[test]
fn quotes_that_hide_a_document_marker_are_not_repaired() {
    let stream = Stream::parse("a: \"x\n--- y\nb: 1\"\n---\nc: 1\n");
    assert!(!stream.errors().is_empty());
    assert_eq!(
        stream.documents().last().map(|document| document.root().raw()),
        Some("c: 1")
    );
}

#[test]
fn messages_have_no_position_and_no_full_stop() {
    for text in [
        "a: [1",
        "a: \"x",
        "a: *b",
        "a: !!int x",
        "? []\n: 1",
        "a: b: c",
        "\u{0}",
        "&a [*a]",
        "- a\nb: 1",
    ] {
        let (_, _, message) = error(text).unwrap();
        assert!(!message.ends_with('.'), "{text:?}: {message}");
        assert!(!message.contains("line "), "{text:?}: {message}");
        assert!(!message.is_empty(), "{text:?}");
    }
}
