// SPDX-License-Identifier: Apache-2.0
//! `writeway generate`: what it prints makes pods that start, are admitted and without findings, and can write.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::ffi::OsString;

use serde_json::{Value, json};
use writeway_agent::arguments::Arguments;
use writeway_agent::{COMMON, VERBS};
use writeway_yaml::Stream;

use common::{Folder, Run};

const PINNED: &str =
    "ghcr.io/writeway/agent:0.1.0@sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A volume that belongs to root, to which kubelet applies no fsGroup, and what no manifest says of it.
const FACTS: &str = "\
hostPaths:
  /srv/data: {owner: \"0:0\", mode: \"0755\"}
  /srv/it's $(data): {owner: \"0:0\", mode: \"0755\"}
images:
  busybox:1.36@sha256:0000000000000000000000000000000000000000000000000000000000000000:
    tools: {kind: busybox}
";

const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
stringData: {token.json: '{}'}
";

/// A pod without findings; what is generated is added to it.
fn pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "ledger", "namespace": "shop" },
        "spec": {
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "initContainers": [],
            "containers": [{
                "name": "app",
                "image": "ghcr.io/acme/ledger:2.4.1",
                "resources": {
                    "requests": { "cpu": "100m", "memory": "128Mi" },
                    "limits": { "memory": "192Mi" },
                },
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "capabilities": { "drop": ["ALL"] },
                },
                "volumeMounts": [{ "name": "temporary", "mountPath": "/tmp" }],
            }],
            "volumes": [{ "name": "temporary", "emptyDir": { "sizeLimit": "64Mi" } }],
        },
    })
}

fn with_volume(mut pod: Value, volume: Value, path: &str) -> Value {
    let mount = json!({ "name": volume["name"], "mountPath": path });
    push(&mut pod["spec"]["containers"][0]["volumeMounts"], mount);
    push(&mut pod["spec"]["volumes"], volume);
    pod
}

fn host_path(name: &str, path: &str) -> Value {
    json!({ "name": name, "hostPath": { "path": path } })
}

fn push(list: &mut Value, item: Value) {
    list.as_array_mut().unwrap().push(item);
}

/// The pod with what was generated.
fn add(mut pod: Value, parts: &Value) -> Value {
    for init_container in parts["initContainers"].as_array().unwrap() {
        push(&mut pod["spec"]["initContainers"], init_container.clone());
    }
    for volume in parts["volumes"].as_array().unwrap() {
        push(&mut pod["spec"]["volumes"], volume.clone());
    }
    let mounts = &mut pod["spec"]["containers"][0]["volumeMounts"];
    for mount in parts["volumeMounts"].as_array().unwrap() {
        // What is generated stands in for what is mounted there.
        let there = mounts.as_array_mut().unwrap();
        there.retain(|other| other["mountPath"] != mount["mountPath"]);
        push(mounts, mount.clone());
    }
    pod
}

fn folder(pod: &Value) -> Folder {
    let folder = Folder::with(&[("facts.yaml", FACTS), ("secret.yaml", SECRET)]);
    folder.write("pod.json", pod.to_string().as_bytes());
    folder
}

/// What the map says of a path of the main container.
fn mapped(folder: &Folder, path: &str) -> Value {
    let run = folder.run(&[
        "map",
        "-q",
        "--facts",
        "facts.yaml",
        "--format",
        "json",
        "pod.json",
        "secret.yaml",
    ]);
    let map: Value = serde_json::from_str(&run.stdout).unwrap();
    let workload = &map["workloads"][0];
    assert_eq!(workload["starts"]["verdict"], "yes", "{}", workload["starts"]);
    let containers = workload["containers"].as_array().unwrap();
    let main = containers
        .iter()
        .find(|container| container["role"] == "main")
        .unwrap();
    let paths = main["paths"].as_array().unwrap();
    paths.iter().find(|it| it["path"] == path).unwrap().clone()
}

fn generate(folder: &Folder, words: &[&str]) -> Value {
    let words: Vec<&str> = ["generate"]
        .iter()
        .chain(words)
        .chain(&["--format", "json"])
        .copied()
        .collect();
    let run = folder.run(&words);
    assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

/// A way to use a generator: the pod before, its words, and the path that can be written afterwards.
struct Use {
    pod: Value,
    words: Vec<&'static str>,
    path: &'static str,
    /// The strictest level that admits the pod afterwards.
    level: &'static str,
    /// The findings that are the price of it: a copy that is lost with the pod, and the hint that nobody knows what the
    /// image of a shell wants to write.
    findings: Vec<&'static str>,
}

fn uses() -> Vec<Use> {
    let foreign = || with_volume(pod(), host_path("data", "/srv/data"), "/data");
    let secret = json!({ "name": "token", "secret": { "secretName": "token" } });
    let with_secret = with_volume(pod(), secret, "/token");
    let mut without_tmp = pod();
    without_tmp["spec"]["containers"][0]["volumeMounts"] = json!([]);
    without_tmp["spec"]["volumes"] = json!([]);
    let from = |words: &[&'static str]| {
        let facts: &[&str] = &["--from", "pod.json", "--facts", "facts.yaml"];
        [words, facts].concat()
    };
    let agent: &[&str] = &["--image", PINNED];
    let shell: &[&str] = &[
        "--shell",
        "--image",
        "busybox:1.36@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ];
    let row = |pod: &Value, words: Vec<&'static str>, path, findings: &[&'static str]| Use {
        pod: pod.clone(),
        words,
        path,
        level: "restricted",
        findings: findings.to_vec(),
    };
    vec![
        Use {
            level: "privileged",
            ..row(&foreign(), [&from(&["own"]), agent].concat(), "/data", &[])
        },
        Use {
            level: "privileged",
            ..row(&foreign(), [&from(&["own"]), shell].concat(), "/data", &["WW101"])
        },
        row(
            &with_secret,
            [&from(&["seed"]), agent].concat(),
            "/token",
            &["WW302"],
        ),
        row(
            &without_tmp,
            [&from(&["tmp", "--form", "disk"])[..]].concat(),
            "/tmp",
            &[],
        ),
        row(
            &without_tmp,
            [&from(&["tmp", "--form", "memory"])[..]].concat(),
            "/tmp",
            &[],
        ),
        row(
            &without_tmp,
            [&from(&["tmp", "--form", "directory"]), agent].concat(),
            "/tmp",
            &[],
        ),
        row(
            &without_tmp,
            [&from(&["tmp", "--form", "directory"]), shell].concat(),
            "/tmp",
            &["WW101"],
        ),
        row(
            &pod(),
            [&from(&["wait", "tcp://postgres:5432"]), agent].concat(),
            "/tmp",
            &[],
        ),
    ]
}

#[test]
fn what_is_generated_makes_pods_that_can_write_and_have_no_finding() {
    for Use {
        pod,
        words,
        path,
        level,
        findings,
    } in uses()
    {
        let before = folder(&pod);
        let parts = generate(&before, &words);
        let after = folder(&add(pod, &parts));
        let found = mapped(&after, path);
        assert_eq!(found["create"]["verdict"], "yes", "{words:?}: {found}");

        let run = after.run(&[
            "check",
            "--pedantic",
            "--facts",
            "facts.yaml",
            "--format",
            "json",
            "pod.json",
            "secret.yaml",
        ]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let reported = report["findings"].as_array().unwrap();
        let codes: Vec<&str> = reported
            .iter()
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes, findings, "{words:?}: {}", run.stdout);

        let run = after.run(&["admit", "--level", level, "pod.json"]);
        assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
    }
}

#[test]
fn own_needs_no_more_than_baseline_admits() {
    let claim = json!({ "name": "data", "persistentVolumeClaim": { "claimName": "data" } });
    let pod = with_volume(pod(), claim, "/data");
    let parts = generate(&folder(&pod), &["own", "--from", "pod.json"]);
    let after = folder(&add(pod, &parts));
    for (level, code) in [("baseline", 0), ("restricted", 1)] {
        let run = after.run(&["admit", "--level", level, "pod.json"]);
        assert_eq!(run.code, Some(code), "{level}: {run:?}");
    }
}

#[test]
fn ruby_takes_what_is_sticky_or_the_users_own() {
    for (form, expected) in [("disk", "no"), ("memory", "yes"), ("directory", "yes")] {
        let mut pod = pod();
        pod["spec"]["containers"][0]["volumeMounts"] = json!([]);
        let parts = generate(&folder(&pod), &["tmp", "--form", form, "--from", "pod.json"]);
        let after = folder(&add(pod, &parts));
        assert_eq!(mapped(&after, "/tmp")["rubyTmpdir"], expected, "{form}");
    }
}

#[test]
fn h3_1_paths_with_quotes_and_variables_reach_chown_as_they_are() {
    let path = "/it's $(data)";
    let pod = with_volume(pod(), host_path("data", "/srv/it's $(data)"), path);
    let shell = "busybox:1.36@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for words in [&["--shell", "--image", shell][..], &["--image", PINNED]] {
        let before = folder(&pod);
        assert_eq!(mapped(&before, path)["create"]["verdict"], "no");
        let own = ["own", "--from", "pod.json", "--facts", "facts.yaml"];
        let parts = generate(&before, &[&own, words].concat());
        let found = mapped(&folder(&add(pod.clone(), &parts)), path);
        assert_eq!(found["create"]["verdict"], "yes", "{words:?}: {parts} {found}");
        assert_eq!((&found["uid"], &found["gid"]), (&json!(1000), &json!(1000)));
    }
}

#[test]
fn the_agent_reads_every_command_line() {
    let ids = ["--uid", "1000", "--gid", "1000"];
    for words in [
        &[
            "own",
            "--mount",
            "data:/a,b",
            "--mount",
            "more:/m:sub",
            "--timeout",
            "1h30m",
        ][..],
        &[
            "own",
            "--mount",
            "data:/data",
            "--every-start",
            "--group-writable",
        ],
        &[
            "seed",
            "--secret",
            "token",
            "--path",
            "/token",
            "--mode",
            "0640",
            "--allow-empty",
        ],
        &[
            "seed",
            "--config-map",
            "app",
            "--path",
            "/app",
            "--on-conflict",
            "newest",
        ],
        &["tmp", "--form", "directory", "--mode", "0700"],
        &[
            "wait",
            "dns://db",
            "k8s://secret/token?key=token",
            "--budget",
            "1500ms",
        ],
    ] {
        let parts = generate(&Folder::with(&[]), &[words, &ids].concat());
        let line = parts["initContainers"][0]["args"].as_array().unwrap();
        let line: Vec<OsString> = line.iter().map(|word| word.as_str().unwrap().into()).collect();
        let verb = VERBS.iter().find(|verb| *verb.name == *line[0]).unwrap();
        let mut parser = lexopt::Parser::from_args(line[1..].to_vec());
        assert!(
            line.iter().all(|word| word != "/a"),
            "a comma is part of a path: {line:?}"
        );
        let arguments = Arguments::read(&mut parser, &[verb.options, COMMON]);
        assert!(arguments.is_ok(), "{line:?}: {arguments:?}");
    }
}

#[test]
fn yaml_is_the_same_as_json() {
    for Use { pod, words, .. } in uses() {
        let folder = folder(&pod);
        let parts = generate(&folder, &words);
        let words: Vec<&str> = ["generate"].iter().chain(&words).copied().collect();
        let snippet = folder.run(&words).stdout;
        let stream = Stream::parse(snippet.as_str());
        assert_eq!(stream.documents().count(), 1, "{snippet}");
        let root = stream.documents().next().unwrap().root();
        for list in ["initContainers", "volumes", "volumeMounts"] {
            let found = root.get(list).map_or_else(|| json!([]), as_json);
            assert_eq!(found, parts[list], "{snippet}");
        }
    }
}

fn as_json(node: writeway_yaml::Node<'_>) -> Value {
    fn json(value: writeway_yaml::Value) -> Value {
        match value {
            writeway_yaml::Value::Null => Value::Null,
            writeway_yaml::Value::Bool(flag) => flag.into(),
            writeway_yaml::Value::Int(number) => number.into(),
            writeway_yaml::Value::Float(number) => number.into(),
            writeway_yaml::Value::Str(text) => text.into(),
            writeway_yaml::Value::List(items) => items.into_iter().map(json).collect(),
            writeway_yaml::Value::Map(entries) => entries
                .into_iter()
                .map(|(key, value)| (key, json(value)))
                .collect(),
        }
    }
    json(writeway_yaml::Value::read(node).unwrap())
}

#[test]
fn comments_say_where_each_part_belongs() {
    let secret = json!({ "name": "keys", "secret": { "secretName": "token" } });
    let folder = folder(&with_volume(pod(), secret, "/token"));
    let words = ["generate", "seed", "--from", "pod.json"];
    let comments = |run: Run| -> Vec<String> {
        let lines = run.stdout.lines();
        lines
            .filter(|line| line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        comments(folder.run(&words)),
        [
            "# In `spec` of Pod shop/ledger, in front of containers that need it:",
            "# In `spec` of Pod shop/ledger:",
            "# In container `app`, in place of its mount of volume `keys` at /token:",
        ]
    );
    assert_eq!(
        comments(folder.run(&["generate", "tmp"])),
        [
            "# In the pod's spec (`spec.template.spec` of a Deployment):",
            "# In the container that uses it:",
        ]
    );
}

#[test]
fn an_image_that_is_not_pinned_is_told_and_quiet_tells_nothing() {
    let words = ["generate", "wait", "tcp://db:5432"];
    let tagged = ["--image", "ghcr.io/writeway/agent:0.1.0"];
    let run = common::run(&[&words[..], &tagged].concat());
    assert!(run.stderr.contains("is not pinned"), "{run:?}");
    let run = common::run(&[&words[..], &["--image", PINNED]].concat());
    assert_eq!(run.stderr, "");
    let run = common::run(&[&words[..], &tagged, &["--quiet"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn names_that_the_pod_has_are_not_taken() {
    let mut pod = with_volume(pod(), host_path("tmp", "/srv/data"), "/data");
    let init = json!({ "name": "own", "image": "acme/init:1" });
    push(&mut pod["spec"]["initContainers"], init);
    let folder = folder(&pod);
    let own = generate(&folder, &["own", "--from", "pod.json"]);
    assert_eq!(own["initContainers"][0]["name"], "own-2");
    let tmp = generate(&folder, &["tmp", "--from", "pod.json", "--path", "/var/tmp"]);
    assert_eq!(tmp["volumes"][0]["name"], "tmp-2");
    assert_eq!(tmp["volumeMounts"][0]["name"], "tmp-2");
    let run = folder.run(&["generate", "own", "--from", "pod.json", "--name", "app"]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

/// The level comes from the option, or from the label of the Namespace.
#[test]
fn restricted_is_refused_with_what_to_do_instead() {
    let pod = with_volume(pod(), host_path("data", "/srv/data"), "/data");
    let folder = folder(&pod);
    for (file, level) in [("restricted.yaml", "restricted"), ("baseline.yaml", "baseline")] {
        let labels = format!("{{pod-security.kubernetes.io/enforce: {level}}}");
        let text = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n");
        folder.write(file, text.as_bytes());
    }
    let own = ["generate", "own", "--from", "pod.json", "--facts", "facts.yaml"];
    for (more, code) in [
        (&["--level", "restricted"][..], 1),
        (&["--from", "restricted.yaml"], 1),
        (&["--from", "restricted.yaml", "--level", "baseline"], 0),
        (&["--from", "baseline.yaml"], 0),
        (&[], 0),
    ] {
        let run = folder.run(&[&own[..], more].concat());
        assert_eq!(run.code, Some(code), "{more:?}: {run:?}");
        assert_eq!(run.stdout.is_empty(), code == 1, "{more:?}");
        assert_eq!(run.stderr.contains("fsGroup"), code == 1, "{more:?}: {run:?}");
    }
}

#[test]
fn h1_4_a_container_whose_user_is_not_known_is_refused_with_what_is_missing() {
    let mut pod = pod();
    pod["spec"]["securityContext"]
        .as_object_mut()
        .unwrap()
        .remove("runAsUser");
    let folder = folder(&pod);
    let seed = [
        "generate", "seed", "--from", "pod.json", "--secret", "token", "--path", "/token",
    ];
    let run = folder.run(&seed);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    for word in [
        "uid",
        "runAsUser",
        "ghcr.io/acme/ledger:2.4.1",
        "--facts",
        "--uid",
    ] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    folder.write(
        "more.yaml",
        b"images:\n  ghcr.io/acme/ledger:2.4.1: {user: \"1234\"}\n",
    );
    for more in [["--facts", "more.yaml"], ["--uid", "1234"]] {
        let parts = generate(&folder, &[&seed[1..], &more].concat());
        assert_eq!(parts["initContainers"][0]["securityContext"]["runAsUser"], 1234);
    }
}

/// A pod that does not start has no map, but its container has a user.
#[test]
fn the_user_is_read_of_a_pod_that_does_not_start() {
    let mut pod = with_volume(pod(), host_path("data", "/srv/data"), "/data");
    let missing = json!({ "name": "early", "image": PINNED, "args": ["own", "1000:1000"] });
    push(&mut pod["spec"]["initContainers"], missing);
    let parts = generate(
        &folder(&pod),
        &["own", "--from", "pod.json", "--facts", "facts.yaml"],
    );
    assert_eq!(parts["initContainers"][0]["args"][1], "1000:1000");
    assert_eq!(
        parts["initContainers"][0]["volumeMounts"],
        json!([{ "name": "data", "mountPath": "/data" }])
    );
}

#[test]
fn only_volumes_that_an_owner_makes_writable_are_handed_over() {
    let mut pod = with_volume(pod(), host_path("data", "/srv/data"), "/data");
    pod = with_volume(
        pod,
        json!({ "name": "token", "secret": { "secretName": "token" } }),
        "/token",
    );
    pod = with_volume(pod, host_path("config", "/srv/data"), "/config");
    pod["spec"]["containers"][0]["volumeMounts"][3]["readOnly"] = json!(true);
    let sub = json!({ "name": "data", "mountPath": "/sub", "subPath": "a" });
    push(&mut pod["spec"]["containers"][0]["volumeMounts"], sub.clone());
    let folder = folder(&pod);
    let own = ["own", "--from", "pod.json", "--facts", "facts.yaml"];
    let parts = generate(&folder, &own);
    let data = json!({ "name": "data", "mountPath": "/data" });
    assert_eq!(parts["initContainers"][0]["volumeMounts"], json!([data, sub]));
    // Those that are named are taken as they are.
    let parts = generate(&folder, &[&own[..], &["--mount", "config:/config"]].concat());
    assert_eq!(parts["initContainers"][0]["args"][2], "/config");
}

#[test]
fn what_does_not_say_enough_or_cannot_work_is_refused_with_a_reason() {
    let text = |name: &str| {
        let mut pod = with_volume(pod(), host_path("data", "/srv/data"), "/data");
        pod["metadata"]["name"] = json!(name);
        pod
    };
    let folder = folder(&text("one"));
    folder.write("two.json", text("two").to_string().as_bytes());
    let mut double = text("double");
    let mut second = double["spec"]["containers"][0].clone();
    second["name"] = json!("second");
    push(&mut double["spec"]["containers"], second);
    folder.write("double.json", double.to_string().as_bytes());
    let ids: &[&str] = &["--uid", "1000", "--gid", "1000"];
    for (words, expected) in [
        (&["own", "--mount", "data:/data"][..], "--uid"),
        (&["own", "--mount", "data:/data", "--uid", "1000"], "--gid"),
        (
            &["own", "--mount", "data:/data", "--uid", "0", "--gid", "0"],
            "uid 0",
        ),
        (
            &["own", "--mount", "data:/data", "--uid", "-1", "--gid", "0"],
            "-1 is no uid",
        ),
        (&["own", "--uid", "1000", "--gid", "1000"], "--mount"),
        (
            &["own", "--uid", "1", "--gid", "1", "--mount", "data:-rf"],
            "begin with `/`",
        ),
        (
            &["own", "--uid", "1", "--gid", "1", "--mount", "data"],
            "VOLUME:PATH",
        ),
        (
            &[
                "own", "--uid", "1", "--gid", "1", "--mount", "a:/a", "--mount", "b:/a/",
            ],
            "two volumes",
        ),
        (
            &["own", "--uid", "1", "--gid", "1", "--mount", "a:/a", "--shell"],
            "--image",
        ),
        (&["own", "--from", "pod.json", "--container", "nobody"], "nobody"),
        (&["own", "--from", "pod.json", "--from", "two.json"], "--workload"),
        (&["own", "--from", "double.json"], "--container"),
        (&["own", "--from", "nothing.json"], "nothing.json"),
        (&["tmp", "--from", "pod.json"], "already"),
        (&["tmp", "--size", "0"], "no size"),
        (&["tmp", "--form", "memory", "--mode", "0700"], "--form directory"),
        (&["seed", "--from", "pod.json"], "--path"),
        (&["seed", "--from", "pod.json", "--path", "/data"], "no keys"),
        (&["seed", "--secret", "token", "--shell"], "no form for a shell"),
        (&["wait", "tcp://db:1", "--shell"], "no form for a shell"),
        (&["wait", "db:5432"], "target 1"),
        (&["wait"], "TARGET"),
    ] {
        let words: Vec<&str> = ["generate"].iter().chain(words).copied().collect();
        let run = folder.run(&words);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{words:?}: {run:?}"
        );
        assert!(run.stderr.contains(expected), "{words:?}: {}", run.stderr);
    }
    let words = [&["generate", "wait", "https://user:secret@example.com/"], ids].concat();
    let run = folder.run(&words);
    assert!(run.code == Some(2) && !run.stderr.contains("secret"), "{run:?}");
}

#[test]
fn options_have_twins_in_the_environment() {
    let folder = Folder::with(&[]);
    let mut command = folder.command(&["generate", "own"]);
    for (name, value) in [
        ("UID", "1000"),
        ("GID", "2000"),
        ("MOUNT", "data:/data"),
        ("NAME", "hand-over"),
        ("IMAGE", "busybox:1.36"),
        ("SHELL", "yes"),
        ("FORMAT", "json"),
    ] {
        command.env(format!("WRITEWAY_GENERATE_{name}"), value);
    }
    let run: Run = command.output().unwrap().into();
    let parts: Value = serde_json::from_str(&run.stdout).unwrap();
    let container = &parts["initContainers"][0];
    assert_eq!(container["name"], "hand-over");
    assert_eq!(
        container["command"],
        json!(["sh", "-ec", "chown -R 1000:2000 /data"])
    );
}
