// SPDX-License-Identifier: Apache-2.0
//! Makes images as the tools of the trade save them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};
use tempfile::TempDir;
use writeway_facts::{EntryType as Kind, Facts, Owner, PathFact, Permissions};
use writeway_image::{Error, Options, SavedImage};

/// `sha256:…` of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A layer in the making.
pub(crate) struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub(crate) fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    pub(crate) fn dir(self, path: &str, owner: (u64, u64), mode: u32) -> Self {
        self.member(path, EntryType::Directory, owner, mode, "", b"")
    }

    pub(crate) fn file(self, path: &str, owner: (u64, u64), mode: u32, content: &[u8]) -> Self {
        self.member(path, EntryType::Regular, owner, mode, "", content)
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.member(path, EntryType::Symlink, (0, 0), 0o777, target, b"")
    }

    /// A hard link whose header says what its target's says.
    pub(crate) fn hard_link(self, path: &str, target: &str, owner: (u64, u64), mode: u32) -> Self {
        self.member(path, EntryType::Link, owner, mode, target, b"")
    }

    pub(crate) fn empty(self, path: &str) -> Self {
        self.file(path, (0, 0), 0o644, b"")
    }

    /// Any member; the name is written as it stands, however hostile.
    pub(crate) fn member(
        mut self,
        path: &str,
        kind: EntryType,
        (uid, gid): (u64, u64),
        mode: u32,
        target: &str,
        content: &[u8],
    ) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_uid(uid);
        header.set_gid(gid);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    /// A pax extended header for the member that follows.
    pub(crate) fn pax(mut self, records: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(records.iter().copied()).unwrap();
        self
    }

    /// Access to the archive for what has no method here.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Self {
        change(&mut self.0);
        self
    }

    pub(crate) fn tar(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Pack {
    Plain,
    Gzip,
    Zstd,
}

impl Pack {
    pub(crate) fn pack(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip => {
                let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packer.write_all(bytes).unwrap();
                packer.finish().unwrap()
            }
            Self::Zstd => zstd::encode_all(bytes, 1).unwrap(),
        }
    }
}

/// An image in the making, and the files of its archive.
pub(crate) struct Image {
    pub(crate) layers: Vec<Vec<u8>>,
    /// The `config` member of the image config.
    pub(crate) execution: Value,
    pub(crate) platform: (&'static str, &'static str),
    pub(crate) pack: Pack,
}

impl Image {
    pub(crate) fn of(layers: impl IntoIterator<Item = Layer>) -> Self {
        Self {
            layers: layers.into_iter().map(Layer::tar).collect(),
            execution: json!({}),
            platform: ("linux", "amd64"),
            pack: Pack::Plain,
        }
    }

    pub(crate) fn packed(mut self, pack: Pack) -> Self {
        self.pack = pack;
        self
    }

    pub(crate) fn config(&self) -> Vec<u8> {
        let ids: Vec<String> = self.layers.iter().map(|layer| digest(layer)).collect();
        json!({
            "os": self.platform.0,
            "architecture": self.platform.1,
            "config": self.execution,
            "rootfs": { "type": "layers", "diff_ids": ids },
        })
        .to_string()
        .into_bytes()
    }

    /// As `docker save` before version 25: `ID.json` and `ID/layer.tar`.
    pub(crate) fn docker_old(&self, tags: &[&str]) -> Files {
        let config = self.config();
        let config_name = format!("{}.json", hex(&config));
        let mut files = Files::default();
        let mut names = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let name = format!("{number:064x}/layer.tar");
            files.add(&name, self.pack.pack(layer));
            names.push(name);
        }
        files.add(&config_name, config);
        let record = json!([{ "Config": config_name, "RepoTags": tags, "Layers": names }]);
        files.add("manifest.json", record.to_string().into_bytes());
        files
    }

    /// The blobs of an OCI layout; answers the manifest's descriptor.
    pub(crate) fn blobs(&self, files: &mut Files) -> Value {
        let config = self.config();
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                let packed = self.pack.pack(layer);
                // Deliberately the same media type whatever the packing: the bytes decide.
                files.blob("application/vnd.oci.image.layer.v1.tar+gzip", packed)
            })
            .collect();
        let config = files.blob("application/vnd.oci.image.config.v1+json", config);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config,
            "layers": layers,
        });
        files.blob(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.to_string().into_bytes(),
        )
    }

    /// As an OCI layout whose index annotates the image.
    pub(crate) fn oci(&self, annotations: Value) -> Files {
        let mut files = Files::default();
        let mut descriptor = self.blobs(&mut files);
        descriptor["annotations"] = annotations;
        files.index(vec![descriptor]);
        files
    }

    /// As `docker save` from version 25: an OCI layout with `manifest.json` beside the index.
    pub(crate) fn docker_new(&self, tag: &str) -> Files {
        let mut files = self.oci(json!({ "io.containerd.image.name": tag }));
        let blob = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));
        let layers: Vec<String> = self
            .layers
            .iter()
            .map(|layer| blob(&self.pack.pack(layer)))
            .collect();
        let record = json!([{ "Config": blob(&self.config()), "RepoTags": [tag], "Layers": layers }]);
        files.add("manifest.json", record.to_string().into_bytes());
        files
    }

    /// Reads the image back through an archive in the old Docker form.
    pub(crate) fn read(&self) -> SavedImage {
        self.docker_old(&["acme/app:1"]).tar().read_one()
    }
}

/// The files of an archive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(pub(crate) Vec<(String, Vec<u8>)>);

impl Files {
    pub(crate) fn add(&mut self, name: &str, content: Vec<u8>) {
        self.0.push((name.to_owned(), content));
    }

    /// Replaces a file that is there.
    pub(crate) fn replace(&mut self, name: &str, content: Vec<u8>) {
        let file = self.0.iter_mut().find(|(file, _)| file == name).unwrap();
        file.1 = content;
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(file, _)| file != name);
    }

    /// The name of the largest file whose name starts with `prefix`.
    pub(crate) fn largest(&self, prefix: &str) -> String {
        let files = self.0.iter().filter(|(name, _)| name.starts_with(prefix));
        files.max_by_key(|(_, content)| content.len()).unwrap().0.clone()
    }

    pub(crate) fn blob(&mut self, media_type: &str, content: Vec<u8>) -> Value {
        let descriptor =
            json!({ "mediaType": media_type, "digest": digest(&content), "size": content.len() });
        self.add(&format!("blobs/sha256/{}", hex(&content)), content);
        descriptor
    }

    pub(crate) fn index(&mut self, manifests: Vec<Value>) {
        self.add("oci-layout", br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec());
        self.add(
            "index.json",
            json!({ "schemaVersion": 2, "manifests": manifests })
                .to_string()
                .into_bytes(),
        );
    }

    /// Writes `image.tar`.
    pub(crate) fn tar(&self) -> Saved {
        self.packed_tar("image.tar", Pack::Plain)
    }

    pub(crate) fn packed_tar(&self, file_name: &str, pack: Pack) -> Saved {
        let archive = self.0.iter().fold(Layer::new(), |tar, (name, content)| {
            tar.file(name, (0, 0), 0o644, content)
        });
        Saved::file(file_name, &pack.pack(&archive.tar()))
    }

    /// Writes a folder called `image`.
    pub(crate) fn folder(&self) -> Saved {
        let place = TempDir::new().unwrap();
        let path = place.path().join("image");
        for (name, content) in &self.0 {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        Saved { _place: place, path }
    }
}

/// An archive on disk, removed when dropped.
pub(crate) struct Saved {
    _place: TempDir,
    path: PathBuf,
}

impl Saved {
    pub(crate) fn file(name: &str, content: &[u8]) -> Self {
        let place = TempDir::new().unwrap();
        let path = place.path().join(name);
        fs::write(&path, content).unwrap();
        Self { _place: place, path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(&self) -> Result<Vec<SavedImage>, Error> {
        writeway_image::read(&self.path)
    }

    pub(crate) fn read_with(&self, options: &Options) -> Result<Vec<SavedImage>, Error> {
        writeway_image::read_with(&self.path, options)
    }

    pub(crate) fn read_one(&self) -> SavedImage {
        let mut images = self.read().unwrap();
        assert_eq!(images.len(), 1);
        let image = images.remove(0);
        // Whatever an archive holds, its facts can be written to a file and read back.
        let facts = Facts {
            images: [(image.name.clone(), image.facts.clone())].into(),
            ..Facts::default()
        };
        assert_eq!(writeway_facts::read(&writeway_facts::to_yaml(&facts)), Ok(facts));
        image
    }

    /// The message of the expected error, without the path.
    pub(crate) fn error(&self) -> String {
        self.read().unwrap_err().problem.to_string()
    }
}

pub(crate) fn fact(kind: Kind, (uid, gid): (u32, u32), mode: u16) -> PathFact {
    PathFact {
        owner: Some(Owner { uid, gid }),
        mode: Some(Permissions(mode)),
        kind,
    }
}

pub(crate) fn dir(owner: (u32, u32), mode: u16) -> PathFact {
    fact(Kind::Directory, owner, mode)
}

pub(crate) fn file(owner: (u32, u32), mode: u16) -> PathFact {
    fact(Kind::File, owner, mode)
}

pub(crate) fn link(target: &str) -> PathFact {
    PathFact {
        owner: Some(Owner { uid: 0, gid: 0 }),
        mode: None,
        kind: Kind::Link(target.to_owned()),
    }
}

/// Compares all paths of an image, but for the root directory.
#[track_caller]
pub(crate) fn assert_paths(image: &SavedImage, expected: &[(&str, PathFact)]) {
    let found: Vec<(&str, &PathFact)> = image
        .facts
        .paths
        .iter()
        .filter(|(path, _)| *path != "/")
        .map(|(path, fact)| (path.as_str(), fact))
        .collect();
    let expected: Vec<(&str, &PathFact)> = expected.iter().map(|(path, fact)| (*path, fact)).collect();
    assert_eq!(found, expected);
}
