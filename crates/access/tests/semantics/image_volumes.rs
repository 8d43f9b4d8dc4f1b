// SPDX-License-Identifier: Apache-2.0
//! `VOLUME` of images (section C.3), and `image` volumes (section B.11).

use crate::case::Case;

const FACTS: &str = r#"
images:
  app:
    complete: true
    user: "1000"
    users: {app: {uid: 1000, gid: 1000}}
    groups: {}
    volumes: [/data, /new/deep]
    paths:
      /data: {owner: "1000:1000", mode: "0750"}
      /data/seed: {owner: "1000:1000", mode: "0644", type: file}
      /data/sub: {owner: "0:0", mode: "0755"}
"#;

fn pod(mount: &str, read_only_root: bool) -> Case {
    Case::pod(&format!(
        "
  containers:
  - name: app
    image: app
    securityContext: {{readOnlyRootFilesystem: {read_only_root}}}
    volumeMounts: [{mount}]
  volumes: [{{name: v, emptyDir: {{}}}}]"
    ))
    .facts(FACTS)
}

#[test]
fn containerd_binds_a_copy_that_is_writable_under_a_read_only_root() {
    for read_only_root in [false, true] {
        pod("", read_only_root).expect(
            "app /data: create yes; mode 0750; owner 1000:1000; source imageVolume; lifetime container; file seed; overwrite yes
             app /data/sub: create no EACCES; owner 0:0
             app /new/deep: create no EACCES; mode 0755; owner 0:0; source imageVolume; readOnly false",
        );
    }
}

#[test]
fn cri_o_makes_the_directory_for_the_process_and_mounts_nothing() {
    let runtime = "node: {runtime: cri-o 1.36.0}";
    pod("", false).facts(runtime).expect(
        "app /data: create yes; source rootfs; lifetime container
         app /new/deep: create yes; mode 0755; owner 1000:1000; source rootfs",
    );
    pod("", true)
        .facts(runtime)
        .expect("app /data: create no EROFS\n app /new/deep: create no EROFS");
}

#[test]
fn a_mount_at_exactly_the_path_takes_its_place_and_one_above_does_not() {
    pod("{name: v, mountPath: /data}", false).expect("app /data: source emptyDir; mode 0777; lifetime pod");
    pod("{name: v, mountPath: /new}", false).expect(
        "app /new: source emptyDir; create yes; lifetime pod
         app /new/deep: source imageVolume; mode 0755; owner 0:0; lifetime container",
    );
}

/// A pod that mounts another image at /v.
fn image_volume(mount: &str) -> Case {
    Case::pod(&format!(
        "
  containers: [{{name: app, image: app, securityContext: {{runAsUser: 0}}, volumeMounts: [{{name: v, mountPath: /v{mount}}}]}}]
  volumes: [{{name: v, image: {{reference: model}}}}]"
    ))
    .facts(&format!(
        "{FACTS}  model:\n    complete: true\n    paths: {{/m: {{owner: '7:7', mode: '0700'}}, /m/w: {{type: file, owner: '7:7', mode: '0600'}}}}"
    ))
}

#[test]
fn an_image_volume_is_read_only_whoever_asks() {
    image_volume("").expect(
        "pod: starts yes
         app /v: create no EROFS; readOnly true; lifetime image; source image
         app /v/m: mode 0700; owner 7:7; overwrite no EROFS",
    );
}

#[test]
fn a_sub_path_of_an_image_volume_is_never_made() {
    image_volume(", subPath: m").expect("app /v: mode 0700; owner 7:7; create no EROFS");
    image_volume(", subPath: none").expect("pod: starts no ~ no directory `none`");
    image_volume(", subPath: m/w").expect("pod: starts no ~ `m/w`");
}
