// SPDX-License-Identifier: Apache-2.0
//! A folder with files, and what is collected in it.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use writeway_input::{CollectOptions, Collected, collect};
use writeway_manifest::Inventory;

/// A folder that lives as long as the test.
pub(crate) struct Tree {
    root: TempDir,
}

impl Tree {
    /// With files by their path in the folder.
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let tree = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            self.root.path().to_owned()
        } else {
            self.root.path().join(path)
        }
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.path(path)).unwrap();
    }

    /// Collects paths of the folder; names in the answer are relative to it, too.
    pub(crate) fn collect(&self, paths: &[&str], options: &CollectOptions) -> Answer {
        let paths: Vec<_> = paths.iter().map(|path| self.path(path)).collect();
        self.answer(collect(&paths, options))
    }

    pub(crate) fn answer(&self, collected: Collected) -> Answer {
        let root = self.root.path().display().to_string();
        let local = |text: String| text.replace(&format!("{root}/"), "").replace(&root, ".");
        Answer {
            files: collected
                .files
                .iter()
                .map(|file| local(file.name.clone()))
                .collect(),
            errors: collected
                .errors
                .iter()
                .map(|error| local(error.to_string()))
                .collect(),
            notes: collected
                .notes
                .iter()
                .map(|note| local(note.to_string()))
                .collect(),
            renderers: collected
                .renderers
                .iter()
                .map(|renderer| renderer.name.clone())
                .collect(),
            inventory: Inventory::from_parsed(collected.files),
        }
    }
}

/// What was collected, in text.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) files: Vec<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) renderers: Vec<String>,
    pub(crate) inventory: Inventory,
}

impl Answer {
    /// The workloads' names, sorted.
    pub(crate) fn workloads(&self) -> Vec<&str> {
        let mut names: Vec<_> = self
            .inventory
            .workloads()
            .iter()
            .map(|workload| workload.object.name.as_str())
            .collect();
        names.sort_unstable();
        names
    }
}

/// A Pod of that name.
pub(crate) fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n    - name: app\n      image: app\n"
    )
}
