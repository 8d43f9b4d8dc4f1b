// SPDX-License-Identifier: Apache-2.0
//! Any facts that a file can state.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use writeway_facts::{
    ClassVolume, EntryType, Facts, GroupEntry, HostPath, ImageFacts, Kubernetes, Node, Owner, PathFact,
    Permissions, Tools, ToolsKind, UserEntry, VersionNumber, VolumeKind,
};

/// Any text, with those that YAML could take for something else among them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,12}",
        "[a-z0-9:.~#{}\\[\\],&*!|>'\"%@` -]{0,8}",
        select(vec![
            "",
            "~",
            "null",
            "yes",
            "0755",
            "1.36",
            "0x1F",
            "<<",
            "=",
            "---",
            "- a",
            "2024-01-01",
            ".inf"
        ])
        .prop_map(str::to_owned),
    ]
}

fn name() -> impl Strategy<Value = String> {
    text().prop_filter("a name is not empty", |name| !name.is_empty())
}

fn relative() -> impl Strategy<Value = String> {
    let component = "[^/\\x00]{1,8}".prop_filter("clean", |component| component != "." && component != "..");
    vec(component, 1..4).prop_map(|components| components.join("/"))
}

fn absolute() -> impl Strategy<Value = String> {
    prop_oneof![1 => Just("/".to_owned()), 9 => relative().prop_map(|path| format!("/{path}"))]
}

fn owner() -> impl Strategy<Value = Owner> {
    (any::<u32>(), any::<u32>()).prop_map(|(uid, gid)| Owner { uid, gid })
}

fn mode() -> impl Strategy<Value = Permissions> {
    (0..=0o7777_u16).prop_map(Permissions)
}

fn path_fact() -> impl Strategy<Value = PathFact> {
    let kind = prop_oneof![
        Just(EntryType::Directory),
        Just(EntryType::File),
        Just(EntryType::Other),
        name().prop_map(EntryType::Link),
    ];
    (of(owner()), of(mode()), kind).prop_map(|(owner, mode, kind)| PathFact { owner, mode, kind })
}

fn map<T: std::fmt::Debug>(
    key: impl Strategy<Value = String>,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    btree_map(key, value, 0..4)
}

fn image() -> impl Strategy<Value = ImageFacts> {
    let user = (any::<u32>(), any::<u32>(), of(absolute())).prop_map(|(uid, gid, home)| UserEntry {
        uid,
        gid,
        home,
    });
    let group = (any::<u32>(), vec(text(), 0..3)).prop_map(|(gid, members)| GroupEntry { gid, members });
    let kinds = vec![ToolsKind::Busybox, ToolsKind::Coreutils, ToolsKind::None];
    let tools = (select(kinds), of(vec(text(), 0..3))).prop_map(|(kind, commands)| Tools { kind, commands });
    let config = (
        any::<bool>(),
        of(text()),
        of(absolute()),
        of(map(name(), text())),
        of(vec(absolute(), 0..3)),
    );
    (
        config,
        of(map(name(), user)),
        of(map(name(), group)),
        map(absolute(), path_fact()),
        of(tools),
    )
        .prop_map(
            |((complete, user, working_dir, env, volumes), users, groups, paths, tools)| ImageFacts {
                complete,
                user,
                working_dir,
                env,
                users,
                groups,
                volumes,
                paths,
                tools,
            },
        )
}

fn host_path() -> impl Strategy<Value = HostPath> {
    let contents = map(relative(), path_fact());
    let present = (path_fact(), contents, any::<bool>(), of(text())).prop_map(
        |(entry, contents, complete, fs_type)| {
            // Only what is (or leads to) a directory can have contents.
            let bare = matches!(entry.kind, EntryType::File | EntryType::Other);
            let contents = if bare { BTreeMap::new() } else { contents };
            HostPath::Present {
                entry,
                contents,
                complete,
                fs_type,
            }
        },
    );
    prop_oneof![1 => Just(HostPath::Absent), 4 => present]
}

fn volume() -> impl Strategy<Value = ClassVolume> {
    let kinds = vec![
        VolumeKind::HostPath,
        VolumeKind::Local,
        VolumeKind::Nfs,
        VolumeKind::Iscsi,
        VolumeKind::Fc,
        VolumeKind::Csi,
        VolumeKind::FlexVolume,
    ];
    let path_type = select(vec!["", "DirectoryOrCreate", "Socket"]).prop_map(str::to_owned);
    let policy = select(vec!["None", "File", "ReadWriteOnceWithFSType"]).prop_map(str::to_owned);
    (
        (of(select(kinds)), of(path_type), of(owner()), of(mode())),
        (
            of(text()),
            of(policy),
            of(any::<bool>()),
            map(relative(), path_fact()),
        ),
    )
        .prop_map(
            |(
                (source, host_path_type, owner, mode),
                (fs_type, fs_group_policy, volume_mount_group, contents),
            )| {
                ClassVolume {
                    source,
                    host_path_type,
                    owner,
                    mode,
                    fs_type,
                    fs_group_policy,
                    volume_mount_group,
                    contents,
                }
            },
        )
}

fn cluster() -> impl Strategy<Value = (Kubernetes, Node)> {
    let version = (any::<u16>(), any::<u16>()).prop_map(|(major, minor)| VersionNumber { major, minor });
    let kubernetes =
        (of(version), map(name(), any::<bool>())).prop_map(|(version, feature_gates)| Kubernetes {
            version,
            feature_gates,
        });
    let umask = (0..=0o777_u16).prop_map(Permissions);
    let node = (of(text()), of(text()), of(umask), map(name(), any::<i64>())).prop_map(
        |(runtime, kernel, umask, sysctls)| Node {
            runtime,
            kernel,
            umask,
            sysctls,
        },
    );
    (kubernetes, node)
}

/// Any facts.
pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    let claim = "[a-z-]{1,5}/[a-z.]{1,5}";
    (
        map(name(), image()),
        map(absolute(), host_path()),
        map(name(), volume()),
        map(claim, volume()),
        cluster(),
    )
        .prop_map(
            |(images, host_paths, storage_classes, claims, (kubernetes, node))| Facts {
                images,
                host_paths,
                storage_classes,
                claims,
                kubernetes,
                node,
            },
        )
}
