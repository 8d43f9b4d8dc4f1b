// SPDX-License-Identifier: Apache-2.0
//! `image` volumes (pkg/volume/image/image.go), and the file tree that facts give an image.

use writeway_facts::ImageFacts;
use writeway_manifest::{ImageSource, Volume};

use super::{MissingSubPath, Prepared, Setup, plant};
use crate::map::Lifetime;
use crate::value::{Mode, Reason, Value};
use crate::version::Feature;
use crate::world::{Inode, InodeId, Kind, World};

impl Setup<'_> {
    pub(super) fn image(&mut self, volume: &Volume, source: &ImageSource) -> Prepared {
        let name = source
            .reference
            .as_ref()
            .map_or("", |reference| reference.as_str());
        if !self.node.version.has(Feature::ImageVolume) {
            self.startup.doubt(
                format!(
                    "volume `{}`: image volumes are off by default in Kubernetes {}",
                    *volume.name, self.node.version.number
                ),
                volume.span,
            );
        }
        let root = tree(&mut self.world, self.context.facts.image(name), name);
        let fs_group = self.ignore_fs_group(root, "kubelet never applies it to an image volume");
        Prepared {
            root,
            read_only: true,
            source: "image",
            lifetime: Lifetime::Image,
            fs_group,
            why: vec![
                format!(
                    "volume `{}` is the image `{name}`, always read-only",
                    *volume.name
                )
                .into(),
            ],
            missing_sub_path: MissingSubPath::NotInImage,
            nests: false,
        }
    }
}

/// Directories that everyone may search in any image that follows the Filesystem Hierarchy Standard 3.0. Without facts
/// of an image this much is taken for granted, so that a volume below one of them can be judged; nothing else is.
const SEARCHABLE: &[&str] = &[
    "/",
    "/bin",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/run",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/opt",
    "/var/run",
    "/var/spool",
    "/var/tmp",
];

/// Whether the standard lets everyone search the directory.
pub(crate) fn is_searchable_by_standard(path: &str) -> bool {
    SEARCHABLE.contains(&path)
}

/// A directory of an image without facts.
pub(crate) fn unlisted_directory(path: &str, image: &str) -> Inode {
    let reason: Reason = format!("no facts of image `{image}` say what {path} is").into();
    let mut inode = Inode::unknown(Kind::unlisted(reason.clone()), reason);
    if is_searchable_by_standard(path) {
        inode.mode = inode.mode.with(0o111);
        inode
            .history
            .push(format!("{path} is taken as searchable by everyone, as the FHS has it").into());
    }
    inode
}

/// The root directory of an image as facts describe it.
pub(crate) fn tree(world: &mut World, facts: Option<&ImageFacts>, image: &str) -> InodeId {
    let Some(facts) = facts else {
        return world.add(unlisted_directory("/", image));
    };
    let missing: Reason = format!("facts of image `{image}` do not say").into();
    let root = if facts.paths.contains_key("/") || facts.complete {
        world.add(Inode::new(Kind::empty(), 0, 0, 0o755, ""))
    } else {
        world.add(unlisted_directory("/", image))
    };
    if let Some(fact) = facts.paths.get("/") {
        let inode = world.get_mut(root);
        if let Some(owner) = fact.owner {
            (inode.uid, inode.gid) = (Value::Known(owner.uid), Value::Known(owner.gid));
        }
        if let Some(mode) = fact.mode {
            inode.mode = Mode::new(mode.0);
        }
    }
    let implied = |path: &str| {
        if facts.complete {
            Inode::new(Kind::empty(), 0, 0, 0o755, "")
        } else {
            unlisted_directory(path, image)
        }
    };
    plant(world, root, &facts.paths, &missing, &implied);
    note_image(world, root, image, facts.complete);
    root
}

/// Says of every file where its owner and mode come from, and whether others may lie beside it.
fn note_image(world: &mut World, root: InodeId, image: &str, complete: bool) {
    let mut pending = vec![(root, "/".to_owned())];
    while let Some((id, path)) = pending.pop() {
        let above = path.trim_end_matches('/');
        let children = world.entries(id).into_iter();
        pending.extend(children.map(|(name, child)| (child, format!("{above}/{name}"))));
        let inode = world.get_mut(id);
        inode.history.retain(|note| !note.is_empty());
        if inode.history.is_empty() {
            let note = format!(
                "image `{image}` has {path} as {} {}:{}",
                inode.mode, inode.uid, inode.gid
            );
            inode.history = vec![note.into()];
        }
        if let Kind::Directory(listing) = &mut inode.kind
            && !complete
        {
            listing.unlisted =
                Some(format!("facts of image `{image}` do not list everything in {path}").into());
        }
    }
}
