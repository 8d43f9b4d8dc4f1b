// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` into which an init container of the same image copies what the image has there, by a copy of
//! `writeway-agent`: for images that have no `cp`, or of which nobody says whether they have one.
//!
//! The agent is one static executable, so that it runs in an image that has nothing else. The volume that it is copied to
//! is mounted by init containers only, and read-only where it is run.

use writeway_access::user_ids;
use writeway_generate::{Error, Image, Prefill, PullPolicy, Rendered, Size, User};
use writeway_manifest::{Container, Which};
use writeway_yaml::Value;

use super::new_volume::SIZE_ON_DISK;
use super::shipped_files::{ShippedFiles, Target};
use crate::{Answer, Case, Edits, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "prefill-by-agent",
    costs: "two init containers, of which one copies the files at each start, an image to be pulled, and disk space of the \
            node",
    limits: "the user has to be known and to be able to read the files, the node must not mount the volumes of its pods \
             `noexec`, and has to have a processor for which there is an agent; what is changed there is lost with the pod",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let files = match ShippedFiles::of(case) {
        Ok(Some(files)) => files,
        Ok(None) => return Answer::NotMine,
        Err(why) => return Answer::Cannot(why),
    };
    let prefill = match prefill(case, &files) {
        Ok(prefill) => prefill,
        Err(why) => return Answer::Cannot(why),
    };
    let Parts { rendered, behind } = match parts(case, prefill) {
        Ok(parts) => parts,
        Err(error) => return Answer::cannot(error.to_string()),
    };
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let mounts = rendered.volume_mounts.into_iter();
    let edits = mounts.fold(edits, |edits, mount| edits.mount(files.volume.container, mount));
    let edits = rendered.volumes.into_iter().fold(edits, Edits::volume);
    // Last, for the containers behind have other places then.
    let containers = rendered.init_containers.into_iter().rev();
    let edits = containers.fold(edits, |edits, container| match behind {
        Some(index) => edits.init_container_at(Some(index + 1), container),
        None => edits.first_init_container(container),
    });
    Answer::Try(files.propose(edits, ", with `writeway-agent`"))
}

/// The files, copied as the user of the program.
fn prefill(case: &Case<'_>, files: &ShippedFiles<'_>) -> Result<Prefill, String> {
    let container = files.volume.container;
    let path = files.volume.path;
    let image = container.image.as_ref().ok_or("no image is named")?;
    let ids = user_ids(case.context.facts, &case.workload.pod, container);
    let (uid, gid) = match (ids.uid, ids.gid) {
        (Ok(uid), Ok(gid)) => (uid, gid),
        (Err(why), _) | (_, Err(why)) => {
            return Err(format!(
                "as which user the files have to be copied is not known ({why}): set `runAsUser` and `runAsGroup`, or give \
                 facts of image `{}`",
                image.value
            ));
        }
    };
    // As the image's directory, for others may look into it.
    let mode = files.directory(case).and_then(|directory| directory.mode);
    let make = || -> Result<Option<Prefill>, Error> {
        let user = User::new(uid.into(), gid.into())?;
        let of = Image::parse(image)?;
        let prefill = match &files.target {
            Target::File(_) => return Ok(None),
            Target::New(volume) => {
                let mode = mode.unwrap_or(0o755);
                Prefill::new(of, user, path, volume, Size::parse(SIZE_ON_DISK)?)?
                    .mode(u32::from(mode & 0o1777 | 0o700))?
            }
            Target::There { volume, sub_path } => Prefill::onto(of, user, path, volume, *sub_path)?,
        };
        let prefill = prefill
            .name(&files.container_name(case))?
            .agent_names(
                &case.new_container_name("install-agent"),
                &case.new_volume_name("writeway-agent"),
            )?
            .agent(Image::parse(&case.options.agent_image)?);
        Ok(Some(match pull_policy(case, container) {
            Some(policy) => prefill.pull_policy(policy),
            None => prefill,
        }))
    };
    let alone = || {
        format!(
            "there are so many files beside `{}` that it has to be copied alone, which is done with the image's `cp` only",
            files.volume.needed_path()
        )
    };
    make().map_err(|error| error.to_string())?.ok_or_else(alone)
}

/// When the main container's image is pulled, as it is written.
fn pull_policy(case: &Case<'_>, container: &Container) -> Option<PullPolicy> {
    let node = case.draft.node(&case.container_path(container)?)?;
    let written = node.get("imagePullPolicy").and_then(Value::read)?;
    PullPolicy::ALL
        .into_iter()
        .find(|policy| Value::from(policy.as_str()) == written)
}

/// What is added to a pod.
struct Parts {
    rendered: Rendered,
    /// The number of the init container behind which it comes; none when it comes first.
    behind: Option<usize>,
}

/// One agent is enough for a pod.
fn parts(case: &Case<'_>, prefill: Prefill) -> Result<Parts, Error> {
    let rendered = prefill.render();
    let there = rendered.init_containers.first().and_then(|wanted| {
        let mut containers = case.workload.pod.containers(Which::Init);
        containers.find_map(|container| copied_before(case, container, wanted))
    });
    Ok(match there {
        Some((index, volume)) => Parts {
            rendered: prefill.agent_in(volume)?.render(),
            behind: Some(index),
        },
        None => Parts {
            rendered,
            behind: None,
        },
    })
}

/// The number of an init container and the volume into which it copies the agent, if it does just that.
fn copied_before<'a>(case: &Case<'_>, container: &'a Container, wanted: &Value) -> Option<(usize, &'a str)> {
    let written = case
        .draft
        .node(&case.container_path(container)?)
        .and_then(Value::read)?;
    let same = |key| {
        let wanted: Option<&Value> = wanted.get(key);
        wanted.is_some() && written.get(key) == wanted
    };
    let [mount] = container.mounts.as_slice() else {
        return None;
    };
    let all_same = ["image", "args", "securityContext"].into_iter().all(same);
    let whole = mount.sub_path.is_none() && !mount.read_only.is_some_and(|field| field.value);
    (all_same && whole).then_some((case.item_of(container)?, mount.name.as_str()))
}
