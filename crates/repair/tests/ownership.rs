// SPDX-License-Identifier: Apache-2.0
//! Volumes that belong to somebody else: which remedy is taken, and what it writes.

mod support;

use support::{Repaired, facts, options, repaired};
use writeway_repair::Options;

const IMAGE: &str = "
images:
  app:1.0: { complete: true, user: '1000', users: {}, groups: {}, paths: { /: { owner: '0:0', mode: '0755' } } }
";

/// A pod with a volume `data` at `/data`, its pod's and container's security context, and facts beside the image's.
struct Pod<'a> {
    security: &'a str,
    volume: &'a str,
    mount: &'a str,
    more: &'a str,
    facts: &'a str,
}

const POD: Pod<'_> = Pod {
    security: "runAsUser: 1000, runAsGroup: 1000",
    volume: "hostPath: {path: /srv/data/app, type: Directory}",
    mount: "",
    more: "",
    facts: "",
};

impl Pod<'_> {
    fn text(&self) -> String {
        let Self {
            security,
            volume,
            mount,
            more,
            ..
        } = self;
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: app, namespace: shop}}
spec:
  securityContext: {{{security}}}
  containers:
    - name: app
      image: app:1.0
      volumeMounts:
        - name: data
          mountPath: /data
{mount}  volumes:
    - name: data
      {volume}
{more}"
        )
    }

    fn mended(&self, unsafe_fixes: bool) -> Repaired {
        let options = Options {
            unsafe_fixes,
            ..options()
        };
        let facts = facts(&format!("{IMAGE}{}", self.facts));
        repaired(&[&self.text()], &facts, &options)
    }
}

/// Host directories by owner and mode.
fn host(owner: &str, mode: &str) -> String {
    format!("hostPaths:\n  /srv/data/app: {{ owner: '{owner}', mode: '{mode}' }}\n")
}

/// What fixes did of all findings on the volume: remedies, and text that is there now.
#[test]
fn the_remedy_with_the_least_privilege_that_holds_is_taken() {
    let claim = "persistentVolumeClaim: {claimName: data}";
    let claim_of = |class: &str| {
        format!(
            "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: shop}}\nspec: {{accessModes: \
             [ReadWriteOnce], storageClassName: {class}}}\n"
        )
    };
    let (ext4, local_path) = (claim_of("ext4"), claim_of("local-path"));
    let local_path = format!(
        "{local_path}---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: local-path}}\nprovisioner: \
         rancher.io/local-path\n"
    );
    let classes = "storageClasses:\n  ext4: { source: local, owner: '0:0', mode: '0755' }\n  local-path: { source: hostPath, \
                   owner: '0:0', mode: '0755' }\n";
    let (root, group, other) = (
        host("0:0", "0755"),
        host("0:2000", "0775"),
        host("2000:2000", "0755"),
    );
    let roots_group = host("0:0", "0775");
    let rows: [(&str, Pod<'_>, bool, &str, &str); 9] = [
        (
            "a group that may write is joined",
            Pod { facts: &group, ..POD },
            false,
            "supplemental-group",
            "supplementalGroups: [2000]",
        ),
        (
            "group 0 is root's: own is safe, the group is not",
            Pod {
                facts: &roots_group,
                ..POD
            },
            false,
            "own",
            "name: own",
        ),
        (
            "kubelet applies fsGroup to a volume of type local",
            Pod {
                volume: claim,
                more: &ext4,
                facts: classes,
                ..POD
            },
            false,
            "fs-group",
            "fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch",
        ),
        (
            "a volume of local-path-provisioner becomes local",
            Pod {
                volume: claim,
                more: &local_path,
                facts: classes,
                ..POD
            },
            false,
            "local-volume",
            "volumeType: local",
        ),
        (
            "a host directory of root is handed over",
            Pod { facts: &root, ..POD },
            false,
            "own",
            "add:\n            - CHOWN\n",
        ),
        (
            "a host directory of another user is left alone",
            Pod { facts: &other, ..POD },
            false,
            "",
            "",
        ),
        (
            "unless the user says so: its owner is who runs",
            Pod { facts: &other, ..POD },
            true,
            "align-user",
            "runAsUser: 2000",
        ),
        (
            "a subPath that kubelet would make for root is made by the user",
            Pod {
                mount: "          subPath: files/new\n",
                facts: &host("1000:1000", "0755"),
                ..POD
            },
            false,
            "sub-path-directory",
            "- /volume/files/new",
        ),
        (
            "a subPath in a directory of root is handed over with it",
            Pod {
                mount: "          subPath: files\n",
                facts: &root,
                ..POD
            },
            false,
            "own",
            "subPath: files",
        ),
    ];
    for (name, pod, unsafe_fixes, remedy, written) in rows {
        let mended = pod.mended(unsafe_fixes);
        let remedies: Vec<&str> = mended
            .remedies()
            .into_iter()
            .filter(|name| *name != "empty-dir")
            .collect();
        let expected: Vec<&str> = [remedy].into_iter().filter(|name| !name.is_empty()).collect();
        assert_eq!(remedies, expected, "{name}: {:?}", mended.refused());
        assert!(mended.text(0).contains(written), "{name}: {}", mended.text(0));
        if remedy.is_empty() {
            continue;
        }
        let left = mended.left(&facts(&format!("{IMAGE}{}", pod.facts)));
        let codes: Vec<_> = left.iter().map(|finding| finding.rule.code).collect();
        assert!(
            !codes.iter().any(|code| code.starts_with("WW2")),
            "{name}: {codes:?}"
        );
    }
}

#[test]
fn h3_1_the_init_container_has_chown_and_nothing_else_and_is_the_generators() {
    let mended = Pod {
        facts: &host("0:0", "0755"),
        ..POD
    }
    .mended(false);
    let expected = "  initContainers:
    - name: own
      image: ghcr.io/writeway/agent:0.1.0
      args:
        - own
        - \"1000:1000\"
        - /data
        - --if-root-mismatch
      resources:
        requests:
          cpu: 10m
          memory: 16Mi
        limits:
          cpu: \"1\"
          memory: 16Mi
      securityContext:
        runAsNonRoot: false
        runAsUser: 0
        runAsGroup: 0
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
          add:
            - CHOWN
        seccompProfile:
          type: RuntimeDefault
      volumeMounts:
        - name: data
          mountPath: /data
";
    let text = mended.text(0);
    assert!(text.contains(expected), "{text}");
    // Nothing else is different.
    assert_eq!(
        text.replace(expected, ""),
        Pod { facts: "", ..POD }.text(),
        "{text}"
    );
}

#[test]
fn h3_3_local_path_is_annotated_first_and_a_volume_that_exists_keeps_its_type() {
    let ledger = include_str!("../../../examples/foreign-volume/ledger.yaml");
    let storage = include_str!("../../../examples/foreign-volume/storage.yaml");
    let facts = facts(include_str!("../../../examples/facts.yaml"));
    let mended = repaired(&[ledger, storage], &facts, &options());
    assert_eq!(mended.remedies(), ["local-volume"]);
    assert!(mended.titles()[0].contains("a PersistentVolume that exists keeps its type"));
    // Without it kubelet would go through all files at each start, now that it applies the group (WW206).
    assert_eq!(
        mended.text(0),
        ledger.replace(
            "        fsGroup: 1000\n",
            "        fsGroup: 1000\n        fsGroupChangePolicy: OnRootMismatch\n"
        )
    );
    let annotated = storage.replace(
        "  namespace: foreign-volume\nspec:",
        "  namespace: foreign-volume\n  annotations:\n    volumeType: local\nspec:",
    );
    assert_eq!(mended.text(1), annotated);
    let turned = &mended.repair.applied[0].turned;
    assert!(
        turned.was.iter().any(|step| step.contains("hostPath")),
        "{turned:?}"
    );
    assert!(turned.is.iter().any(|step| step.contains("local")), "{turned:?}");
    assert!(mended.left(&facts).is_empty());
}

#[test]
fn h3_3_a_claim_that_has_its_volume_is_not_annotated() {
    let ledger = include_str!("../../../examples/foreign-volume/ledger.yaml");
    let storage = include_str!("../../../examples/foreign-volume/storage.yaml");
    let facts = facts(
        "storageClasses: {local-path: {source: hostPath, owner: '0:0', mode: '0755'}}\nclaims: {foreign-volume/ledger-data: \
         {owner: '0:0', mode: '0755'}}\nimages: {'ghcr.io/acme/ledger:2.4.1': {complete: true, users: {}, groups: {}, paths: \
         {/: {owner: '0:0', mode: '0755'}}}}\n",
    );
    let mended = repaired(&[ledger, storage], &facts, &options());
    assert_eq!(mended.text(1), storage);
    assert_eq!(mended.remedies(), ["own"]);
}

/// A clone, or a snapshot that is restored, has the files, owners and modes of what it was made from.
#[test]
fn a_claim_that_is_filled_is_no_new_empty_volume() {
    let claim = "persistentVolumeClaim: {claimName: data}";
    let of_class = |class: &str, source: &str| {
        format!(
            "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: shop}}\nspec: {{accessModes: \
             [ReadWriteOnce], storageClassName: {class}{source}}}\n"
        )
    };
    let snapshot = ", dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: daily}";
    let classes = "storageClasses:\n  node: { source: hostPath, owner: '0:0', mode: '0755' }\n  local: { source: local, owner: '0:0', mode: '0755' }\n";
    // Of a new volume it is known that root owns it, and nobody else: `own` is safe.
    let pod = |more| Pod {
        volume: claim,
        facts: classes,
        more,
        ..POD
    };
    let new = of_class("node", "");
    assert_eq!(pod(&new).mended(false).remedies(), ["own"]);
    let filled = of_class("node", snapshot);
    let refused = pod(&filled).mended(false);
    assert!(refused.remedies().is_empty(), "{:?}", refused.titles());
    let filled = of_class("local", snapshot);
    let by_group = pod(&filled).mended(true);
    assert!(
        by_group.remedies().is_empty(),
        "whether anything is wrong is not known: {:?}",
        by_group.titles()
    );
    // A claim that is made anew is filled again.
    let ledger = include_str!("../../../examples/foreign-volume/ledger.yaml");
    let storage = include_str!("../../../examples/foreign-volume/storage.yaml").replace(
        "  accessModes:",
        "  dataSource: {kind: PersistentVolumeClaim, name: old}\n  accessModes:",
    );
    let facts = facts(include_str!("../../../examples/facts.yaml"));
    let mended = repaired(&[ledger, &storage], &facts, &options());
    assert!(mended.remedies().is_empty(), "{:?}", mended.titles());
    let says_why = |(code, remedy, why): &(&str, &str, &str)| {
        (*code, *remedy) == ("WW202", "local-volume")
            && why.contains("filled from PersistentVolumeClaim `old` when it is made")
    };
    assert!(mended.refused().iter().any(says_why), "{:?}", mended.refused());
}

#[test]
fn restricted_refuses_root_and_the_alternative_is_named() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: \
                     {pod-security.kubernetes.io/enforce: restricted}\n";
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {accessModes: \
                 [ReadWriteOnce], storageClassName: nfs}\n";
    let more = format!("{claim}{namespace}");
    let pod = Pod {
        volume: "persistentVolumeClaim: {claimName: data}",
        more: &more,
        facts: "storageClasses: {nfs: {source: hostPath, owner: '0:0', mode: '0755'}}\n",
        ..POD
    };
    for unsafe_fixes in [false, true] {
        let mended = pod.mended(unsafe_fixes);
        assert!(mended.repair.texts.is_empty());
        let refused = mended.refused();
        let own = refused
            .iter()
            .find(|(code, remedy, _)| (*code, *remedy) == ("WW201", "own"));
        let (_, _, why) = own.unwrap();
        assert!(why.contains("restricted") && why.contains("fsGroup"), "{why}");
    }
}

#[test]
fn what_is_the_nodes_is_never_given_away() {
    for path in [
        "/etc/app",
        "/var",
        "/srv",
        "/",
        "/var/lib/kubelet/pods",
        "/run/app",
    ] {
        let volume = format!("hostPath: {{path: {path}, type: Directory}}");
        let directories = format!("hostPaths:\n  {path}: {{ owner: '0:0', mode: '0755' }}\n");
        let pod = Pod {
            volume: &volume,
            facts: &directories,
            ..POD
        };
        let mended = pod.mended(true);
        assert!(mended.repair.applied.is_empty(), "{path}: {:?}", mended.titles());
        let refused = mended.refused();
        assert!(
            refused
                .iter()
                .any(|(_, remedy, why)| *remedy == "own" && why.contains("of the node itself")),
            "{path}: {refused:?}"
        );
    }
}

#[test]
fn what_another_workload_uses_is_handed_over_only_when_asked_for() {
    let other = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: reader}\nspec:\n  securityContext: {runAsUser: 0}\n  \
                 containers:\n    - {name: app, image: 'app:1.0', volumeMounts: [{name: d, mountPath: /d, readOnly: true}]}\n  \
                 volumes:\n    - {name: d, hostPath: {path: /srv/data}}\n";
    let root = host("0:0", "0755");
    let pod = Pod {
        more: other,
        facts: &root,
        ..POD
    };
    let mended = pod.mended(false);
    assert!(mended.repair.applied.is_empty(), "{:?}", mended.titles());
    let refused = mended.refused();
    assert!(
        refused.iter().any(|(_, remedy, why)| *remedy == "own"
            && why.contains("--unsafe-fixes")
            && why.contains("Pod `reader` uses the volume, too")),
        "{refused:?}"
    );
    assert_eq!(pod.mended(true).remedies(), ["own"]);
}

#[test]
fn two_users_of_one_volume_share_it_by_a_group() {
    let text = "apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  initContainers:
    - name: fill
      image: busybox:1.37.0
      resources: {requests: {cpu: 10m}}
      securityContext: {runAsUser: 1000}
      command: [ls, /data]
      volumeMounts: [{name: data, mountPath: /data}]
  containers:
    - name: one
      image: app:1.0
      securityContext: {runAsUser: 1000, runAsGroup: 1000}
      volumeMounts: [{name: data, mountPath: /data}]
    - name: two
      image: app:1.0
      securityContext: {runAsUser: 2000, runAsGroup: 2000}
      volumeMounts: [{name: data, mountPath: /data}]
  volumes:
    - name: data
      hostPath: {path: /srv/data/app, type: DirectoryOrCreate}
";
    let facts = facts(&format!(
        "{IMAGE}hostPaths: {{/srv/data/app: {{absent: true}}}}\n"
    ));
    let mended = repaired(&[text], &facts, &options());
    assert_eq!(mended.remedies(), ["own"], "{:?}", mended.refused());
    let text = mended.text(0);
    assert!(
        text.contains("--group-writable") && text.contains("- FSETID"),
        "{text}"
    );
    assert!(text.contains("supplementalGroups:\n      - 1000\n"), "{text}");
    // It comes before what uses the volume.
    let (own, fill) = (text.find("name: own").unwrap(), text.find("name: fill").unwrap());
    assert!(own < fill, "{text}");
}

#[test]
fn a_chown_for_another_user_gets_the_right_one_when_asked_for() {
    for command in [
        "command: [chown, -R, \"999:999\", /data]",
        "command: [sh, -c, \"chown -R 999:999 /data\"]",
    ] {
        let text = format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  initContainers:
    - name: hand
      image: busybox:1.37.0
      resources: {{requests: {{cpu: 10m}}}}
      securityContext: {{runAsUser: 0}}
      {command}
      volumeMounts: [{{name: data, mountPath: /data}}]
  containers:
    - name: app
      image: app:1.0
      securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
      volumeMounts: [{{name: data, mountPath: /data}}]
  volumes:
    - name: data
      hostPath: {{path: /srv/data/app, type: DirectoryOrCreate}}
"
        );
        let facts = facts(&format!(
            "{IMAGE}hostPaths: {{/srv/data/app: {{absent: true}}}}\n"
        ));
        let unsafe_fixes = Options {
            unsafe_fixes: true,
            ..options()
        };
        let mended = repaired(&[&text], &facts, &unsafe_fixes);
        assert!(
            mended.remedies().contains(&"chown-target"),
            "{:?}",
            mended.refused()
        );
        assert_eq!(mended.text(0), text.replace("999:999", "1000:1000"));
        assert!(
            !repaired(&[&text], &facts, &options())
                .remedies()
                .contains(&"chown-target")
        );
    }
}

#[test]
fn a_stateful_sets_claim_template_is_annotated_only_when_asked_for() {
    let text = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  serviceName: app
  template:
    metadata: {labels: {app: app}}
    spec:
      securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}
      containers:
        - name: app
          image: app:1.0
          volumeMounts:
            - {name: data, mountPath: /data}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec: {accessModes: [ReadWriteOnce], storageClassName: local-path}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local-path}
provisioner: rancher.io/local-path
";
    let facts = facts(&format!(
        "{IMAGE}storageClasses: {{local-path: {{owner: '2000:2000', mode: '0755'}}}}\n"
    ));
    assert!(repaired(&[text], &facts, &options()).repair.applied.is_empty());
    let unsafe_fixes = Options {
        unsafe_fixes: true,
        ..options()
    };
    let mended = repaired(&[text], &facts, &unsafe_fixes);
    assert_eq!(mended.remedies(), ["local-volume"]);
    assert_eq!(
        mended.text(0),
        text.replace(
            "        name: data\n",
            "        name: data\n        annotations:\n          volumeType: local\n"
        )
        .replace(
            "fsGroup: 1000}",
            "fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch}"
        )
    );
}
