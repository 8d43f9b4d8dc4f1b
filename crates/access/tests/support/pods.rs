// SPDX-License-Identifier: Apache-2.0
//! Random pods that people could have written.
#![allow(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use writeway_facts::Facts;

/// Paths worth asking for in these pods.
#[allow(dead_code, reason = "a test binary may ask for others")]
pub(crate) const PATHS: [&str; 6] = ["/a", "/a/b", "/a/f", "/data/sub", "/etc/app.conf", "/home/app"];

/// A field, or nothing.
fn maybe(field: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        1 => select(values).prop_map(move |value| format!("{field}: {value}, ")),
    ]
}

fn pod_security() -> impl Strategy<Value = String> {
    (
        maybe("runAsUser", &["0", "1000", "2000"]),
        maybe("fsGroup", &["0", "1000", "2000"]),
        maybe("supplementalGroups", &["[3000]", "[1000, 4000]"]),
        maybe("fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
        maybe("supplementalGroupsPolicy", &["Strict", "Merge"]),
        maybe("runAsNonRoot", &["true", "false"]),
    )
        .prop_map(|(user, group, groups, change, policy, non_root)| {
            format!("{{{user}{group}{groups}{change}{policy}{non_root}}}")
        })
}

fn container_security() -> impl Strategy<Value = String> {
    (
        maybe("runAsUser", &["0", "1000", "3000"]),
        maybe("runAsGroup", &["0", "1000", "5000"]),
        maybe("readOnlyRootFilesystem", &["true", "false"]),
        maybe(
            "capabilities",
            &[
                "{drop: [ALL]}",
                "{drop: [ALL], add: [CHOWN]}",
                "{add: [SYS_ADMIN]}",
            ],
        ),
        maybe("privileged", &["true", "false"]),
    )
        .prop_map(|(user, group, root, capabilities, privileged)| {
            format!("{{{user}{group}{root}{capabilities}{privileged}}}")
        })
}

const SOURCES: &[&str] = &[
    "emptyDir: {}",
    "emptyDir: {medium: Memory}",
    "emptyDir: {medium: HugePages}",
    "secret: {secretName: s, optional: true}",
    "secret: {secretName: s, optional: true, defaultMode: 0400, items: [{key: k, path: d/k}]}",
    "configMap: {name: cm, optional: true}",
    "downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}",
    "projected: {sources: [{serviceAccountToken: {path: token}}]}",
    "hostPath: {path: /srv/d}",
    "hostPath: {path: /srv/absent, type: DirectoryOrCreate}",
    "hostPath: {path: /srv/unknown}",
    "persistentVolumeClaim: {claimName: local}",
    "persistentVolumeClaim: {claimName: hostpath, readOnly: true}",
    "persistentVolumeClaim: {claimName: nowhere}",
    "nfs: {server: s, path: /e}",
    "image: {reference: app}",
    "iscsi: {targetPortal: p, iqn: q, lun: 0}",
    "csi: {driver: d.example}",
];

const MOUNT_PATHS: &[&str] = &[
    "/a",
    "/a/b",
    "/data",
    "/data/sub",
    "/tmp",
    "/etc/app.conf",
    "/home/app",
    "/run",
];

const SCRIPTS: &[&str] = &[
    "mkdir -p /a/b && chmod 0700 /a/b",
    "chown -R 1000:1000 /a || true",
    "touch /a/f; chmod 0600 /a/f",
    "cp -r /data/. /a/; ls /a",
    "set -e; mkdir -m 1777 /a/t",
    "if [ -d /data ]; then rm -rf /data/x; fi",
    "umask 077; echo x > /a/f",
    "ln -s /data /a/l",
    "chgrp -R 2000 /data",
    "some-program --with arguments",
];

fn mounts() -> impl Strategy<Value = String> {
    let mount = (
        0..4_usize,
        select(MOUNT_PATHS),
        maybe("readOnly", &["true", "false"]),
        maybe("subPath", &["sub", "k", "deep/er"]),
    );
    // Two mounts at one path are refused, so that there is one.
    let by_path = prop::collection::vec(mount, 0..4).prop_map(|mounts| {
        let by_path = mounts.into_iter().map(|mount| (mount.1, mount));
        by_path.collect::<BTreeMap<_, _>>()
    });
    by_path.prop_map(|mounts| {
        let mounts: Vec<String> = mounts
            .values()
            .map(|(volume, path, read_only, sub_path)| {
                format!("{{name: v{volume}, mountPath: {path}, {read_only}{sub_path}}}")
            })
            .collect();
        format!("[{}]", mounts.join(", "))
    })
}

fn container() -> impl Strategy<Value = String> {
    (
        container_security(),
        mounts(),
        select(&["app", "app", "app", "other"][..]),
        maybe("workingDir", &["/a/work", "/tmp", "/home/app"]),
    )
        .prop_map(|(security, mounts, image, working_dir)| {
            format!("image: {image}, {working_dir}securityContext: {security}, volumeMounts: {mounts}")
        })
}

/// The fields of a pod spec, a line each.
pub(crate) fn spec() -> impl Strategy<Value = String> {
    let init = (container(), select(SCRIPTS), prop::bool::weighted(0.2));
    (
        pod_security(),
        prop::collection::vec(init, 0..3),
        prop::collection::vec(container(), 1..3),
        prop::collection::vec(select(SOURCES), 4),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(security, init, main, sources, user_namespace)| {
            let mut lines = vec![format!("securityContext: {security}")];
            if user_namespace {
                lines.push("hostUsers: false".to_owned());
            }
            lines.push("initContainers:".to_owned());
            for (index, (container, script, sidecar)) in init.iter().enumerate() {
                let policy = if *sidecar { "restartPolicy: Always, " } else { "" };
                lines.push(format!(
                    "- {{name: i{index}, {policy}command: [sh, -c, '{script}'], {container}}}"
                ));
            }
            lines.push("containers:".to_owned());
            for (index, container) in main.iter().enumerate() {
                lines.push(format!("- {{name: c{index}, {container}}}"));
            }
            lines.push("volumes:".to_owned());
            for (index, source) in sources.iter().enumerate() {
                lines.push(format!("- {{name: v{index}, {source}}}"));
            }
            lines.join("\n")
        })
}

/// Facts for them: more or fewer.
pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    const IMAGE: &str = r#"
images:
  app:
    complete: true
    user: "1000"
    users: {root: {uid: 0, gid: 0, home: /root}, app: {uid: 1000, gid: 1000, home: /home/app}}
    groups: {extra: {gid: 2000, members: [app]}}
    volumes: [/data]
    paths:
      /tmp: {owner: "0:0", mode: "1777"}
      /run: {owner: "0:0", mode: "0755"}
      /data: {owner: "1000:1000", mode: "0750"}
      /home/app: {owner: "1000:1000", mode: "0755"}
      /etc/app.conf: {owner: "0:0", mode: "0644", type: file}
    tools: {kind: TOOLS}
"#;
    const NODE: &str = r#"
hostPaths:
  /srv/d: {owner: "1000:1000", mode: "0755", contents: {f: {type: file, owner: "0:0", mode: "0644"}}}
  /srv/absent: {absent: true}
claims:
  default/local: {source: local, owner: "0:0", mode: "0755", contents: {f: {type: file, owner: "0:0", mode: "0600"}}}
  default/hostpath: {source: hostPath, owner: "0:0", mode: "0777"}
"#;
    (
        select(&["busybox", "coreutils", "none"][..]),
        any::<bool>(),
        any::<bool>(),
        select(
            &[
                "",
                "node: {runtime: cri-o 1.36}",
                "node: {sysctls: {fs.protected_regular: 1}}",
            ][..],
        ),
    )
        .prop_map(|(tools, image, node, runtime)| {
            let image = if image {
                IMAGE.replace("TOOLS", tools)
            } else {
                String::new()
            };
            let node = if node { NODE } else { "" };
            writeway_facts::read(&format!("{image}{node}\n{runtime}\n")).expect("the facts are valid")
        })
}
