// SPDX-License-Identifier: Apache-2.0
//! A volume mounted once more, at the directory below it that the image declares as `VOLUME`, and there at the place of
//! the volume that the program takes it for.
//!
//! Without that the runtime mounts a volume of its own over the directory, which is gone with the container, and leaves an
//! empty directory in the pod's volume (containerd, `internal/cri/server/container_create.go`, volumeMounts). As a
//! `subPath` that directory has no `lost+found`, which `initdb` refuses, and what is there from before is found again.

use writeway_access::mount_path::{below, in_volume};
use writeway_access::path::clean;
use writeway_access::{Capability, ContainerMap};
use writeway_check::Correction;
use writeway_yaml::Value;

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "image-volume",
    costs: "nothing",
    limits: "kubelet makes the directory for root, so that the container has to start as root, with CHOWN to hand it over; \
             what is in the runtime's volume is not brought over",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(Correction::MountDeclared { mounted, directory }) = &case.finding.correction else {
        return Answer::NotMine;
    };
    let Some(container) = case.container() else {
        return Answer::NotMine;
    };
    let mut mounts = container.mounts.iter().rev();
    let mount = mounts.find(|mount| clean(&mount.mount_path) == *mounted);
    let (Some(mount), Some(rest)) = (mount, below(mounted, directory)) else {
        return Answer::NotMine;
    };
    let Some(part) = in_volume(mount, rest) else {
        return Answer::cannot(format!(
            "which part of volume `{}` is mounted is not known",
            *mount.name
        ));
    };
    let part = part.trim_start_matches('/');
    if let Err(why) = hands_over(case.container_map(), part) {
        return Answer::Cannot(why);
    }
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let once_more = Value::map([
        ("name", Value::from(mount.name.as_str())),
        ("mountPath", directory.as_str().into()),
        ("subPath", part.into()),
    ]);
    let title = format!(
        "mount `{part}` of volume `{}` at `{directory}` in container `{}`",
        *mount.name, *container.name
    );
    let proposal = Proposal::safe(title, edits.mount(container, once_more).into_list());
    Answer::Try(proposal.but(format!(
        "the program goes on with what is in `{part}` of the volume, and without what it has written to `{directory}` since \
         its container was made"
    )))
}

/// Whether the program can take a directory that kubelet has made for root as its own, as the entry points of databases
/// do: these refuse one of another owner. The runtime's volume has the owner that the image gives it.
fn hands_over(map: Option<&ContainerMap>, part: &str) -> Result<(), String> {
    let identity = map.map(|map| &map.identity);
    let uid = identity.and_then(|identity| identity.uid);
    if uid != Some(0) {
        let who = uid.map_or("a user that is not known".to_owned(), |uid| format!("uid {uid}"));
        return Err(format!(
            "the container runs as {who}, and kubelet makes `{part}` for root: let an init container of that user make it, or \
             mount the volume itself there"
        ));
    }
    let capabilities = identity.and_then(|identity| identity.capabilities.as_ref());
    match capabilities {
        Some(capabilities) if capabilities.contains(&Capability::CHOWN) => Ok(()),
        Some(_) => Err(format!(
            "kubelet makes `{part}` for root, and the container has not CHOWN to hand it over"
        )),
        None => Err("which capabilities the container has is not known".to_owned()),
    }
}
