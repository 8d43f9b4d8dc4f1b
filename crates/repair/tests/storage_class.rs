// SPDX-License-Identifier: Apache-2.0
//! Generic ephemeral volumes whose class makes directories that the container cannot write to.

mod support;

use support::{Repaired, facts, options, repaired};
use writeway_repair::Options;

const FACTS: &str = "images:
  app:1.0: { complete: true, user: '1000', users: {}, groups: {}, paths: { /: { owner: '0:0', mode: '0755' } } }
storageClasses:
  node: { source: hostPath, owner: '0:0', mode: '0755' }
";
const DISK: &str = "  disk: { source: local, owner: '0:0', mode: '0755' }\n";
const OPEN: &str = "  open: { source: hostPath, owner: '0:0', mode: '0777' }\n";
const CLOSED: &str = "  closed: { source: hostPath, owner: '0:0', mode: '0700' }\n";

const CLAIM_OF_TWO: &str = "---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: both}
spec: {accessModes: [ReadWriteOnce], storageClassName: disk}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  containers:
    - {name: app, image: 'app:1.0', volumeMounts: [{name: both, mountPath: /both, readOnly: true}]}
  volumes:
    - {name: both, persistentVolumeClaim: {claimName: both}}
";

fn pod(security: &str, claim: &str, more: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  securityContext: {{runAsUser: 1000, runAsGroup: 1000{security}}}
  containers:
    - name: app
      image: app:1.0
      volumeMounts:
        - {{name: work, mountPath: /work}}
  volumes:
    - name: work
      ephemeral:
        volumeClaimTemplate:
          spec:
            {claim}
            resources: {{requests: {{storage: 1Gi}}}}
{more}"
    )
}

fn mended(text: &str, more_facts: &str, unsafe_fixes: bool) -> Repaired {
    let options = Options {
        unsafe_fixes,
        ..options()
    };
    repaired(&[text], &facts(&format!("{FACTS}{more_facts}")), &options)
}

const MINE: &str = "{accessModes: [ReadWriteOnce], storageClassName: node}";

/// The claim's lines, in block style.
fn claim(mode: &str) -> String {
    format!("accessModes: [{mode}]\n            storageClassName: node")
}

#[test]
fn another_class_is_asked_for_where_one_is_known_to_do() {
    let fs_group = ", fsGroup: 1000";
    let once = claim("ReadWriteOnce");
    let rows = [
        (fs_group, DISK, "disk", fs_group),
        (
            "",
            DISK,
            "disk",
            ", fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch",
        ),
        ("", OPEN, "open", ""),
    ];
    for (security, class, name, expected) in rows {
        let text = pod(security, &once, "");
        let mended = mended(&text, class, false);
        assert_eq!(mended.remedies(), ["storage-class"], "{:?}", mended.refused());
        let wanted = pod(expected, &once.replace(": node", &format!(": {name}")), "");
        assert_eq!(mended.text(0), wanted);
        assert_eq!(mended.left(&facts(&format!("{FACTS}{class}"))), []);
    }
}

#[test]
fn a_claim_that_names_no_class_gets_one() {
    let classes = "---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: node, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
provisioner: example.com/node
";
    let text = pod(", fsGroup: 1000", "accessModes: [ReadWriteOnce]", classes);
    let mended = mended(&text, DISK, false);
    assert_eq!(mended.remedies(), ["storage-class"], "{:?}", mended.refused());
    assert!(
        mended.text(0).contains("            storageClassName: disk\n"),
        "{}",
        mended.text(0)
    );
}

#[test]
fn what_may_be_felt_elsewhere_is_done_only_when_asked_for() {
    let many = pod(", fsGroup: 1000", &claim("ReadWriteMany"), "");
    let shared = pod(
        "",
        &claim("ReadWriteOnce"),
        &format!("    - {{name: both, persistentVolumeClaim: {{claimName: both}}}}\n{CLAIM_OF_TWO}"),
    );
    for (text, danger) in [
        (many, "access mode ReadWriteMany"),
        (shared, "the files of claim `both` get another group"),
    ] {
        // A remedy of more privilege is safe: what is asked here is only what this one says of itself.
        let restricted = format!(
            "{text}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: \
             {{pod-security.kubernetes.io/enforce: restricted}}}}\n"
        );
        let careful = mended(&restricted, DISK, false);
        assert_eq!(careful.remedies(), [""; 0], "{danger}");
        let refused = careful.refused();
        let why = refused.iter().find(|(_, remedy, _)| *remedy == "storage-class");
        let (.., why) = why.unwrap_or_else(|| panic!("{refused:?}"));
        assert!(why.contains("--unsafe-fixes") && why.contains(danger), "{why}");
        assert_eq!(mended(&restricted, DISK, true).remedies(), ["storage-class"]);
    }
}

#[test]
fn local_path_keeps_its_class_and_gets_the_annotation() {
    let class = "---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: node}
provisioner: rancher.io/local-path
";
    let text = pod(", fsGroup: 1000", &claim("ReadWriteOnce"), class);
    let mended = mended(&text, DISK, false);
    assert_eq!(mended.remedies(), ["local-volume"], "{:?}", mended.refused());
    let expected = "        volumeClaimTemplate:
          metadata:
            annotations:
              volumeType: local
          spec:\n";
    assert!(mended.text(0).contains(expected), "{}", mended.text(0));
}

#[test]
fn it_is_refused_with_the_reason() {
    let ephemeral = pod(", fsGroup: 1000", &claim("ReadWriteOnce"), "");
    let named = pod(
        ", fsGroup: 1000",
        &format!("volumeName: pv-1\n            {}", claim("ReadWriteOnce")),
        "",
    );
    let stateful = format!(
        "apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: app}}
spec:
  serviceName: app
  selector: {{matchLabels: {{app: app}}}}
  template:
    metadata: {{labels: {{app: app}}}}
    spec:
      securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}}
      containers:
        - name: app
          image: app:1.0
          volumeMounts:
            - {{name: work, mountPath: /work}}
  volumeClaimTemplates:
    - metadata: {{name: work}}
      spec: {MINE}
"
    );
    for (text, class, expected) in [
        (&ephemeral, "", "no other storage class is known"),
        (
            &ephemeral,
            CLOSED,
            "no storage class is known whose volumes would do",
        ),
        (&named, DISK, "asks for one PersistentVolume"),
        (&stateful, DISK, "of a StatefulSet that exists cannot be changed"),
    ] {
        let mended = mended(text, class, true);
        assert!(!mended.remedies().contains(&"storage-class"));
        // Another remedy may do; what this one says stands in front of it, where there is none.
        let restricted = format!(
            "{text}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: \
             {{pod-security.kubernetes.io/enforce: restricted}}}}\n"
        );
        let refused = self::mended(&restricted, class, true);
        let refused = refused.refused();
        assert!(
            refused
                .iter()
                .any(|(_, remedy, why)| *remedy == "storage-class" && why.contains(expected)),
            "{expected}: {refused:?}"
        );
    }
}
