// SPDX-License-Identifier: Apache-2.0
//! From an archive to the facts of its images.

use std::io::{self, BufReader, Read};
use std::path::Path;

use writeway_facts::{EntryType, ImageFacts};

use crate::SavedImage;
use crate::accounts;
use crate::archive::{Members, Stream};
use crate::budget::Budget;
use crate::compression::decompress;
use crate::config::Config;
use crate::digest::{Digest, Digesting};
use crate::docker;
use crate::error::{Problem, Result};
use crate::layer::{Layer, Room};
use crate::notes::Notes;
use crate::oci;
use crate::options::{Limits, Options, Platform};
use crate::rootfs::Rootfs;
use crate::source::Source;
use crate::tools;

/// An image as its archive describes it, before its layers are read.
#[derive(Debug)]
pub(crate) struct Blueprint {
    /// References, the first being the main one; empty if it was saved without any.
    pub(crate) names: Vec<String>,
    /// Digests of its manifest and of the indexes above.
    pub(crate) digests: Vec<String>,
    pub(crate) config: Config,
    pub(crate) config_part: String,
    /// Lowest first.
    pub(crate) layers: Vec<Blob>,
    /// The document that lists the layers.
    pub(crate) named_by: String,
}

/// A layer as stored.
#[derive(Debug)]
pub(crate) struct Blob {
    /// Its name in the archive.
    pub(crate) part: String,
    /// Digest of the stored bytes, where the format states it.
    pub(crate) digest: Option<Digest>,
    /// Number of the stored bytes, where the format states it.
    pub(crate) size: Option<u64>,
}

/// All images of the archive at `path`.
pub(crate) fn images(path: &Path, options: &Options) -> Result<Vec<SavedImage>> {
    let limits = &options.limits;
    let budget = Budget::new(limits.decompressed_bytes);
    let source = Source::open(path, limits, &budget)?;
    let blueprints = blueprints(&source, limits, options.platform.as_ref())?;
    let unnamed = blueprints
        .iter()
        .filter(|blueprint| blueprint.names.is_empty())
        .count();
    let mut images = Vec::with_capacity(blueprints.len());
    for blueprint in blueprints {
        let reading = Reading {
            source: &source,
            budget: &budget,
            limits,
            blueprint: &blueprint,
        };
        let mut notes = Notes::default();
        let facts = reading.facts(&mut notes)?;
        let mut names = blueprint.names.into_iter();
        let name = names.next().unwrap_or_else(|| {
            let file = source.file_name();
            match blueprint.digests.last() {
                // Several nameless images can only be told apart by their digests.
                Some(digest) if unnamed > 1 => format!("{file}@{digest}"),
                _ => file,
            }
        });
        images.push(SavedImage {
            name,
            other_names: names.collect(),
            digests: blueprint.digests,
            facts,
            notes: notes.into_lines(),
        });
    }
    Ok(images)
}

/// What the archive lists. `manifest.json` is what `docker load` goes by; `index.json` beside it may know more
/// platforms.
fn blueprints(source: &Source<'_>, limits: &Limits, wanted: Option<&Platform>) -> Result<Vec<Blueprint>> {
    let (docker, oci) = (source.has(docker::MANIFEST), source.has(oci::INDEX));
    let found = match (docker, oci) {
        (false, false) => {
            let why = format!("it has neither {} nor {}", docker::MANIFEST, oci::INDEX);
            return Err(Problem::NotAnImage { why });
        }
        (false, true) => oci::images(source, limits, wanted)?,
        (true, _) => match docker::images(source, limits, wanted) {
            Err(Problem::Platform { .. }) if oci => oci::images(source, limits, wanted)?,
            other => other?,
        },
    };
    if found.is_empty() {
        return Err(Problem::NotAnImage {
            why: "it lists no image".to_owned(),
        });
    }
    Ok(found)
}

/// One image while it is read.
struct Reading<'r> {
    source: &'r Source<'r>,
    budget: &'r Budget,
    limits: &'r Limits,
    blueprint: &'r Blueprint,
}

impl Reading<'_> {
    fn facts(&self, notes: &mut Notes) -> Result<ImageFacts> {
        let config = &self.blueprint.config;
        let rootfs = self.rootfs(notes)?;
        let passwd = self.account_file(&rootfs, "/etc/passwd", notes)?;
        let group = self.account_file(&rootfs, "/etc/group", notes)?;
        let env = config.env();
        Ok(ImageFacts {
            complete: true,
            user: Some(config.user()),
            working_dir: config.working_dir(notes),
            users: passwd.map(|text| accounts::users(&text, notes)),
            groups: group.map(|text| accounts::groups(&text, notes)),
            volumes: Some(config.volumes(notes)),
            tools: tools::find(&rootfs, env.get("PATH").map(String::as_str), notes),
            env: Some(env),
            paths: rootfs.into_facts(),
        })
    }

    fn rootfs(&self, notes: &mut Notes) -> Result<Rootfs> {
        let layers = &self.blueprint.layers;
        let diff_ids = self.blueprint.config.diff_ids(&self.blueprint.config_part)?;
        match &diff_ids {
            Some(ids) if ids.len() != layers.len() => {
                let why = format!(
                    "the image has {} layers, but its config {} lists {} in `rootfs.diff_ids`",
                    layers.len(),
                    self.blueprint.config_part,
                    ids.len()
                );
                return Err(Problem::Malformed {
                    part: self.blueprint.named_by.clone(),
                    why,
                });
            }
            Some(_) => {}
            None => notes.add(|| {
                format!(
                    "{} has no `rootfs.diff_ids`: the layers were not verified",
                    self.blueprint.config_part
                )
            }),
        }
        let mut room = Room::new(self.limits);
        let mut rootfs = Rootfs::new();
        for (number, blob) in (0..).zip(layers) {
            let diff_id = diff_ids
                .as_ref()
                .and_then(|ids| ids.get(number as usize))
                .copied();
            let layer = self.layer(blob, diff_id, |members| {
                Layer::read(number, members, &mut room, notes)
            })?;
            rootfs.apply(layer, notes);
        }
        Ok(rootfs)
    }

    /// Streams one layer through `read`, and verifies it.
    fn layer<T>(
        &self,
        blob: &Blob,
        diff_id: Option<Digest>,
        read: impl FnOnce(&mut Members<Stream<BufReader<&mut dyn Read>>>) -> io::Result<T>,
    ) -> Result<T> {
        let part = blob.part.as_str();
        let reading = |error| Problem::reading(part, error);
        let stored = self.source.part(part, &self.blueprint.named_by)?;
        if let Some(size) = blob.size.filter(|&size| size != stored.size) {
            let why = format!(
                "it has {} bytes, but {} says {size}",
                stored.size, self.blueprint.named_by
            );
            return Err(Problem::Malformed {
                part: part.to_owned(),
                why,
            });
        }
        let mut stored = Digesting::new(stored.reader, blob.digest);
        let result = {
            let plain = decompress(&mut stored).map_err(reading)?.1;
            let mut plain = Digesting::new(self.budget.meter(plain), diff_id);
            let buffered = BufReader::with_capacity(64 << 10, &mut plain as &mut dyn Read);
            let result = read(&mut Members::new(Stream(buffered))).map_err(reading)?;
            plain.finish(&format!("{part}, decompressed"))?;
            result
        };
        stored.finish(part)?;
        Ok(result)
    }

    /// The text of `/etc/passwd` or `/etc/group`: empty if there is none, `None` if it cannot be known.
    fn account_file(&self, rootfs: &Rootfs, path: &str, notes: &mut Notes) -> Result<Option<String>> {
        let Some((_, entry)) = rootfs.follow(path) else {
            return Ok(Some(String::new()));
        };
        if entry.fact.kind != EntryType::File {
            notes.add(|| format!("{path} is not a regular file: users or groups are unknown"));
            return Ok(None);
        }
        let place = entry.content;
        let Some(blob) = self.blueprint.layers.get(place.layer as usize) else {
            return Ok(None);
        };
        let limit = self.limits.account_bytes;
        let unverified = Blob {
            part: blob.part.clone(),
            digest: None,
            size: blob.size,
        };
        let content = self.layer(&unverified, None, |members| {
            while let Some(member) = members.next()? {
                if member.number == place.member && member.size <= limit {
                    let mut content = Vec::new();
                    members.data().read_to_end(&mut content)?;
                    return Ok(Some(content));
                }
            }
            Ok(None)
        })?;
        if content.is_none() {
            notes.add(|| format!("{path} has more than {limit} bytes: users or groups are unknown"));
        }
        Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()))
    }
}
