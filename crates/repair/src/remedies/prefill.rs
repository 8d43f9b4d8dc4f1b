// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` into which an init container copies what the image has there, with the image's own `cp`.
//!
//! `cp -Rf` and not `cp -a`: the root of the volume belongs to root, and GNU `cp -a` fails for others when it cannot give
//! it the times of its source. A second run, when the node has restarted the pod's containers, replaces the files.

use writeway_check::NeedKind;
use writeway_facts::ToolsKind;
use writeway_manifest::SubPath;
use writeway_yaml::Value;

use super::new_volume::{NewVolume, SIZE_ON_DISK};
use crate::ground::{Ground, Scratch};
use crate::{Answer, Case, Edits, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "prefill",
    costs: "an init container, which copies the files at each start, and disk space of the node",
    limits: "the image has to have `cp`, and its user to be able to read the files; what is changed there is lost with the pod",
    propose,
};

/// Where the init container has the volume.
const TARGET: &str = "/prefill";
const ELSEWHERE: &str = "the pod is not written where it could be changed";

fn propose(case: &Case<'_>) -> Answer {
    let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
        return Answer::NotMine;
    };
    if !need.prefill || need.kind == NeedKind::File || !need.purpose.is_for_the_pod() {
        return Answer::NotMine;
    }
    if let Err(why) = has_cp(case, &volume) {
        return Answer::Cannot(why);
    }
    match Ground::of(case) {
        Some(Ground::Bare) => anew(case, &volume),
        Some(Ground::EmptyDir(scratch)) if scratch.is_mount => within(case, &volume, &scratch),
        Some(Ground::EmptyDir(Scratch { mount, .. }) | Ground::Other(mount)) => Answer::cannot(format!(
            "volume `{}` is mounted at `{}` already",
            *mount.name, *mount.mount_path
        )),
        None => Answer::NotMine,
    }
}

/// Whether the image can copy its files.
fn has_cp(case: &Case<'_>, volume: &NewVolume<'_>) -> Result<(), String> {
    let Some(image) = &volume.container.image else {
        return Err("no image is named".to_owned());
    };
    let facts = case.context.facts.image(image);
    let Some(tools) = facts.and_then(|facts| facts.tools.as_ref()) else {
        return Err(format!(
            "the image's files have to be copied, and no facts say whether image `{}` has `cp`",
            image.value
        ));
    };
    let named = tools.commands.as_ref();
    if tools.kind == ToolsKind::None || named.is_some_and(|names| !names.iter().any(|name| name == "cp")) {
        return Err(format!(
            "the image's files have to be copied, and image `{}` has no `cp`",
            image.value
        ));
    }
    Ok(())
}

/// A new volume with the files.
fn anew(case: &Case<'_>, volume: &NewVolume<'_>) -> Answer {
    if let Some(why) = volume.hindrance() {
        return Answer::Cannot(why);
    }
    let name = volume.name();
    let (Some(edits), Some(copy)) = (case.edits(), init_container(case, volume, &name, None)) else {
        return Answer::cannot(ELSEWHERE);
    };
    let mount = [
        ("name", Value::from(name.as_str())),
        ("mountPath", volume.path.into()),
    ];
    let source = Value::map([("sizeLimit", SIZE_ON_DISK.into())]);
    let edits = edits
        .mount(volume.container, Value::map(mount))
        .volume(Value::map([("name", Value::from(name)), ("emptyDir", source)]))
        .first_init_container(copy);
    let title = format!(
        "mount an `emptyDir` at `{}` in container `{}`, into which an init container copies the image's files",
        volume.path, *volume.container.name
    );
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match volume.danger() {
        Some(danger) => proposal.but(danger),
        None => proposal,
    })
}

/// The files for a volume that is there, and hides them.
fn within(case: &Case<'_>, volume: &NewVolume<'_>, scratch: &Scratch<'_>) -> Answer {
    let name = scratch.volume.name.as_str();
    let sub_path = match &scratch.mount.sub_path {
        None => None,
        Some(SubPath::Plain(path)) => Some(path.as_str()),
        Some(_) => return Answer::cannot(format!("which part of volume `{name}` is mounted is not known")),
    };
    let (Some(edits), Some(copy)) = (case.edits(), init_container(case, volume, name, sub_path)) else {
        return Answer::cannot(ELSEWHERE);
    };
    let edits = Edits::first_init_container(edits, copy);
    let title = format!(
        "let an init container copy the image's files of `{}` into volume `{name}`",
        volume.path
    );
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(proposal.but(format!(
        "the program finds `{}` empty now, and may have done without the files",
        volume.path
    )))
}

/// The container's image, with its rights and its user, copies its files and nothing else.
fn init_container(
    case: &Case<'_>,
    volume: &NewVolume<'_>,
    name: &str,
    sub_path: Option<&str>,
) -> Option<Value> {
    let container = volume.container;
    let node = case.draft.node(&case.container_path(container)?)?;
    let as_written = |key: &str| node.get(key).and_then(Value::read);
    let mut mount = vec![("name", Value::from(name)), ("mountPath", TARGET.into())];
    mount.extend(sub_path.map(|path| ("subPath", Value::from(path))));
    let source = format!("{}/.", volume.path);
    let resources = Value::map([
        (
            "requests",
            Value::map([("cpu", Value::from("10m")), ("memory", "32Mi".into())]),
        ),
        (
            "limits",
            Value::map([("cpu", Value::from("100m")), ("memory", "64Mi".into())]),
        ),
    ]);
    let mut entries = vec![
        ("name", Value::from(case.new_container_name(&copy_name(name)))),
        ("image", Value::from(container.image.as_ref()?.value.as_str())),
    ];
    entries.extend(as_written("imagePullPolicy").map(|policy| ("imagePullPolicy", policy)));
    entries.extend([
        ("command", Value::list(["cp", "-Rf", source.as_str(), TARGET])),
        ("resources", resources),
    ]);
    entries.extend(as_written("securityContext").map(|context| ("securityContext", context)));
    entries.push(("volumeMounts", Value::List(vec![Value::map(mount)])));
    Some(Value::map(entries))
}

/// `copy-config` for volume `config`; a DNS label has 63 characters at most, and a number may be added.
fn copy_name(volume: &str) -> String {
    let name: String = format!("copy-{volume}").chars().take(56).collect();
    name.trim_end_matches('-').to_owned()
}
