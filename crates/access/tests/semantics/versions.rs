// SPDX-License-Identifier: Apache-2.0
//! What depends on the version (section F).

use crate::case::{Case, IMAGE};

/// Versions, with the gates that are set, and what is expected of a pod there.
fn each(case: &Case, rows: &[(&str, &str, &str)]) {
    for (version, gates, expected) in rows {
        case.clone()
            .facts(IMAGE)
            .facts(&format!(
                "kubernetes: {{version: '{version}', featureGates: {{{gates}}}}}"
            ))
            .expect(expected);
    }
}

fn volume(security: &str, source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000{security}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, {source}}}]"
    ))
}

#[test]
fn the_mode_of_an_empty_dir_is_behind_a_gate_of_1_37() {
    each(
        &volume("", "emptyDir: {mode: 01777}"),
        &[
            ("1.36", "EmptyDirVolumeMode: true", "app /v: mode 0777; ruby no"),
            ("1.37", "", "app /v: mode 0777; ruby no"),
            ("1.37", "EmptyDirVolumeMode: true", "app /v: mode 1777; ruby yes"),
        ],
    );
    // Without a version the newest known is taken, its alpha gates off.
    volume("", "emptyDir: {mode: 01777}")
        .facts(IMAGE)
        .expect("app /v: mode 0777");
    volume("", "emptyDir: {mode: 01777}")
        .facts(IMAGE)
        .facts("kubernetes: {featureGates: {EmptyDirVolumeMode: true}}")
        .expect("app /v: mode 1777");
}

#[test]
fn image_volumes_are_on_since_1_35() {
    each(
        &volume("", "image: {reference: app}"),
        &[
            (
                "1.34",
                "",
                "pod: starts unknown ~ off by default in Kubernetes 1.34",
            ),
            ("1.34", "ImageVolume: true", "pod: starts yes"),
            ("1.35", "", "pod: starts yes"),
            ("1.36", "ImageVolume: false", "pod: starts yes"),
        ],
    );
}

#[test]
fn git_repositories_are_off_since_1_33() {
    each(
        &volume("", "gitRepo: {repository: r}"),
        &[
            ("1.32", "", "pod: starts yes\n app /v: mode 0777; lifetime pod"),
            ("1.33", "", "pod: starts no ~ gitRepo"),
            ("1.35", "GitRepoVolumeDriver: true", "pod: starts yes"),
            ("1.36", "GitRepoVolumeDriver: true", "pod: starts no ~ gitRepo"),
        ],
    );
}

#[test]
fn user_namespaces_are_on_since_1_33() {
    each(
        &Case::pod(
            "
  hostUsers: false
  containers: [{name: app, image: app}]",
        ),
        &[
            (
                "1.32",
                "",
                "pod: starts unknown ~ off by default in Kubernetes 1.32",
            ),
            ("1.32", "UserNamespacesSupport: true", "pod: starts yes"),
            ("1.33", "", "pod: starts yes"),
        ],
    );
}

#[test]
fn strict_groups_are_on_since_1_33() {
    let pod = Case::pod(
        "
  securityContext: {supplementalGroupsPolicy: Strict}
  containers: [{name: app, image: members}]",
    )
    .facts(
        "images: {members: {user: '1000', users: {app: {uid: 1000, gid: 1000}}, groups: {x: {gid: 9, members: [app]}}}}",
    );
    for (version, expected) in [("1.32", "groups 9 1000"), ("1.33", "groups 1000")] {
        pod.clone()
            .facts(&format!("kubernetes: {{version: '{version}'}}"))
            .expect(&format!("app: {expected}"));
    }
}

#[test]
fn the_change_policy_is_on_since_1_20() {
    let facts = "claims: {default/c: {source: local, owner: '0:2000', mode: '2770', contents: \
                 {f: {type: file, owner: '0:0', mode: '0600'}}}}";
    each(
        &volume(
            ", fsGroup: 2000, fsGroupChangePolicy: OnRootMismatch",
            "persistentVolumeClaim: {claimName: c}",
        )
        .facts(facts),
        &[
            ("1.19", "", "app /v/f: mode 0660; owner 0:2000"),
            ("1.20", "", "app /v/f: mode 0600; owner 0:0"),
        ],
    );
}

#[test]
fn recursive_read_only_is_on_since_1_31() {
    let pod = Case::pod(
        "
  containers:
  - name: app
    image: app
    volumeMounts: [{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: Enabled}]
  volumes: [{name: v, hostPath: {path: /mnt}}]",
    );
    each(
        &pod,
        &[
            ("1.30", "", "app /v/x: create unknown ~ stays writable"),
            ("1.30", "RecursiveReadOnlyMounts: true", "app /v/x: create no"),
            ("1.31", "", "app /v/x: create no"),
        ],
    );
}

#[test]
fn trust_bundles_and_certificates_are_off_by_default() {
    let projected = |source: &str| volume("", &format!("projected: {{sources: [{{{source}}}]}}"));
    each(
        &projected("clusterTrustBundle: {name: b, path: ca.pem}"),
        &[
            (
                "1.36",
                "",
                "pod: starts unknown ~ clusterTrustBundle is off by default",
            ),
            (
                "1.36",
                "ClusterTrustBundleProjection: true",
                "pod: starts yes\n app /v/ca.pem: mode 0600; owner 1000:0",
            ),
        ],
    );
    each(
        &projected(
            "podCertificate: {signerName: s.example/x, keyType: ED25519, credentialBundlePath: b.pem}",
        ),
        &[
            (
                "1.36",
                "",
                "pod: starts unknown ~ podCertificate is off by default",
            ),
            (
                "1.36",
                "PodCertificateRequest: true",
                "pod: starts yes\n app /v/b.pem: mode 0600; owner 1000:0",
            ),
        ],
    );
}
