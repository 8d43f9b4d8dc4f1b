// SPDX-License-Identifier: Apache-2.0
//! Strategic merge patches, as kustomize applies them (kyaml, `merge2`): of a list with a merge key the items of the
//! patch come first, in its order, and then the others in theirs.

use writeway_manifest::ObjectRef;
use writeway_yaml::Value;

type Entries = Vec<(String, Value)>;

/// Lists whose items are merged by a key, and whether their order means something.
const MERGED: &[(&str, &str, bool)] = &[
    ("containers", "name", true),
    ("initContainers", "name", true),
    ("ephemeralContainers", "name", true),
    ("env", "name", true),
    ("volumes", "name", false),
    ("volumeMounts", "mountPath", false),
];

/// Lists that are replaced as a whole.
const REPLACED: &[&str] = &[
    "accessModes",
    "add",
    "args",
    "command",
    "drop",
    "items",
    "mountOptions",
    "sources",
    "supplementalGroups",
    "volumeClaimTemplates",
];

/// The part of an object that is different, with its kind and name. `None` if the language has no words for it.
pub(super) fn patch(object: &ObjectRef, old: &Value, new: &Value) -> Option<Value> {
    let (Value::Map(old), Value::Map(new)) = (old, new) else {
        return None;
    };
    let mut changes = entries(old, new)?;
    let mut metadata = vec![("name".to_owned(), object.name.as_str().into())];
    if let Some(namespace) = &object.namespace {
        metadata.push(("namespace".to_owned(), namespace.as_str().into()));
    }
    if let Some(index) = changes.iter().position(|(key, _)| key == "metadata")
        && let (_, Value::Map(changed)) = changes.remove(index)
    {
        metadata.extend(changed);
    }
    let mut patch = vec![
        ("apiVersion".to_owned(), object.api_version.as_str().into()),
        ("kind".to_owned(), object.kind.as_str().into()),
        ("metadata".to_owned(), Value::Map(metadata)),
    ];
    patch.extend(changes);
    Some(Value::Map(patch))
}

fn find<'v>(entries: &'v Entries, key: &str) -> Option<&'v Value> {
    entries
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}

/// What is different in a mapping; null is for what goes.
fn entries(old: &Entries, new: &Entries) -> Option<Entries> {
    let mut changes = Vec::new();
    for (key, value) in new {
        match find(old, key) {
            Some(before) if before == value => {}
            Some(before) => changes.push((key.clone(), changed(key, before, value)?)),
            None => changes.push((key.clone(), value.clone())),
        }
    }
    let gone = old.iter().filter(|(key, _)| find(new, key).is_none());
    changes.extend(gone.map(|(key, _)| (key.clone(), Value::Null)));
    Some(changes)
}

fn changed(key: &str, old: &Value, new: &Value) -> Option<Value> {
    match (old, new) {
        (Value::Map(old), Value::Map(new)) => entries(old, new).map(Value::Map),
        (Value::List(old), Value::List(new)) => list(key, old, new),
        _ => Some(new.clone()),
    }
}

fn list(key: &str, old: &[Value], new: &[Value]) -> Option<Value> {
    let Some((_, merge_key, is_ordered)) = MERGED.iter().find(|(name, ..)| *name == key) else {
        return REPLACED.contains(&key).then(|| Value::List(new.to_vec()));
    };
    let (old, new) = (keyed(old, merge_key)?, keyed(new, merge_key)?);
    let before = |id: &Value| old.iter().find(|(known, _)| *known == id).map(|(_, item)| *item);
    let differs = |(id, item): &(&Value, &Entries)| before(id) != Some(*item);
    let last = new.iter().rposition(differs);
    let mut items = Vec::new();
    for (index, (id, item)) in new.iter().enumerate() {
        let mut change = match before(id) {
            Some(old) => entries(old, item)?,
            None => (*item).clone(),
        };
        // What stands before a new item has to be named, or the new one would come first.
        if change.is_empty() && !(*is_ordered && Some(index) < last) {
            continue;
        }
        if find(&change, merge_key).is_none() {
            change.insert(0, ((*merge_key).to_owned(), (*id).clone()));
        }
        items.push(Value::Map(change));
    }
    let gone = old
        .iter()
        .filter(|(id, _)| !new.iter().any(|(kept, _)| kept == id));
    items.extend(
        gone.map(|(id, _)| Value::map([(*merge_key, (*id).clone()), ("$patch", Value::from("delete"))])),
    );
    Some(Value::List(items))
}

/// The items with their merge keys; `None` if one has none, or two have the same.
fn keyed<'v>(items: &'v [Value], merge_key: &str) -> Option<Vec<(&'v Value, &'v Entries)>> {
    let mut keyed: Vec<(&Value, &Entries)> = Vec::with_capacity(items.len());
    for item in items {
        let Value::Map(entries) = item else { return None };
        let id = find(entries, merge_key)?;
        if keyed.iter().any(|(known, _)| *known == id) {
            return None;
        }
        keyed.push((id, entries));
    }
    Some(keyed)
}
