// SPDX-License-Identifier: Apache-2.0
//! Reads claims, volumes, classes and drivers.

use writeway_yaml::Node;

use super::contents::annotations;
use super::{Fields, Reader, known, volume};
use crate::shape::Located;
use crate::{
    ClaimTemplate, CsiDriver, DataSource, PersistentSource, PersistentVolume, PersistentVolumeClaim, Spanned,
    StorageClass, VolumeSource,
};

pub(crate) fn claim(reader: &mut Reader, node: Node<'_>) -> Option<PersistentVolumeClaim> {
    reader.mapping(node, "", &[], claim_fields)
}

/// `metadata` and `spec` of a claim or of a template of one.
pub(super) fn claim_fields(fields: &mut Fields<'_, '_>) -> PersistentVolumeClaim {
    let claim = PersistentVolumeClaim {
        span: fields.span(),
        annotations: annotations(fields),
        ..PersistentVolumeClaim::default()
    };
    let spec = fields.object("spec", known::CLAIM_SPEC, |spec| PersistentVolumeClaim {
        storage_class_name: spec.string("storageClassName"),
        access_modes: spec.strings("accessModes").unwrap_or_default(),
        volume_name: spec.string("volumeName"),
        volume_mode: spec.string("volumeMode"),
        data_source: data_source(spec),
        ..claim.clone()
    });
    spec.unwrap_or(claim)
}

fn data_source(spec: &mut Fields<'_, '_>) -> Option<DataSource> {
    let mut read = |name| {
        spec.object(name, known::DATA_SOURCE, |source| {
            let group = source
                .string("apiGroup")
                .map_or(String::new(), |group| group.value);
            let source = DataSource {
                kind: source.required("kind").value,
                name: source.required("name").value,
            };
            (group, source)
        })
    };
    let (old, new) = (read("dataSource"), read("dataSourceRef"));
    let of_old = old.filter(|(group, source)| {
        matches!(
            (group.as_str(), source.kind.as_str()),
            ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
        )
    });
    new.or(of_old).map(|(_, source)| source)
}

/// The `volumeClaimTemplates` of the mapping that holds the pod's template.
pub(crate) fn claim_templates(reader: &mut Reader, holder: &Located<'_>) -> Vec<ClaimTemplate> {
    let templates = reader.mapping(holder.node, &holder.path, &[], |fields| {
        fields.objects("volumeClaimTemplates", &[], |template| ClaimTemplate {
            name: template
                .object("metadata", &[], |metadata| metadata.required("name"))
                .unwrap_or_else(|| Spanned::new(String::new(), template.span())),
            claim: claim_fields(template),
        })
    });
    templates.flatten().unwrap_or_default()
}

pub(crate) fn persistent_volume(reader: &mut Reader, node: Node<'_>) -> Option<PersistentVolume> {
    reader.mapping(node, "", &[], |fields| {
        let volume = PersistentVolume {
            span: fields.span(),
            annotations: annotations(fields),
            storage_class_name: None,
            access_modes: Vec::new(),
            claim_ref: None,
            source: PersistentSource::Inline(VolumeSource::Unknown(String::new())),
        };
        let spec = fields.object("spec", known::PERSISTENT_VOLUME_SPEC, |spec| PersistentVolume {
            storage_class_name: spec.string("storageClassName"),
            access_modes: spec.strings("accessModes").unwrap_or_default(),
            claim_ref: spec.object("claimRef", &[], |claim| {
                (
                    claim.string("namespace").map(|namespace| namespace.value),
                    claim.required("name").value,
                )
            }),
            source: persistent_source(spec),
            ..volume.clone()
        });
        spec.unwrap_or(volume)
    })
}

fn persistent_source(spec: &mut Fields<'_, '_>) -> PersistentSource {
    let local = spec.object("local", known::LOCAL_VOLUME, |local| PersistentSource::Local {
        path: local.required("path"),
        fs_type: local.string("fsType").map(|fs_type| fs_type.value),
    });
    local.unwrap_or_else(|| {
        PersistentSource::Inline(volume::source(spec).unwrap_or_else(|| VolumeSource::Unknown(String::new())))
    })
}

pub(crate) fn storage_class(reader: &mut Reader, node: Node<'_>) -> Option<StorageClass> {
    reader.mapping(node, "", known::STORAGE_CLASS, |fields| StorageClass {
        span: fields.span(),
        annotations: annotations(fields),
        provisioner: fields.string("provisioner"),
        parameters: fields.string_map("parameters"),
        mount_options: fields
            .strings("mountOptions")
            .unwrap_or_default()
            .into_iter()
            .map(|option| option.value)
            .collect(),
    })
}

pub(crate) fn csi_driver(reader: &mut Reader, node: Node<'_>) -> Option<CsiDriver> {
    reader.mapping(node, "", &[], |fields| {
        let driver = CsiDriver {
            span: fields.span(),
            ..CsiDriver::default()
        };
        let spec = fields.object("spec", known::CSI_DRIVER_SPEC, |spec| CsiDriver {
            fs_group_policy: spec.string("fsGroupPolicy"),
            volume_lifecycle_modes: spec.strings("volumeLifecycleModes").unwrap_or_default(),
            ..driver.clone()
        });
        spec.unwrap_or(driver)
    })
}
