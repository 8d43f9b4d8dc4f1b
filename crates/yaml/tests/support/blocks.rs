// SPDX-License-Identifier: Apache-2.0
//! Random YAML in many layouts.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A value of block style, still without indentation.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    Scalar(&'static str),
    Lines(&'static str, &'static [&'static str]),
    Sequence(Vec<Self>),
    Mapping(Vec<(&'static str, Self)>),
    /// A value with an anchor.
    Anchored(Box<Self>),
    /// One of the values with an anchor before it, by a number that wraps around; a scalar if there is none.
    Alias(usize),
}

/// Scalars and flow collections; `<>` stands for the indentation of a continued line.
const SCALARS: &[&str] = &[
    "a",
    "1",
    "0400",
    "yes",
    "~",
    "1.5",
    "x y",
    "http://x:80/a#b",
    "-1",
    "''",
    "'it''s'",
    "\"d\\tq\\u00e9\"",
    "'a: b # c'",
    "\"multi\n<>line\"",
    "'x\n\n<>y'",
    "plain\n<>more",
    "\"esc\\\n<>aped\"",
    "[]",
    "{}",
    "[a, 'b', [1, 2],]",
    "{a: 1, \"b\":2, c: [x: y], d}",
    "{ a: { name: b }, \"b\": [] }",
    "{\"a\":1,\"name\":[\"b\",null],\"b\":{\"a\":{}}}",
    "[\n<>a,\n<>{b: c}\n<>]",
    "[\n<>  a, # of a\n<>  # above\n<>  b: c, # of b\n<>  [d], # of d\n<>]",
    "{\n<>  a: 1, # of a\n<>  # above\n<>  name: {b: c},\n<>  b: [\n<>    x\n<>  ] # of b\n<>  # last\n<>}",
    "é",
    "!!str 0400",
    "!!int '7'",
    "x  # comment",
    "",
    "# only a comment",
];

const HEADERS: &[&str] = &["|", "|-", "|+", ">", ">-", ">+", "|  # c", ">- # |"];

pub(crate) const LINES: &[&[&str]] = &[
    &["text", "more"],
    &["a", "", "  b", "c"],
    &["", "x"],
    &["x", "", ""],
    &["# no comment"],
    &["a: b", "- c"],
    &["x\ty  ", "\tz"],
    &[],
];

/// Keys; one with `?` in front is written in the long form.
const KEYS: &[&str] = &[
    "a", "b", "name", "on", "0x10", "'q k'", "\"dk\"", "a.b/c", "k é", "!!str 5", "? ck",
];

/// Values; with anchors, aliases and merge keys among them the text of a node cannot always be read alone.
pub(crate) fn blocks(anchored: bool) -> BoxedStrategy<Block> {
    if !anchored {
        return nested(leaves().boxed()).boxed();
    }
    let leaf = prop_oneof![
        12 => leaves(),
        1 => any::<u8>().prop_map(|number| Block::Alias(number.into())),
    ];
    (nested(leaf.boxed()), vec(any::<u8>(), 32))
        .prop_map(|(block, numbers)| with_anchors(block, &mut numbers.into_iter()))
        .boxed()
}

fn leaves() -> impl Strategy<Value = Block> {
    prop_oneof![
        3 => select(SCALARS).prop_map(Block::Scalar),
        1 => (select(HEADERS), select(LINES)).prop_map(|(header, lines)| Block::Lines(header, lines)),
    ]
}

fn nested(leaf: BoxedStrategy<Block>) -> impl Strategy<Value = Block> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Block::Sequence),
            vec((select(KEYS), inner), 1..4).prop_map(Block::Mapping),
        ]
    })
}

/// Puts anchors on some values, and merge keys into some mappings, as the numbers want it.
fn with_anchors(block: Block, numbers: &mut impl Iterator<Item = u8>) -> Block {
    let number = numbers.next().unwrap_or(1);
    let block = match block {
        Block::Sequence(items) => Block::Sequence(
            items
                .into_iter()
                .map(|item| with_anchors(item, numbers))
                .collect(),
        ),
        Block::Mapping(entries) => {
            let mut entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| (key, with_anchors(value, numbers)))
                .collect();
            if number % 8 == 1 {
                entries.insert(
                    usize::from(number / 8) % entries.len(),
                    ("<<", Block::Alias(number.into())),
                );
            }
            Block::Mapping(entries)
        }
        other => other,
    };
    if number.is_multiple_of(8) && !matches!(block, Block::Alias(_)) {
        Block::Anchored(Box::new(block))
    } else {
        block
    }
}

/// How a tree is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Blanks of indentation for a level.
    pub(crate) step: usize,
    /// Lists stand at the column of their key.
    pub(crate) flush_lists: bool,
    /// Comments and empty lines between entries, at the start of the line.
    pub(crate) comments: bool,
    /// Comments between entries, at their column.
    pub(crate) indented_comments: bool,
    /// A line break at the end.
    pub(crate) final_break: bool,
}

pub(crate) fn layouts() -> impl Strategy<Value = Layout> {
    (
        1_usize..5,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(step, flush_lists, comments, indented_comments, final_break)| Layout {
                step,
                flush_lists,
                comments,
                indented_comments,
                final_break,
            },
        )
}

/// A text that grows.
#[derive(Default)]
struct Writer {
    text: String,
    /// The number of the next anchor.
    next: usize,
    /// The anchors of complete values, and whether each marks a mapping.
    anchors: Vec<(usize, bool)>,
}

impl Layout {
    pub(crate) fn text(self, block: &Block) -> String {
        let mut writer = Writer::default();
        self.write(&mut writer, block, 0);
        if self.final_break {
            writer.text.push('\n');
        }
        writer.text
    }

    /// Writes a value whose first line is already indented to `column`, without the last line break.
    fn write(self, writer: &mut Writer, block: &Block, column: usize) {
        let indent = |column: usize| " ".repeat(column);
        match block {
            Block::Scalar(scalar) => writer.text.push_str(&scalar.replace("<>", &indent(column + 1))),
            Block::Lines(header, lines) => {
                writer.text.push_str(header);
                for line in *lines {
                    writer.text.push('\n');
                    if !line.is_empty() {
                        writer.text.push_str(&indent(column + self.step));
                        writer.text.push_str(line);
                    }
                }
            }
            Block::Sequence(items) => {
                for (count, item) in items.iter().enumerate() {
                    if count > 0 {
                        self.next_line(writer, column);
                    }
                    writer.text.push_str("- ");
                    self.write(writer, item, column + 2);
                }
            }
            Block::Mapping(entries) => {
                for (count, (key, value)) in entries.iter().enumerate() {
                    if count > 0 {
                        self.next_line(writer, column);
                    }
                    self.write_entry(writer, key, value, column);
                }
            }
            // In front of the first value of a document there is no room for it.
            Block::Anchored(block) if column == 0 => self.write(writer, block, column),
            Block::Anchored(block) => {
                let anchor = writer.open_anchor();
                if matches!(**block, Block::Mapping(_) | Block::Sequence(_)) {
                    self.next_line(writer, column);
                } else {
                    writer.text.push(' ');
                }
                self.write(writer, block, column);
                writer.close_anchor(anchor, block);
            }
            Block::Alias(number) => writer.write_alias(*number, false),
        }
    }

    fn write_entry(self, writer: &mut Writer, key: &str, value: &Block, column: usize) {
        if key == "<<" {
            writer.text.push_str("<<: ");
            return match value {
                Block::Alias(number) => writer.write_alias(*number, true),
                _ => writer.text.push_str("{}"),
            };
        }
        writer.text.push_str(key);
        let is_long = key.starts_with('?');
        if is_long {
            writer.text.push('\n');
            writer.text.push_str(&" ".repeat(column));
        }
        writer.text.push(':');
        let inner = match value {
            Block::Anchored(inner) => inner,
            other => other,
        };
        let below = match inner {
            Block::Sequence(_) if self.flush_lists && !is_long => column,
            Block::Sequence(_) | Block::Mapping(_) => column + self.step,
            _ => {
                writer.text.push(' ');
                // An anchor is written for what stands right of something.
                return self.write(writer, value, column.max(1));
            }
        };
        let anchor = matches!(value, Block::Anchored(_)).then(|| {
            writer.text.push(' ');
            writer.open_anchor()
        });
        self.next_line(writer, below);
        self.write(writer, inner, below);
        if let Some(anchor) = anchor {
            writer.close_anchor(anchor, inner);
        }
    }

    fn next_line(self, writer: &mut Writer, column: usize) {
        writer.text.push('\n');
        if self.comments {
            writer.text.push_str("# comment\n\n");
        }
        writer.text.push_str(&" ".repeat(column));
        if self.indented_comments {
            writer.text.push_str("# indented\n");
            writer.text.push_str(&" ".repeat(column));
        }
    }
}

impl Writer {
    fn open_anchor(&mut self) -> usize {
        let anchor = self.next;
        self.next += 1;
        self.text.push_str(&format!("&a{anchor}"));
        anchor
    }

    fn close_anchor(&mut self, anchor: usize, block: &Block) {
        self.anchors.push((anchor, matches!(block, Block::Mapping(_))));
    }

    fn write_alias(&mut self, number: usize, is_merge: bool) {
        let fits = |(_, is_mapping): &&(usize, bool)| !is_merge || *is_mapping;
        let known: Vec<usize> = self
            .anchors
            .iter()
            .filter(fits)
            .map(|&(anchor, _)| anchor)
            .collect();
        match known.get(number % known.len().max(1)) {
            Some(anchor) => self.text.push_str(&format!("*a{anchor}")),
            None if is_merge => self.text.push_str("{}"),
            None => self.text.push_str("none"),
        }
    }
}
