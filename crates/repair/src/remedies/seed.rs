// SPDX-License-Identifier: Apache-2.0
//! A copy of a Secret, made by `writeway-agent seed` when the pod starts, in place of the Secret.
//!
//! A Secret mount is read-only whatever the manifest says (`pkg/volume/secret/secret.go`, `GetAttributes`), and its files
//! belong to root. The copies belong to the user of the program, which may write to them, replace them and change their
//! mode. Credentials do not belong on a node's disk, so that they are in memory.

use std::num::NonZeroU32;

use writeway_access::mount_path::{below, is_within};
use writeway_access::{FileKind, user_ids};
use writeway_check::{Confidence, Need, Purpose, outlives_renewals, renewer};
use writeway_generate::{Image, Rendered, Seed, Size, Source, User};
use writeway_manifest::{Container, Mount, ProjectedSource, SecretSource, Volume, VolumeSource, Which};
use writeway_yaml::{Operation, Path, Step, Value};

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "seed",
    costs: "a small init container, and memory for twice the Secret",
    limits: "what is refreshed is lost with the pod; a Secret that is changed is seen by the next pod",
    propose,
};

/// For a Secret of the greatest size (1 MiB, `MaxSecretSize`), twice while it is copied anew, and what is written to it.
const MEBIBYTES_A_SECRET: u32 = 4;

fn propose(case: &Case<'_>) -> Answer {
    let Some(need) = case.need.filter(|need| need.purpose == Purpose::Credential) else {
        return Answer::NotMine;
    };
    let (Some(container), Some(mount), Some(volume)) = (case.container(), case.mount(), case.volume()) else {
        return Answer::NotMine;
    };
    match try_propose(case, need, container, mount, volume) {
        Ok(Some(proposal)) => Answer::Try(proposal),
        Ok(None) => Answer::NotMine,
        Err(why) => Answer::Cannot(why),
    }
}

fn try_propose(
    case: &Case<'_>,
    need: &Need,
    container: &Container,
    mount: &Mount,
    volume: &Volume,
) -> Result<Option<Proposal>, String> {
    let Some(secrets) = secrets(volume)? else {
        return Ok(None);
    };
    let consumer = consumer(case, container)?;
    let target = target(case, need, container, mount)?;
    let hidden = || "the pod is not written where it could be changed".to_owned();
    let mut edits = case.edits().ok_or_else(hidden)?;
    let mount_path = case.draft.path_to(mount.span).ok_or_else(hidden)?;

    let new_volume = case.new_volume_name(&seeded_name(&volume.name));
    let rendered = rendered(case, consumer, volume, &secrets, &target, &new_volume)
        .map_err(|error| error.to_string())?;
    // Two programs that refresh one token have to see one file.
    let shared = seeded_before(case, container, volume, &rendered);
    let copy = shared.map_or(new_volume.as_str(), |mount| mount.name.as_str());

    edits = edits.edit(mount_path.join("name"), Operation::Set(copy.into()));
    let mut gone = vec!["readOnly", "recursiveReadOnly"];
    if *mount.mount_path != target.path {
        let path = Operation::Set(target.path.as_str().into());
        edits = edits.edit(mount_path.join("mountPath"), path);
        gone.extend(mount.sub_path.as_ref().map(|part| part.key()));
    }
    for key in gone {
        let path = mount_path.join(key);
        if case.draft.node(&path).is_some() {
            edits = edits.edit(path, Operation::Remove);
        }
    }
    if shared.is_none() {
        for value in rendered.volumes {
            edits = edits.volume(value);
        }
        for value in rendered.init_containers {
            edits = match place_among_init_containers(case, container) {
                Some(path) => edits.edit(path, Operation::Insert(value)),
                None => edits.init_container(value),
            };
        }
    }
    let title = format!(
        "seed `{}` of container `{}` from volume `{}`, in memory, as {consumer}",
        target.path, *container.name, *volume.name
    );
    // A token that is written back is lost with the pod, which WW302 says where it matters. It was lost at once before.
    let proposal = Proposal::safe(title, edits.into_list()).leaving("WW302");
    let proposal = match renewed(case, &secrets) {
        Some(danger) => proposal.but(danger),
        None => proposal,
    };
    Ok(Some(if case.finding.confidence == Confidence::Low {
        proposal.but(
            "nothing but a name says that the program writes there, and a Secret that is changed would be seen by the next \
             pod only",
        )
    } else {
        proposal
    }))
}

/// What the program would miss: kubelet brings a renewed Secret to its volume, and to no copy of it.
fn renewed(case: &Case<'_>, secrets: &[&SecretSource]) -> Option<String> {
    let inventory = case.context.inventory;
    if !outlives_renewals(inventory, case.workload) {
        return None;
    }
    let namespace = case.workload.object.namespace.as_deref();
    secrets.iter().find_map(|secret| {
        let name = secret.name.as_deref()?;
        let by = renewer(inventory, namespace, name)?;
        Some(format!(
            "{} `{}` renews Secret `{name}`, which the next pod would see, and not this one",
            by.kind, by.name
        ))
    })
}

/// What is added to the pod.
fn rendered(
    case: &Case<'_>,
    consumer: User,
    volume: &Volume,
    secrets: &[&SecretSource],
    target: &Target<'_>,
    new_volume: &str,
) -> Result<Rendered, writeway_generate::Error> {
    let mebibytes = u32::try_from(secrets.len())
        .unwrap_or(u32::MAX)
        .saturating_mul(MEBIBYTES_A_SECRET);
    let size = Size::mebibytes(NonZeroU32::new(mebibytes).unwrap_or(NonZeroU32::MIN));
    let mut seed = Seed::new(consumer, Source::volume(&volume.name)?, &target.path)?
        .name(&case.new_container_name("seed"))?
        .image(Image::parse(&case.options.agent_image)?)
        .empty_dir(new_volume, true, size)?;
    if let Some(file) = target.only {
        seed = seed.only(file)?;
    }
    // Without the Secret the pod starts today.
    if secrets.iter().all(|secret| secret.optional) {
        seed = seed.allow_empty();
    }
    Ok(seed.render())
}

/// Where an init container that does the same for the same user puts its copy.
fn seeded_before<'a>(
    case: &Case<'a>,
    consumer: &Container,
    volume: &Volume,
    rendered: &Rendered,
) -> Option<&'a Mount> {
    let wanted = rendered.init_containers.first()?;
    if Which::Startup.includes(consumer.role) {
        // It may start before that one.
        return None;
    }
    let mut seeds = case.workload.pod.containers(Which::Init);
    seeds.find_map(|seed| {
        let written = case
            .draft
            .node(&case.container_path(seed)?)
            .and_then(Value::read)?;
        let same = |key| {
            written
                .get(key)
                .is_some_and(|value| Some(value) == wanted.get(key))
        };
        let [source, target] = seed.mounts.as_slice() else {
            return None;
        };
        let all_same = same("image") && same("args") && same("securityContext");
        (all_same && *source.name == *volume.name).then_some(target)
    })
}

/// The Secrets that a volume shows; `None` when it shows none.
fn secrets(volume: &Volume) -> Result<Option<Vec<&SecretSource>>, String> {
    let sources = match &volume.source {
        VolumeSource::Secret(secret) => return Ok(Some(vec![secret])),
        VolumeSource::Projected { sources, .. } => sources,
        _ => return Ok(None),
    };
    let mut secrets = Vec::new();
    for source in sources {
        match source {
            ProjectedSource::Secret(secret) => secrets.push(secret),
            ProjectedSource::ConfigMap(_) => {}
            _ => {
                return Err(format!(
                    "volume `{}` also has files that kubelet renews, and a copy of them would grow old",
                    *volume.name
                ));
            }
        }
    }
    Ok((!secrets.is_empty()).then_some(secrets))
}

/// The user that copies: the one that the program runs as, whether or not the pod starts today.
pub(super) fn consumer(case: &Case<'_>, container: &Container) -> Result<User, String> {
    let ids = user_ids(case.context.facts, &case.workload.pod, container);
    match (ids.uid, ids.gid) {
        (Ok(uid), Ok(gid)) => User::new(uid.into(), gid.into()).map_err(|error| error.to_string()),
        (Err(why), _) | (_, Err(why)) => Err(format!(
            "as which user container `{}` runs is not known ({why}): set `runAsUser` and `runAsGroup`, or give facts of its \
             image",
            *container.name
        )),
    }
}

/// Where the copy is mounted, and which file it is made of when it is not made of all.
struct Target<'a> {
    path: String,
    only: Option<&'a str>,
}

/// A file that is mounted by itself cannot be replaced (EBUSY), as most programs do to save it: its directory is mounted
/// instead, where that hides nothing.
fn target<'a>(
    case: &Case<'_>,
    need: &Need,
    container: &Container,
    mount: &'a Mount,
) -> Result<Target<'a>, String> {
    let whole = || Target {
        path: mount.mount_path.value.clone(),
        only: None,
    };
    let at_mount = need.path == mount.mount_path.trim_end_matches('/');
    let is_file = at_mount
        && case
            .path()
            .is_some_and(|path| path.kind != Some(FileKind::Directory));
    let file = match &mount.sub_path {
        None => return Ok(whole()),
        Some(part) => part.known().ok_or_else(|| {
            format!(
                "a variable whose value is not known decides what is mounted at `{}`",
                *mount.mount_path
            )
        })?,
    };
    if !is_file {
        return Ok(whole());
    }
    let (directory, name) = mount
        .mount_path
        .rsplit_once('/')
        .ok_or("the mount has no directory")?;
    if file.rsplit('/').next() != Some(name) {
        return Err(format!(
            "`{file}` of the Secret is mounted under another name, and a file that is mounted by itself cannot be replaced"
        ));
    }
    let alone = |why: String| {
        format!(
            "a file that is mounted by itself cannot be replaced, and a volume at its directory `{directory}` {why}"
        )
    };
    let mut others = container.mounts.iter().filter(|other| other.span != mount.span);
    if let Some(other) = others.find(|other| is_within(&other.mount_path, directory)) {
        return Err(alone(format!("is in the way of that at `{}`", *other.mount_path)));
    }
    let image = container.image.as_ref();
    let facts = image.and_then(|image| case.context.facts.image(image));
    match facts.filter(|facts| facts.complete) {
        Some(facts)
            if facts
                .paths
                .keys()
                .any(|path| below(directory, path).is_some_and(|rest| !rest.is_empty())) =>
        {
            Err(alone("would hide files of the image".to_owned()))
        }
        Some(_) if !directory.is_empty() => Ok(Target {
            path: directory.to_owned(),
            only: Some(file),
        }),
        _ => Err(alone(
            "might hide files of the image, of which the facts do not have all".to_owned(),
        )),
    }
}

/// A name for the copy of a volume that leaves room for a number (a DNS label has 63 characters at most).
fn seeded_name(volume: &str) -> String {
    let start: String = volume.chars().take(49).collect();
    format!("{}-seeded", start.trim_end_matches('-'))
}

/// The place in front of a container that is itself an init container or a sidecar.
fn place_among_init_containers(case: &Case<'_>, container: &Container) -> Option<Path> {
    let startup = Which::Startup.includes(container.role);
    let path = case.container_path(container).filter(|_| startup)?;
    matches!(path.0.last(), Some(Step::Item(_))).then_some(path)
}
