// SPDX-License-Identifier: Apache-2.0
//! `hostPaths`, `storageClasses` and `claims`.

use writeway_yaml::Node;

use super::Reader;
use super::fields::Section;
use crate::model::{ClassVolume, EntryType, HostPath, PathFact};
use crate::notation::{FS_GROUP_POLICIES, HOST_PATH_TYPES, VOLUME_KINDS};

pub(super) const HOST_PATH: Section = Section {
    what: "a host path",
    keys: &[
        "absent", "owner", "mode", "type", "to", "contents", "complete", "fsType",
    ],
};
pub(super) const CLASS_VOLUME: Section = Section {
    what: "a volume",
    keys: &[
        "source",
        "hostPathType",
        "owner",
        "mode",
        "fsType",
        "fsGroupPolicy",
        "volumeMountGroup",
        "contents",
    ],
};

impl<'t> Reader<'t> {
    pub(super) fn host_path(&mut self, node: Node<'t>) -> HostPath {
        let fields = self.fields(node, &HOST_PATH);
        let absent = fields
            .get("absent")
            .and_then(|node| self.boolean(node))
            .unwrap_or_default();
        if absent {
            for (key, value) in fields.all().iter().filter(|(key, _)| *key != "absent") {
                self.error(value.span(), format!("what is absent has no `{key}`"));
            }
            return HostPath::Absent;
        }
        let entry = PathFact {
            owner: fields.get("owner").and_then(|node| self.notation(node)),
            mode: fields.get("mode").and_then(|node| self.notation(node)),
            kind: self.entry_type(node, fields.get("type"), fields.get("to")),
        };
        let contents = fields.get("contents");
        if let (Some(contents), EntryType::File | EntryType::Other) = (contents, &entry.kind) {
            self.error(contents.span(), "only a directory has `contents`".to_owned());
        }
        HostPath::Present {
            entry,
            contents: contents.map(|node| self.contents(node)).unwrap_or_default(),
            complete: fields
                .get("complete")
                .and_then(|node| self.boolean(node))
                .unwrap_or(true),
            fs_type: fields.get("fsType").and_then(|node| self.text(node)),
        }
    }

    /// A class or a claim.
    pub(super) fn class_volume(&mut self, node: Node<'t>) -> ClassVolume {
        let fields = self.fields(node, &CLASS_VOLUME);
        let owned = |name: &'static str| name.to_owned();
        ClassVolume {
            source: fields
                .get("source")
                .and_then(|node| self.choice(node, VOLUME_KINDS)),
            host_path_type: fields
                .get("hostPathType")
                .and_then(|node| self.choice(node, HOST_PATH_TYPES))
                .map(owned),
            owner: fields.get("owner").and_then(|node| self.notation(node)),
            mode: fields.get("mode").and_then(|node| self.notation(node)),
            fs_type: fields.get("fsType").and_then(|node| self.text(node)),
            fs_group_policy: fields
                .get("fsGroupPolicy")
                .and_then(|node| self.choice(node, FS_GROUP_POLICIES))
                .map(owned),
            volume_mount_group: fields.get("volumeMountGroup").and_then(|node| self.boolean(node)),
            contents: fields
                .get("contents")
                .map(|node| self.contents(node))
                .unwrap_or_default(),
        }
    }
}
