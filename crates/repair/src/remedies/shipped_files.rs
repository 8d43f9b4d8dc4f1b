// SPDX-License-Identifier: Apache-2.0
//! What the remedies have in common that bring an image's files into an `emptyDir`, which would hide them.

use writeway_access::{FileKind, PathMap, Tri};
use writeway_check::{Need, NeedKind};

use super::new_volume::{NewVolume, volume_name};
use crate::ground::{Ground, Scratch};
use crate::{Case, Edits, Proposal};

/// So many files are copied for the sake of one of them: a directory of settings, not a whole program.
const MOST: usize = 64;

/// Files of an image, and the volume that they go to.
pub(super) struct ShippedFiles<'a> {
    pub(super) volume: NewVolume<'a>,
    pub(super) target: Target<'a>,
}

/// The volume.
pub(super) enum Target<'a> {
    /// A new one of this name.
    New(String),
    /// A new one of this name, for one file alone, which is mounted over itself.
    File(String),
    /// One that hides the files now.
    There {
        /// Its name.
        volume: &'a str,
        /// The part of it that is mounted.
        sub_path: Option<&'a str>,
    },
}

impl<'a> ShippedFiles<'a> {
    /// What a case is about, if it is about files of the image that a pod may have copies of.
    ///
    /// # Errors
    /// Why there can be no such volume.
    pub(super) fn of(case: &Case<'a>) -> Result<Option<Self>, String> {
        let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
            return Ok(None);
        };
        // Without facts nobody knows which files there are.
        let ships = match need.kind {
            NeedKind::Directory => need.prefill,
            NeedKind::File => volume.shipped().is_some_and(|files| files > 0),
        };
        if !ships || !need.purpose.is_for_the_pod() {
            return Ok(None);
        }
        let target = match Ground::of(case) {
            Some(Ground::Bare) if need.kind == NeedKind::File && volume.shipped() > Some(MOST) => {
                Target::File(alone(case, need)?)
            }
            Some(Ground::Bare) => match volume.hindrance() {
                Some(why) => return Err(why),
                None => Target::New(volume.name()),
            },
            Some(Ground::EmptyDir(scratch)) if scratch.is_mount => there(&scratch)?,
            Some(Ground::EmptyDir(Scratch { mount, .. }) | Ground::Other(mount)) => {
                return Err(format!(
                    "volume `{}` is mounted at `{}` already",
                    *mount.name, *mount.mount_path
                ));
            }
            None => return Ok(None),
        };
        Ok(Some(Self { volume, target }))
    }

    /// What is in the directory now.
    pub(super) fn directory(&self, case: &Case<'a>) -> Option<&'a PathMap> {
        let mut paths = case.container_map()?.paths.iter();
        paths.find(|path| path.path == self.volume.path)
    }

    /// The volume's name.
    pub(super) fn volume_name(&self) -> &str {
        match &self.target {
            Target::New(name) | Target::File(name) => name,
            Target::There { volume, .. } => volume,
        }
    }

    /// A name for the init container that copies, `copy-config` for volume `config`.
    pub(super) fn container_name(&self, case: &Case<'_>) -> String {
        // A DNS label has 63 characters at most, and a number may be added.
        let name: String = format!("copy-{}", self.volume_name()).chars().take(56).collect();
        case.new_container_name(name.trim_end_matches('-'))
    }

    /// The proposal of these edits; `by` says by what the files are copied, when that is not the image's own business.
    pub(super) fn propose(&self, edits: Edits<'_>, by: &str) -> Proposal {
        let path = self.volume.path;
        let edits = edits.into_list();
        match &self.target {
            Target::New(_) => {
                let title = format!(
                    "mount an `emptyDir` at `{path}` in container `{}`, into which an init container copies the image's \
                     files{by}",
                    *self.volume.container.name
                );
                let proposal = Proposal::safe(title, edits);
                match self.volume.danger() {
                    Some(danger) => proposal.but(danger),
                    None => proposal,
                }
            }
            Target::File(_) => {
                let file = self.volume.needed_path();
                let title = format!(
                    "mount a copy of `{file}`, which an init container makes, over it in container `{}`{by}",
                    *self.volume.container.name
                );
                Proposal::safe(title, edits).but(format!(
                    "a program that replaces `{file}` by a rename fails (EBUSY), for what is mounted cannot be replaced"
                ))
            }
            Target::There { volume, .. } => {
                let title = format!(
                    "let an init container copy the image's files of `{path}` into volume `{volume}`{by}"
                );
                Proposal::safe(title, edits).but(format!(
                    "the program finds `{path}` empty now, and may have done without the files"
                ))
            }
        }
    }
}

/// The name of a volume for a file that the image has.
fn alone(case: &Case<'_>, need: &Need) -> Result<String, String> {
    let path = case.path();
    if path.is_none_or(|path| path.exists != Tri::Yes || path.kind != Some(FileKind::File)) {
        return Err(format!(
            "`{}` is not known to be a file of the image, and in its directory are more than {MOST} others",
            need.path
        ));
    }
    Ok(case.new_volume_name(&volume_name(&need.path)))
}

fn there<'a>(scratch: &Scratch<'a>) -> Result<Target<'a>, String> {
    let volume = scratch.volume.name.as_str();
    let sub_path = match &scratch.mount.sub_path {
        None => None,
        Some(part) => {
            let unknown = || format!("which part of volume `{volume}` is mounted is not known");
            Some(part.known().ok_or_else(unknown)?)
        }
    };
    Ok(Target::There { volume, sub_path })
}
