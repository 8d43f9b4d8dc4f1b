// SPDX-License-Identifier: Apache-2.0
//! Random edits of a document, and what they do to a plain tree of values.

use writeway_yaml::{Edit, Operation, Path, Step, Value};

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

    fn one_in(&mut self, count: usize) -> bool {
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

const NAMES: &[&str] = &[
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

/// An edit somewhere in `root`, whose path is there as far as it has to be.
pub(crate) fn edit(random: &mut Random, root: &Value) -> Edit {
    let mut steps = Vec::new();
    let mut at = root;
    // Ever deeper, with the chance to stop at each level.
    let operation = loop {
        let inside = match at {
            Value::Map(entries) if !entries.is_empty() && !random.one_in(4) => {
                let (key, value) = &entries[random.below(entries.len())];
                steps.push(Step::from(key.as_str()));
                value
            }
            Value::List(items) if !items.is_empty() && !random.one_in(4) => {
                let index = random.below(items.len());
                steps.push(Step::from(index));
                &items[index]
            }
            _ => break None,
        };
        at = inside;
        if random.one_in(3) {
            break match random.below(3) {
                0 => Some(Operation::Remove),
                1 if matches!(steps.last(), Some(Step::Item(_))) => Some(Operation::Insert(value(random, 2))),
                _ => Some(Operation::Set(value(random, 2))),
            };
        }
    };
    let operation = operation.unwrap_or_else(|| addition(random, at, &mut steps));
    Edit {
        path: Path(steps),
        operation,
    }
}

/// Something new in the collection `at`, or something else in the place of a scalar.
fn addition(random: &mut Random, at: &Value, steps: &mut Vec<Step>) -> Operation {
    match at {
        Value::List(items) => {
            steps.push(Step::from(random.below(items.len() + 1)));
            Operation::Insert(value(random, 2))
        }
        Value::Map(_) | Value::Null => {
            let siblings: Vec<&String> = match at {
                Value::Map(entries) => entries.iter().map(|(key, _)| key).collect(),
                _ => Vec::new(),
            };
            steps.push(Step::from(NAMES[random.below(NAMES.len())]));
            let is_new = |step: &Step| matches!(step, Step::Key(key) if !siblings.contains(&key));
            if steps.last().is_some_and(is_new) && random.one_in(4) {
                steps.push(Step::from("inner"));
                if random.one_in(2) {
                    steps.push(Step::from(0));
                    return Operation::Insert(value(random, 2));
                }
            } else if random.one_in(3) && !siblings.is_empty() {
                let sibling = siblings[random.below(siblings.len())].clone();
                return Operation::SetBefore(sibling, value(random, 2));
            }
            Operation::Set(value(random, 2))
        }
        _ => Operation::Set(value(random, 2)),
    }
}

/// Does to `root` what the edit asks for.
pub(crate) fn apply(root: &mut Value, edit: &Edit) {
    let (last, way) = edit.path.0.split_last().expect("a path");
    let mut at = root;
    for step in way {
        at = match step {
            Step::Key(key) => {
                if *at == Value::Null {
                    *at = Value::Map(Vec::new());
                }
                let Value::Map(entries) = at else {
                    panic!("no mapping at {key} of {edit:?}")
                };
                let place = entries
                    .iter()
                    .position(|(name, _)| name == key)
                    .unwrap_or_else(|| {
                        entries.push((key.clone(), Value::Null));
                        entries.len() - 1
                    });
                &mut entries[place].1
            }
            Step::Item(index) => {
                let Value::List(items) = at else {
                    panic!("no list at {index} of {edit:?}")
                };
                &mut items[*index]
            }
        };
    }
    match (last, &edit.operation) {
        (Step::Key(key), operation) => {
            if *at == Value::Null {
                *at = Value::Map(Vec::new());
            }
            let Value::Map(entries) = at else {
                panic!("no mapping for {edit:?}")
            };
            let place = entries.iter().position(|(name, _)| name == key);
            match (operation, place) {
                (Operation::Set(value) | Operation::SetBefore(_, value), Some(place)) => {
                    entries[place].1 = value.clone();
                }
                (Operation::Set(value), None) => entries.push((key.clone(), value.clone())),
                (Operation::SetBefore(sibling, value), None) => {
                    let before = entries.iter().position(|(name, _)| name == sibling);
                    entries.insert(before.unwrap_or(entries.len()), (key.clone(), value.clone()));
                }
                (_, Some(place)) => drop(entries.remove(place)),
                (_, None) => panic!("nothing to do for {edit:?}"),
            }
        }
        (Step::Item(index), operation) => {
            if *at == Value::Null {
                *at = Value::List(Vec::new());
            }
            let Value::List(items) = at else {
                panic!("no list for {edit:?}")
            };
            match operation {
                Operation::Insert(value) => items.insert(*index, value.clone()),
                Operation::Remove => drop(items.remove(*index)),
                Operation::Set(value) | Operation::SetBefore(_, value) => items[*index] = value.clone(),
            }
        }
    }
}
