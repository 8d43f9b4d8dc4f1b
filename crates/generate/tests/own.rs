// SPDX-License-Identifier: Apache-2.0
//! The root init container: what it may do, what it refuses, and what it has in common with `k8sperm`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use serde_json::{Value, json};
use writeway_generate::{
    AgentOwn, Error, ExtraCapability, Image, Mount, Own, Rendered, User, Warning, chown_command,
    root_chown_init_container,
};
use writeway_pod_security::Level;

const PINNED: &str = "tools@sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn mounts<const N: usize>(written: [(&str, &str); N]) -> Vec<Mount> {
    let mount = |(volume, path)| Mount::new(volume, path).unwrap();
    written.into_iter().map(mount).collect()
}

fn container(rendered: &Rendered) -> Value {
    let [container] = rendered.to_json().init_containers.try_into().unwrap();
    Value::Object(container)
}

#[test]
fn it_has_the_least_rights_with_which_it_works() {
    let own = Own::new(1000, 2000, mounts([("data", "/data"), ("logs", "/var/log/app/")])).unwrap();
    let own = own.agent(AgentOwn {
        image: Image::parse(PINNED).unwrap(),
        ..AgentOwn::default()
    });
    let rendered = own.render();
    assert_eq!(
        container(&rendered),
        json!({
            "name": "own",
            "image": PINNED,
            "args": ["own", "1000:2000", "/data", "/var/log/app", "--if-root-mismatch"],
            "resources": {
                "requests": { "cpu": "10m", "memory": "16Mi" },
                "limits": { "cpu": "1", "memory": "16Mi" },
            },
            "securityContext": {
                "runAsNonRoot": false,
                "runAsUser": 0,
                "runAsGroup": 0,
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"], "add": ["CHOWN"] },
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "volumeMounts": [
                { "name": "data", "mountPath": "/data" },
                { "name": "logs", "mountPath": "/var/log/app" },
            ],
        })
    );
    assert_eq!((rendered.volumes.len(), rendered.volume_mounts.len()), (0, 0));
    assert_eq!(rendered.warnings, []);
}

#[test]
fn what_is_asked_of_the_agent_is_in_its_arguments_and_capabilities() {
    let own = Own::new(7, 0, mounts([("data", "/data")])).unwrap();
    let own = own.name("hand-over").unwrap().agent(AgentOwn {
        if_root_mismatch: false,
        group_writable: true,
        timeout: Some(Duration::from_secs(300)),
        ..AgentOwn::default()
    });
    let rendered = own.capability(ExtraCapability::Fowner).render();
    let container = container(&rendered);
    assert_eq!(container["name"], "hand-over");
    assert_eq!(
        container["args"],
        json!(["own", "7:0", "/data", "--group-writable", "--timeout", "5m"])
    );
    assert_eq!(
        container["securityContext"]["capabilities"]["add"],
        json!(["CHOWN", "FOWNER", "FSETID"])
    );
}

#[test]
fn an_image_without_a_digest_is_told() {
    let own = Own::new(1000, 1000, mounts([("data", "/data")])).unwrap();
    let tagged = Image::parse("busybox:1.36").unwrap();
    assert!(
        own.clone()
            .shell(tagged.clone())
            .render()
            .warnings
            .contains(&Warning::NotPinned(tagged))
    );
    let pinned = own.shell(Image::parse(PINNED).unwrap()).render().warnings;
    assert_eq!(pinned, [Warning::StopsAtClosedDirectories]);
}

#[test]
fn restricted_is_refused_with_the_alternative() {
    let own = || Own::new(1000, 1000, mounts([("data", "/data")])).unwrap();
    for level in [Level::Privileged, Level::Baseline] {
        assert!(own().for_level(level).is_ok(), "{level}");
    }
    let error = own().for_level(Level::Restricted).unwrap_err().to_string();
    assert!(
        error.contains("restricted") && error.contains("fsGroup"),
        "{error}"
    );
}

/// The cases of TestChownCommand, TestRootChownInitContainer and TestRootChownInitContainer_MultiMount in obol-stack's
/// internal/k8sperm/chowninit_test.go.
#[test]
fn h3_1_the_output_of_k8sperm_for_its_own_test_cases() {
    for (uid, gid, paths, expected) in [
        (10000, 10000, vec!["/data"], "chown -R 10000:10000 /data"),
        (
            1000,
            1000,
            vec!["/data", "/state"],
            "chown -R 1000:1000 /data /state",
        ),
    ] {
        let user = User::new(uid, gid).unwrap();
        assert_eq!(chown_command(user, paths), expected);
    }
    let data = ("data", "/data");
    let state = ("state", "/state");
    for (image, id, mounts, script) in [
        (
            "example/image:tag",
            10000,
            mounts([data]),
            "chown -R 10000:10000 /data",
        ),
        (
            "img",
            1000,
            mounts([data, state]),
            "chown -R 1000:1000 /data /state",
        ),
    ] {
        let own = Own::new(id, id, mounts.clone()).unwrap();
        let own = own
            .name("init-perms")
            .unwrap()
            .shell(Image::parse(image).unwrap());
        let container = Value::Object(root_chown_init_container(&own));
        let mount = |mount: &Mount| json!({ "name": mount.volume(), "mountPath": mount.path() });
        assert_eq!(
            container,
            json!({
                "name": "init-perms",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "securityContext": { "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false },
                "command": ["sh", "-ec", script],
                "volumeMounts": mounts.iter().map(mount).collect::<Vec<_>>(),
            })
        );
        for id in ["runAsUser", "runAsGroup"] {
            assert!(container["securityContext"][id].is_i64(), "{id}");
        }
    }
}

#[test]
fn h3_1_both_shell_forms_have_one_command() {
    let own = Own::new(10000, 10000, mounts([("data", "/it's $(data)"), ("b", "/b c")])).unwrap();
    let own = own.shell(Image::parse("busybox:1.36").unwrap());
    let hardened = container(&own.render());
    let compatible = Value::Object(root_chown_init_container(&own));
    // `$$` is what kubelet makes `$` of.
    let expected = json!(["sh", "-ec", r"chown -R 10000:10000 '/it'\''s $$(data)' '/b c'"]);
    assert_eq!(hardened["command"], expected);
    assert_eq!(compatible["command"], expected);
}

#[test]
fn h3_1_targets_and_mounts_that_cannot_work_are_refused() {
    let none: [Mount; 0] = [];
    assert_eq!(Own::new(1000, 1000, none), Err(Error::NoMounts));
    let data = || mounts([("data", "/data")]);
    assert_eq!(Own::new(0, 1000, data()), Err(Error::RootTarget));
    assert!(Own::new(1000, 0, data()).is_ok(), "gid 0 is OpenShift's");
    for (uid, gid) in [(-1, 1), (1, -1), (1 << 31, 1), (1, i64::MAX)] {
        assert!(
            matches!(Own::new(uid, gid, data()), Err(Error::Id { .. })),
            "{uid}:{gid}"
        );
    }
    let twice = mounts([("data", "/data"), ("more", "/data/")]);
    let path = "/data".to_owned();
    assert_eq!(Own::new(1000, 1000, twice), Err(Error::DuplicateMount { path }));
    for path in ["-rf", "data", "", "/", "/../etc"] {
        assert!(
            matches!(Mount::new("data", path), Err(Error::Path { .. })),
            "{path}"
        );
    }
    for volume in ["", "Data", "a.b", "-"] {
        assert!(
            matches!(Mount::new(volume, "/data"), Err(Error::Name { .. })),
            "{volume}"
        );
    }
}
