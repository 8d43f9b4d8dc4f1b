// SPDX-License-Identifier: Apache-2.0
//! What a facts file says.

use std::collections::BTreeMap;

use writeway_facts::{
    ClassVolume, EntryType, Facts, GroupEntry, HostPath, ImageFacts, Kubernetes, Node, Owner, PathFact,
    Permissions, Tools, ToolsKind, UserEntry, VersionNumber, VolumeKind, read,
};

use crate::dir;

/// Every key of the format.
pub(crate) const EVERYTHING: &str = r#"
images:
  "ghcr.io/acme/app:1.2":
    complete: true
    user: "1000"
    workingDir: /opt/app
    env: { PATH: "/usr/bin:/bin", UMASK: 022, DEBUG: yes }
    users:  { app: { uid: 1000, gid: 1001, home: /home/app } }
    groups: { extra: { gid: 2500, members: [app] } }
    volumes: [/data]
    paths:
      /tmp: { owner: "0:0", mode: "1777" }
      /opt/app/app.conf: { owner: 0:0, mode: 0644, type: file }
      /var/run: { type: link, to: /run }
      /dev/null: { type: other }
      /undescribed:
    tools: { kind: busybox, commands: [sh, chown, mkdir] }
hostPaths:
  /srv/data: { owner: "0:0", mode: "0755", fsType: ext4, contents: { a/b: { owner: "1:2" } } }
  /srv/some: { contents: { seen: }, complete: false }
  /srv/new:  { absent: true }
storageClasses:
  local-path: { source: hostPath, hostPathType: DirectoryOrCreate, owner: "0:0", mode: "0777", fsType: "" }
  ebs: { source: csi, fsGroupPolicy: None, volumeMountGroup: false, contents: { lost+found: { mode: "0700" } } }
claims:
  ns/name: { source: local, owner: "0:0", mode: "2775" }
kubernetes: { version: v1.36.2, featureGates: { EmptyDirVolumeMode: false } }
node: { runtime: containerd 2.1.9, kernel: 6.18, umask: "0022", sysctls: { fs.protected_regular: 1 } }
"#;

fn strings<const N: usize, T>(pairs: [(&str, T); N]) -> BTreeMap<String, T> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

pub(crate) fn everything() -> Facts {
    let root = Some(Owner { uid: 0, gid: 0 });
    let image = ImageFacts {
        complete: true,
        user: Some("1000".to_owned()),
        working_dir: Some("/opt/app".to_owned()),
        env: Some(strings(
            [("PATH", "/usr/bin:/bin"), ("UMASK", "022"), ("DEBUG", "yes")].map(|(k, v)| (k, v.to_owned())),
        )),
        users: Some(strings([(
            "app",
            UserEntry {
                uid: 1000,
                gid: 1001,
                home: Some("/home/app".to_owned()),
            },
        )])),
        groups: Some(strings([(
            "extra",
            GroupEntry {
                gid: 2500,
                members: vec!["app".to_owned()],
            },
        )])),
        volumes: Some(vec!["/data".to_owned()]),
        paths: strings([
            ("/tmp", dir(0, 0, 0o1777)),
            (
                "/opt/app/app.conf",
                PathFact {
                    kind: EntryType::File,
                    ..dir(0, 0, 0o644)
                },
            ),
            (
                "/var/run",
                PathFact {
                    kind: EntryType::Link("/run".to_owned()),
                    ..PathFact::default()
                },
            ),
            (
                "/dev/null",
                PathFact {
                    kind: EntryType::Other,
                    ..PathFact::default()
                },
            ),
            ("/undescribed", PathFact::default()),
        ]),
        tools: Some(Tools {
            kind: ToolsKind::Busybox,
            commands: Some(["sh", "chown", "mkdir"].map(str::to_owned).to_vec()),
        }),
    };
    let owner = |uid, gid| PathFact {
        owner: Some(Owner { uid, gid }),
        ..PathFact::default()
    };
    let mode = |mode| PathFact {
        mode: Some(Permissions(mode)),
        ..PathFact::default()
    };
    Facts {
        images: strings([("ghcr.io/acme/app:1.2", image)]),
        host_paths: strings([
            (
                "/srv/data",
                HostPath::Present {
                    entry: dir(0, 0, 0o755),
                    contents: strings([("a/b", owner(1, 2))]),
                    complete: true,
                    fs_type: Some("ext4".to_owned()),
                },
            ),
            (
                "/srv/some",
                HostPath::Present {
                    entry: PathFact::default(),
                    contents: strings([("seen", PathFact::default())]),
                    complete: false,
                    fs_type: None,
                },
            ),
            ("/srv/new", HostPath::Absent),
        ]),
        storage_classes: strings([
            (
                "local-path",
                ClassVolume {
                    source: Some(VolumeKind::HostPath),
                    host_path_type: Some("DirectoryOrCreate".to_owned()),
                    owner: root,
                    mode: Some(Permissions(0o777)),
                    fs_type: Some(String::new()),
                    ..ClassVolume::default()
                },
            ),
            (
                "ebs",
                ClassVolume {
                    source: Some(VolumeKind::Csi),
                    fs_group_policy: Some("None".to_owned()),
                    volume_mount_group: Some(false),
                    contents: strings([("lost+found", mode(0o700))]),
                    ..ClassVolume::default()
                },
            ),
        ]),
        claims: strings([(
            "ns/name",
            ClassVolume {
                source: Some(VolumeKind::Local),
                owner: root,
                mode: Some(Permissions(0o2775)),
                ..ClassVolume::default()
            },
        )]),
        kubernetes: Kubernetes {
            version: Some(VersionNumber { major: 1, minor: 36 }),
            feature_gates: strings([("EmptyDirVolumeMode", false)]),
        },
        node: Node {
            runtime: Some("containerd 2.1.9".to_owned()),
            kernel: Some("6.18".to_owned()),
            umask: Some(Permissions(0o22)),
            sysctls: strings([("fs.protected_regular", 1)]),
        },
    }
}

#[test]
fn every_key_is_read() {
    assert_eq!(read(EVERYTHING), Ok(everything()));
}

#[test]
fn nothing_and_nulls_state_nothing() {
    for text in [
        "",
        "# nothing yet\n",
        "---\n",
        "{}",
        "null",
        "images:\nhostPaths: ~\nnode: null\nkubernetes: { version: ~, featureGates: }\n",
    ] {
        assert_eq!(read(text), Ok(Facts::default()), "{text:?}");
    }
    let facts = read("images: { a: { user: ~, users: { app: ~ }, volumes: null } }").unwrap();
    assert_eq!(
        facts.images["a"],
        ImageFacts {
            users: Some(BTreeMap::new()),
            ..ImageFacts::default()
        }
    );
}

#[test]
fn absent_and_empty_differ_where_a_list_is_complete_when_given() {
    let facts = read("images: { a: { users: {}, env: {}, volumes: [], user: '' } }").unwrap();
    let image = &facts.images["a"];
    assert_eq!(
        (image.users.clone(), image.groups.clone()),
        (Some(BTreeMap::new()), None)
    );
    assert_eq!(
        (image.env.clone(), image.volumes.clone()),
        (Some(BTreeMap::new()), Some(vec![]))
    );
    assert_eq!(image.user.as_deref(), Some(""));
}

#[test]
fn modes_count_as_octal_however_they_are_written() {
    for mode in ["0755", "'0755'", "755", "\"755\"", "00755"] {
        let facts = read(&format!("hostPaths: {{ /x: {{ mode: {mode} }} }}")).unwrap();
        let HostPath::Present { entry, .. } = &facts.host_paths["/x"] else {
            panic!("{mode}")
        };
        assert_eq!(entry.mode, Some(Permissions(0o755)), "{mode}");
    }
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "
hostPaths:
  /a: &base { owner: '1:1', mode: '0700' }
  /b: *base
  /c: { <<: *base, mode: '0755' }
";
    let facts = read(text).unwrap();
    let mode = |path: &str| match &facts.host_paths[path] {
        HostPath::Present { entry, .. } => entry.mode.unwrap().0,
        HostPath::Absent => panic!("{path} is absent"),
    };
    assert_eq!((mode("/a"), mode("/b"), mode("/c")), (0o700, 0o700, 0o755));
}

#[test]
fn json_is_read_too() {
    let text =
        "{\n\t\"images\": {\"a:1\": {\"paths\": {\"/tmp\": {\"owner\": \"0:0\", \"mode\": \"1777\"}}}}\n}";
    assert_eq!(read(text).unwrap().images["a:1"].paths["/tmp"], dir(0, 0, 0o1777));
}
