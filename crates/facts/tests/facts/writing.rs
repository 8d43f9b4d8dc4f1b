// SPDX-License-Identifier: Apache-2.0
//! Facts written come back as they were.

use proptest::prelude::*;
use writeway_facts::{Facts, read, to_json, to_yaml};

use crate::arbitrary::facts;
use crate::reading::everything;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_reads_back_as_what_was_written(facts in facts()) {
        let text = to_yaml(&facts);
        let read = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(to_yaml(&read), text);
        prop_assert_eq!(read, facts);
    }

    #[test]
    fn json_reads_back_as_what_was_written(facts in facts()) {
        let text = to_json(&facts);
        let read = read(&text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(read, facts);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}

#[test]
fn the_text_is_canonical() {
    let expected = r#"images:
  "ghcr.io/acme/app:1.2":
    complete: true
    user: "1000"
    workingDir: /opt/app
    env:
      DEBUG: "yes"
      PATH: "/usr/bin:/bin"
      UMASK: "022"
    users:
      app: { uid: 1000, gid: 1001, home: /home/app }
    groups:
      extra: { gid: 2500, members: [app] }
    volumes: [/data]
    paths:
      /dev/null: { type: other }
      /opt/app/app.conf: { owner: "0:0", mode: "0644", type: file }
      /tmp: { owner: "0:0", mode: "1777" }
      /undescribed: {}
      /var/run: { type: link, to: /run }
    tools: { kind: busybox, commands: [sh, chown, mkdir] }
hostPaths:
  /srv/data:
    owner: "0:0"
    mode: "0755"
    contents:
      a/b: { owner: "1:2" }
    fsType: ext4
  /srv/new: { absent: true }
  /srv/some:
    contents:
      seen: {}
    complete: false
storageClasses:
  ebs:
    source: csi
    fsGroupPolicy: None
    volumeMountGroup: false
    contents:
      "lost+found": { mode: "0700" }
  local-path:
    source: hostPath
    hostPathType: DirectoryOrCreate
    owner: "0:0"
    mode: "0777"
    fsType: ""
claims:
  ns/name:
    source: local
    owner: "0:0"
    mode: "2775"
kubernetes:
  version: "1.36"
  featureGates:
    EmptyDirVolumeMode: false
node:
  runtime: "containerd 2.1.9"
  kernel: "6.18"
  umask: "0022"
  sysctls:
    fs.protected_regular: 1
"#;
    assert_eq!(to_yaml(&everything()), expected);
}

#[test]
fn a_path_that_is_too_long_for_a_plain_key_reads_back() {
    let path = format!("/{}", "long-name/".repeat(300)) + "end";
    let facts = read(&format!(
        "images: {{ a: {{ paths: {{\n? {path}\n: {{ mode: '0700' }} }} }} }}"
    ))
    .unwrap();
    assert_eq!(facts.images["a"].paths.keys().collect::<Vec<_>>(), [&path]);
    assert_eq!(read(&to_yaml(&facts)), Ok(facts));
}

#[test]
fn no_facts_are_an_empty_mapping() {
    assert_eq!(to_yaml(&Facts::default()), "{}\n");
    assert_eq!(to_json(&Facts::default()), "{}\n");
}
