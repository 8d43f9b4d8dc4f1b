// SPDX-License-Identifier: Apache-2.0
//! [`Facts`] to the text of a facts file: the same facts always give the same text.

mod value;
mod yaml;

use std::collections::BTreeMap;

use crate::model::{
    ClassVolume, EntryType, Facts, GroupEntry, HostPath, ImageFacts, Kubernetes, Node, PathFact, Tools,
    UserEntry,
};
use crate::notation::{PATH_TYPES, PathType, TOOLS_KINDS, VOLUME_KINDS, name_of};
use value::{Fields, Value};

/// The facts as YAML, one path a line.
pub fn to_yaml(facts: &Facts) -> String {
    yaml::render(&facts_value(facts))
}

/// The facts as JSON.
pub fn to_json(facts: &Facts) -> String {
    // Values are texts, numbers, lists and maps with text keys, all of which JSON has.
    let json = serde_json::to_string_pretty(&facts_value(facts)).unwrap_or_default();
    let mut text = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // Facts files are read as YAML, which is narrower than JSON here.
        if yaml::is_special(c) {
            yaml::escape(&mut text, c)
        } else {
            text.push(c)
        }
    }
    text.push('\n');
    text
}

fn facts_value(facts: &Facts) -> Value<'_> {
    Fields::default()
        .map("images", &facts.images, image)
        .map("hostPaths", &facts.host_paths, host_path)
        .map("storageClasses", &facts.storage_classes, class_volume)
        .map("claims", &facts.claims, class_volume)
        .filled("kubernetes", kubernetes(&facts.kubernetes))
        .filled("node", node(&facts.node))
        .block()
}

fn image(image: &ImageFacts) -> Value<'_> {
    Fields::default()
        .optional("complete", image.complete.then_some(true), Value::Bool)
        .optional("user", image.user.as_deref(), Value::text)
        .optional("workingDir", image.working_dir.as_deref(), Value::text)
        .optional("env", image.env.as_ref(), |env| {
            map(env, |text| Value::text(text))
        })
        .optional("users", image.users.as_ref(), |users| map(users, user))
        .optional("groups", image.groups.as_ref(), |groups| map(groups, group))
        .optional("volumes", image.volumes.as_deref(), Value::texts)
        .map("paths", &image.paths, path_fact)
        .optional("tools", image.tools.as_ref(), tools)
        .block()
}

fn user(user: &UserEntry) -> Value<'_> {
    Fields::default()
        .optional("uid", Some(user.uid.into()), Value::Number)
        .optional("gid", Some(user.gid.into()), Value::Number)
        .optional("home", user.home.as_deref(), Value::text)
        .flow()
}

fn group(group: &GroupEntry) -> Value<'_> {
    Fields::default()
        .optional("gid", Some(group.gid.into()), Value::Number)
        .optional("members", Some(group.members.as_slice()), Value::texts)
        .flow()
}

fn tools(tools: &Tools) -> Value<'_> {
    Fields::default()
        .optional("kind", Some(name_of(TOOLS_KINDS, &tools.kind)), Value::text)
        .optional("commands", tools.commands.as_deref(), Value::texts)
        .flow()
}

fn path_fact(fact: &PathFact) -> Value<'_> {
    entry(fact).flow()
}

fn entry(fact: &PathFact) -> Fields<'_> {
    let kind = match fact.kind {
        EntryType::Directory => None,
        EntryType::File => Some(PathType::File),
        EntryType::Link(_) => Some(PathType::Link),
        EntryType::Other => Some(PathType::Other),
    };
    Fields::default()
        .optional("owner", fact.owner, Value::written)
        .optional("mode", fact.mode, Value::written)
        .optional("type", kind.map(|kind| name_of(PATH_TYPES, &kind)), Value::text)
        .optional("to", fact.link_target(), Value::text)
}

fn host_path(path: &HostPath) -> Value<'_> {
    match path {
        HostPath::Absent => Fields::default()
            .optional("absent", Some(true), Value::Bool)
            .flow(),
        HostPath::Present {
            entry: fact,
            contents,
            complete,
            fs_type,
        } => entry(fact)
            .map("contents", contents, path_fact)
            .optional("complete", (!complete).then_some(false), Value::Bool)
            .optional("fsType", fs_type.as_deref(), Value::text)
            .block(),
    }
}

fn class_volume(volume: &ClassVolume) -> Value<'_> {
    Fields::default()
        .optional(
            "source",
            volume.source.as_ref().map(|kind| name_of(VOLUME_KINDS, kind)),
            Value::text,
        )
        .optional("hostPathType", volume.host_path_type.as_deref(), Value::text)
        .optional("owner", volume.owner, Value::written)
        .optional("mode", volume.mode, Value::written)
        .optional("fsType", volume.fs_type.as_deref(), Value::text)
        .optional("fsGroupPolicy", volume.fs_group_policy.as_deref(), Value::text)
        .optional("volumeMountGroup", volume.volume_mount_group, Value::Bool)
        .map("contents", &volume.contents, path_fact)
        .block()
}

fn kubernetes(kubernetes: &Kubernetes) -> Fields<'_> {
    Fields::default()
        .optional("version", kubernetes.version, Value::written)
        .map("featureGates", &kubernetes.feature_gates, |on| Value::Bool(*on))
}

fn node(node: &Node) -> Fields<'_> {
    Fields::default()
        .optional("runtime", node.runtime.as_deref(), Value::text)
        .optional("kernel", node.kernel.as_deref(), Value::text)
        .optional("umask", node.umask, Value::written)
        .map("sysctls", &node.sysctls, |value| Value::Number(*value))
}

fn map<'f, T>(map: &'f BTreeMap<String, T>, value: impl Fn(&'f T) -> Value<'f>) -> Value<'f> {
    Value::Block(
        map.iter()
            .map(|(key, content)| (key.as_str(), value(content)))
            .collect(),
    )
}
