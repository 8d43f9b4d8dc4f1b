// SPDX-License-Identifier: Apache-2.0
//! The pod that the operator makes.

use k8s_openapi::api::core::v1::{
    Capabilities, Container, PersistentVolumeClaimVolumeSource, Pod, PodSecurityContext, PodSpec,
    SeccompProfile, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use writeway_generate::{AgentOwn, Level, Mount, Own};

/// Who the program runs as.
const UID: i64 = 1000;
const GID: i64 = 1000;
/// Its volume, and where it expects that.
const VOLUME: &str = "data";
const PATH: &str = "/var/lib/ledger";

/// The pod on this claim.
///
/// # Errors
/// When a namespace that enforces this level would not admit it; the message names the alternatives.
pub(crate) fn ledger(claim: &str, level: Level) -> anyhow::Result<Pod> {
    let own = Own::new(UID, GID, [Mount::new(VOLUME, PATH)?])?
        .for_level(level)?
        .agent(AgentOwn::default());
    let parts = own.render().to_typed()?;
    let spec = PodSpec {
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(UID),
            run_as_group: Some(GID),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        init_containers: Some(parts.init_containers),
        containers: vec![program()],
        volumes: Some(vec![Volume {
            name: VOLUME.to_owned(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: claim.to_owned(),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        }]),
        // Neither of its programs asks the API server for anything.
        automount_service_account_token: Some(false),
        ..PodSpec::default()
    };
    Ok(Pod {
        metadata: ObjectMeta {
            generate_name: Some("ledger-".to_owned()),
            ..ObjectMeta::default()
        },
        spec: Some(spec),
        status: None,
    })
}

/// The main container.
fn program() -> Container {
    Container {
        name: "ledger".to_owned(),
        image: Some("ghcr.io/acme/ledger:2.4.1".to_owned()),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                add: None,
            }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![VolumeMount {
            name: VOLUME.to_owned(),
            mount_path: PATH.to_owned(),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    }
}
