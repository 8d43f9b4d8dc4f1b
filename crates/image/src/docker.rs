// SPDX-License-Identifier: Apache-2.0
//! `manifest.json`: what `docker save` and `podman save` write, and what `docker load` reads (Docker image-spec v1.2,
//! "Combined Image JSON + Filesystem Changeset Format"; moby `image/tarexport/load.go`).

use serde::Deserialize;

use crate::assemble::{Blob, Blueprint};
use crate::config::Config;
use crate::digest::Digest;
use crate::error::{Problem, Result};
use crate::options::{Limits, Platform};
use crate::source::Source;

/// The document that lists the images.
pub(crate) const MANIFEST: &str = "manifest.json";

/// One image of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

/// The images that the list names and `wanted` accepts.
pub(crate) fn images(
    source: &Source<'_>,
    limits: &Limits,
    wanted: Option<&Platform>,
) -> Result<Vec<Blueprint>> {
    let content = source.content(MANIFEST, "the format", limits.document_bytes)?;
    let records: Vec<Record> =
        serde_json::from_slice(&content).map_err(|error| Problem::json(MANIFEST, &error))?;
    let mut images = Vec::with_capacity(records.len());
    let mut others = Vec::new();
    for record in records {
        let config = config(source, limits, &record.config)?;
        match (wanted, config.platform()) {
            (Some(wanted), Some(offered)) if !wanted.accepts(&offered) => others.push(offered.to_string()),
            _ => images.push(blueprint(record, config)),
        }
    }
    match wanted {
        Some(wanted) if images.is_empty() && !others.is_empty() => Err(Problem::Platform {
            wanted: wanted.to_string(),
            available: others,
        }),
        _ => Ok(images),
    }
}

fn config(source: &Source<'_>, limits: &Limits, part: &str) -> Result<Config> {
    let content = source.content(part, MANIFEST, limits.document_bytes)?;
    if let Some(digest) = stored_digest(part) {
        digest.check(Digest::of(&content), part)?;
    }
    Config::parse(&content, part)
}

fn blueprint(record: Record, config: Config) -> Blueprint {
    let blob = |part: String| Blob {
        digest: stored_digest(&part),
        size: None,
        part,
    };
    Blueprint {
        names: record.repo_tags.unwrap_or_default(),
        digests: Vec::new(),
        config,
        config_part: record.config,
        layers: record.layers.unwrap_or_default().into_iter().map(blob).collect(),
        named_by: MANIFEST.to_owned(),
    }
}

/// The digest that the place in an OCI layout promises (Docker 25 and later put the files there).
fn stored_digest(part: &str) -> Option<Digest> {
    part.strip_prefix("blobs/sha256/").and_then(Digest::from_hex)
}
