// SPDX-License-Identifier: Apache-2.0
//! JSON patches (RFC 6902), with JSON pointers (RFC 6901).

use writeway_yaml::Value;

/// The operations that make one value of another, one after the other.
pub(super) fn patch(old: &Value, new: &Value) -> Value {
    let mut operations = Vec::new();
    compare(old, new, "", &mut operations);
    Value::List(operations)
}

fn compare(old: &Value, new: &Value, at: &str, operations: &mut Vec<Value>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Map(before), Value::Map(after)) => {
            for (key, value) in before {
                let at = format!("{at}/{}", escaped(key));
                match new.get(key) {
                    Some(now) => compare(value, now, &at, operations),
                    None => operations.push(operation("remove", &at, None)),
                }
            }
            for (key, value) in after.iter().filter(|(key, _)| old.get(key).is_none()) {
                let at = format!("{at}/{}", escaped(key));
                operations.push(operation("add", &at, Some(value)));
            }
        }
        (Value::List(before), Value::List(after)) => items(before, after, at, operations),
        _ => operations.push(operation("replace", at, Some(new))),
    }
}

/// What is between the items that both lists begin and end with.
fn items(old: &[Value], new: &[Value], at: &str, operations: &mut Vec<Value>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let ends = old.iter().rev().zip(new.iter().rev());
    let end = ends.take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    for (index, (old, new)) in old.iter().zip(new).enumerate() {
        compare(old, new, &format!("{at}/{}", start + index), operations);
    }
    for (index, added) in new.iter().enumerate().skip(old.len()) {
        operations.push(operation("add", &format!("{at}/{}", start + index), Some(added)));
    }
    // From behind, for the others move on.
    for index in (new.len()..old.len()).rev() {
        operations.push(operation("remove", &format!("{at}/{}", start + index), None));
    }
}

fn operation(name: &str, path: &str, value: Option<&Value>) -> Value {
    let mut entries = vec![("op".to_owned(), name.into()), ("path".to_owned(), path.into())];
    entries.extend(value.map(|value| ("value".to_owned(), value.clone())));
    Value::Map(entries)
}

/// A name in a pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
