// SPDX-License-Identifier: Apache-2.0
//! Mounts that show a Secret: which files of which Secrets a container sees, and where.

use std::collections::BTreeSet;

use writeway_manifest::{
    Container, Mount, ProjectedSource, SecretSource, Spanned, Volume, VolumeSource, Workload,
};

use crate::RuleContext;
use crate::mount_path::below;

/// A mount of a volume that is made from Secrets, among others perhaps.
#[derive(Clone)]
pub(crate) struct SecretMount<'a> {
    /// The mount.
    pub(crate) mount: &'a Mount,
    /// Its volume.
    pub(crate) volume: &'a Volume,
    /// The Secrets in it, those without a name left out.
    pub(crate) secrets: Vec<&'a SecretSource>,
    /// The part of the volume that is mounted; `None` when it is all of it.
    pub(crate) part: Option<&'a str>,
}

impl<'a> SecretMount<'a> {
    /// What the mounts of a container show of Secrets, in order. A part that depends on variables with unknown values is left out.
    pub(crate) fn of(
        workload: &'a Workload,
        container: &'a Container,
    ) -> impl Iterator<Item = Self> + use<'a> {
        container
            .mounts
            .iter()
            .filter_map(move |mount| Self::find(workload, mount))
    }

    /// What a mount shows of Secrets.
    pub(crate) fn find(workload: &'a Workload, mount: &'a Mount) -> Option<Self> {
        let volume = workload.pod.volume(&mount.name)?;
        let secrets: Vec<_> = match &volume.source {
            VolumeSource::Secret(secret) => vec![secret],
            VolumeSource::Projected { sources, .. } => sources
                .iter()
                .filter_map(|source| match source {
                    ProjectedSource::Secret(secret) => Some(secret),
                    _ => None,
                })
                .collect(),
            _ => return None,
        };
        let secrets: Vec<_> = secrets
            .into_iter()
            .filter(|secret| secret.name.is_some())
            .collect();
        let part = match &mount.sub_path {
            None => None,
            Some(path) => Some(path.known()?.trim_matches('/')).filter(|path| !path.is_empty()),
        };
        (!secrets.is_empty()).then_some(Self {
            mount,
            volume,
            secrets,
            part,
        })
    }

    /// The names of its Secrets.
    pub(crate) fn secret_names(&self) -> impl Iterator<Item = &'a Spanned<String>> + use<'a, '_> {
        self.secrets.iter().filter_map(|secret| secret.name.as_ref())
    }

    /// The files that the mount shows, as paths below it; `""` when it is a file itself. `None` when the keys of one
    /// of the Secrets are not known.
    pub(crate) fn files(&self, context: &RuleContext<'_>) -> Option<BTreeSet<String>> {
        let mut files = BTreeSet::new();
        for secret in &self.secrets {
            files.extend(volume_files(context, secret)?);
        }
        match self.part {
            None => Some(files),
            Some(part) => Some(
                files
                    .iter()
                    .filter_map(|file| below(part, file))
                    .map(str::to_owned)
                    .collect(),
            ),
        }
    }
}

/// The files that a Secret has in its volume; `None` when its keys are not known.
pub(crate) fn volume_files(context: &RuleContext<'_>, source: &SecretSource) -> Option<Vec<String>> {
    if !source.items.is_empty() {
        return Some(source.items.iter().map(|item| item.path.value.clone()).collect());
    }
    let namespace = context.workload.object.namespace.as_deref();
    let secret = context
        .access
        .inventory
        .secret(namespace, source.name.as_ref()?)?;
    Some(secret.keys.keys().cloned().collect())
}
