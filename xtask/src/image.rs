// SPDX-License-Identifier: Apache-2.0
//! The image of `writeway-agent`, made from scratch and without a daemon: the executable, the licences of all that is in
//! it, and what runtimes have to know.
//!
//! The same executable gives the same bytes on every machine, and so the same digest: nothing in it is taken from the
//! clock, the user or the order of a folder. There is no `/etc/passwd`, since the user is a number; no `/tmp`, since no
//! verb writes to one; no list of certificate authorities, since `wait` trusts those that it is given.

mod archive;
mod document;
mod judge;
mod layer;
mod licences;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use writeway_shell::agent::IMAGE as AGENT_IMAGE;

use crate::agent::{self, Machine};
pub use document::labels;
use document::{Configuration, Descriptor, Index, Manifest};
pub use judge::judge;
pub use licences::{Licence, collect as licences};

/// Where the layout is, below the folder of the image; it may be copied to a registry from there.
pub const LAYOUT: &str = "oci";

/// The archive for `docker load`, `podman load` and `ctr images import`, below the folder of the image.
pub const ARCHIVE: &str = "writeway-agent.tar";

/// What an image is made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The executable.
    pub program: &'a [u8],
    /// The licences of what is in it.
    pub licences: &'a [Licence],
    /// What it is built for.
    pub machine: Machine,
    /// When it was made, in seconds since 1970: of the files in the image, and what the image says of itself.
    pub made: u64,
    /// The commit that it was built from, for a release.
    pub revision: Option<&'a str>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Each file of its layout (OCI image-spec, `image-layout.md`) by its path there.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The digest of its manifest, by which a pod pins it: `sha256:…`.
    pub digest: String,
}

/// Builds the executable, writes its image into a folder, and tells the digest; whether the executable is one that pods
/// can run.
///
/// # Errors
/// When it does not compile, `SOURCE_DATE_EPOCH` is no number, or a file cannot be written.
pub fn run(
    out: &mut dyn Write,
    machine: Machine,
    folder: &Path,
    revision: Option<&str>,
) -> anyhow::Result<bool> {
    let agent = agent::build(machine)?;
    let wrong = agent.wrong()?;
    for wrong in &wrong {
        writeln!(out, "{}: {wrong}", agent.path.display())?;
    }
    if !wrong.is_empty() {
        return Ok(false);
    }
    let image = Image::of(Source {
        program: &agent.content,
        licences: &licences::collect(machine)?,
        machine,
        made: source_date_epoch()?,
        revision,
    })?;
    image.write(folder)?;
    let size: usize = image.files.values().map(Vec::len).sum();
    writeln!(out, "layout: {}", folder.join(LAYOUT).display())?;
    writeln!(out, "archive: {}", folder.join(ARCHIVE).display())?;
    writeln!(out, "size: {} bytes, {size} packed", agent.content.len())?;
    writeln!(out, "{AGENT_IMAGE}@{}", image.digest)?;
    Ok(true)
}

/// The environment's `SOURCE_DATE_EPOCH`, or 0 (reproducible-builds.org, "SOURCE_DATE_EPOCH specification").
fn source_date_epoch() -> anyhow::Result<u64> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else {
        return Ok(0);
    };
    let read = text.to_str().and_then(|text| text.parse().ok());
    read.with_context(|| format!("SOURCE_DATE_EPOCH is {}, no number of seconds", text.display()))
}

impl Image {
    /// The image of an executable.
    ///
    /// # Errors
    /// When the time it was made is none that a calendar has.
    pub fn of(source: Source<'_>) -> anyhow::Result<Self> {
        let mut files = BTreeMap::from([(
            "oci-layout".to_owned(),
            br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        )]);
        let tar = layer::tar(&source)?;
        let layer = add(&mut files, document::LAYER, layer::gzip(&tar)?);
        let configuration = Configuration::new(&source, digest(&tar))?;
        let config = add(&mut files, document::CONFIG, serde_json::to_vec(&configuration)?);
        // For runtimes that know no OCI layout: Docker before version 25 (moby `image/tarexport/load.go`).
        let docker = document::docker(&config, &layer);
        let manifest = Manifest::new(config, layer, source.revision);
        let manifest = add(&mut files, document::MANIFEST, serde_json::to_vec(&manifest)?);
        let digest = manifest.digest.clone();
        let index = Index::new(manifest, source.machine);
        files.insert("index.json".to_owned(), serde_json::to_vec(&index)?);
        files.insert(document::DOCKER.to_owned(), serde_json::to_vec(&docker)?);
        Ok(Self { files, digest })
    }

    /// Writes the layout and the archive; what was there is replaced.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let layout = folder.join(LAYOUT);
        // Only what is a layout is removed: the folder may have been misspelt.
        if layout.exists() {
            if !layout.join("oci-layout").is_file() {
                bail!(
                    "{} is there and is no OCI layout: remove it, or name another folder",
                    layout.display()
                );
            }
            fs::remove_dir_all(&layout).with_context(|| format!("cannot replace {}", layout.display()))?;
        }
        for (name, content) in self.files.iter().filter(|(name, _)| *name != document::DOCKER) {
            let file = layout.join(name);
            fs::create_dir_all(file.parent().unwrap_or(&layout))?;
            fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let archive = folder.join(ARCHIVE);
        fs::write(&archive, self.archive()?).with_context(|| format!("cannot write {}", archive.display()))
    }

    /// The archive: the layout with `manifest.json` beside it, as `docker save` writes it from version 25 on.
    ///
    /// # Errors
    /// None that is known: it is made in memory.
    pub fn archive(&self) -> anyhow::Result<Vec<u8>> {
        archive::tar(&self.files)
    }
}

/// Adds a blob of a type, and answers what refers to it.
fn add(files: &mut BTreeMap<String, Vec<u8>>, media_type: &'static str, content: Vec<u8>) -> Descriptor {
    let descriptor = Descriptor::new(media_type, digest(&content), content.len());
    files.insert(descriptor.path(), content);
    descriptor
}

/// `sha256:…` of some bytes (OCI image-spec, `descriptor.md`, "Digests").
fn digest(content: &[u8]) -> String {
    format!(
        "sha256:{}",
        data_encoding::HEXLOWER.encode(&Sha256::digest(content))
    )
}
