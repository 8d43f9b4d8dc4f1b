// SPDX-License-Identifier: Apache-2.0
//! What a volume mount refers to: a volume of the pod or a claim template, and the objects behind it.

use writeway_manifest::{Mount, ObjectRef, PersistentVolumeClaim, Place, Spanned, VolumeSource, Workload};

use crate::{Finding, RuleContext};

/// What a mount's name refers to.
#[derive(Debug, Clone, Copy)]
pub struct Mounted<'a> {
    /// Its name.
    pub name: &'a Spanned<String>,
    /// What it is.
    pub source: Source<'a>,
}

/// A volume's definition in the workload.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// An entry of `volumes`.
    Volume(&'a VolumeSource),
    /// An entry of `volumeClaimTemplates`.
    Template(&'a PersistentVolumeClaim),
}

impl<'a> Mounted<'a> {
    /// A StatefulSet's claim template replaces a volume of the same name
    /// (pkg/controller/statefulset/stateful_set_utils.go, updateStorage).
    pub fn find(workload: &'a Workload, mount: &Mount) -> Option<Self> {
        let template = workload
            .claim_templates
            .iter()
            .find(|template| *template.name == *mount.name);
        if let Some(template) = template {
            return Some(Self {
                name: &template.name,
                source: Source::Template(&template.claim),
            });
        }
        let volume = workload.pod.volume(&mount.name)?;
        Some(Self {
            name: &volume.name,
            source: Source::Volume(&volume.source),
        })
    }

    /// Whether it is read-only always, or by its own words.
    pub fn is_read_only(&self) -> bool {
        let Source::Volume(source) = self.source else {
            return false;
        };
        match source {
            VolumeSource::Secret(_)
            | VolumeSource::ConfigMap(_)
            | VolumeSource::DownwardApi { .. }
            | VolumeSource::Projected { .. }
            | VolumeSource::Image(_) => true,
            VolumeSource::Claim(claim) => claim.read_only.is_some_and(|field| field.value),
            VolumeSource::Csi(csi) => csi.read_only,
            VolumeSource::Nfs { read_only }
            | VolumeSource::Block { read_only, .. }
            | VolumeSource::FlexVolume { read_only }
            | VolumeSource::Migrated { read_only, .. } => *read_only,
            VolumeSource::EmptyDir(_)
            | VolumeSource::HostPath(_)
            | VolumeSource::Ephemeral { .. }
            | VolumeSource::GitRepo
            | VolumeSource::Removed(_)
            | VolumeSource::Unknown(_) => false,
        }
    }

    /// Adds the places that say what it is: here, and in the claim, its volume and its class.
    pub(crate) fn explain(&self, context: &RuleContext<'_>, finding: Finding) -> Finding {
        let label = match self.source {
            Source::Template(_) => "the claim template",
            Source::Volume(_) => "the volume",
        };
        self.explain_behind(context, finding.related(context.place(self.name.span), label))
    }

    /// Adds the places behind its name: the claim, its volume and its class.
    pub(crate) fn explain_behind(&self, context: &RuleContext<'_>, finding: Finding) -> Finding {
        match self.source {
            Source::Template(claim) => explain_class(context, claim, finding),
            Source::Volume(VolumeSource::Ephemeral { claim }) => explain_class(context, claim, finding),
            Source::Volume(VolumeSource::Claim(reference)) => {
                explain_claim(context, &reference.claim_name, finding)
            }
            Source::Volume(_) => finding,
        }
    }
}

fn explain_claim(context: &RuleContext<'_>, name: &str, finding: Finding) -> Finding {
    let inventory = context.access.inventory;
    let namespace = context.workload.object.namespace.as_deref();
    let Some(claim) = inventory.claim(namespace, name) else {
        return finding;
    };
    let finding = finding.related(place_of(&claim.object), "its claim");
    match inventory.volume_bound_to(namespace, name) {
        Some(volume) => finding.related(place_of(&volume.object), "the claim's volume"),
        None => explain_class(context, claim, finding),
    }
}

fn explain_class(context: &RuleContext<'_>, claim: &PersistentVolumeClaim, finding: Finding) -> Finding {
    let inventory = context.access.inventory;
    let class = match &claim.storage_class_name {
        Some(name) => inventory.class(name),
        None => inventory.default_class(),
    };
    match class {
        Some(class) => finding.related(place_of(&class.object), "its class"),
        None => finding,
    }
}

fn place_of(object: &ObjectRef) -> Place {
    Place {
        file: object.file,
        span: object.name_span,
    }
}
