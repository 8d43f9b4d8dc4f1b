// SPDX-License-Identifier: Apache-2.0
//! The JSON documents of an image. Their members have the order in which they are written here, and nothing that is
//! absent is written: the bytes make the digest.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;
use writeway_shell::agent::IMAGE as AGENT_IMAGE;

use super::Source;
use super::layer::PROGRAM;
use crate::agent::Machine;

/// The image's tag. All packages of the workspace have one version.
pub(super) const TAG: &str = env!("CARGO_PKG_VERSION");

/// The user of distroless images, `nonroot`, as numbers: with them kubelet sees that it is not root
/// (pkg/kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot).
pub(super) const USER: &str = "65532:65532";

/// The licences of everything that is linked into the executable: our own and, by the packages' choice, most of the
/// others' is Apache-2.0; `ring`, `rustls-webpki` and `untrusted` ISC; `lexopt`, `bytes` and `memchr` MIT; `subtle`
/// BSD-3-Clause; glibc LGPL-2.1-or-later.
const LICENCES: &str = "Apache-2.0 AND BSD-3-Clause AND ISC AND LGPL-2.1-or-later AND MIT";

/// The media types of the documents and the layer (OCI image-spec, `media-types.md`).
pub(super) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The list of images that Docker reads, at the root of an archive.
pub(super) const DOCKER: &str = "manifest.json";

/// What the image says of itself (OCI image-spec, `annotations.md`, "Pre-Defined Annotation Keys"): as labels, which
/// `docker inspect` shows, and as annotations, which registries show.
#[must_use]
pub fn labels(revision: Option<&str>) -> BTreeMap<&'static str, String> {
    let mut labels = BTreeMap::from([
        ("org.opencontainers.image.title", PROGRAM.to_owned()),
        (
            "org.opencontainers.image.description",
            "The one small binary that a pod needs instead of a shell".to_owned(),
        ),
        ("org.opencontainers.image.version", TAG.to_owned()),
        ("org.opencontainers.image.licenses", LICENCES.to_owned()),
        (
            "org.opencontainers.image.source",
            env!("CARGO_PKG_REPOSITORY").to_owned(),
        ),
    ]);
    if let Some(revision) = revision {
        labels.insert("org.opencontainers.image.revision", revision.to_owned());
    }
    labels
}

/// A reference to content (OCI image-spec, `descriptor.md`).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    media_type: &'static str,
    pub(super) digest: String,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, String>,
}

impl Descriptor {
    pub(super) fn new(media_type: &'static str, digest: String, size: usize) -> Self {
        Self {
            media_type,
            digest,
            size,
            platform: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Where a layout keeps the content (OCI image-spec, `image-layout.md`, "Blobs").
    pub(super) fn path(&self) -> String {
        format!("blobs/{}", self.digest.replacen(':', "/", 1))
    }
}

#[derive(Debug, Clone, Serialize)]
struct Platform {
    architecture: &'static str,
    os: &'static str,
}

impl Platform {
    const fn of(machine: Machine) -> Self {
        Self {
            architecture: machine.goarch,
            os: "linux",
        }
    }
}

/// How containers of the image run (OCI image-spec, `config.md`).
#[derive(Debug, Serialize)]
pub(super) struct Configuration {
    created: String,
    #[serde(flatten)]
    platform: Platform,
    config: Execution,
    rootfs: Layers,
    history: [History; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Execution {
    user: &'static str,
    entrypoint: [String; 1],
    working_dir: &'static str,
    labels: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Layers {
    r#type: &'static str,
    diff_ids: [String; 1],
}

#[derive(Debug, Serialize)]
struct History {
    created: String,
    created_by: &'static str,
}

impl Configuration {
    /// The configuration of an image whose plain layer has that digest.
    pub(super) fn new(source: &Source<'_>, diff_id: String) -> anyhow::Result<Self> {
        let seconds = i64::try_from(source.made).ok();
        let created = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let created = created
            .with_context(|| format!("{} seconds after 1970 is no time", source.made))?
            .to_string();
        Ok(Self {
            created: created.clone(),
            platform: Platform::of(source.machine),
            config: Execution {
                user: USER,
                entrypoint: [format!("/{PROGRAM}")],
                working_dir: "/",
                labels: labels(source.revision),
            },
            rootfs: Layers {
                r#type: "layers",
                diff_ids: [diff_id],
            },
            history: [History {
                created,
                created_by: "cargo xtask image",
            }],
        })
    }
}

/// An image for one platform (OCI image-spec, `manifest.md`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u8,
    media_type: &'static str,
    config: Descriptor,
    layers: [Descriptor; 1],
    annotations: BTreeMap<&'static str, String>,
}

impl Manifest {
    pub(super) fn new(config: Descriptor, layer: Descriptor, revision: Option<&str>) -> Self {
        Self {
            schema_version: 2,
            media_type: MANIFEST,
            config,
            layers: [layer],
            annotations: labels(revision),
        }
    }
}

/// The images of a layout (OCI image-spec, `image-index.md`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: [Descriptor; 1],
}

impl Index {
    pub(super) fn new(mut manifest: Descriptor, machine: Machine) -> Self {
        manifest.platform = Some(Platform::of(machine));
        // containerd takes the whole name, the others the tag: skopeo's `oci:FOLDER:TAG`.
        manifest.annotations = BTreeMap::from([
            ("io.containerd.image.name", format!("{AGENT_IMAGE}:{TAG}")),
            ("org.opencontainers.image.ref.name", TAG.to_owned()),
        ]);
        Self {
            schema_version: 2,
            media_type: INDEX,
            manifests: [manifest],
        }
    }
}

/// An image of an archive, as Docker reads it (Docker image-spec v1.2, "Combined Image JSON + Filesystem Changeset
/// Format").
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Docker {
    config: String,
    repo_tags: [String; 1],
    layers: [String; 1],
}

/// The list with the image of a configuration and a layer.
pub(super) fn docker(config: &Descriptor, layer: &Descriptor) -> [Docker; 1] {
    [Docker {
        config: config.path(),
        repo_tags: [format!("{AGENT_IMAGE}:{TAG}")],
        layers: [layer.path()],
    }]
}
