// SPDX-License-Identifier: Apache-2.0
//! Cases 1 to 13: emptyDir volumes.

use crate::case::{Case, IMAGE};

#[test]
fn case_01_ruby_refuses_a_default_empty_dir_that_files_can_be_made_in() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /tmp}]}]
  volumes: [{name: v, emptyDir: {}}]",
    )
    .expect("app /tmp: create yes; mode 0777; owner 0:0; ruby no; lifetime pod; fsGroup unset");
}

#[test]
fn case_02_ruby_takes_an_empty_dir_in_memory() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /tmp}]}]
  volumes: [{name: v, emptyDir: {medium: Memory}}]",
    )
    .expect("app /tmp: create yes; mode 1777; owner 0:0; ruby yes; lifetime pod");
}

#[test]
fn case_03_fs_group_does_not_make_a_default_empty_dir_sticky() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000, fsGroup: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /tmp}]}]
  volumes: [{name: v, emptyDir: {}}]",
    )
    .expect("app /tmp: create yes; mode 2777; owner 0:1000; ruby no; fsGroup applied");
}

#[test]
fn case_04_a_new_sub_path_is_as_unsticky_as_the_empty_dir() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /tmp, subPath: t}]}]
  volumes: [{name: v, emptyDir: {}}]",
    )
    .expect("app /tmp: create yes; mode 0777; owner 0:0; ruby no");
}

#[test]
fn case_05_a_sub_path_that_an_init_container_made_sticky_is_kept() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000, runAsNonRoot: true}
  initContainers: [{name: make, image: app, command: [sh, -c, mkdir -m 1777 /v/t], volumeMounts: [{name: v, mountPath: /v}]}]
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /tmp, subPath: t}]}]
  volumes: [{name: v, emptyDir: {}}]",
    )
    .facts(IMAGE)
    .expect(
        "pod: starts yes
         app /tmp: create yes; mode 1777; owner 1000:1000; ruby yes",
    );
}

#[test]
fn case_06_root_without_capabilities_makes_its_own_directory_sticky() {
    Case::pod(
        "
  initContainers:
  - name: own
    image: app
    command: [sh, -c, chmod 1777 /v]
    securityContext: {runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: v, mountPath: /v}]
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000}, volumeMounts: [{name: v, mountPath: /tmp}]}
  volumes: [{name: v, emptyDir: {}}]",
    )
    .facts(IMAGE)
    .expect(
        "own: uid 0; capabilities none
         app /tmp: create yes; mode 1777; owner 0:0; ruby yes",
    );
}

/// uid 1000 leaves a file in an emptyDir, then uid 2000 comes.
fn another_users_file(medium: &str) -> Case {
    Case::pod(&format!(
        "
  initContainers:
  - name: first
    image: app
    command: [sh, -c, touch /v/f]
    securityContext: {{runAsUser: 1000}}
    volumeMounts: [{{name: v, mountPath: /v}}]
  containers:
  - {{name: second, image: app, securityContext: {{runAsUser: 2000}}, volumeMounts: [{{name: v, mountPath: /v}}]}}
  volumes: [{{name: v, emptyDir: {{medium: \"{medium}\"}}}}]"
    ))
    .facts(IMAGE)
}

#[test]
fn case_07_nobody_deletes_another_users_file_in_memory() {
    another_users_file("Memory")
        .expect("second /v: create yes; file f; delete no EPERM; replace no EPERM; overwrite no EACCES");
}

#[test]
fn case_08_anybody_deletes_another_users_file_in_a_default_empty_dir() {
    another_users_file("")
        .expect("second /v: create yes; file f; delete yes; replace yes; overwrite no EACCES");
}

/// root leaves a file in an emptyDir, then uid 1000 wants to edit it.
fn roots_file(fs_group: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{{fs_group}}}
  initContainers:
  - name: seed
    image: app
    command: [sh, -c, 'echo a=b > /v/c.yaml']
    securityContext: {{runAsUser: 0}}
    volumeMounts: [{{name: v, mountPath: /v}}]
  containers:
  - {{name: app, image: app, securityContext: {{runAsUser: 1000}}, volumeMounts: [{{name: v, mountPath: /v}}]}}
  volumes: [{{name: v, emptyDir: {{}}}}]"
    ))
    .facts(IMAGE)
}

#[test]
fn case_09_roots_file_is_replaced_but_not_edited() {
    roots_file("").expect(
        "app /v: file c.yaml; overwrite no EACCES; replace yes; delete yes
         app /v/c.yaml: mode 0644; owner 0:0; overwrite no EACCES",
    );
}

#[test]
fn case_10_fs_group_comes_before_the_init_container() {
    roots_file("fsGroup: 1000").expect(
        "app /v: mode 2777; file c.yaml; overwrite no EACCES; replace yes
         app /v/c.yaml: mode 0644; owner 0:1000",
    );
}

#[test]
fn case_11_a_sysctl_decides_whether_root_opens_anothers_file_in_a_sticky_directory() {
    let case = Case::pod(
        "
  initContainers:
  - name: first
    image: app
    command: [sh, -c, touch /v/f && chmod 0666 /v/f]
    securityContext: {runAsUser: 1000}
    volumeMounts: [{name: v, mountPath: /v}]
  containers: [{name: app, image: app, securityContext: {runAsUser: 0}, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, emptyDir: {medium: Memory}}]",
    )
    .facts(IMAGE);
    case.expect("app /v: overwrite unknown ~ fs.protected_regular; replace yes");
    for (value, expected) in [(0, "yes"), (1, "no EACCES"), (2, "no EACCES")] {
        case.clone()
            .facts(&format!("node: {{sysctls: {{fs.protected_regular: {value}}}}}"))
            .expect(&format!("app /v: overwrite {expected}; replace yes"));
    }
}

fn huge_pages(security: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{{security}}}
  containers:
  - name: app
    image: app
    resources: {{limits: {{hugepages-2Mi: 4Mi, memory: 64Mi}}}}
    volumeMounts: [{{name: v, mountPath: /v}}]
  volumes: [{{name: v, emptyDir: {{medium: HugePages-2Mi}}}}]"
    ))
    .facts(IMAGE)
}

#[test]
fn case_12_huge_pages_belong_to_root() {
    huge_pages("runAsUser: 1000").expect("app /v: create no EACCES; mode 0755; owner 0:0; lifetime pod");
}

#[test]
fn case_13_fs_group_opens_huge_pages() {
    huge_pages("runAsUser: 1000, fsGroup: 1000")
        .expect("app /v: create yes; mode 2775; owner 0:1000; fsGroup applied");
}

/// H2.1 of the reference on situations: every kind of volume at `/tmp`, without and with an fsGroup.
#[test]
fn h2_1_what_each_kind_of_volume_is_as_a_temp_directory() {
    const EPHEMERAL: &str =
        "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], storageClassName: disk}}}";
    const CSI: &str = "{source: csi, owner: \"0:0\", mode: \"0755\", fsType: ext4, fsGroupPolicy: File}";
    const GATE: &str = "kubernetes: {version: \"1.37\", featureGates: {EmptyDirVolumeMode: true}}";
    let class = |class: &str| format!("storageClasses: {{disk: {class}}}");
    let rows: &[(&str, &str, &str, &str)] = &[
        // The volume, facts, without an fsGroup, with fsGroup 2000.
        (
            "emptyDir: {}",
            "",
            "mode 0777; owner 0:0; ruby no; create yes",
            "mode 2777; owner 0:2000; ruby no; create yes",
        ),
        (
            "emptyDir: {medium: Memory}",
            "",
            "mode 1777; owner 0:0; ruby yes; create yes",
            "mode 3777; owner 0:2000; ruby yes; create yes",
        ),
        (
            "emptyDir: {mode: 01777}",
            GATE,
            "mode 1777; owner 0:0; ruby yes; create yes",
            "mode 3777; owner 0:2000; ruby yes; create yes",
        ),
        (
            "emptyDir: {mode: 01777}",
            "kubernetes: {version: \"1.37\"}",
            "mode 0777; owner 0:0; ruby no; create yes",
            "mode 2777; owner 0:2000; ruby no; create yes",
        ),
        (
            EPHEMERAL,
            &class(CSI),
            "mode 0755; owner 0:0; ruby no; create no EACCES",
            "mode 2775; owner 0:2000; ruby yes; create yes",
        ),
        // local-path as it is: a hostPath volume, which no fsGroup changes.
        (
            EPHEMERAL,
            &class("{source: hostPath, owner: \"0:0\", mode: \"0777\"}"),
            "mode 0777; owner 0:0; ruby no; create yes",
            "mode 0777; owner 0:0; ruby no; create yes",
        ),
        // local-path with `volumeType: local` and a set-up that makes 0770.
        (
            EPHEMERAL,
            &class("{source: local, owner: \"0:0\", mode: \"0770\"}"),
            "mode 0770; owner 0:0; ruby no; create no EACCES",
            "mode 2770; owner 0:2000; ruby yes; create yes",
        ),
    ];
    for (volume, facts, without, with) in rows {
        for (group, expected) in [("", without), (", fsGroup: 2000", with)] {
            let pod = format!(
                "
  securityContext: {{runAsUser: 1000{group}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /tmp}}]}}]
  volumes: [{{name: v, {volume}}}]"
            );
            let case = Case::pod(&pod).facts(IMAGE).facts(facts);
            case.expect(&format!(
                "app /tmp: {expected}; lifetime pod; exec {}",
                exec(expected)
            ));
        }
    }
    // The last row: a directory that the program's own user makes, whatever the fsGroup is.
    for (mode, group, shown) in [
        ("1777", "", "1777; owner 1000:1000"),
        ("0700", "", "0700; owner 1000:1000"),
        ("1777", ", fsGroup: 2000", "1777; owner 1000:2000"),
        ("0700", ", fsGroup: 2000", "0700; owner 1000:2000"),
    ] {
        let pod = format!(
            "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000{group}}}
  initContainers:
  - name: make
    image: ghcr.io/writeway/agent:0.1.0
    args: [mkdir, /v/t, --mode, \"{mode}\"]
    volumeMounts: [{{name: v, mountPath: /v}}]
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /tmp, subPath: t}}]}}]
  volumes: [{{name: v, emptyDir: {{}}}}]"
        );
        let case = Case::pod(&pod).facts(IMAGE);
        case.expect(&format!(
            "pod: starts yes\napp /tmp: mode {shown}; ruby yes; create yes; lifetime pod; exec yes"
        ));
    }
}

/// Who can make a file can run it: nothing is mounted with `noexec`.
fn exec(expected: &str) -> &'static str {
    if expected.contains("create yes") {
        "yes"
    } else {
        "no EACCES"
    }
}
