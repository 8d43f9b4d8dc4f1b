// SPDX-License-Identifier: Apache-2.0
//! What a repaired text has to be, worked out without our reader and our edits: the documents as `serde-saphyr` reads them,
//! with the edits of the fixes made on plain JSON.

use serde_json::{Map, Value, json};
use writeway_manifest::ObjectRef;
use writeway_yaml as yaml;
use writeway_yaml::{Edit, Operation, Step};

/// The objects that fixes change, each with edits by paths from the object, in their order.
pub(super) type Edits<'a> = [(&'a ObjectRef, &'a [Edit])];

/// How a repaired text differs from what is intended; `None` if it does not.
///
/// # Errors
/// When the old text cannot be judged: somebody else does not read it, or otherwise, or a name tells not which object it is.
pub(super) fn difference(old: &str, new: &str, edits: &Edits<'_>) -> Result<Option<String>, String> {
    let mut expected = documents(old).map_err(|error| format!("the old text: {error}"))?;
    if ours(old).as_ref() != Some(&expected) {
        return Err("the old text is another to us".to_owned());
    }
    for (object, edits) in edits {
        let ObjectRef { kind, name, .. } = object;
        let mut found = find(&mut expected, object);
        let object_now = match (found.pop(), found.len()) {
            (Some(only), 0) => only,
            (Some(_), _) => return Err(format!("{kind} `{name}` is there more than once")),
            (None, _) => return Ok(Some(format!("{kind} `{name}` is not found"))),
        };
        for edit in *edits {
            if let Err(why) = make(object_now, edit) {
                return Ok(Some(format!("{kind} `{name}`, `{}`: {why}", edit.path)));
            }
        }
    }
    Ok(match documents(new) {
        Ok(found) => first_difference(&json!(expected), &json!(found), String::new()),
        Err(error) => Some(format!("the new text cannot be read: {error}")),
    })
}

/// The documents of a stream that hold something, as Kubernetes resolves scalars.
fn documents(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| error.to_string())
}

/// The documents as our reader has them; none if it finds a fault.
fn ours(text: &str) -> Option<Vec<Value>> {
    let stream = yaml::Stream::parse(text);
    if !stream.errors().is_empty() {
        return None;
    }
    let roots = stream.documents().map(yaml::Document::root);
    roots
        .filter(|root| !root.is_null())
        .map(|root| yaml::Value::read(root).as_ref().map(plain))
        .collect()
}

/// The objects of that kind and name, in documents and in lists.
fn find<'v>(documents: &'v mut [Value], object: &ObjectRef) -> Vec<&'v mut Value> {
    let mut found = Vec::new();
    let mut open: Vec<_> = documents.iter_mut().collect();
    while let Some(value) = open.pop() {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let is_it = value["kind"] == object.kind.as_str()
            && text(&value["metadata"]["namespace"]) == object.namespace
            && [&value["metadata"]["name"], &value["metadata"]["generateName"]]
                .into_iter()
                .find_map(text)
                .unwrap_or_default()
                == object.name;
        if is_it {
            found.push(value);
        } else if let Some(items) = value.get_mut("items").and_then(Value::as_array_mut) {
            open.extend(items);
        }
    }
    found
}

/// Makes one edit.
fn make(object: &mut Value, edit: &Edit) -> Result<(), &'static str> {
    let (last, way) = edit.path.0.split_last().ok_or("the object itself")?;
    let parent = way.iter().try_fold(object, |value, step| down(value, step))?;
    match (&edit.operation, last) {
        (Operation::Set(value) | Operation::SetBefore(_, value), Step::Key(key)) => {
            mapping(parent)?.insert(key.clone(), plain(value));
        }
        (Operation::Set(value) | Operation::SetBefore(_, value), Step::Item(index)) => {
            *list(parent)?.get_mut(*index).ok_or("no such item")? = plain(value);
        }
        (Operation::Insert(value), Step::Item(index)) => {
            let list = list(parent)?;
            if *index > list.len() {
                return Err("a gap before the item");
            }
            list.insert(*index, plain(value));
        }
        (Operation::Remove, Step::Key(key)) => {
            mapping(parent)?.remove(key).ok_or("no such key")?;
        }
        (Operation::Remove, Step::Item(index)) => {
            let list = list(parent)?;
            if *index >= list.len() {
                return Err("no such item");
            }
            list.remove(*index);
        }
        (Operation::Insert(_), Step::Key(_)) => return Err("an item with a name"),
    }
    Ok(())
}

fn down<'v>(value: &'v mut Value, step: &Step) -> Result<&'v mut Value, &'static str> {
    match step {
        Step::Key(key) => Ok(mapping(value)?.entry(key).or_insert(Value::Null)),
        Step::Item(index) => list(value)?.get_mut(*index).ok_or("no such item on the way"),
    }
}

/// A mapping; null becomes one.
fn mapping(value: &mut Value) -> Result<&mut Map<String, Value>, &'static str> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut().ok_or("no mapping")
}

/// A list; null becomes one.
fn list(value: &mut Value) -> Result<&mut Vec<Value>, &'static str> {
    if value.is_null() {
        *value = json!([]);
    }
    value.as_array_mut().ok_or("no list")
}

fn plain(value: &yaml::Value) -> Value {
    match value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => json!(value),
        yaml::Value::Int(value) => json!(value),
        yaml::Value::Float(value) => json!(value),
        yaml::Value::Str(value) => json!(value),
        yaml::Value::List(items) => items.iter().map(plain).collect(),
        yaml::Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
    }
}

/// The first place at which two values differ, and how.
fn first_difference(expected: &Value, found: &Value, at: String) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let keys = expected
                .keys()
                .chain(found.keys().filter(|key| !expected.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let value = |of: &Map<String, Value>| of.get(key).cloned();
                match (value(expected), value(found)) {
                    (Some(expected), Some(found)) => {
                        first_difference(&expected, &found, format!("{at}.{key}"))
                    }
                    (Some(_), None) => Some(format!("{at}.{key} is missing")),
                    (None, _) => Some(format!("{at}.{key} is not intended")),
                }
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.find_map(|(index, (expected, found))| {
                first_difference(expected, found, format!("{at}[{index}]"))
            })
        }
        _ if expected == found => None,
        _ => Some(format!("{at} is {found} and not {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use writeway_manifest::ParsedFile;
    use writeway_yaml::Path;

    const OLD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [], volumes: }
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, mode: 0644}
";

    fn edit(path: impl IntoIterator<Item = Step>, operation: Operation) -> Edit {
        Edit {
            path: Path(path.into_iter().collect()),
            operation,
        }
    }

    #[test]
    fn only_what_the_edits_say_is_intended() {
        let parsed = ParsedFile::parse("a.yaml", OLD);
        let pod = &parsed.workloads()[0].object;
        let volume = edit(
            ["spec".into(), "volumes".into(), 0.into()],
            Operation::Insert("v".into()),
        );
        let wanted = OLD.replace("volumes: }", "volumes: [v]}");
        for (new, is_difference) in [
            (wanted.clone(), None),
            (OLD.to_owned(), Some("[0].spec.volumes is null and not [\"v\"]")),
            (
                wanted.replace("0644", "644"),
                Some("[1].items[0].mode is 644 and not 420"),
            ),
            (
                wanted.replace("spec:", "more: 1\nspec:"),
                Some("[0].more is not intended"),
            ),
            (
                wanted.replace("metadata: {name: b}, ", ""),
                Some("[1].items[0].metadata is missing"),
            ),
        ] {
            let found = difference(OLD, &new, &[(pod, std::slice::from_ref(&volume))]).unwrap();
            assert_eq!(found.as_deref(), is_difference, "{new}");
        }
    }
}
