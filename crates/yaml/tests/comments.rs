// SPDX-License-Identifier: Apache-2.0
//! Comments are found where they are, and nowhere else.

use writeway_yaml::Stream;

fn comments(text: &str) -> Vec<String> {
    let stream = Stream::parse(text);
    let spans = stream.comments();
    spans.iter().map(|span| text[span.range()].to_owned()).collect()
}

#[test]
fn comments_stand_between_scalars() {
    for (text, expected) in [
        ("# above\na: 1\n", &["# above"][..]),
        ("a: 1 # behind\n", &["# behind"]),
        ("a: 1\n# at the end", &["# at the end"]),
        ("# alone", &["# alone"]),
        ("", &[]),
        ("a:   # before a value\n  b\n", &["# before a value"]),
        ("a: # before a mapping\n  b: 1\n", &["# before a mapping"]),
        ("- # before an item\n  a\n-\t# b\n", &["# before an item", "# b"]),
        ("[a, # one\n b] # two\n", &["# one", "# two"]),
        ("{a: 1, # one\n b: 2 # two\n}\n", &["# one", "# two"]),
        (
            "a: &x # anchored\n  b\nc: *x # alias\n",
            &["# anchored", "# alias"],
        ),
        ("a: !!str # tagged\n  b\n", &["# tagged"]),
        ("? a # key\n: b # value\n", &["# key", "# value"]),
        ("a: 1\r\n# windows\r\nb: 2 # too\r\n", &["# windows", "# too"]),
        (
            "\u{feff}# behind a byte order mark\na: 1\n",
            &["# behind a byte order mark"],
        ),
        ("a: # é ü\n", &["# é ü"]),
        ("a: 1 ## two # three\n", &["## two # three"]),
        (
            "%YAML 1.1 # directive\n--- # start\na: 1\n... # end\n",
            &["# directive", "# start", "# end"],
        ),
        ("--- # empty\n--- # second\na: 1\n", &["# empty", "# second"]),
        ("a: 1\n# between\n---\nb: 1\n", &["# between"]),
    ] {
        assert_eq!(comments(text), expected, "{text:?}");
    }
}

#[test]
fn what_a_scalar_says_is_no_comment() {
    for (text, expected) in [
        ("a: |\n  # writeway: ignore[WW301]\n", &[][..]),
        (
            "a: |  # header\n  # text\n# comment\nb: 1\n",
            &["# header", "# comment"],
        ),
        ("a: >-\n  # text\n\n  # text\n\n# comment\n", &["# comment"]),
        (
            "a: |+2 # header\n  # text\n   # text\n # comment\n",
            &["# header", "# comment"],
        ),
        ("a: |\n\n   # text\n  # comment\nb: 1\n", &["# comment"]),
        ("- |\n # text\n-\n # comment\n", &["# comment"]),
        ("a: \"one # two\n  # three\"\n", &[]),
        ("a: 'it''s # no\n\n  # comment' # this is\n", &["# this is"]),
        ("a: b#c\n", &[]),
        ("a#b: c # d\n", &["# d"]),
        ("a: !t#x b\n", &[]),
        ("a: !<tag:x,y#z> b # c\n", &["# c"]),
        ("a: http://x/#anchor # c\n", &["# c"]),
        ("a: b\n  c#d # e\n", &["# e"]),
    ] {
        assert_eq!(Stream::parse(text).errors(), [], "{text:?}");
        assert_eq!(comments(text), expected, "{text:?}");
    }
}

#[test]
fn around_a_broken_document_only_the_line_of_the_one_before_counts() {
    for (text, expected) in [
        ("a: [1 # broken\n", &[][..]),
        ("a: 1 # good\n---\nb: [1 # broken\n", &["# good"]),
        ("a: 1 # good\n# lost\n---\nb: [1 # broken\n", &["# good"]),
        (
            "a: 1 # one\n---\nb: }\n# broken\n--- # start\nc: 1 # two\n",
            &["# one", "# start", "# two"],
        ),
    ] {
        assert_ne!(Stream::parse(text).errors(), [], "{text:?}");
        assert_eq!(comments(text), expected, "{text:?}");
    }
}
