// SPDX-License-Identifier: Apache-2.0
//! Random numbers and values.

use writeway_yaml::Value;

/// SplitMix64: small, and the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, or 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % (count.max(1) as u64)).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Texts that are easily read as something else.
const TEXTS: &[&str] = &[
    "x",
    "a b",
    "",
    "yes",
    "0400",
    "1.5",
    "~",
    "a: b",
    "a #b",
    "- a",
    "-a",
    "?",
    "[x",
    "*a",
    "&a",
    "!t",
    "it's",
    "\"q\"",
    "a\\b",
    "x\ny\n",
    "x\n\n y",
    "x\n\n",
    " x",
    "x ",
    "\tx",
    "é",
    "\u{85}",
    "\u{feff}",
    "\u{7}",
    "12:30",
    "2001-01-01",
    "a,b",
    "{}",
    "---",
    "...",
    "---x",
    "%x",
    "@x",
    "`x",
    "0x10",
    ".5",
    "1e3",
    "<<",
    "=",
    "null",
    "# c",
    "a:",
    ":a",
    "a?b",
    "http://x/",
    "|",
    ">",
    "1_000",
    "-",
    "\u{1f600}",
    "\r",
    "x\r\ny",
];

pub(crate) const NAMES: &[&str] = &[
    "new", "a", "b", "name", "on", "a.b/c", "5", "", "k é", "x: y", "#", "true",
];

/// A value of any shape.
pub(crate) fn value(random: &mut Random, depth: usize) -> Value {
    let shapes = if depth == 0 { 6 } else { 8 };
    match random.below(shapes) {
        0 => Value::Null,
        1 => Value::Bool(random.one_in(2)),
        2 => Value::Int([0, 1, -7, i64::MAX, i64::MIN, 256][random.below(6)]),
        3 => Value::Float([0.5, -2.0, 1e300, 1.5e-7][random.below(4)]),
        4 | 5 => Value::from(TEXTS[random.below(TEXTS.len())]),
        6 => (0..random.below(4))
            .map(|_| value(random, depth - 1))
            .collect::<Vec<_>>()
            .into(),
        _ => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for _ in 0..random.below(4) {
                let name = NAMES[random.below(NAMES.len())];
                if entries.iter().all(|(known, _)| known != name) {
                    entries.push((name.to_owned(), value(random, depth - 1)));
                }
            }
            Value::Map(entries)
        }
    }
}
