// SPDX-License-Identifier: Apache-2.0
//! `subPath` and `subPathExpr`: what part of a volume is mounted, and what kubelet makes when it is not there
//! (pkg/kubelet/kubelet_pods.go, makeMounts; pkg/volume/util/subpath/subpath_linux.go).

use writeway_manifest::{ExpandedPath, SubPath};

use crate::mounts::MAX_LINKS;
use crate::value::{Reason, SETGID, Value};
use crate::volume::{MissingSubPath, Prepared};
use crate::world::{Entry, Inode, InodeId, Kind, Lookup, World};

/// What a mount of a part of a volume leads to.
pub(crate) enum Part {
    /// This.
    Found(InodeId),
    /// The container never starts.
    Never(String),
}

/// The relative path that a mount names.
///
/// # Errors
/// Why kubelet does not make the container.
pub(crate) fn expand(sub_path: &SubPath) -> Result<&str, String> {
    match sub_path {
        SubPath::Plain(path) => Ok(path),
        SubPath::Expr { expanded, .. } => match expanded {
            ExpandedPath::Known(path) | ExpandedPath::Open(path) => Ok(path),
            ExpandedPath::Never(why) => Err(why.clone()),
        },
    }
}

/// Finds, or makes, a part of a volume.
pub(crate) fn resolve(world: &mut World, volume: &Prepared, path: &str) -> Part {
    if volume.missing_sub_path == MissingSubPath::NoVolume {
        return Part::Never(
            "kubelet looks for the hostPath before the runtime makes it, and stops there".to_owned(),
        );
    }
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Part::Never(format!("subPath `{path}` has to be relative and without `..`"));
    }
    let mut trail = vec![volume.root];
    let mut pending: Vec<String> = path
        .split('/')
        .rev()
        .filter(is_component)
        .map(str::to_owned)
        .collect();
    let mut links = 0;
    while let Some(name) = pending.pop() {
        let here = trail.last().copied().unwrap_or(volume.root);
        if name == ".." {
            trail.pop();
            if trail.is_empty() {
                return Part::Never(format!("subPath `{path}` leads out of the volume through a link"));
            }
            continue;
        }
        if !world.get(here).is_directory() {
            return Part::Never(format!(
                "subPath `{path}`: a component before `{name}` is not a directory"
            ));
        }
        let next = match world.lookup(here, &name) {
            Lookup::Found(id) => id,
            Lookup::Absent => match make(world, volume, here, &name) {
                Part::Found(id) => id,
                never @ Part::Never(_) => return never,
            },
            Lookup::Unknown(reason) => unknown_part(world, volume, here, &name, &reason),
        };
        if let Kind::Link(target) = &world.get(next).kind {
            links += 1;
            if target.starts_with('/') || links > MAX_LINKS {
                return Part::Never(format!("subPath `{path}` leads out of the volume through a link"));
            }
            pending.extend(target.split('/').rev().filter(is_component).map(str::to_owned));
        } else {
            trail.push(next);
        }
    }
    let part = trail.last().copied().unwrap_or(volume.root);
    // containerd's ensureImageSubPath in internal/cri/server/container_image_mount.go.
    if volume.missing_sub_path == MissingSubPath::NotInImage && !world.get(part).is_directory() {
        return Part::Never(format!("`{path}` in the image volume is not a directory"));
    }
    Part::Found(part)
}

fn is_component(part: &&str) -> bool {
    !part.is_empty() && *part != "."
}

/// kubelet, root on the node, makes a missing directory with the full mode of the volume's root.
fn make(world: &mut World, volume: &Prepared, parent: InodeId, name: &str) -> Part {
    match volume.missing_sub_path {
        MissingSubPath::ReadOnly => {
            return Part::Never(format!(
                "kubelet cannot make the subPath directory `{name}`: the volume is mounted read-only on the node"
            ));
        }
        MissingSubPath::NotInImage => {
            return Part::Never(format!("the image volume has no directory `{name}`"));
        }
        MissingSubPath::Made | MissingSubPath::NoVolume => {}
    }
    let mode = world.get(volume.root).mode.clone();
    let above = world.get(parent);
    let gid = match above.mode.has(SETGID) {
        Some(true) => above.gid.clone(),
        Some(false) => Value::Known(0),
        None => Value::Unknown(above.mode.reason()),
    };
    let note = format!(
        "kubelet makes the missing subPath directory `{name}` as root, with the mode of the volume's root: {mode} 0:{gid}"
    );
    let mut inode = Inode::new(Kind::empty(), 0, 0, 0, note);
    inode.mode = mode;
    inode.gid = gid;
    inode.for_sub_path = true;
    let id = world.add(inode);
    world.set_entry(parent, name, Entry::Present(id));
    Part::Found(id)
}

/// The part may exist, with any owner, or be made: it is there in the end, but what it looks like is not known.
fn unknown_part(
    world: &mut World,
    volume: &Prepared,
    parent: InodeId,
    name: &str,
    reason: &Reason,
) -> InodeId {
    // In a volume made of API objects a name is a key, so a file.
    let kind = if volume.nests {
        Kind::File
    } else {
        Kind::unlisted(reason.clone())
    };
    let id = world.add(Inode::unknown(kind, format!("`{name}` in the volume: {reason}")));
    world.set_entry(parent, name, Entry::Present(id));
    id
}
