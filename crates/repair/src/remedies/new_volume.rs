// SPDX-License-Identifier: Apache-2.0
//! What the remedies have in common that mount a new volume where nothing is mounted.

use std::path::Path;

use writeway_check::{Confidence, Need, NeedKind, Purpose, is_transient};
use writeway_facts::{EntryType, ImageFacts};
use writeway_generate::{Error, Rendered, Size, Tmp};
use writeway_manifest::{Container, Mount};

use crate::ground::Ground;
use crate::{Answer, Case, Edits, Proposal};

/// More than that evicts the pod (`sizeLimit`): enough for what programs keep in passing, little enough for a node.
pub(super) const SIZE_ON_DISK: &str = "256Mi";
/// More than that is "no space left on device": what is in it counts as memory.
pub(super) const SIZE_IN_MEMORY: &str = "64Mi";

/// A directory of a container that may get a volume of its own, which is lost with the pod.
pub(super) struct NewVolume<'a> {
    case: Case<'a>,
    need: &'a Need,
    pub(super) container: &'a Container,
    /// The directory: for a file the one that it is in, where a program may also replace it by a rename. A file that is
    /// mounted itself cannot be replaced (`EBUSY`, `rename(2)`).
    pub(super) path: &'a str,
    ground: Ground<'a>,
}

impl<'a> NewVolume<'a> {
    /// `None` when the case is about something else than a directory of this kind.
    pub(super) fn of(case: &Case<'a>) -> Option<Self> {
        let need = case.need?;
        let ground = Ground::of(case)?;
        let in_a_volume = need.kind == NeedKind::File && !matches!(ground, Ground::Bare);
        if in_a_volume || need.purpose == Purpose::Credential {
            return None;
        }
        Some(Self {
            case: *case,
            need,
            container: case.container()?,
            path: need.directory_of_it(),
            ground,
        })
    }

    /// The path that is needed: the directory, or a file in it.
    pub(super) fn needed_path(&self) -> &'a str {
        &self.need.path
    }

    /// Why no empty volume may be mounted there.
    pub(super) fn refusal(&self) -> Option<String> {
        if let Some(why) = self.hindrance() {
            return Some(why);
        }
        if self.need.prefill {
            return Some(format!("the image's files in `{}` would be hidden", self.path));
        }
        if let Some(file) = self.hidden_file() {
            return Some(format!("the image's `{file}` would be hidden"));
        }
        (self.need.kind == NeedKind::File && self.shipped().is_none()).then(|| {
            format!(
                "no facts say what else the image has in `{}`, which a volume would hide",
                self.path
            )
        })
    }

    /// How many files and links the image has in the directory; `None` when that is not known.
    pub(super) fn shipped(&self) -> Option<usize> {
        if is_transient(self.path) {
            return Some(0);
        }
        let facts = self.case.context.facts.image(self.container.image.as_ref()?)?;
        facts.complete.then(|| files_below(facts, self.path).count())
    }

    /// Why no volume may be mounted there, whatever is in it.
    pub(super) fn hindrance(&self) -> Option<String> {
        let mount = match self.ground {
            Ground::Bare if self.path == "/" => return Some("no volume can be mounted at `/`".to_owned()),
            Ground::Bare => return None,
            Ground::EmptyDir(scratch) => scratch.mount,
            Ground::Other(mount) => mount,
        };
        let Mount { name, mount_path, .. } = mount;
        Some(format!(
            "volume `{}` is mounted at `{}` already",
            name.value, mount_path.value
        ))
    }

    /// A file that the image is known to have there.
    fn hidden_file(&self) -> Option<&'a str> {
        if is_transient(self.path) || self.need.purpose == Purpose::Temp {
            return None;
        }
        let image = self.container.image.as_ref()?;
        files_below(self.case.context.facts.image(image)?, self.path).next()
    }

    /// What may be worse with a volume there than without.
    pub(super) fn danger(&self) -> Option<String> {
        let path = self.path;
        if self.need.purpose == Purpose::Data {
            return Some(format!(
                "what is written to `{path}` is meant to be kept, and is lost with the pod"
            ));
        }
        let hint = self.case.finding.confidence == Confidence::Low && self.need.purpose != Purpose::Temp;
        hint.then(|| {
            format!(
                "that the program writes to `{path}` is a hint only, and what the image has there is hidden"
            )
        })
    }

    /// A name for the volume, by what it is mounted at, and whose it is when there is one of that name.
    pub(super) fn name(&self) -> String {
        let name = volume_name(self.path);
        if self.case.new_volume_name(&name) == name {
            return name;
        }
        let with_container = volume_name(&format!("{name} {}", *self.container.name));
        self.case.new_volume_name(&with_container)
    }

    /// The proposal of a generated volume.
    pub(super) fn propose(
        &self,
        title: String,
        size: &str,
        make: impl FnOnce(&str, Size) -> Result<Tmp, Error>,
    ) -> Answer {
        if let Some(why) = self.refusal() {
            return Answer::Cannot(why);
        }
        let rendered = Size::parse(size)
            .and_then(|size| make(self.path, size))
            .and_then(|tmp| tmp.volume(&self.name()))
            .map(|tmp| tmp.render());
        match rendered {
            Ok(rendered) => self.propose_parts(title, rendered),
            Err(error) => Answer::cannot(error.to_string()),
        }
    }

    /// The proposal of a volume that was rendered.
    pub(super) fn propose_parts(&self, title: String, rendered: Rendered) -> Answer {
        if let Some(why) = self.refusal() {
            return Answer::Cannot(why);
        }
        let Some(edits) = self.case.edits() else {
            return Answer::cannot("the pod is not written where it could be changed");
        };
        let edits = rendered
            .volume_mounts
            .into_iter()
            .fold(edits, |edits, mount| edits.mount(self.container, mount));
        let edits = rendered.volumes.into_iter().fold(edits, Edits::volume);
        // Last, for the containers behind it have other places then.
        let edits = rendered
            .init_containers
            .into_iter()
            .rev()
            .fold(edits, Edits::first_init_container);
        let proposal = Proposal::safe(title, edits.into_list());
        Answer::Try(match self.danger() {
            Some(danger) => proposal.but(danger),
            None => proposal,
        })
    }
}

/// The files and links that the facts list below a directory.
fn files_below<'a>(facts: &'a ImageFacts, path: &str) -> impl Iterator<Item = &'a str> {
    let below = move |file: &str| file != path && Path::new(file).starts_with(path);
    let paths = facts.paths.iter();
    paths
        .filter(move |(file, fact)| fact.kind != EntryType::Directory && below(file))
        .map(|(file, _)| file.as_str())
}

/// A name for a volume by what it is mounted at, as people choose it: `tmp` for `/tmp`, `var-cache` for `/var/cache`.
pub(super) fn volume_name(path: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let text = path.to_ascii_lowercase();
    let words: Vec<_> = text
        .split(|letter| !allowed(letter))
        .filter(|word| !word.is_empty())
        .collect();
    // A DNS label has 63 characters at most; a number may be added.
    let name: String = words.join("-").chars().take(56).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "data".to_owned()
    } else {
        name.to_owned()
    }
}
