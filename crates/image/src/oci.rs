// SPDX-License-Identifier: Apache-2.0
//! `index.json`: OCI image layouts (OCI image-spec `image-layout.md`, `image-index.md`, `manifest.md`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::assemble::{Blob, Blueprint};
use crate::config::Config;
use crate::digest::Digest;
use crate::error::{Problem, Result};
use crate::options::{Limits, Platform};
use crate::source::Source;

/// The document that lists the images.
pub(crate) const INDEX: &str = "index.json";
/// How deep indexes may nest; builders nest once.
const DEPTH_MAX: usize = 8;
/// How many manifests one layout may list, counting each way to reach one.
const MANIFESTS_MAX: usize = 10_000;

/// A reference to content, with its digest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: Option<u64>,
    platform: Option<DescribedPlatform>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Deserialize)]
struct DescribedPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// An index has `manifests`, an image manifest has `config` and `layers`. Told apart by what they hold, since
/// `mediaType` may be left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

/// An image manifest on the way to a [`Blueprint`].
struct Candidate {
    name: Option<String>,
    /// From the outermost index inwards.
    digests: Vec<Digest>,
    described: Option<Platform>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    /// The manifest's own place.
    part: String,
}

/// The images of a layout: of each name the one for the platform `wanted` (by default linux/amd64, or the only one).
pub(crate) fn images(
    source: &Source<'_>,
    limits: &Limits,
    wanted: Option<&Platform>,
) -> Result<Vec<Blueprint>> {
    let mut walk = Walk {
        source,
        limits,
        candidates: Vec::new(),
        seen: 0,
        absent: BTreeSet::new(),
    };
    walk.document(INDEX, &[], None, None, 0)?;
    let Walk {
        candidates, absent, ..
    } = walk;
    if candidates.is_empty() {
        return Err(match absent.into_iter().next() {
            Some(part) => Problem::Missing {
                part,
                named_by: INDEX.to_owned(),
            },
            None => Problem::NotAnImage {
                why: format!("{INDEX} lists no image"),
            },
        });
    }
    let mut by_name: BTreeMap<Option<String>, Vec<Blueprint>> = BTreeMap::new();
    for candidate in candidates {
        let name = candidate.name.clone();
        by_name
            .entry(name)
            .or_default()
            .push(blueprint(source, limits, candidate)?);
    }
    let mut images = Vec::new();
    for (name, choices) in by_name {
        let mut chosen = choose(choices, wanted)?;
        if name.is_some() {
            // One name is one image: a variant of the processor is another build of the same.
            chosen.truncate(1);
        }
        images.append(&mut chosen);
    }
    Ok(images)
}

/// Collects the image manifests below an index.
struct Walk<'s> {
    source: &'s Source<'s>,
    limits: &'s Limits,
    candidates: Vec<Candidate>,
    seen: usize,
    /// Manifests that the archive names but does not hold: `docker save` keeps one platform of a larger index.
    absent: BTreeSet<String>,
}

impl Walk<'_> {
    /// Reads the index or manifest at `part`. `above` are the digests that lead to it, its own included.
    fn document(
        &mut self,
        part: &str,
        above: &[Digest],
        descriptor: Option<&Descriptor>,
        name: Option<&str>,
        depth: usize,
    ) -> Result<()> {
        let content = self.source.content(part, INDEX, self.limits.document_bytes)?;
        if let Some(digest) = above.last() {
            digest.check(Digest::of(&content), part)?;
        }
        let document: Document =
            serde_json::from_slice(&content).map_err(|error| Problem::json(part, &error))?;
        match (document.manifests, document.config) {
            (Some(manifests), _) if depth < DEPTH_MAX => manifests
                .iter()
                .try_for_each(|child| self.child(child, part, above, name, depth)),
            (Some(_), _) => Err(Problem::TooLarge {
                part: part.to_owned(),
                limit: format!("{DEPTH_MAX} indexes inside one another"),
            }),
            (None, Some(config)) if is_image_config(&config.media_type) => {
                self.candidates.push(Candidate {
                    name: name.map(str::to_owned),
                    digests: above.to_vec(),
                    described: descriptor.and_then(described_platform),
                    config,
                    layers: document.layers.unwrap_or_default(),
                    part: part.to_owned(),
                });
                Ok(())
            }
            // Charts, signatures and other artifacts lie in the same layouts.
            (None, Some(_)) => Ok(()),
            (None, None) => Err(Problem::Malformed {
                part: part.to_owned(),
                why: "neither an index (`manifests`) nor an image manifest (`config`)".to_owned(),
            }),
        }
    }

    fn child(
        &mut self,
        child: &Descriptor,
        part: &str,
        above: &[Digest],
        name: Option<&str>,
        depth: usize,
    ) -> Result<()> {
        self.seen += 1;
        if self.seen > MANIFESTS_MAX {
            return Err(Problem::TooLarge {
                part: INDEX.to_owned(),
                limit: format!("{MANIFESTS_MAX} manifests"),
            });
        }
        if is_attestation(child) {
            return Ok(());
        }
        let digest = Digest::parse(&child.digest, part)?;
        let place = digest.blob_path();
        if !self.source.has(&place) {
            self.absent.insert(place);
            return Ok(());
        }
        let own_name = reference(child, &self.source.file_name());
        let digests: Vec<Digest> = above.iter().copied().chain([digest]).collect();
        self.document(
            &place,
            &digests,
            Some(child),
            own_name.as_deref().or(name),
            depth + 1,
        )
    }
}

/// Reads the config, which says the platform when the index does not.
fn blueprint(source: &Source<'_>, limits: &Limits, candidate: Candidate) -> Result<Blueprint> {
    let digest = Digest::parse(&candidate.config.digest, &candidate.part)?;
    let config_part = digest.blob_path();
    let content = source.content(&config_part, &candidate.part, limits.document_bytes)?;
    digest.check(Digest::of(&content), &config_part)?;
    let mut config = Config::parse(&content, &config_part)?;
    if let Some(platform) = candidate.described {
        config.set_platform(platform);
    }
    let layers = candidate.layers.iter().map(|layer| {
        if layer.media_type.ends_with("+encrypted") {
            let why = format!("the layer {} is encrypted; decrypt the image first", layer.digest);
            return Err(Problem::Malformed {
                part: candidate.part.clone(),
                why,
            });
        }
        let digest = Digest::parse(&layer.digest, &candidate.part)?;
        Ok(Blob {
            part: digest.blob_path(),
            digest: Some(digest),
            size: layer.size,
        })
    });
    Ok(Blueprint {
        names: candidate.name.into_iter().collect(),
        digests: candidate.digests.iter().map(Digest::to_string).collect(),
        config,
        config_part,
        layers: layers.collect::<Result<_>>()?,
        named_by: candidate.part,
    })
}

/// Those of `choices` that are for the platform wanted.
fn choose(choices: Vec<Blueprint>, wanted: Option<&Platform>) -> Result<Vec<Blueprint>> {
    let default = Platform::linux_amd64();
    let platforms: BTreeSet<Platform> = choices
        .iter()
        .filter_map(|choice| choice.config.platform())
        .collect();
    if wanted.is_none() && platforms.len() <= 1 {
        return Ok(choices);
    }
    let wanted = wanted.unwrap_or(&default);
    let (chosen, _): (Vec<_>, Vec<_>) = choices.into_iter().partition(|choice| {
        choice
            .config
            .platform()
            .is_none_or(|offered| wanted.accepts(&offered))
    });
    if chosen.is_empty() {
        return Err(Problem::Platform {
            wanted: wanted.to_string(),
            available: platforms.iter().map(Platform::to_string).collect(),
        });
    }
    Ok(chosen)
}

fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    )
}

/// Provenance and SBOM manifests of BuildKit; they look like images for the platform unknown/unknown.
fn is_attestation(descriptor: &Descriptor) -> bool {
    let annotations = descriptor.annotations.as_ref();
    annotations.is_some_and(|annotations| annotations.contains_key("vnd.docker.reference.type"))
        || descriptor
            .platform
            .as_ref()
            .is_some_and(|platform| platform.os == "unknown")
}

fn described_platform(descriptor: &Descriptor) -> Option<Platform> {
    let DescribedPlatform {
        os,
        architecture,
        variant,
    } = descriptor.platform.clone()?;
    let variant = variant.filter(|variant| !variant.is_empty());
    Some(Platform {
        os,
        architecture,
        variant,
    })
}

/// The reference in an index entry's annotations. containerd and Docker write the whole one; the standard annotation
/// may hold a tag alone, which is a tag of the layout then, as in skopeo's `oci:FOLDER:TAG`.
fn reference(descriptor: &Descriptor, layout: &str) -> Option<String> {
    let annotations = descriptor.annotations.as_ref()?;
    let annotation = |key| annotations.get(key).filter(|value| !value.is_empty());
    if let Some(name) = annotation("io.containerd.image.name") {
        return Some(name.clone());
    }
    let name = annotation("org.opencontainers.image.ref.name")?;
    if name.contains(['/', ':']) {
        Some(name.clone())
    } else {
        Some(format!("{layout}:{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_the_fullest_that_the_annotations_give() {
        let tag = "org.opencontainers.image.ref.name";
        let whole = "io.containerd.image.name";
        let cases = [
            (vec![], None),
            (vec![(tag, "acme/app:1")], Some("acme/app:1")),
            (vec![(tag, "1.2")], Some("layout:1.2")),
            (vec![(tag, "")], None),
            (
                vec![(tag, "1"), (whole, "docker.io/acme/app:1")],
                Some("docker.io/acme/app:1"),
            ),
        ];
        for (annotations, expected) in cases {
            let descriptor = Descriptor {
                media_type: String::new(),
                digest: String::new(),
                size: None,
                platform: None,
                annotations: Some(
                    annotations
                        .iter()
                        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                        .collect(),
                ),
            };
            assert_eq!(reference(&descriptor, "layout").as_deref(), expected);
        }
    }
}
