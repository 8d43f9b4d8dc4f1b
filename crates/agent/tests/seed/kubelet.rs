// SPDX-License-Identifier: Apache-2.0
//! A volume as kubelet writes it: the steps of `Write` in pkg/volume/util/atomic_writer.go, in their order.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// The volume of a Secret, a ConfigMap or several of them.
pub(crate) struct Volume {
    pub(crate) path: PathBuf,
    writes: usize,
}

impl Volume {
    /// An empty volume.
    pub(crate) fn new(path: PathBuf) -> Self {
        fs::create_dir(&path).unwrap();
        // A Secret's is a tmpfs.
        fs::set_permissions(&path, Permissions::from_mode(0o1777)).unwrap();
        Self { path, writes: 0 }
    }

    /// Writes a set of keys with the mode that a volume has by default.
    pub(crate) fn write(&mut self, payload: &[(&str, &[u8])]) {
        self.write_with_mode(payload, 0o644);
    }

    /// Writes a set of keys, swaps `..data` to it, and removes the set before.
    pub(crate) fn write_with_mode(&mut self, payload: &[(&str, &[u8])], mode: u32) {
        self.writes += 1;
        let data = self.path.join("..data");
        let before = fs::read_link(&data).ok();
        // newTimestampDir
        let name = format!("..2026_11_22_13_05_17.{:09}", self.writes);
        let set = self.path.join(&name);
        fs::create_dir(&set).unwrap();
        fs::set_permissions(&set, Permissions::from_mode(0o755)).unwrap();
        // writePayloadToDir
        for (key, bytes) in payload {
            let file = set.join(key);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, bytes).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        }
        // The link is made under another name, and renamed.
        let temporary = self.path.join("..data_tmp");
        symlink(&name, &temporary).unwrap();
        fs::rename(&temporary, &data).unwrap();
        // createUserVisibleFiles: the first name of each path alone.
        let visible: BTreeSet<&Path> = payload
            .iter()
            .map(|(key, _)| Path::new(Path::new(key).iter().next().unwrap()))
            .collect();
        for name in &visible {
            let link = self.path.join(name);
            if fs::symlink_metadata(&link).is_err() {
                symlink(Path::new("..data").join(name), link).unwrap();
            }
        }
        // removeUserVisiblePaths
        for entry in fs::read_dir(&self.path).unwrap() {
            let name = entry.unwrap().file_name();
            if !name.to_str().unwrap().starts_with("..") && !visible.contains(Path::new(&name)) {
                fs::remove_file(self.path.join(name)).unwrap();
            }
        }
        if let Some(before) = before {
            fs::remove_dir_all(self.path.join(before)).unwrap();
        }
    }
}
