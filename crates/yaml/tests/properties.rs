// SPDX-License-Identifier: Apache-2.0
//! What holds for every text: nothing panics, spans nest and read back as what they stand for, line ends do not matter.

#[path = "support/blocks.rs"]
mod blocks;
#[path = "support/json.rs"]
mod json;
#[path = "support/pieces.rs"]
mod pieces;

use blocks::{Block, LINES, Layout, blocks, layouts};
use pieces::{PIECES, mutilated};

use granit_parser::{Event, Parser};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use writeway_yaml::{Limits, Node, Stream, Tag};

/// Every node below `node`, itself included, keys too.
fn visit<'t>(node: Node<'t>, see: &mut impl FnMut(Node<'t>, Node<'t>)) {
    let children = node
        .items()
        .chain(node.entries().flat_map(|(key, value)| [key, value]));
    for child in children {
        see(node, child);
        visit(child, see);
    }
}

/// Reads the text of a node as a document of its own, at the column where it stands.
fn read_again(node: Node<'_>) -> serde_json::Value {
    let (text, span) = (node.stream().text(), node.span());
    let line = text[..span.start as usize].rfind('\n').map_or(0, |line| line + 1);
    let column = text[line..span.start as usize].chars().count();
    let tag = match node.tag() {
        Tag::Str => "!!str ",
        Tag::Int => "!!int ",
        _ => "",
    };
    // The line break behind a block scalar belongs to its value and not to its span.
    let end = if text[span.range().end..].starts_with(['\n', '\r']) {
        "\n"
    } else {
        ""
    };
    let alone = format!("{}{tag}{}{end}", " ".repeat(column), node.raw());
    let stream = Stream::parse(alone.as_str());
    assert_eq!(stream.errors(), &[], "{alone:?}");
    stream
        .documents()
        .next()
        .map_or(serde_json::Value::Null, |document| json::to_json(document.root()))
}

/// What has to hold for the spans of any stream.
fn check_spans(stream: &Stream) {
    for document in stream.documents() {
        let root = document.root();
        assert!(
            document.span().contains(root.span()),
            "{:?}: {root:?} in {document:?}",
            stream.text()
        );
        let text = stream.text();
        assert!(
            text.get(root.span().range()).is_some(),
            "{text:?}: {root:?} is no slice"
        );
        visit(root, &mut |parent, child| {
            assert!(
                text.get(child.span().range()).is_some(),
                "{text:?}: {child:?} is no slice"
            );
            // What is merged or stands behind an alias is written elsewhere.
            let foreign = parent.is_alias() || text.contains("<<");
            assert!(
                foreign || parent.span().contains(child.span()),
                "{text:?}: {child:?} outside {parent:?}"
            );
        });
    }
    for comment in stream.comments() {
        let written = stream.text().get(comment.range());
        assert!(
            written.is_some_and(|written| written.starts_with('#') && !written.contains(['\n', '\r'])),
            "{:?}: {comment:?}",
            stream.text()
        );
    }
    for error in stream.errors() {
        assert!(
            stream.text().get(error.span.range()).is_some(),
            "{:?}: {error:?}",
            stream.text()
        );
        let _ = stream.position(error.span.start);
    }
}

/// The comments as the parser reports them.
fn parsed_comments(text: &str) -> Vec<std::ops::Range<usize>> {
    Parser::new_from_str(text)
        .filter_map(Result::ok)
        .filter(|(event, _)| matches!(event, Event::Comment(..)))
        .filter_map(|(_, span)| span.byte_range())
        .collect()
}

fn values(stream: &Stream) -> Vec<serde_json::Value> {
    stream
        .documents()
        .map(|document| json::to_json(document.root()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_text_of_every_node_reads_as_its_value(block in blocks(false), layout in layouts()) {
        let text = layout.text(&block);
        let stream = Stream::parse(text.as_str());
        prop_assert_eq!(stream.errors(), &[], "{}", text);
        check_spans(&stream);
        let root = stream.documents().next().map(|document| document.root());
        if let Some(root) = root {
            prop_assert_eq!(read_again(root), json::to_json(root), "{}", text);
            visit(root, &mut |_, node| assert_eq!(read_again(node), json::to_json(node), "{node:?} in\n{text}"));
        }
    }

    #[test]
    fn line_ends_make_no_difference(block in blocks(true), layout in layouts()) {
        let text = layout.text(&block);
        let unix = Stream::parse(text.as_str());
        let windows = Stream::parse(text.replace('\n', "\r\n"));
        prop_assert_eq!(windows.errors(), &[], "{}", text);
        check_spans(&windows);
        prop_assert_eq!(values(&unix), values(&windows), "{}", text);
    }

    #[test]
    fn comments_are_those_that_the_parser_sees(all in vec((blocks(true), layouts()), 1..3), windows in any::<bool>()) {
        let texts = all.iter().map(|(block, layout)| Layout { final_break: true, ..*layout }.text(block));
        let joined: String = texts.map(|text| format!("---\n{text}")).collect();
        let text = if windows { joined.replace('\n', "\r\n") } else { joined };
        let stream = Stream::parse(text.as_str());
        prop_assert_eq!(stream.errors(), &[], "{}", text);
        let found: Vec<_> = stream.comments().into_iter().map(|span| span.range()).collect();
        prop_assert_eq!(found, parsed_comments(&text), "{}", text);
    }

    #[test]
    fn documents_of_a_stream_read_like_each_alone(all in vec((blocks(true), layouts()), 1..4)) {
        let texts: Vec<String> =
            all.iter().map(|(block, layout)| Layout { final_break: true, ..*layout }.text(block)).collect();
        let joined: String = texts.iter().map(|text| format!("---\n{text}")).collect();
        let together = values(&Stream::parse(joined.as_str()));
        let alone: Vec<_> = texts.iter().flat_map(|text| values(&Stream::parse(format!("---\n{text}")))).collect();
        prop_assert_eq!(together, alone, "{}", joined);
    }

    #[test]
    fn a_mutilated_text_breaks_nothing(block in blocks(true), layout in layouts(), place in any::<prop::sample::Index>(), piece in select(PIECES)) {
        let text = mutilated(layout.text(&block), place, piece);
        let stream = Stream::parse(text);
        check_spans(&stream);
        let _ = values(&stream);
    }

    #[test]
    fn no_soup_of_tokens_breaks_anything(soup in vec(select(PIECES), 0..24)) {
        let stream = Stream::parse_with(soup.concat(), &Limits { max_depth: 20, ..Limits::default() });
        check_spans(&stream);
        let _ = values(&stream);
    }

    #[test]
    fn no_text_breaks_anything(text in "\\PC{0,60}|[ -~\\n\\t\\r]{0,60}|.{0,40}") {
        let stream = Stream::parse(text);
        check_spans(&stream);
        let _ = values(&stream);
    }
}

#[test]
fn the_layout_covers_what_it_is_for() {
    let layout = Layout {
        step: 2,
        flush_lists: true,
        comments: true,
        indented_comments: false,
        final_break: false,
    };
    let inner = Block::Sequence(vec![Block::Lines("|", LINES[0]), Block::Scalar("a")]);
    let text = layout.text(&Block::Mapping(vec![("a", inner)]));
    assert_eq!(text, "a:\n# comment\n\n- |\n    text\n    more\n# comment\n\n- a");
}
