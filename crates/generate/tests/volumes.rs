// SPDX-License-Identifier: Apache-2.0
//! `seed`, `tmp` and `wait`: what they make, and what they refuse.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use serde_json::{Value, json};
use writeway_generate::{
    Error, Image, Mount, OnConflict, Prefill, PullPolicy, Rendered, Seed, Size, Source, Tmp, TmpDirectory,
    User, Wait, Warning,
};
use writeway_pod_security::Level;

const PINNED: &str = "agent@sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn app() -> User {
    User::new(1000, 2000).unwrap()
}

fn pinned() -> Image {
    Image::parse(PINNED).unwrap()
}

fn size() -> Size {
    Size::parse("64Mi").unwrap()
}

fn json(rendered: &Rendered) -> Value {
    let parts = rendered.to_json();
    json!({
        "initContainers": parts.init_containers,
        "volumes": parts.volumes,
        "volumeMounts": parts.volume_mounts,
    })
}

/// What `restricted` demands of a container, and a read-only root.
fn restricted(uid: i64, gid: i64) -> Value {
    json!({
        "runAsNonRoot": true,
        "runAsUser": uid,
        "runAsGroup": gid,
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": { "drop": ["ALL"] },
        "seccompProfile": { "type": "RuntimeDefault" },
    })
}

fn resources() -> Value {
    json!({
        "requests": { "cpu": "10m", "memory": "16Mi" },
        "limits": { "cpu": "100m", "memory": "16Mi" },
    })
}

#[test]
fn h1_4_seed_is_pinned_limited_restricted_and_runs_as_its_consumer() {
    let source = Source::secret("google.token", []).unwrap();
    let seed = Seed::new(app(), source, "/etc/google/").unwrap();
    let rendered = seed.image(pinned()).render();
    assert_eq!(
        json(&rendered),
        json!({
            "initContainers": [{
                "name": "seed",
                "image": PINNED,
                "args": ["seed", "/source", "--to", "/target"],
                "resources": resources(),
                "securityContext": restricted(1000, 2000),
                "volumeMounts": [
                    { "name": "seed-source", "mountPath": "/source", "readOnly": true },
                    { "name": "seeded", "mountPath": "/target" },
                ],
            }],
            "volumes": [
                { "name": "seed-source", "secret": { "secretName": "google.token" } },
                { "name": "seeded", "emptyDir": { "medium": "Memory", "sizeLimit": "4Mi" } },
            ],
            "volumeMounts": [{ "name": "seeded", "mountPath": "/etc/google" }],
        })
    );
    let (volume, path) = ("seeded".to_owned(), "/etc/google".to_owned());
    let size = Size::parse("4Mi").unwrap();
    assert_eq!(
        rendered.warnings,
        [
            Warning::CountsAsMemory { volume, size },
            Warning::LostWithPod { path }
        ]
    );
}

#[test]
fn seed_takes_keys_modes_and_volumes_that_are_there() {
    let source = Source::config_map("app", [("a.conf", "conf.d/a")]).unwrap();
    let seed = Seed::new(app(), source, "/etc/app").unwrap().mode(0o640).unwrap();
    let seed = seed.image(pinned()).allow_empty().on_conflict(OnConflict::Target);
    let rendered = seed.clone().onto("config").unwrap().render();
    let found = json(&rendered);
    assert_eq!(
        found["initContainers"][0]["args"],
        json!([
            "seed",
            "/source",
            "--to",
            "/target",
            "--mode",
            "0640",
            "--allow-empty",
            "--on-conflict",
            "target"
        ])
    );
    let items = json!([{ "key": "a.conf", "path": "conf.d/a" }]);
    assert_eq!(
        found["volumes"],
        json!([{ "name": "seed-source", "configMap": { "name": "app", "items": items } }])
    );
    assert_eq!(
        found["volumeMounts"],
        json!([{ "name": "config", "mountPath": "/etc/app" }])
    );
    assert_eq!(rendered.warnings, []);

    let there = Source::volume("google-oauth").unwrap();
    let there = Seed::new(app(), there, "/token").unwrap().render();
    assert_eq!(there.volumes.len(), 1, "the copy's alone");
    assert_eq!(
        json(&there)["initContainers"][0]["volumeMounts"][0],
        json!({ "name": "google-oauth", "mountPath": "/source", "readOnly": true })
    );

    let on_disk = seed.empty_dir("work", false, size()).unwrap().render();
    let volumes = &json(&on_disk)["volumes"];
    assert_eq!(
        volumes[1],
        json!({ "name": "work", "emptyDir": { "sizeLimit": "64Mi" } })
    );
}

/// A file belongs to whoever copies it: there is no seed for another user than its consumer.
#[test]
fn h1_4_a_consumer_that_is_root_is_seeded_by_root_and_refused_where_root_is() {
    let root = User::new(0, 0).unwrap();
    let seed = Seed::new(root, Source::secret("token", []).unwrap(), "/token").unwrap();
    let context = &json(&seed.render())["initContainers"][0]["securityContext"];
    assert_eq!(
        (&context["runAsUser"], &context["runAsNonRoot"]),
        (&json!(0), &json!(false))
    );
    assert!(seed.clone().for_level(Level::Baseline).is_ok());
    let refused = seed.for_level(Level::Restricted);
    assert!(
        matches!(refused, Err(Error::RefusedByRestricted { .. })),
        "{refused:?}"
    );
}

#[test]
fn h2_4_each_form_of_tmp_has_a_size_limit() {
    let directory = TmpDirectory::new(app()).agent(pinned());
    for (tmp, source, mount, warnings) in [
        (
            Tmp::disk("/tmp", size()),
            json!({ "sizeLimit": "64Mi" }),
            json!({ "name": "tmp", "mountPath": "/tmp" }),
            vec![],
        ),
        (
            Tmp::memory("/tmp", size()),
            json!({ "medium": "Memory", "sizeLimit": "64Mi" }),
            json!({ "name": "tmp", "mountPath": "/tmp" }),
            vec![Warning::CountsAsMemory {
                volume: "tmp".to_owned(),
                size: size(),
            }],
        ),
        (
            Tmp::directory("/tmp", size(), directory),
            json!({ "sizeLimit": "64Mi" }),
            json!({ "name": "tmp", "mountPath": "/tmp", "subPath": "tmp" }),
            vec![],
        ),
    ] {
        let rendered = tmp.unwrap().render();
        let found = json(&rendered);
        assert_eq!(found["volumes"], json!([{ "name": "tmp", "emptyDir": source }]));
        assert_eq!(found["volumeMounts"], json!([mount]));
        assert_eq!(rendered.warnings, warnings);
    }
}

#[test]
fn a_directory_for_temporary_files_is_made_by_its_user() {
    let directory = TmpDirectory::new(app()).agent(pinned()).mode(0o700).unwrap();
    let tmp = Tmp::directory("/tmp", size(), directory)
        .unwrap()
        .volume("scratch");
    assert_eq!(
        json(&tmp.unwrap().render())["initContainers"],
        json!([{
            "name": "make-tmp",
            "image": PINNED,
            "args": ["mkdir", "/scratch/tmp", "--mode", "0700"],
            "resources": resources(),
            "securityContext": restricted(1000, 2000),
            "volumeMounts": [{ "name": "scratch", "mountPath": "/scratch" }],
        }])
    );
}

#[test]
fn wait_has_one_budget_for_all_targets() {
    let wait = Wait::new(["tcp://db:5432", "file:/run/ready/$(a)"], Duration::from_secs(90)).unwrap();
    let wait = wait
        .image(pinned())
        .mount(Mount::new("ready", "/run/ready").unwrap());
    assert_eq!(
        json(&wait.unwrap().render()),
        json!({
            "initContainers": [{
                "name": "wait",
                "image": PINNED,
                // `$$` is what kubelet makes `$` of.
                "args": ["wait", "tcp://db:5432", "file:/run/ready/$$(a)", "--budget", "90s"],
                "resources": resources(),
                "securityContext": restricted(65532, 65532),
                "volumeMounts": [{ "name": "ready", "mountPath": "/run/ready", "readOnly": true }],
            }],
            "volumes": [],
            "volumeMounts": [],
        })
    );
}

#[test]
fn what_kubernetes_or_the_agent_would_refuse_is_refused() {
    let long = Duration::from_secs(1);
    let no_targets: [&str; 0] = [];
    assert_eq!(Wait::new(no_targets, long), Err(Error::NoTarget));
    assert!(matches!(
        Wait::new(["db:5432"], long),
        Err(Error::Target { number: 1, .. })
    ));
    assert!(matches!(
        Wait::new(["tcp://db:1"], Duration::ZERO),
        Err(Error::NoTime { .. })
    ));
    for written in ["", "0", "-1Mi", "64 MB", "64mb"] {
        assert!(
            matches!(Size::parse(written), Err(Error::Size { .. })),
            "{written:?}"
        );
    }
    for mode in [0o2777, 0o577, 0o0] {
        assert!(
            matches!(TmpDirectory::new(app()).mode(mode), Err(Error::Mode { .. })),
            "{mode:o}"
        );
    }
    for (key, path) in [
        ("a/b", "a"),
        ("..a", "a"),
        ("a", "/a"),
        ("a", "../a"),
        ("a", "..a"),
        ("a", ""),
    ] {
        assert!(Source::secret("token", [(key, path)]).is_err(), "{key} {path}");
    }
    let twice = Source::secret("token", [("a", "same"), ("b", "same")]);
    assert!(matches!(twice, Err(Error::Path { .. })), "{twice:?}");
    for image in ["", "Registry/App", "app:", "app@sha256:0"] {
        assert!(matches!(Image::parse(image), Err(Error::Image(_))), "{image:?}");
    }
}

#[test]
fn h2_3_prefill_needs_nothing_of_the_image_and_is_restricted() {
    let prefill = Prefill::new(image(), app(), "/app/config", "config", size()).unwrap();
    let prefill = prefill.agent(pinned()).pull_policy(PullPolicy::Always);
    let words = [
        "/writeway/writeway-agent",
        "seed",
        "--prefill",
        "/app/config",
        "--to",
        "/prefill/files",
    ];
    let rest = ["--directory-mode", "0755", "--on-conflict", "target"];
    let command = [words.as_slice(), &rest].concat();
    let expected = json!({
        "initContainers": [
            {
                "name": "install-agent",
                "image": PINNED,
                "args": ["copy-self", "/writeway"],
                "resources": resources(),
                "securityContext": restricted(65532, 65532),
                "volumeMounts": [{ "name": "writeway-agent", "mountPath": "/writeway" }],
            },
            {
                "name": "prefill",
                "image": "app:1.0.0",
                "imagePullPolicy": "Always",
                "command": command,
                "resources": {
                    "requests": { "cpu": "10m", "memory": "16Mi" },
                    "limits": { "cpu": "1", "memory": "64Mi" },
                },
                "securityContext": restricted(1000, 2000),
                "volumeMounts": [
                    { "name": "writeway-agent", "mountPath": "/writeway", "readOnly": true },
                    { "name": "config", "mountPath": "/prefill" },
                ],
            },
        ],
        "volumes": [
            { "name": "writeway-agent", "emptyDir": { "sizeLimit": "16Mi" } },
            { "name": "config", "emptyDir": { "sizeLimit": "64Mi" } },
        ],
        "volumeMounts": [{ "name": "config", "mountPath": "/app/config", "subPath": "files" }],
    });
    assert_eq!(json(&prefill.render()), expected);
    // A second directory needs no second agent.
    let second = Prefill::onto(image(), app(), "/app/plugins", "plugins", Some("a")).unwrap();
    let second = second.agent_in("writeway-agent").unwrap().render().to_json();
    assert_eq!((second.volumes, second.volume_mounts), (Vec::new(), Vec::new()));
    let [container] = second.init_containers.as_slice() else {
        panic!("it copies, and brings no agent: {:?}", second.init_containers);
    };
    let mount = json!({ "name": "plugins", "mountPath": "/prefill", "subPath": "a" });
    assert_eq!(container["volumeMounts"][1], mount);
    assert_eq!(container["command"][5], "/prefill");
}

fn image() -> Image {
    Image::parse("app:1.0.0").unwrap()
}

#[test]
fn prefill_refuses_what_it_would_hide_and_what_restricted_refuses() {
    let of = |directory: &str| Prefill::new(image(), app(), directory, "config", size());
    for hidden in ["/writeway", "/writeway/x", "/prefill", "/"] {
        assert!(matches!(of(hidden), Err(Error::Path { .. })), "{hidden}");
    }
    let prefill = of("/app").unwrap();
    for mode in [0o577, 0o2755] {
        assert!(
            matches!(prefill.clone().mode(mode), Err(Error::Mode { .. })),
            "{mode:o}"
        );
    }
    for volume in ["config", "Config"] {
        let named = prefill.clone().agent_names("copy", volume);
        assert!(matches!(named, Err(Error::Name { .. })), "{volume}");
        assert!(
            matches!(prefill.clone().agent_in(volume), Err(Error::Name { .. })),
            "{volume}"
        );
    }
    assert!(prefill.for_level(Level::Restricted).is_ok());
    let root = User::new(0, 0).unwrap();
    let prefill = Prefill::new(image(), root, "/app", "config", size()).unwrap();
    let refused = prefill.for_level(Level::Restricted);
    assert!(matches!(refused, Err(Error::RefusedByRestricted { .. })));
}
