// SPDX-License-Identifier: Apache-2.0
//! `emptyDir` (pkg/volume/emptydir/empty_dir.go).

use writeway_manifest::{EmptyDir, Volume};

use super::{MissingSubPath, Prepared, Setup};
use crate::fs_group::ChangePolicy;
use crate::map::Lifetime;
use crate::version::Feature;
use crate::world::{Inode, Kind};

impl Setup<'_> {
    pub(super) fn empty_dir(&mut self, volume: &Volume, source: &EmptyDir) -> Prepared {
        let name = &*volume.name;
        let medium = source.medium.as_ref().map_or("", |medium| medium.as_str());
        let (mut mode, made) = match medium {
            "" => (
                0o777,
                "kubelet makes the directory 0777 root:root, never sticky".to_owned(),
            ),
            "Memory" => (
                0o1777,
                "a tmpfs whose root the kernel makes 1777 root:root".to_owned(),
            ),
            huge if huge == "HugePages" || huge.starts_with("HugePages-") => (
                0o755,
                "a hugetlbfs whose root the kernel makes 0755 root:root".to_owned(),
            ),
            other => {
                let span = source.medium.as_ref().map_or(volume.span, |medium| medium.span);
                self.startup.fail(
                    format!("volume `{name}`: kubelet does not know the medium `{other}`"),
                    span,
                );
                (0o777, format!("unknown medium `{other}`"))
            }
        };
        let mut why = vec![format!("volume `{name}` is an emptyDir (medium {medium:?}): {made}").into()];
        if let Some(wanted) = source.mode {
            if self.node.version.has(Feature::EmptyDirVolumeMode) {
                mode = u16::try_from(wanted.value).unwrap_or(mode) & 0o7777;
                why.push(format!("emptyDir.mode makes it {mode:04o}").into());
            } else {
                why.push(
                    format!(
                        "emptyDir.mode is dropped: the gate EmptyDirVolumeMode (alpha in 1.37) is off in Kubernetes {}",
                        self.node.version.number
                    )
                    .into(),
                );
            }
        }
        let mut inode = Inode::new(Kind::empty(), 0, 0, mode, "");
        inode.history = why.clone();
        let root = self.world.add(inode);
        let fs_group = self.apply_fs_group(root, ChangePolicy::Always);
        Prepared {
            root,
            read_only: false,
            source: "emptyDir",
            lifetime: Lifetime::Pod,
            fs_group,
            why: why.into_iter().take(1).collect(),
            missing_sub_path: MissingSubPath::Made,
            nests: false,
        }
    }
}
