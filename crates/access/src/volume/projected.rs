// SPDX-License-Identifier: Apache-2.0
//! `projected` (pkg/volume/projected/projected.go), and whose the tokens in it are.

use writeway_manifest::{ProjectedSource, Spanned, Volume, Which};

use super::payload::{DEFAULT_FILE_MODE, Payload, PayloadFile, Reference, file_mode};
use super::{Prepared, Setup};
use crate::identity;
use crate::version::Feature;

impl Setup<'_> {
    pub(super) fn projected(
        &mut self,
        volume: &Volume,
        sources: &[ProjectedSource],
        default_mode: Option<Spanned<i64>>,
    ) -> Prepared {
        let default_mode = file_mode(default_mode, DEFAULT_FILE_MODE);
        let mut all = Payload::default();
        for source in sources {
            let payload = match source {
                ProjectedSource::Secret(secret) => {
                    let name = secret.name.as_ref().map_or("", |name| name.as_str());
                    let span = secret.name.as_ref().map_or(volume.span, |name| name.span);
                    let reference = Reference {
                        kind: "Secret",
                        name,
                        span,
                        items: &secret.items,
                        optional: secret.optional,
                    };
                    self.secret_payload(&reference, default_mode)
                }
                ProjectedSource::ConfigMap(config_map) => {
                    let name = config_map.name.as_ref().map_or("", |name| name.as_str());
                    let span = config_map.name.as_ref().map_or(volume.span, |name| name.span);
                    let reference = Reference {
                        kind: "ConfigMap",
                        name,
                        span,
                        items: &config_map.items,
                        optional: config_map.optional,
                    };
                    self.config_map_payload(&reference, default_mode)
                }
                ProjectedSource::DownwardApi(items) => self.downward_payload(items, default_mode),
                ProjectedSource::Token { path } => self.tokens(std::slice::from_ref(path), default_mode),
                ProjectedSource::TrustBundle { path } => {
                    self.gated(
                        volume,
                        Feature::ClusterTrustBundleProjection,
                        "clusterTrustBundle",
                    );
                    self.tokens(std::slice::from_ref(path), default_mode)
                }
                ProjectedSource::PodCertificate { paths } => {
                    self.gated(volume, Feature::PodCertificateRequest, "podCertificate");
                    self.tokens(paths, default_mode)
                }
                ProjectedSource::Unknown(field) => Payload {
                    files: Vec::new(),
                    unlisted: Some(
                        format!("volume `{}` projects {field}, which is not known", *volume.name).into(),
                    ),
                },
            };
            for file in payload.files {
                all.files.retain(|earlier| earlier.path != file.path);
                all.files.push(file);
            }
            all.unlisted = all.unlisted.or(payload.unlisted);
        }
        let what = format!("volume `{}` is projected onto a tmpfs", *volume.name);
        self.payload_volume("projected", 0o1777, what, &all)
    }

    fn gated(&mut self, volume: &Volume, feature: Feature, field: &str) {
        if !self.node.version.has(feature) {
            self.startup.doubt(
                format!(
                    "volume `{}`: {field} is off by default in Kubernetes {}, and the API server drops it then",
                    *volume.name, self.node.version.number
                ),
                volume.span,
            );
        }
    }

    /// Tokens, trust bundles and certificates: 0600 of the containers' common runAsUser, 0600 before fsGroup adds to
    /// it, else the volume's default mode (collectData).
    fn tokens(&mut self, paths: &[Spanned<String>], default_mode: u16) -> Payload {
        let owner = self.fs_user();
        let mode = if owner.is_some() || self.fs_group().is_some() {
            0o600
        } else {
            default_mode
        };
        let uid = owner.unwrap_or(0);
        let files = paths.iter().map(|path| PayloadFile {
            path: path.value.clone(),
            mode,
            uid,
            doubt: None,
        });
        Payload {
            files: files.collect(),
            unlisted: None,
        }
    }

    /// The effective runAsUser that every container has in common (pkg/volume/util/util.go, FsUserFrom).
    fn fs_user(&self) -> Option<u32> {
        if !self.node.version.has(Feature::BoundTokenOwner) {
            return None;
        }
        let pod = &self.workload.pod;
        let mut users = pod
            .containers(Which::All)
            .map(|container| identity::run_as_user(pod, container));
        let first = users.next()??;
        users.all(|user| user == Some(first)).then_some(first)
    }
}
