// SPDX-License-Identifier: Apache-2.0
//! Who a container's process is: what kubelet asks for and what the runtime makes of it (reference, section A).

use std::collections::BTreeSet;

use writeway_facts::{Facts, ImageFacts};
use writeway_manifest::{Capabilities, Container, PodSpec};

use crate::node::{Node, Runtime};
use crate::process::{Groups, Process};
use crate::value::{Reason, Value};
use crate::version::Feature;
use crate::{Capability, CapabilitySet};

/// The image's `USER`, group part dropped as both runtimes do (getUserFromImage).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageUser {
    Uid(u32),
    Name(String),
    /// No facts of the image say.
    Unknown,
}

pub(crate) fn image_user(image: Option<&ImageFacts>) -> ImageUser {
    let Some(user) = image.and_then(|image| image.user.as_deref()) else {
        return ImageUser::Unknown;
    };
    let user = user.split(':').next().unwrap_or_default();
    if user.is_empty() {
        return ImageUser::Uid(0);
    }
    user.parse()
        .map_or_else(|_| ImageUser::Name(user.to_owned()), ImageUser::Uid)
}

/// The ids that a container's first process has, each or the reason why it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIds {
    /// User id.
    pub uid: Result<u32, String>,
    /// Primary group id.
    pub gid: Result<u32, String>,
}

/// Who a container runs as, whether or not its pod starts: what the write map says of it when it does.
pub fn user_ids(facts: &Facts, pod: &PodSpec, container: &Container) -> UserIds {
    let image_name = container.image.as_ref().map_or("", |image| image.as_str());
    let image = facts.image(image_name);
    // Groups of volumes make no difference to the primary one.
    let process = process(&Node::new(facts), pod, container, image, &BTreeSet::new());
    let result = |value| match value {
        Value::Known(id) => Ok(id),
        Value::Unknown(reason) => Err(reason.to_string()),
    };
    UserIds {
        uid: result(process.uid),
        gid: result(process.gid),
    }
}

/// A written id as the kernel's type; validation keeps it in range.
fn id(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The uid that the manifest gives the container (DetermineEffectiveSecurityContext in
/// pkg/securitycontext/util.go).
pub(crate) fn run_as_user(pod: &PodSpec, container: &Container) -> Option<u32> {
    container
        .security
        .run_as_user
        .or(pod.security.run_as_user)
        .map(|uid| id(uid.value))
}

/// The primary gid that the manifest gives the container.
pub(crate) fn run_as_group(pod: &PodSpec, container: &Container) -> Option<u32> {
    container
        .security
        .run_as_group
        .or(pod.security.run_as_group)
        .map(|gid| id(gid.value))
}

/// `runAsNonRoot`, the container's before the pod's.
pub(crate) fn run_as_non_root(pod: &PodSpec, container: &Container) -> bool {
    container
        .security
        .run_as_non_root
        .or(pod.security.run_as_non_root)
        .is_some_and(|value| value.value)
}

/// The process of a container. `volume_groups` are the gids that PersistentVolumes' annotations add.
pub(crate) fn process(
    node: &Node,
    pod: &PodSpec,
    container: &Container,
    image: Option<&ImageFacts>,
    volume_groups: &BTreeSet<u32>,
) -> Process {
    let image_name = container.image.as_ref().map_or("", |image| image.as_str());
    let mut why = Vec::new();
    let (uid, name) = user(pod, container, image, image_name, &mut why);
    let gid = primary_group(pod, container, image, image_name, &uid, name.as_deref(), &mut why);
    let groups = supplementary_groups(node, pod, image, image_name, &uid, name, volume_groups, &mut why);
    let non_root = run_as_non_root(pod, container) || uid.known().is_some_and(|uid| uid != 0);
    let set = capability_set(node, container);
    let capabilities = if non_root {
        why.push(
            "a non-root process has no effective capabilities: kubelet never asks for ambient ones".into(),
        );
        Value::Known(CapabilitySet::EMPTY)
    } else if uid.known() == Some(0) {
        set
    } else {
        Value::unknown(format!(
            "the user of image `{image_name}` is not known, and only uid 0 gets capabilities"
        ))
    };
    Process {
        uid,
        gid,
        groups,
        capabilities,
        umask: node.umask,
        why,
    }
}

fn user(
    pod: &PodSpec,
    container: &Container,
    image: Option<&ImageFacts>,
    image_name: &str,
    why: &mut Vec<Reason>,
) -> (Value<u32>, Option<String>) {
    if let Some(uid) = run_as_user(pod, container) {
        let level = if container.security.run_as_user.is_some() {
            "container"
        } else {
            "pod"
        };
        why.push(format!("uid {uid}: runAsUser of the {level}").into());
        return (Value::Known(uid), user_name(image, uid));
    }
    match image_user(image) {
        ImageUser::Uid(uid) => {
            why.push(format!("uid {uid}: USER of image `{image_name}`").into());
            (Value::Known(uid), user_name(image, uid))
        }
        ImageUser::Name(name) => {
            let entry = image
                .and_then(|image| image.users.as_ref())
                .and_then(|users| users.get(&name));
            let uid = match entry {
                Some(entry) => Value::Known(entry.uid),
                None => Value::unknown(format!(
                    "image `{image_name}` runs as `{name}`, whose uid no fact states"
                )),
            };
            why.push(format!("uid {uid}: USER `{name}` of image `{image_name}`").into());
            (uid, Some(name))
        }
        ImageUser::Unknown => {
            let reason: Reason =
                format!("no runAsUser is set, and no facts say which USER image `{image_name}` has").into();
            why.push(reason.clone());
            (Value::Unknown(reason), None)
        }
    }
}

fn user_name(image: Option<&ImageFacts>, uid: u32) -> Option<String> {
    let users = image?.users.as_ref()?;
    users
        .iter()
        .find(|(_, entry)| entry.uid == uid)
        .map(|(name, _)| name.clone())
}

fn primary_group(
    pod: &PodSpec,
    container: &Container,
    image: Option<&ImageFacts>,
    image_name: &str,
    uid: &Value<u32>,
    name: Option<&str>,
    why: &mut Vec<Reason>,
) -> Value<u32> {
    if let Some(gid) = run_as_group(pod, container) {
        why.push(format!("gid {gid}: runAsGroup").into());
        return Value::Known(gid);
    }
    if let Some(users) = image.and_then(|image| image.users.as_ref()) {
        if let Some(entry) = name.and_then(|name| users.get(name)) {
            why.push(
                format!(
                    "gid {}: the user's entry in /etc/passwd of image `{image_name}`",
                    entry.gid
                )
                .into(),
            );
            return Value::Known(entry.gid);
        }
        if uid.known().is_some() {
            why.push(format!("gid 0: uid {uid} is not in /etc/passwd of image `{image_name}`").into());
            return Value::Known(0);
        }
    }
    if uid.known() == Some(0) {
        why.push("gid 0: that of root, in /etc/passwd or without one".into());
        return Value::Known(0);
    }
    let reason: Reason = format!(
        "no runAsGroup is set: the gid is that of the user's entry in /etc/passwd of image `{image_name}`, or 0 when it \
         has none, and no facts list the image's users"
    )
    .into();
    why.push(reason.clone());
    Value::Unknown(reason)
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place that gathers every source of groups"
)]
fn supplementary_groups(
    node: &Node,
    pod: &PodSpec,
    image: Option<&ImageFacts>,
    image_name: &str,
    uid: &Value<u32>,
    name: Option<String>,
    volume_groups: &BTreeSet<u32>,
    why: &mut Vec<Reason>,
) -> Groups {
    let mut groups = Groups::default();
    if let Some(gid) = &pod.security.fs_group {
        groups.known.insert(id(gid.value));
        why.push(
            format!(
                "group {}: fsGroup is a group of every process, whatever volumes do with it",
                gid.value
            )
            .into(),
        );
    }
    for gid in &pod.security.supplemental_groups {
        groups.known.insert(id(gid.value));
        why.push(format!("group {}: supplementalGroups", gid.value).into());
    }
    for gid in volume_groups {
        if groups.known.insert(*gid) {
            why.push(
                format!("group {gid}: annotation pv.beta.kubernetes.io/gid of a mounted PersistentVolume")
                    .into(),
            );
        }
    }
    let policy = pod
        .security
        .supplemental_groups_policy
        .as_ref()
        .map(|policy| policy.as_str());
    if policy == Some("Strict") && node.version.has(Feature::SupplementalGroupsPolicy) {
        why.push("supplementalGroupsPolicy Strict: /etc/group of the image adds none".into());
        return groups;
    }
    let listed = image.and_then(|image| Some((image.users.as_ref()?, image.groups.as_ref()?)));
    match (listed, name) {
        (Some((_, listed)), Some(name)) => {
            for (group, entry) in listed {
                if entry.members.contains(&name) && groups.known.insert(entry.gid) {
                    why.push(
                        format!(
                            "group {}: `{name}` is in `{group}` of the image's /etc/group",
                            entry.gid
                        )
                        .into(),
                    );
                }
            }
        }
        // A uid without an entry in /etc/passwd has no name, so no line of /etc/group names it.
        (Some(_), None) if uid.known().is_some() => {}
        _ => {
            groups.more = Some(
                format!(
                    "/etc/group of image `{image_name}` may add groups (policy Merge), and no facts list them"
                )
                .into(),
            );
        }
    }
    groups
}

/// The capability set that the runtime gives a root process (WithCapabilities in containerd's
/// internal/cri/opts/spec_opts.go): ALL first, then single names, additions before drops.
fn capability_set(node: &Node, container: &Container) -> Value<CapabilitySet> {
    if container
        .security
        .privileged
        .is_some_and(|privileged| privileged.value)
    {
        return Value::Known(CapabilitySet::ALL);
    }
    let Capabilities { add, drop } = &container.security.capabilities;
    let has_all = |names: &[writeway_manifest::Spanned<String>]| {
        names.iter().any(|name| name.eq_ignore_ascii_case("ALL"))
    };
    let start = if has_all(drop) {
        CapabilitySet::EMPTY
    } else if has_all(add) {
        CapabilitySet::ALL
    } else {
        match node.runtime {
            Runtime::Containerd => CapabilitySet::CONTAINERD,
            Runtime::Crio => CapabilitySet::CRIO,
            Runtime::Other => return Value::unknown("the runtime's default capabilities are not known"),
        }
    };
    let added = add
        .iter()
        .filter_map(|name| known_capability(node, name))
        .fold(start, CapabilitySet::with);
    Value::Known(
        drop.iter()
            .filter_map(|name| known_capability(node, name))
            .fold(added, CapabilitySet::without),
    )
}

/// containerd ignores a name it does not know without a word, so also one with the prefix; CRI-O takes the prefix off.
fn known_capability(node: &Node, name: &str) -> Option<Capability> {
    let bare = match node.runtime {
        Runtime::Crio => name.strip_prefix("CAP_").unwrap_or(name),
        Runtime::Containerd | Runtime::Other => name,
    };
    Capability::from_name(bare)
}
