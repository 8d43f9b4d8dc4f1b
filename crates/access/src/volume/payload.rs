// SPDX-License-Identifier: Apache-2.0
//! Files that kubelet writes from API objects: the atomic writer's layout and modes
//! (pkg/volume/util/atomic_writer.go), and the `secret`, `configMap` and `downwardAPI` volumes made with it.

use writeway_manifest::{
    ConfigMapSource, DataKey, DownwardItem, KeyToPath, SecretSource, Span, Spanned, Volume,
};

use super::{MissingSubPath, Prepared, Setup};
use crate::fs_group::{self, ChangePolicy, Mask};
use crate::map::Lifetime;
use crate::value::{Reason, Value};
use crate::world::{Entry, Inode, InodeId, Kind, World};

/// A file to be written.
#[derive(Debug, Clone)]
pub(super) struct PayloadFile {
    pub(super) path: String,
    pub(super) mode: u16,
    /// Owner; a projected token's may differ from root.
    pub(super) uid: u32,
    /// Why the file is there only perhaps.
    pub(super) doubt: Option<Reason>,
}

/// The files of a volume, and why there may be others.
#[derive(Debug, Clone, Default)]
pub(super) struct Payload {
    pub(super) files: Vec<PayloadFile>,
    pub(super) unlisted: Option<Reason>,
}

/// Mode of files that neither their item nor the volume gives one (pkg/apis/core/v1/defaults.go).
pub(super) const DEFAULT_FILE_MODE: u16 = 0o644;

/// A mode as written, which the API server has found to be one.
pub(super) fn file_mode(written: Option<Spanned<i64>>, otherwise: u16) -> u16 {
    let written = written.and_then(|mode| u16::try_from(mode.value).ok());
    written.unwrap_or(otherwise) & 0o777
}

/// The keys of a Secret or ConfigMap in the inputs.
pub(super) type Keys<'a> = Option<&'a std::collections::BTreeMap<String, DataKey>>;

/// What a reference to a Secret or ConfigMap says.
pub(super) struct Reference<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) span: Span,
    pub(super) items: &'a [KeyToPath],
    pub(super) optional: bool,
}

impl Setup<'_> {
    pub(super) fn secret(&mut self, volume: &Volume, source: &SecretSource) -> Prepared {
        let name = source.name.as_ref().map_or("", |name| name.as_str());
        let reference = Reference {
            kind: "Secret",
            name,
            span: source.name.as_ref().map_or(volume.span, |name| name.span),
            items: &source.items,
            optional: source.optional,
        };
        let default_mode = file_mode(source.default_mode, DEFAULT_FILE_MODE);
        let payload = self.secret_payload(&reference, default_mode);
        let what = format!("volume `{}` is the Secret `{name}` on a tmpfs", *volume.name);
        self.payload_volume("secret", 0o1777, what, &payload)
    }

    pub(super) fn config_map(&mut self, volume: &Volume, source: &ConfigMapSource) -> Prepared {
        let name = source.name.as_ref().map_or("", |name| name.as_str());
        let reference = Reference {
            kind: "ConfigMap",
            name,
            span: source.name.as_ref().map_or(volume.span, |name| name.span),
            items: &source.items,
            optional: source.optional,
        };
        let default_mode = file_mode(source.default_mode, DEFAULT_FILE_MODE);
        let payload = self.config_map_payload(&reference, default_mode);
        let what = format!(
            "volume `{}` is the ConfigMap `{name}` on the node's disk",
            *volume.name
        );
        self.payload_volume("configMap", 0o777, what, &payload)
    }

    pub(super) fn downward_api(
        &mut self,
        volume: &Volume,
        items: &[DownwardItem],
        default_mode: Option<Spanned<i64>>,
    ) -> Prepared {
        let default_mode = file_mode(default_mode, DEFAULT_FILE_MODE);
        let payload = self.downward_payload(items, default_mode);
        let what = format!("volume `{}` is the downward API on a tmpfs", *volume.name);
        self.payload_volume("downwardAPI", 0o1777, what, &payload)
    }

    pub(super) fn secret_payload(&mut self, reference: &Reference<'_>, default_mode: u16) -> Payload {
        let inventory = self.context.inventory;
        let namespace = self.workload.object.namespace.as_deref();
        let keys = inventory
            .secret(namespace, reference.name)
            .map(|secret| &secret.value.keys);
        let lacks = keys.is_some_and(|keys| {
            let mut items = reference.items.iter();
            items.any(|item| !keys.contains_key(item.key.as_str()))
        });
        let filler = lacks
            .then(|| inventory.role_that_fills(namespace, reference.name))
            .flatten();
        self.object_payload(
            reference,
            keys,
            filler.map(|role| role.object.name.as_str()),
            default_mode,
        )
    }

    pub(super) fn config_map_payload(&mut self, reference: &Reference<'_>, default_mode: u16) -> Payload {
        let inventory = self.context.inventory;
        let namespace = self.workload.object.namespace.as_deref();
        let keys = inventory
            .config_map(namespace, reference.name)
            .map(|config_map| &config_map.value.keys);
        self.object_payload(reference, keys, None, default_mode)
    }

    pub(super) fn downward_payload(&mut self, items: &[DownwardItem], default_mode: u16) -> Payload {
        let mut payload = Payload::default();
        for item in items {
            let mode = file_mode(item.mode, default_mode);
            payload.files.push(PayloadFile {
                path: item.path.value.clone(),
                mode,
                uid: 0,
                doubt: None,
            });
        }
        payload
    }

    /// What kubelet writes of an object. `filler` is the Role that lets somebody add keys which are missing today.
    fn object_payload(
        &mut self,
        reference: &Reference<'_>,
        keys: Keys<'_>,
        filler: Option<&str>,
        default_mode: u16,
    ) -> Payload {
        let Reference {
            kind,
            name,
            span,
            items,
            optional,
        } = *reference;
        let mut payload = Payload::default();
        let absent: Option<Reason> = keys
            .is_none()
            .then(|| format!("{kind} `{name}` is not among the inputs").into());
        if let Some(absent) = &absent
            && !optional
        {
            self.startup.doubt(
                format!(
                    "{absent}: while it does not exist, kubelet sets up no volume and starts no container"
                ),
                span,
            );
        }
        if items.is_empty() {
            match keys {
                None => payload.unlisted = absent,
                Some(keys) => payload.files.extend(keys.keys().map(|key| PayloadFile {
                    path: key.clone(),
                    mode: default_mode,
                    uid: 0,
                    doubt: None,
                })),
            }
            return payload;
        }
        for item in items {
            let missing = keys.is_some_and(|keys| !keys.contains_key(item.key.as_str()));
            let filled = filler.filter(|_| missing).map(|role| -> Reason {
                let key = &item.key.value;
                format!("{kind} `{name}` has no key `{key}` yet, which Role `{role}` lets somebody add")
                    .into()
            });
            match (&filled, optional) {
                (Some(filled), false) => self.startup.doubt(
                    format!("{filled}: until then kubelet does not set the volume up"),
                    item.key.span,
                ),
                (None, false) if missing => self.startup.wait(
                    format!(
                        "{kind} `{name}` has no key `{}`: kubelet never sets the volume up",
                        *item.key
                    ),
                    item.key.span,
                ),
                _ => {}
            }
            if missing && filled.is_none() {
                continue;
            }
            let mode = file_mode(item.mode, default_mode);
            // What is missing and not optional keeps the pod from starting, so the files are there if the pod is.
            let doubt = if optional { absent.clone().or(filled) } else { None };
            payload.files.push(PayloadFile {
                path: item.path.value.clone(),
                mode,
                uid: 0,
                doubt,
            });
        }
        payload
    }

    /// Writes a payload into a fresh wrapper volume, read-only in every container.
    pub(super) fn payload_volume(
        &mut self,
        source: &'static str,
        root_mode: u16,
        what: String,
        payload: &Payload,
    ) -> Prepared {
        let why: Reason = what.into();
        let root = self
            .world
            .add(Inode::new(Kind::empty(), 0, 0, root_mode, why.clone()));
        // The first pass finds the wrapper empty and read-write; later ones keep to reading (B.5 of the reference).
        let fs_group = self.apply_fs_group(root, ChangePolicy::Always);
        let gid = self.fs_group();
        write_payload(&mut self.world, root, payload, gid);
        Prepared {
            root,
            read_only: true,
            source,
            lifetime: Lifetime::Object,
            fs_group,
            why: vec![
                why,
                format!("kubelet mounts every {source} volume read-only").into(),
            ],
            missing_sub_path: MissingSubPath::Made,
            nests: true,
        }
    }
}

/// Directory that `..data` points at. Its real name is a timestamp.
const TIMESTAMPED: &str = "..timestamped";

fn write_payload(world: &mut World, root: InodeId, payload: &Payload, gid: Option<u32>) {
    let mut data = Inode::new(Kind::empty(), 0, 0, 0o755, "kubelet's timestamped directory");
    if let Kind::Directory(listing) = &mut data.kind {
        listing.unlisted.clone_from(&payload.unlisted);
    }
    let data = world.add(data);
    for file in &payload.files {
        write_file(world, data, file);
    }
    if let Some(gid) = gid {
        fs_group::apply(world, data, gid, Mask::ReadOnly, ChangePolicy::Always);
    }
    let mut visible: Vec<(String, Option<Reason>)> = Vec::new();
    for file in &payload.files {
        let first = file.path.split('/').next().unwrap_or_default();
        match visible.iter_mut().find(|(name, _)| name == first) {
            Some((_, doubt)) if file.doubt.is_none() => *doubt = None,
            Some(_) => {}
            None => visible.push((first.to_owned(), file.doubt.clone())),
        }
    }
    world.set_entry(root, TIMESTAMPED, Entry::Present(data));
    let mut links = vec![("..data".to_owned(), TIMESTAMPED.to_owned(), None)];
    links.extend(
        visible
            .into_iter()
            .map(|(name, doubt)| (name.clone(), format!("..data/{name}"), doubt)),
    );
    for (name, target, doubt) in links {
        let mut link = Inode::new(Kind::Link(target), 0, 0, 0o777, "a link kubelet makes");
        if let Some(gid) = gid {
            link.gid = Value::Known(gid);
        }
        let link = world.add(link);
        let entry = match doubt {
            None => Entry::Present(link),
            Some(reason) => Entry::Maybe(link, reason),
        };
        world.set_entry(root, &name, entry);
    }
    if let (Some(reason), Kind::Directory(listing)) = (&payload.unlisted, &mut world.get_mut(root).kind) {
        listing.unlisted = Some(reason.clone());
    }
}

fn write_file(world: &mut World, data: InodeId, file: &PayloadFile) {
    let mut directory = data;
    let mut components = file.path.split('/').filter(|part| !part.is_empty()).peekable();
    while let Some(name) = components.next() {
        if components.peek().is_none() {
            let inode = Inode::new(
                Kind::File,
                file.uid,
                0,
                file.mode,
                format!("kubelet writes it {:04o}", file.mode),
            );
            let id = world.add(inode);
            let entry = match &file.doubt {
                None => Entry::Present(id),
                Some(reason) => Entry::Maybe(id, reason.clone()),
            };
            world.set_entry(directory, name, entry);
            return;
        }
        let existing = world
            .directory(directory)
            .and_then(|listing| listing.entries.get(name))
            .cloned();
        directory = match existing {
            Some(Entry::Present(id)) => id,
            _ => {
                let id = world.add(Inode::new(
                    Kind::empty(),
                    0,
                    0,
                    0o755,
                    "kubelet makes it on the way to a key",
                ));
                world.set_entry(directory, name, Entry::Present(id));
                id
            }
        };
    }
}
