// SPDX-License-Identifier: Apache-2.0
//! Hostile streams: each is refused with a located error, in bounded memory, stack and time.

use std::fmt::Write as _;

use writeway_yaml::{ErrorKind, Limits, Node, Stream};

fn kinds(stream: &Stream) -> Vec<ErrorKind> {
    stream.errors().iter().map(|error| error.kind).collect()
}

#[test]
fn billion_laughs_are_refused_where_the_limit_is_crossed() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    text.push_str("---\nb: 1\n");
    let stream = Stream::parse(text);
    assert_eq!(kinds(&stream), [ErrorKind::TooManyAliases]);
    assert_eq!(stream.position(stream.errors()[0].span.start).line, 6);
    assert_eq!(
        stream.errors()[0].to_string(),
        "document expands to more than 400000 nodes through aliases (billion laughs); write repeated values out"
    );
    assert_eq!(stream.documents().count(), 1);
}

#[test]
fn merge_keys_count_as_aliases() {
    let mut text = String::from("a0: &a0 {k: 1}\n");
    for level in 1..40 {
        writeln!(
            text,
            "a{level}: &a{level} {{<<: [*a{0}, *a{0}], k{level}: 1}}",
            level - 1
        )
        .unwrap();
    }
    assert_eq!(kinds(&Stream::parse(text)), [ErrorKind::TooManyAliases]);
}

#[test]
fn repeating_long_text_is_bounded_too() {
    let long = "x".repeat(1 << 20);
    let text = |times: usize| {
        format!(
            "a: &a {long}\nb: [{}1]\nc: {{{}d: 1}}\n",
            "*a, ".repeat(times),
            "*a : 1, ".repeat(times)
        )
    };
    assert_eq!(kinds(&Stream::parse(text(3))), []);
    assert_eq!(kinds(&Stream::parse(text(10_000))), [ErrorKind::TooManyAliases]);
}

#[test]
fn aliases_within_the_limit_are_free() {
    let text = "a: &a [1, 2, 3]\nb: [*a, *a]\n";
    let limits = |max_alias_nodes| Limits {
        max_alias_nodes,
        ..Limits::default()
    };
    assert_eq!(kinds(&Stream::parse_with(text, &limits(8))), []);
    assert_eq!(
        kinds(&Stream::parse_with(text, &limits(7))),
        [ErrorKind::TooManyAliases]
    );
    let large = format!("a: [{}1]\n", "1, ".repeat(1000));
    assert_eq!(
        kinds(&Stream::parse_with(large, &limits(7))),
        [],
        "values that are written out are not counted"
    );
}

#[test]
fn depth_is_bounded_in_every_style() {
    let deep = 100_000;
    let indented: String = (0..3000)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    for text in [
        "[".repeat(deep),
        "{".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        "[{".repeat(deep),
        indented,
    ] {
        let stream = Stream::parse(format!("{text}\n---\nb: 1\n"));
        assert_eq!(kinds(&stream), [ErrorKind::TooDeep], "{:?}…", &text[..8]);
        assert_eq!(stream.documents().count(), 1, "{:?}…", &text[..8]);
    }
}

#[test]
fn depth_counts_styles_together_and_through_aliases() {
    let limits = Limits {
        max_depth: 6,
        ..Limits::default()
    };
    let kinds = |text: &str| kinds(&Stream::parse_with(text, &limits));
    assert_eq!(kinds("a:\n  b:\n    - [[{c: 1}]]\n"), []);
    assert_eq!(kinds("a:\n  b:\n    - [[{c: []}]]\n"), [ErrorKind::TooDeep]);
    assert_eq!(kinds("- &a [[1]]\n- &b [[*a]]\n"), []);
    assert_eq!(kinds("- &a [[1]]\n- &b [[*a]]\n- [*b]\n"), []);
    assert_eq!(kinds("- &a [[1]]\n- &b [[*a]]\n- [[*b]]\n"), [ErrorKind::TooDeep]);
    assert_eq!(kinds("- &a [[1]]\n- &b [[[[*a]]]]\n"), [ErrorKind::TooDeep]);
}

#[test]
fn the_default_depth_can_be_walked_recursively() {
    fn depth(node: Node<'_>) -> usize {
        1 + node
            .items()
            .chain(node.entries().map(|(_, value)| value))
            .map(depth)
            .max()
            .unwrap_or(0)
    }
    let limit = Limits::default().max_depth;
    let stream = Stream::parse(format!("{}1{}", "[".repeat(limit), "]".repeat(limit)));
    assert_eq!(
        stream.documents().map(|document| depth(document.root())).max(),
        Some(limit + 1)
    );
}

#[test]
fn nodes_and_bytes_are_bounded() {
    let limits = Limits {
        max_nodes: 4,
        ..Limits::default()
    };
    assert_eq!(kinds(&Stream::parse_with("[1, 2, 3]", &limits)), []);
    assert_eq!(
        kinds(&Stream::parse_with("[1, 2, 3, 4]", &limits)),
        [ErrorKind::TooManyNodes]
    );
    let limits = Limits {
        max_bytes: 4,
        ..Limits::default()
    };
    assert_eq!(kinds(&Stream::parse_with("a: 1", &limits)), []);
    let stream = Stream::parse_with("a: 12", &limits);
    assert_eq!(kinds(&stream), [ErrorKind::TooLong]);
    assert_eq!(
        stream.errors()[0].to_string(),
        "the text has 5 bytes, more than the limit of 4; split the file"
    );
    assert_eq!(stream.text(), "a: 12");
}

#[test]
fn fifty_megabytes_on_one_line_are_read_and_hundred_refused() {
    let line = "x".repeat(50 << 20);
    let stream = Stream::parse(format!("a: {line}\n"));
    assert_eq!(kinds(&stream), []);
    let value = stream
        .documents()
        .next()
        .and_then(|document| document.root().get("a"));
    assert_eq!(value.and_then(Node::as_str).map(str::len), Some(line.len()));
    assert_eq!(
        stream.position((line.len() + 3) as u32).column as usize,
        line.len() + 4
    );
    drop(stream);
    assert_eq!(kinds(&Stream::parse(line.clone() + &line)), [ErrorKind::TooLong]);
}

#[test]
fn many_broken_documents_are_reported_one_by_one_until_it_is_no_use() {
    let stream = Stream::parse("a: [\n---\n".repeat(5000));
    assert_eq!(stream.errors().len(), 5000);
    let stream = Stream::parse("a: [\n---\n".repeat(20_000));
    assert_eq!(stream.errors().len(), 10_001);
    assert_eq!(
        stream.errors().last().map(|error| error.kind),
        Some(ErrorKind::TooManyErrors)
    );
}

#[test]
fn rewriting_does_not_grow_without_bound() {
    // Each value is a shape that has to be rewritten, and each rewrite reads the document again.
    let many = "- \"a\nb\"# c\n".repeat(100_000);
    let stream = Stream::parse(many);
    assert_eq!(kinds(&stream), [ErrorKind::Syntax]);
    // Wide blanks before many lines would multiply.
    let wide = format!("{{{}: \"x\n{}\"}}\n", " ".repeat(1 << 20), "y\n".repeat(100_000));
    assert!(Stream::parse(wide).errors().len() <= 1);
    let wide = format!("{}\"x\n{}\"\n", "- ".repeat(20), "y\n".repeat(100_000));
    assert_eq!(kinds(&Stream::parse(wide)), []);
}
