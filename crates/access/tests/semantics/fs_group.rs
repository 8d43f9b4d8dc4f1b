// SPDX-License-Identifier: Apache-2.0
//! What fsGroup does, by source (sections B.0 and B.3).

use crate::case::{Case, IMAGE};

/// A pod of uid 1000 with a volume at /v.
fn volume(security: &str, source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000{security}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, {source}}}]"
    ))
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
    .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {k: v}}")
    .facts(IMAGE)
}

#[test]
fn every_source_starts_with_its_own_mode_and_takes_the_group_or_not() {
    const CLAIM: &str = "persistentVolumeClaim: {claimName: c}";
    // Source; its root without a group; with one; what became of the group; read-only; lifetime; facts beside.
    let rows = [
        (
            "emptyDir: {}",
            "0777 0:0",
            "2777 0:2000",
            "applied",
            false,
            "pod",
            "",
        ),
        (
            "emptyDir: {medium: Memory}",
            "1777 0:0",
            "3777 0:2000",
            "applied",
            false,
            "pod",
            "",
        ),
        (
            "emptyDir: {medium: HugePages}",
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "pod",
            "",
        ),
        (
            "emptyDir: {medium: HugePages-2Mi}",
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "pod",
            "",
        ),
        (
            "secret: {secretName: s}",
            "1777 0:0",
            "3777 0:2000",
            "applied",
            true,
            "object",
            "",
        ),
        (
            "configMap: {name: cm}",
            "0777 0:0",
            "2777 0:2000",
            "applied",
            true,
            "object",
            "",
        ),
        (
            "downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}",
            "1777 0:0",
            "3777 0:2000",
            "applied",
            true,
            "object",
            "",
        ),
        (
            "projected: {sources: [{secret: {name: s}}]}",
            "1777 0:0",
            "3777 0:2000",
            "applied",
            true,
            "object",
            "",
        ),
        (
            "hostPath: {path: /srv/d}",
            "0755 1000:1000",
            "0755 1000:1000",
            "ignored",
            false,
            "node",
            "hostPaths: {/srv/d: {owner: '1000:1000', mode: '0755'}}",
        ),
        (
            "image: {reference: app}",
            "0755 0:0",
            "0755 0:0",
            "ignored",
            true,
            "image",
            "",
        ),
        (
            "nfs: {server: s, path: /e}",
            "? ?:?",
            "? ?:?",
            "ignored",
            false,
            "external",
            "",
        ),
        (
            CLAIM,
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "claim",
            "claims: {default/c: {source: local, owner: '0:0', mode: '0755'}}",
        ),
        (
            CLAIM,
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "claim",
            "claims: {default/c: {source: iscsi, owner: '0:0', mode: '0755'}}",
        ),
        (
            CLAIM,
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "claim",
            "claims: {default/c: {source: fc, owner: '0:0', mode: '0755'}}",
        ),
        (
            CLAIM,
            "0755 0:0",
            "0755 0:0",
            "ignored",
            false,
            "claim",
            "claims: {default/c: {source: hostPath, owner: '0:0', mode: '0755'}}",
        ),
        (
            CLAIM,
            "0755 0:0",
            "0755 0:0",
            "ignored",
            false,
            "claim",
            "claims: {default/c: {source: nfs, owner: '0:0', mode: '0755'}}",
        ),
        (
            "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], storageClassName: fast}}}",
            "0755 0:0",
            "2775 0:2000",
            "applied",
            false,
            "pod",
            "storageClasses: {fast: {source: local, owner: '0:0', mode: '0755'}}",
        ),
    ];
    for (source, without, with, effect, read_only, lifetime, facts) in rows {
        let shown = |state: &str, effect: &str| {
            let (mode, owner) = state.split_once(' ').unwrap();
            format!(
                "pod: starts yes\n app /v: mode {mode}; owner {owner}; fsGroup {effect}; readOnly {read_only}; lifetime {lifetime}"
            )
        };
        volume("", source).facts(facts).expect(&shown(without, "unset"));
        volume(", fsGroup: 2000", source)
            .facts(facts)
            .expect(&shown(with, effect));
    }
}

#[test]
fn the_driver_of_a_flex_volume_says_whether_it_takes_the_group() {
    let facts = "claims: {default/c: {source: flexVolume, owner: '0:0', mode: '0755'}}";
    volume(", fsGroup: 2000", "persistentVolumeClaim: {claimName: c}")
        .facts(facts)
        .expect("app /v: fsGroup unknown; create unknown ~ flexVolume driver");
    volume(
        ", fsGroup: 2000",
        "persistentVolumeClaim: {claimName: c, readOnly: true}",
    )
    .facts(facts)
    .expect("app /v: fsGroup ignored; mode 0755; create no EROFS");
}

#[test]
fn sources_without_a_plugin_never_start() {
    for source in [
        "glusterfs: {endpoints: e, path: p}",
        "rbd: {monitors: [m], image: i}",
        "cephfs: {monitors: [m]}",
    ] {
        volume("", source).expect("pod: starts no ~ kubelet has no plugin");
    }
}

#[test]
fn bits_are_only_added() {
    // What is in the volume; what it becomes.
    let rows = [
        ("dir", "0755", "2775"),
        ("dir", "0700", "2770"),
        ("dir", "0777", "2777"),
        ("dir", "1777", "3777"),
        ("file", "0644", "0664"),
        ("file", "0600", "0660"),
        ("file", "0400", "0660"),
        ("file", "0755", "0775"),
        ("file", "4755", "4775"),
    ];
    for (kind, before, after) in rows {
        let facts = format!(
            "claims: {{default/c: {{source: local, owner: '0:0', mode: '0755', contents: \
             {{x: {{type: {kind}, owner: '3000:3000', mode: '{before}'}}}}}}}}"
        );
        let source = "persistentVolumeClaim: {claimName: c}";
        volume(", fsGroup: 2000", source)
            .facts(&facts)
            .expect(&format!("app /v/x: mode {after}; owner 3000:2000"));
        volume("", source)
            .facts(&facts)
            .expect(&format!("app /v/x: mode {before}; owner 3000:3000"));
    }
}

#[test]
fn a_volume_of_api_objects_gets_the_bits_for_reading() {
    for (before, after) in [
        ("0400", "0440"),
        ("0600", "0640"),
        ("0644", "0644"),
        ("0755", "0755"),
        ("0000", "0440"),
    ] {
        let source = format!("secret: {{secretName: s, defaultMode: {before}}}");
        volume("", &source).expect(&format!("app /v/k: mode {before}; owner 0:0"));
        volume(", fsGroup: 2000", &source).expect(&format!(
            "app /v/k: mode {after}; owner 0:2000
             app /v/..data: mode 2755; owner 0:2000"
        ));
    }
}

#[test]
fn the_mode_of_an_item_wins_over_the_default() {
    volume(
        "",
        "secret: {secretName: s, defaultMode: 0400, items: [{key: k, path: d/e, mode: 0640}]}",
    )
    .expect(
        "app /v/d/e: type file; mode 0640; owner 0:0
         app /v/d: type dir; mode 0755; owner 0:0
         app /v/k: exists no",
    );
}

#[test]
fn on_root_mismatch_asks_for_group_setgid_and_all_bits() {
    // The root before; whether the file below it is left alone.
    let rows = [
        ("0:2000", "2770", true),
        ("0:2000", "2777", true),
        ("0:2000", "3775", true),
        ("0:2000", "0770", false),
        ("0:2000", "2750", false),
        ("0:2000", "2670", false),
        ("0:2001", "2770", false),
    ];
    for (owner, mode, left) in rows {
        let facts = format!(
            "claims: {{default/c: {{source: local, owner: '{owner}', mode: '{mode}', contents: \
             {{f: {{type: file, owner: '0:0', mode: '0600'}}}}}}}}"
        );
        let security = ", fsGroup: 2000, fsGroupChangePolicy: OnRootMismatch";
        let expected = if left {
            "mode 0600; owner 0:0"
        } else {
            "mode 0660; owner 0:2000"
        };
        volume(security, "persistentVolumeClaim: {claimName: c}")
            .facts(&facts)
            .expect(&format!("app /v/f: {expected}"));
    }
}

#[test]
fn the_policy_means_nothing_to_volumes_that_live_with_the_pod() {
    volume(
        ", fsGroup: 2000, fsGroupChangePolicy: OnRootMismatch",
        "emptyDir: {}",
    )
    .expect("app /v: mode 2777; owner 0:2000; fsGroup applied");
}

#[test]
fn a_claim_used_read_only_is_left_alone_and_a_read_only_mount_is_not() {
    let facts = "claims: {default/c: {source: local, owner: '0:0', mode: '0750'}}";
    volume(
        ", fsGroup: 2000",
        "persistentVolumeClaim: {claimName: c, readOnly: true}",
    )
    .facts(facts)
    .expect("app /v: mode 0750; owner 0:0; fsGroup ignored; create no EACCES; readOnly true");
    Case::pod(
        "
  securityContext: {runAsUser: 1000, fsGroup: 2000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
    )
    .facts(IMAGE)
    .facts(facts)
    .expect("app /v: mode 2770; owner 0:2000; fsGroup applied; create no EROFS; readOnly true");
}

#[test]
fn the_group_is_everybodys_even_where_no_volume_takes_it() {
    volume(", fsGroup: 2000", "hostPath: {path: /srv/d}")
        .facts("hostPaths: {/srv/d: {owner: '0:2000', mode: '0770'}}")
        .expect("app: groups 1000 2000\n app /v: create yes; mode 0770; owner 0:2000; fsGroup ignored");
}

#[test]
fn root_is_nobody_on_most_nfs_servers() {
    let pod = |mode: &str, uid: u32| {
        Case::pod(&format!(
            "
  containers: [{{name: app, image: app, securityContext: {{runAsUser: {uid}}}, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]"
        ))
        .facts(IMAGE)
        .facts(&format!(
            "claims: {{default/c: {{source: nfs, owner: '1000:1000', mode: '{mode}'}}}}"
        ))
    };
    pod("0755", 0).expect("app /v: create unknown ~ most take it for nobody");
    pod("0777", 0).expect("app /v: create yes");
    pod("0755", 1000).expect("app /v: create yes");
    pod("0755", 3000).expect("app /v: create no EACCES");
}
