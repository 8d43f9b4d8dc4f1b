// SPDX-License-Identifier: Apache-2.0
//! Several facts files as one.

use std::collections::BTreeMap;

use crate::model::{ClassVolume, Facts, ImageFacts, Kubernetes, Node};
use crate::reference::normal_form;

impl Facts {
    /// Adds `other`, which wins where both say something: per image and field, per host path, per class or claim and
    /// field. Two spellings of one image reference are one image.
    pub fn merge(&mut self, other: Self) {
        for (name, image) in other.images {
            let known = match self.images.contains_key(&name) {
                true => None,
                false => {
                    let normal = normal_form(&name);
                    self.images.keys().find(|key| normal_form(key) == normal).cloned()
                }
            };
            self.images.entry(known.unwrap_or(name)).or_default().merge(image);
        }
        self.host_paths.extend(other.host_paths);
        merge_volumes(&mut self.storage_classes, other.storage_classes);
        merge_volumes(&mut self.claims, other.claims);
        self.kubernetes.merge(other.kubernetes);
        self.node.merge(other.node);
    }
}

impl ImageFacts {
    fn merge(&mut self, other: Self) {
        replace(&mut self.user, other.user);
        replace(&mut self.working_dir, other.working_dir);
        replace(&mut self.env, other.env);
        replace(&mut self.users, other.users);
        replace(&mut self.groups, other.groups);
        replace(&mut self.volumes, other.volumes);
        replace(&mut self.tools, other.tools);
        if other.complete {
            // Everything is listed, so what is not listed any more is gone.
            self.paths.clear();
            self.complete = true;
        }
        self.paths.extend(other.paths);
    }
}

impl ClassVolume {
    fn merge(&mut self, other: Self) {
        replace(&mut self.source, other.source);
        replace(&mut self.host_path_type, other.host_path_type);
        replace(&mut self.owner, other.owner);
        replace(&mut self.mode, other.mode);
        replace(&mut self.fs_type, other.fs_type);
        replace(&mut self.fs_group_policy, other.fs_group_policy);
        replace(&mut self.volume_mount_group, other.volume_mount_group);
        self.contents.extend(other.contents);
    }
}

impl Kubernetes {
    fn merge(&mut self, other: Self) {
        replace(&mut self.version, other.version);
        self.feature_gates.extend(other.feature_gates);
    }
}

impl Node {
    fn merge(&mut self, other: Self) {
        replace(&mut self.runtime, other.runtime);
        replace(&mut self.kernel, other.kernel);
        replace(&mut self.umask, other.umask);
        self.sysctls.extend(other.sysctls);
    }
}

fn merge_volumes(into: &mut BTreeMap<String, ClassVolume>, other: BTreeMap<String, ClassVolume>) {
    for (name, volume) in other {
        into.entry(name).or_default().merge(volume);
    }
}

fn replace<T>(field: &mut Option<T>, other: Option<T>) {
    if other.is_some() {
        *field = other;
    }
}
