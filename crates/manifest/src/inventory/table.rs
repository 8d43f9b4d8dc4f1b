// SPDX-License-Identifier: Apache-2.0
//! Objects of one kind by namespace and name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::in_file;
use crate::{Declared, FileId, ObjectRef, Place};

/// Objects of one kind. Cluster-wide ones have the namespace `""`.
#[derive(Debug)]
pub(super) struct Table<T> {
    rows: BTreeMap<String, BTreeMap<String, Declared<T>>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
        }
    }
}

/// An object that has the name of an earlier one.
pub(super) struct Double {
    pub(super) first: Place,
    pub(super) second: ObjectRef,
    /// The name, with the namespace where there is one.
    pub(super) name: String,
}

/// Whether the objects of a type belong to a namespace.
pub(super) trait Scope {
    const NAMESPACED: bool;
}

impl Scope for crate::Secret {
    const NAMESPACED: bool = true;
}
impl Scope for crate::ConfigMap {
    const NAMESPACED: bool = true;
}
impl Scope for crate::PersistentVolumeClaim {
    const NAMESPACED: bool = true;
}
impl Scope for crate::ServiceAccount {
    const NAMESPACED: bool = true;
}
impl Scope for crate::LimitRange {
    const NAMESPACED: bool = true;
}
impl Scope for crate::PersistentVolume {
    const NAMESPACED: bool = false;
}
impl Scope for crate::StorageClass {
    const NAMESPACED: bool = false;
}
impl Scope for crate::CsiDriver {
    const NAMESPACED: bool = false;
}
impl Scope for crate::Namespace {
    const NAMESPACED: bool = false;
}

impl<T: Scope> Table<T> {
    /// Adds the objects of a file. One without a name cannot be referred to and is left out.
    pub(super) fn extend(&mut self, file: FileId, objects: &[Declared<T>], doubles: &mut Vec<Double>) {
        for Declared { object, value } in in_file(file, objects) {
            if object.name.is_empty() {
                continue;
            }
            let namespace = if T::NAMESPACED {
                object.effective_namespace()
            } else {
                ""
            }
            .to_owned();
            match self
                .rows
                .entry(namespace.clone())
                .or_default()
                .entry(object.name.clone())
            {
                Entry::Vacant(entry) => {
                    entry.insert(Declared { object, value });
                }
                Entry::Occupied(entry) => {
                    let first = &entry.get().object;
                    let first = Place {
                        file: first.file,
                        span: first.name_span,
                    };
                    let name = if T::NAMESPACED {
                        format!("{namespace}/{}", object.name)
                    } else {
                        object.name.clone()
                    };
                    doubles.push(Double {
                        first,
                        second: object,
                        name,
                    });
                }
            }
        }
    }
}

impl<T> Table<T> {
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Declared<T>> {
        self.rows.get(namespace)?.get(name)
    }

    pub(super) fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Declared<T>> {
        self.rows.get(namespace).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Declared<T>> {
        self.rows.values().flat_map(BTreeMap::values)
    }
}
