// SPDX-License-Identifier: Apache-2.0
//! One document cut out of its stream.

#[path = "support/blocks.rs"]
mod blocks;

use blocks::{Layout, blocks, layouts};
use proptest::collection::vec;
use proptest::prelude::*;
use writeway_yaml::{Stream, Value};

fn parts(text: &str) -> Vec<&str> {
    let stream = Stream::parse(text);
    let ranges: Vec<_> = stream
        .documents()
        .map(|document| document.text_range().range())
        .collect();
    ranges.into_iter().map(|range| &text[range]).collect()
}

#[test]
fn documents_are_cut_where_they_begin_and_end() {
    for (text, expected) in [
        ("a: 1\n", &["a: 1\n"][..]),
        ("a: 1", &["a: 1"]),
        ("a: 1\n---\nb: 1\n", &["a: 1\n", "---\nb: 1\n"]),
        ("---\na: 1\n--- # c\nb: 1", &["---\na: 1\n", "--- # c\nb: 1"]),
        (
            "# top\na: 1\n# end\n---\nb: 1\n",
            &["# top\na: 1\n# end\n", "---\nb: 1\n"],
        ),
        (
            "a: 1\n... # c\n# of b\n---\nb: 1\n",
            &["a: 1\n... # c\n", "# of b\n---\nb: 1\n"],
        ),
        (
            "a: 1\n...\n%YAML 1.1\n---\nb: 1\n",
            &["a: 1\n...\n", "%YAML 1.1\n---\nb: 1\n"],
        ),
        ("%YAML 1.1\n# c\n---\na: 1\n", &["%YAML 1.1\n# c\n---\na: 1\n"]),
        (
            "\u{feff}a: 1\r\n---\r\nb: 1\r\n",
            &["\u{feff}a: 1\r\n", "---\r\nb: 1\r\n"],
        ),
        ("---\n---\n", &["---\n", "---\n"]),
        (
            "a: |\n  ---\n  x\n\n---\nb: 1\n",
            &["a: |\n  ---\n  x\n\n", "---\nb: 1\n"],
        ),
        (
            "a: |+\n  x\n\n\n---\nb: 1\n",
            &["a: |+\n  x\n\n\n", "---\nb: 1\n"],
        ),
        ("a: 'x\n\n  z'\n---\nb: 1\n", &["a: 'x\n\n  z'\n", "---\nb: 1\n"]),
        ("{a: 1}\n--- [x]\n", &["{a: 1}\n", "--- [x]\n"]),
        // The broken one is nobody's.
        ("a: 1\n---\nb: [\n---\nc: 1\n", &["a: 1\n", "---\nc: 1\n"]),
        ("b: [\n---\nc: 1\n", &["---\nc: 1\n"]),
    ] {
        assert_eq!(parts(text), expected, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_are_the_whole_and_read_alone_as_in_it(all in vec((blocks(true), layouts()), 1..4), windows in any::<bool>(), ended in any::<bool>()) {
        let end = if ended { "...\n" } else { "" };
        let texts = all.iter().map(|(block, layout)| Layout { final_break: true, ..*layout }.text(block));
        let joined: String = texts.map(|text| format!("---\n{text}{end}")).collect();
        let text = if windows { joined.replace('\n', "\r\n") } else { joined };
        let stream = Stream::parse(text.as_str());
        prop_assert_eq!(stream.errors(), &[], "{}", text);
        prop_assert_eq!(parts(&text).concat(), text.as_str());
        for document in stream.documents() {
            let alone = Stream::parse(document.text());
            let values: Vec<_> = alone.documents().map(|document| Value::read(document.root())).collect();
            prop_assert_eq!(values, vec![Value::read(document.root())], "{}", document.text());
        }
    }
}
