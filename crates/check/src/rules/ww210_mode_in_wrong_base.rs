// SPDX-License-Identifier: Apache-2.0
//! # WW210 mode-in-wrong-base
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds file modes that are octal digits written as a decimal number, such as `defaultMode: 400`, and decimal ones
//! with a leading zero, such as `0420`, in the `defaultMode` and `items[].mode` of Secret, ConfigMap, downward API and
//! projected volumes, and in the `mode` of an `emptyDir`.
//!
//! Kubernetes reads `0400` in YAML as octal and `400` as decimal, which is 0620. Decimal numbers that are usual modes are
//! right and never reported: 420 is 0644, 256 is 0400, 384 is 0600, 493 is 0755, 511 is 0777. JSON has only these.
//!
//! It is an error when the API server refuses the number, for modes of files end at 0777, which is 511; and when the
//! resulting mode lets nobody but root read the files of a volume that a container mounts which runs as another user
//! in a pod without `fsGroup`.
//!
//! ## Why is this bad
//!
//! A key that should be for its owner alone can be written by a group and is refused by programs that look at its
//! mode. With higher numbers nothing is created: `644` is octal 1204.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: key
//!         mountPath: /etc/key
//! volumes:
//!   - name: key
//!     secret:
//!       secretName: key
//!       defaultMode: 400               # 0620
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: key
//!         mountPath: /etc/key
//! volumes:
//!   - name: key
//!     secret:
//!       secretName: key
//!       defaultMode: 0400              # 256 in JSON
//! ```
//!
//! ## References
//!
//! - Kubernetes: API reference, `SecretVolumeSource.defaultMode`: "YAML accepts both octal and decimal values, JSON
//!   requires decimal values for mode bits"
//! - Kubernetes: `pkg/apis/core/validation/validation.go`, fileModeErrorMsg
//! - YAML 1.1, "Integer Language-Independent Type", and 1.2, where only `0o400` is octal

use writeway_access::ContainerMap;
use writeway_manifest::{Container, Mount, Volume, VolumeSource, Which};

use crate::evidence::modes::{Misread, misread};
use crate::{Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww210_mode_in_wrong_base.rs"), run);

/// The highest mode of a file that the API server takes.
const MAX_FILE_MODE: i64 = 0o777;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let volumes = context.workload.pod.volumes.iter();
    volumes
        .flat_map(|volume| {
            misread(context, &volume.source)
                .into_iter()
                .map(move |mode| report(context, volume, &mode))
        })
        .collect()
}

fn report(context: &RuleContext<'_>, volume: &Volume, mode: &Misread) -> Finding {
    let Misread { value, meant, .. } = *mode;
    let name = volume.name.as_str();
    let (message, label) = if mode.leading_zero {
        (
            format!(
                "volume `{name}`: the leading zero makes 0{value:o} octal, and {meant} (0{meant:o}) was probably meant"
            ),
            format!("octal: {}", symbolic(value)),
        )
    } else {
        (
            format!("volume `{name}`: the mode {value} is decimal, so it is 0{value:o} and not 0{value}"),
            format!("decimal: 0{value:o}, {}", symbolic(value)),
        )
    };
    let mut finding = Finding::new(&RULE, context.workload, message, mode.span, label)
        .with_help(format!("write `0{meant:o}` (in JSON {meant})"))
        .related(context.place(volume.name.span), "the volume");
    if is_refused(volume, mode) {
        return finding
            .with_severity(Severity::Error)
            .because(["the API server takes modes from 0 to 0777 (511) only".to_owned()]);
    }
    for (container, map, mount) in excluded(context, volume, mode) {
        let uid = map.identity.uid.unwrap_or_default();
        finding = finding
            .with_severity(Severity::Error)
            .because([format!(
                "the files belong to root, with 0{value:o}: container `{}` runs as uid {uid} and cannot read them, and \
                 without `fsGroup` kubelet opens them to no group",
                *container.name
            )])
            .related(
                context.place(mount.mount_path.span),
                format!("uid {uid} cannot read them here"),
            );
    }
    finding
}

/// The mode as `ls` shows it.
fn symbolic(mode: i64) -> String {
    let letters = "rwxrwxrwx".chars().enumerate();
    let permissions: String = letters
        .map(|(index, letter)| if mode >> (8 - index) & 1 == 1 { letter } else { '-' })
        .collect();
    permissions
}

fn is_refused(volume: &Volume, mode: &Misread) -> bool {
    !matches!(volume.source, VolumeSource::EmptyDir(_)) && mode.value > MAX_FILE_MODE
}

/// The containers that mount the volume and cannot read its files, whose owner is root.
fn excluded<'a>(
    context: &RuleContext<'a>,
    volume: &Volume,
    mode: &Misread,
) -> Vec<(&'a Container, &'a ContainerMap, &'a Mount)> {
    let files_are_there = match &volume.source {
        VolumeSource::Secret(source) => !source.optional,
        VolumeSource::ConfigMap(source) => !source.optional,
        VolumeSource::DownwardApi { .. } => true,
        _ => false,
    };
    // kubelet lets the pod's fsGroup read; without it only the owner's class can be told from the others for sure.
    if !files_are_there || context.workload.pod.security.fs_group.is_some() || mode.value & 0o044 != 0 {
        return Vec::new();
    }
    let containers = context.workload.pod.containers(Which::All);
    containers
        .filter_map(|container| {
            let map = context.container_map(container)?;
            let mount = container
                .mounts
                .iter()
                .find(|mount| *mount.name == *volume.name)?;
            (map.identity.uid? != 0).then_some((container, map, mount))
        })
        .collect()
}
