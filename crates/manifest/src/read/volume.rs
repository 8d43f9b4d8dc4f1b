// SPDX-License-Identifier: Apache-2.0
//! Reads volumes. Each source is a row of one table.

use super::{Fields, known, storage};
use crate::{
    ClaimRef, ConfigMapSource, CsiSource, DownwardItem, EmptyDir, HostPathSource, ImageSource, KeyToPath,
    ProjectedSource, SecretSource, Spanned, Volume, VolumeSource,
};

type ReadSource = fn(&mut Fields<'_, '_>) -> VolumeSource;

/// Field of the API, fields of its type (none: not checked), reading.
const SOURCES: &[(&str, &[&str], ReadSource)] = &[
    ("emptyDir", known::EMPTY_DIR, |f| {
        VolumeSource::EmptyDir(empty_dir(f))
    }),
    ("secret", known::SECRET_VOLUME, |f| {
        VolumeSource::Secret(secret(f, "secretName"))
    }),
    ("configMap", known::CONFIG_MAP_VOLUME, |f| {
        VolumeSource::ConfigMap(config_map(f))
    }),
    ("downwardAPI", known::DOWNWARD_API_VOLUME, |f| {
        VolumeSource::DownwardApi {
            items: downward_items(f),
            default_mode: f.int32("defaultMode"),
        }
    }),
    ("projected", known::PROJECTED_VOLUME, |f| {
        VolumeSource::Projected {
            sources: f
                .objects("sources", known::VOLUME_PROJECTION, projected_source)
                .unwrap_or_default()
                .into_iter()
                .flatten()
                .collect(),
            default_mode: f.int32("defaultMode"),
        }
    }),
    ("hostPath", known::HOST_PATH, |f| {
        VolumeSource::HostPath(host_path(f))
    }),
    ("persistentVolumeClaim", known::CLAIM_VOLUME, |f| {
        VolumeSource::Claim(claim_ref(f))
    }),
    ("ephemeral", known::EPHEMERAL_VOLUME, |f| {
        VolumeSource::Ephemeral {
            claim: Box::new(
                f.object(
                    "volumeClaimTemplate",
                    known::CLAIM_TEMPLATE,
                    storage::claim_fields,
                )
                .unwrap_or_default(),
            ),
        }
    }),
    ("csi", known::CSI_VOLUME, |f| VolumeSource::Csi(csi(f))),
    ("image", known::IMAGE_VOLUME, |f| {
        VolumeSource::Image(ImageSource {
            reference: f.string("reference"),
        })
    }),
    ("nfs", known::NFS, |f| VolumeSource::Nfs {
        read_only: f.flag("readOnly"),
    }),
    ("iscsi", known::ISCSI, |f| block(f, "iscsi")),
    ("fc", known::FC, |f| block(f, "fc")),
    ("flexVolume", known::FLEX_VOLUME, |f| VolumeSource::FlexVolume {
        read_only: f.flag("readOnly"),
    }),
    ("gitRepo", &[], |_| VolumeSource::GitRepo),
    ("awsElasticBlockStore", &[], |f| {
        migrated(f, "awsElasticBlockStore", "ebs.csi.aws.com")
    }),
    ("gcePersistentDisk", &[], |f| {
        migrated(f, "gcePersistentDisk", "pd.csi.storage.gke.io")
    }),
    ("azureDisk", &[], |f| {
        migrated(f, "azureDisk", "disk.csi.azure.com")
    }),
    ("azureFile", &[], |f| {
        migrated(f, "azureFile", "file.csi.azure.com")
    }),
    ("cinder", &[], |f| {
        migrated(f, "cinder", "cinder.csi.openstack.org")
    }),
    ("vsphereVolume", &[], |f| {
        migrated(f, "vsphereVolume", "csi.vsphere.vmware.com")
    }),
    ("portworxVolume", &[], |f| {
        migrated(f, "portworxVolume", "pxd.portworx.com")
    }),
    ("cephfs", &[], |_| VolumeSource::Removed("cephfs")),
    ("flocker", &[], |_| VolumeSource::Removed("flocker")),
    ("glusterfs", &[], |_| VolumeSource::Removed("glusterfs")),
    ("photonPersistentDisk", &[], |_| {
        VolumeSource::Removed("photonPersistentDisk")
    }),
    ("quobyte", &[], |_| VolumeSource::Removed("quobyte")),
    ("rbd", &[], |_| VolumeSource::Removed("rbd")),
    ("scaleIO", &[], |_| VolumeSource::Removed("scaleIO")),
    ("storageos", &[], |_| VolumeSource::Removed("storageos")),
];

pub(super) fn volume(fields: &mut Fields<'_, '_>) -> Volume {
    let source = source(fields).or_else(|| unknown_source(fields, "name").map(VolumeSource::Unknown));
    Volume {
        span: fields.span(),
        name: fields.required("name"),
        // pkg/apis/core/v1/defaults.go, SetDefaults_Volume.
        source: source.unwrap_or_else(|| VolumeSource::EmptyDir(EmptyDir::default())),
        source_fields: source_fields(fields),
    }
}

/// Every known source that is written, with the place of its key.
fn source_fields(fields: &Fields<'_, '_>) -> Vec<Spanned<&'static str>> {
    let written = fields.entries().filter(|(_, value)| !value.is_null());
    let known = written.filter_map(|(key, _)| {
        let (name, ..) = SOURCES.iter().find(|(name, ..)| *name == key.key_text())?;
        Some(Spanned::new(*name, key.span()))
    });
    known.collect()
}

/// The source among the fields of a volume or of a PersistentVolume's spec.
pub(super) fn source(fields: &mut Fields<'_, '_>) -> Option<VolumeSource> {
    let mut found = None;
    for (name, known, read) in SOURCES {
        let Some(source) = fields.object(name, known, read) else {
            continue;
        };
        if found.is_some() {
            // pkg/apis/core/validation/validation.go, validateVolumeSource.
            fields.refuse("has more than one volume source; keep one");
            break;
        }
        found = Some(source);
    }
    found
}

/// The first field that no table knows, apart from `known`: a source of a later Kubernetes, or a misspelt one.
fn unknown_source(fields: &Fields<'_, '_>, known: &str) -> Option<String> {
    let mut names = fields
        .entries()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, _)| key.key_text());
    names
        .find(|name| name != known && !SOURCES.iter().any(|(source, ..)| source == name))
        .map(|name| name.into_owned())
}

fn empty_dir(fields: &mut Fields<'_, '_>) -> EmptyDir {
    EmptyDir {
        medium: fields.string("medium"),
        size_limit: fields.quantity("sizeLimit"),
        mode: fields.int32("mode"),
    }
}

/// `name_field` is `secretName` in a volume and `name` in a projection.
fn secret(fields: &mut Fields<'_, '_>, name_field: &str) -> SecretSource {
    SecretSource {
        name: fields.string(name_field),
        items: items(fields),
        default_mode: fields.int32("defaultMode"),
        optional: fields.flag("optional"),
    }
}

fn config_map(fields: &mut Fields<'_, '_>) -> ConfigMapSource {
    ConfigMapSource {
        name: fields.string("name"),
        items: items(fields),
        default_mode: fields.int32("defaultMode"),
        optional: fields.flag("optional"),
    }
}

fn items(fields: &mut Fields<'_, '_>) -> Vec<KeyToPath> {
    let items = fields.objects("items", known::KEY_TO_PATH, |item| KeyToPath {
        key: item.required("key"),
        path: item.required("path"),
        mode: item.int32("mode"),
    });
    items.unwrap_or_default()
}

fn downward_items(fields: &mut Fields<'_, '_>) -> Vec<DownwardItem> {
    let items = fields.objects("items", known::DOWNWARD_API_FILE, |item| DownwardItem {
        path: item.required("path"),
        mode: item.int32("mode"),
    });
    items.unwrap_or_default()
}

fn projected_source(fields: &mut Fields<'_, '_>) -> Option<ProjectedSource> {
    let secret = fields.object("secret", known::OBJECT_PROJECTION, |f| {
        ProjectedSource::Secret(secret(f, "name"))
    });
    let config_map = fields.object("configMap", known::OBJECT_PROJECTION, |f| {
        ProjectedSource::ConfigMap(config_map(f))
    });
    let downward_api = fields.object("downwardAPI", known::DOWNWARD_API_PROJECTION, |f| {
        ProjectedSource::DownwardApi(downward_items(f))
    });
    let token = fields.object("serviceAccountToken", known::TOKEN_PROJECTION, |f| {
        ProjectedSource::Token {
            path: f.required("path"),
        }
    });
    let trust_bundle = fields.object("clusterTrustBundle", known::TRUST_BUNDLE_PROJECTION, |f| {
        ProjectedSource::TrustBundle {
            path: f.required("path"),
        }
    });
    let certificate = fields.object("podCertificate", known::POD_CERTIFICATE_PROJECTION, |f| {
        let paths = ["keyPath", "certificateChainPath", "credentialBundlePath"];
        ProjectedSource::PodCertificate {
            paths: paths
                .iter()
                .filter_map(|field| f.string(field))
                .filter(|path| !path.is_empty())
                .collect(),
        }
    });
    let known = secret
        .or(config_map)
        .or(downward_api)
        .or(token)
        .or(trust_bundle)
        .or(certificate);
    known.or_else(|| unknown_source(fields, "").map(ProjectedSource::Unknown))
}

fn host_path(fields: &mut Fields<'_, '_>) -> HostPathSource {
    HostPathSource {
        path: fields.required("path"),
        kind: fields.string("type"),
    }
}

fn claim_ref(fields: &mut Fields<'_, '_>) -> ClaimRef {
    ClaimRef {
        claim_name: fields.required("claimName"),
        read_only: fields.bool("readOnly"),
    }
}

fn csi(fields: &mut Fields<'_, '_>) -> CsiSource {
    CsiSource {
        driver: fields.required("driver"),
        fs_type: fields.string("fsType"),
        read_only: fields.flag("readOnly"),
    }
}

fn block(fields: &mut Fields<'_, '_>, plugin: &'static str) -> VolumeSource {
    VolumeSource::Block {
        plugin,
        fs_type: fs_type(fields),
        read_only: fields.flag("readOnly"),
    }
}

fn migrated(fields: &mut Fields<'_, '_>, plugin: &'static str, driver: &'static str) -> VolumeSource {
    VolumeSource::Migrated {
        plugin,
        driver,
        fs_type: fs_type(fields),
        read_only: fields.flag("readOnly"),
    }
}

fn fs_type(fields: &mut Fields<'_, '_>) -> Option<String> {
    fields
        .string("fsType")
        .map(|fs_type: Spanned<String>| fs_type.value)
}
