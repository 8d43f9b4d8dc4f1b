// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent seed` in place of an init container that does nothing but `cp`.
//!
//! It takes the same files to the same place, and names what is missing. The copies belong to the user that reads them,
//! and to nobody else.

use writeway_access::mount_path::mount_of;
use writeway_check::{Correction, PlainCopy};
use writeway_generate::{Image, Seed, Source, User};
use writeway_manifest::{Container, Role, Volume, VolumeSource, Which};
use writeway_yaml::{Operation, Value};

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "seed-instead-of-copy",
    costs: "another image for the init container",
    limits: "what is refreshed is lost with the pod, as with the copy before",
    propose,
};

/// The mode of copies when nobody gives another.
const PRIVATE: u16 = 0o600;

fn propose(case: &Case<'_>) -> Answer {
    let Some(Correction::CopyAnew { copy }) = &case.finding.correction else {
        return Answer::NotMine;
    };
    let Some(container) = case.container() else {
        return Answer::NotMine;
    };
    let Some(copy) = copy else {
        return Answer::cannot(format!(
            "container `{}` does more than copy files into one directory, or not all of its commands are understood",
            *container.name
        ));
    };
    match try_propose(case, container, copy) {
        Ok(proposal) => Answer::Try(proposal),
        Err(why) => Answer::Cannot(why),
    }
}

fn try_propose(case: &Case<'_>, container: &Container, copy: &PlainCopy) -> Result<Proposal, String> {
    if container.role != Role::Init {
        return Err(format!(
            "container `{}` goes on when it has copied",
            *container.name
        ));
    }
    for source in &copy.sources {
        let volume = volume_at(case, container, source);
        if !volume.is_some_and(|volume| is_object(&volume.source)) {
            return Err(format!("`{source}` is no file of a Secret or ConfigMap"));
        }
    }
    let target = volume_at(case, container, &copy.target)
        .filter(|volume| matches!(volume.source, VolumeSource::EmptyDir(_)))
        .ok_or_else(|| {
            format!(
                "`{}` is not on an `emptyDir`: on a volume that outlives the pod `seed` would keep what `cp` overwrites",
                copy.target
            )
        })?;
    let consumer = consumer(case, container, target, copy)?;
    let hidden = || "the container is not written where it could be changed".to_owned();
    let path = case.container_path(container).ok_or_else(hidden)?;
    let mut edits = case.edits().ok_or_else(hidden)?;

    let text = |error: writeway_generate::Error| error.to_string();
    let image = Image::parse(&case.options.agent_image).map_err(text)?;
    // Name and mounts of the container stay; its rights and resources are those that every `seed` has.
    let rendered = Source::volume(&target.name)
        .and_then(|source| Seed::new(consumer, source, &copy.target))
        .map_err(text)?
        .render();
    let rights = rendered.init_containers.first().ok_or("nothing is rendered")?;
    let field = |key: &str| rights.get(key).cloned().ok_or("nothing is rendered");

    edits = edits.edit(path.join("image"), Operation::Set(image.as_str().into()));
    let arguments = arguments(case, container, copy)?;
    if container.command.is_some() {
        if container.args.is_some() {
            edits = edits.edit(path.join("args"), Operation::Remove);
        }
        edits = edits
            .edit(
                path.join("args"),
                Operation::SetBefore("command".to_owned(), arguments),
            )
            .edit(path.join("command"), Operation::Remove);
    } else {
        edits = edits.edit(path.join("args"), Operation::Set(arguments));
    }
    let mounts = || "volumeMounts".to_owned();
    if container.resources.requests.is_empty() && container.resources.limits.is_empty() {
        edits = edits.edit(
            path.join("resources"),
            Operation::SetBefore(mounts(), field("resources")?),
        );
    }
    edits = edits.edit(
        path.join("securityContext"),
        Operation::SetBefore(mounts(), field("securityContext")?),
    );
    let title = format!(
        "let container `{}` copy with `seed`, as {consumer}",
        *container.name
    );
    Ok(Proposal::safe(title, edits.into_list()))
}

fn volume_at<'a>(case: &Case<'a>, container: &Container, path: &str) -> Option<&'a Volume> {
    let (mount, _) = mount_of(container, path)?;
    case.workload.pod.volume(&mount.name)
}

/// Whether kubelet makes the volume's files from objects.
fn is_object(source: &VolumeSource) -> bool {
    matches!(
        source,
        VolumeSource::Secret(_) | VolumeSource::ConfigMap(_) | VolumeSource::Projected { .. }
    )
}

/// The one user of the containers that use the copies.
fn consumer(case: &Case<'_>, copier: &Container, target: &Volume, copy: &PlainCopy) -> Result<User, String> {
    let mut users = Vec::new();
    for container in case.workload.pod.containers(Which::All) {
        let mut mounts = container.mounts.iter();
        if container.span != copier.span && mounts.any(|mount| *mount.name == *target.name) {
            users.push(super::seed::consumer(case, container)?);
        }
    }
    let Some(user) = users.pop() else {
        return Err(format!("no other container uses volume `{}`", *target.name));
    };
    if users.iter().any(|other| other.uid() != user.uid()) {
        return Err(format!(
            "containers of several users read the copies in volume `{}`, and `seed` makes them for one",
            *target.name
        ));
    }
    if let Some(owner) = copy.owner.filter(|owner| i64::from(*owner) != user.uid()) {
        return Err(format!(
            "the copies are given to uid {owner}, and read as uid {}",
            user.uid()
        ));
    }
    Ok(user)
}

fn arguments(case: &Case<'_>, container: &Container, copy: &PlainCopy) -> Result<Value, String> {
    let mut words = vec!["seed".to_owned()];
    words.extend(copy.sources.iter().cloned());
    words.extend(["--to".to_owned(), copy.target.clone()]);
    if let Some(mode) = copy.mode.filter(|mode| *mode != PRIVATE) {
        words.extend(["--mode".to_owned(), format!("{mode:04o}")]);
    }
    let all_optional = copy.sources.iter().all(|source| {
        volume_at(case, container, source).is_some_and(|volume| match &volume.source {
            VolumeSource::Secret(secret) => secret.optional,
            VolumeSource::ConfigMap(map) => map.optional,
            _ => false,
        })
    });
    if all_optional {
        words.push("--allow-empty".to_owned());
    }
    if words.iter().any(|word| word.contains('$')) {
        return Err("a path has a `$` in it, which kubelet would expand".to_owned());
    }
    Ok(Value::list(words))
}
