// SPDX-License-Identifier: Apache-2.0
//! Random edits of a document, and what they do to a plain tree of values.

use writeway_yaml::{Edit, Operation, Path, Step, Value};

use super::random_value::{NAMES, Random, value};

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
