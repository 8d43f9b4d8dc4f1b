// SPDX-License-Identifier: Apache-2.0
//! `writeway map --compare`: the map beside what `writeway-agent probe` printed in a running pod.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, WITHOUT_TEMP, WRITABLE};
use serde_json::{Value, json};

fn answer(verdict: &str, errno: Option<&str>, file: Option<&str>) -> Value {
    json!({ "verdict": verdict, "errno": errno, "file": file, "why": ["tried"] })
}

/// What a probe prints that saw /tmp of [`WRITABLE`] as it is.
fn probe() -> Value {
    let yes = || answer("yes", None, None);
    json!({ "version": 1, "workloads": [{
        "file": null, "kind": "Pod", "namespace": null, "name": "writable",
        "starts": { "verdict": "unknown", "why": [] },
        "containers": [{
            "name": "app", "role": null,
            "identity": { "uid": 1000, "gid": 1000, "groups": [1000], "capabilities": [] },
            "paths": [{
                "path": "/tmp", "source": "emptyDir", "volume": "tmp", "exists": "yes", "type": "dir", "mode": "0777",
                "uid": 0, "gid": 0, "readOnly": false, "create": yes(), "overwrite": answer("unknown", None, None),
                "replace": yes(), "delete": yes(), "exec": yes(), "rubyTmpdir": "no", "lifetime": "pod",
                "fsGroup": "unknown",
                "probed": {
                    "mkdir": yes(), "chmod": yes(), "fileSystem": "ext4", "mountPoint": "/tmp", "fakeOwner": false
                }
            }]
        }]
    }] })
}

fn folder(probe: &Value, manifest: &str) -> Folder {
    Folder::with(&[("probe.json", &probe.to_string()), ("pod.yaml", manifest)])
}

/// The same with `web` as the name of a Deployment.
fn deployment(name: &str) -> String {
    let pod = WRITABLE
        .lines()
        .skip_while(|line| !line.starts_with("spec:"))
        .skip(1);
    let pod: Vec<String> = pod.map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  selector: {{ matchLabels: {{ a: b }} }}\n  \
         template:\n    metadata: {{ labels: {{ a: b }} }}\n    spec:\n{}---\n",
        pod.iter().map(|line| format!("  {line}")).collect::<String>()
    )
}

#[test]
fn where_both_say_the_same_nothing_is_to_report() {
    let folder = folder(&probe(), WRITABLE);
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("app, as probed in pod writable"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(" 0 differ,"), "{}", run.stdout);
    let agreed = run
        .stdout
        .lines()
        .find(|line| line.trim_start().starts_with("/tmp"))
        .unwrap();
    for field in ["exists", "mode", "uid", "create", "exec", "rubyTmpdir"] {
        assert!(agreed.contains(field), "{field} is not in {agreed}");
    }
}

#[test]
fn a_contradiction_is_exit_1_and_told_with_both_reasons() {
    let mut seen = probe();
    let path = &mut seen["workloads"][0]["containers"][0]["paths"][0];
    path["create"] = answer("no", Some("EACCES"), None);
    path["uid"] = json!(65534);
    let folder = folder(&seen, WRITABLE);
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in [
        "differs: /tmp create: the map says yes, the probe no EACCES",
        "probe: tried",
        "map: mode 0777",
        "differs: /tmp uid: the map says 0, the probe 65534",
        " 2 differ,",
    ] {
        assert!(run.stdout.contains(part), "{part} is not in {}", run.stdout);
    }
    let run = folder.run(&["map", "--compare", "probe.json", "--format", "json", "pod.yaml"]);
    assert_eq!(run.code, Some(1));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["containers"][0]["differs"], 2);
    let schema: Value = serde_json::from_str(&folder.run(&["schema", "comparison"]).stdout).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn what_one_side_does_not_know_contradicts_nothing() {
    let mut seen = probe();
    let container = &mut seen["workloads"][0]["containers"][0];
    let path = &mut container["paths"][0];
    path["create"] = answer("unknown", None, None);
    path["source"] = json!("unknown");
    path["mode"] = Value::Null;
    // Another file is another question.
    path["delete"] = answer("no", Some("EPERM"), Some("of-another"));
    let folder = folder(&seen, WRITABLE);
    let run = folder.run(&["map", "--compare", "probe.json", "--format", "json", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let fields = document["containers"][0]["fields"].as_array().unwrap();
    for name in ["create", "source", "mode", "delete"] {
        let field = fields
            .iter()
            .find(|field| field["path"] == "/tmp" && field["field"] == name);
        assert_eq!(field.unwrap()["agreement"], "unknown", "{name}");
    }
    // A `no` whose errno the map leaves open agrees with every `no`.
    let mut seen = probe();
    let path = &mut seen["workloads"][0]["containers"][0]["paths"][0];
    path["path"] = json!("/opt");
    path["create"] = answer("no", Some("ENOENT"), None);
    for field in ["replace", "delete", "exec"] {
        path[field] = answer("no", Some("ENOENT"), None);
    }
    for (field, value) in [
        ("exists", json!("no")),
        ("type", Value::Null),
        ("source", json!("unknown")),
    ] {
        path[field] = value;
    }
    for field in ["mode", "uid", "gid", "readOnly", "volume"] {
        path[field] = Value::Null;
    }
    folder.write("probe.json", seen.to_string().as_bytes());
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn h3_6_nothing_is_compared_on_a_fakeowner_mount() {
    let mut seen = probe();
    let path = &mut seen["workloads"][0]["containers"][0]["paths"][0];
    path["probed"]["fakeOwner"] = json!(true);
    path["create"] = answer("no", Some("EROFS"), None);
    let folder = folder(&seen, WRITABLE);
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("/tmp is on a macOS `fakeowner` mount"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("proves nothing"), "{}", run.stdout);
}

#[test]
fn a_pod_is_that_of_the_workload_that_makes_its_name() {
    let mut seen = probe();
    let manifests = [deployment("web"), deployment("web-api"), deployment("other")].concat();
    for (pod, workload) in [
        ("web-6c8f9d7b5-x2x4q", Some("Deployment web ")),
        ("web-api-6c8f9d7b5-x2x4q", Some("Deployment web-api ")),
        ("web-x2x4q", None),
        ("webby-6c8f9d7b5-x2x4q", None),
    ] {
        seen["workloads"][0]["name"] = json!(pod);
        let folder = folder(&seen, &manifests);
        let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
        match workload {
            Some(workload) => {
                assert_eq!(run.code, Some(0), "{pod}: {run:?}");
                assert!(run.stdout.starts_with(workload), "{pod}: {}", run.stdout);
            }
            None => {
                assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{pod}");
                for part in [pod, "Deployment web", "Deployment web-api", "Deployment other"] {
                    assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
                }
            }
        }
    }
    // The only workload there is needs no name.
    let folder = folder(&seen, &deployment("other"));
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn the_container_is_the_one_that_was_named_or_the_only_one() {
    let two = WRITABLE.replace(
        "  volumes:",
        "    - name: proxy\n      image: acme/proxy:1\n  volumes:",
    );
    let code = |seen: &Value, manifest: &str, more: &[&str]| {
        let arguments = [&["map", "--compare", "probe.json", "pod.yaml"], more].concat();
        folder(seen, manifest).run(&arguments)
    };
    let named = probe();
    assert_eq!(code(&named, &two, &[]).code, Some(0));
    let mut unnamed = probe();
    unnamed["workloads"][0]["containers"][0]["name"] = Value::Null;
    assert_eq!(code(&unnamed, WRITABLE, &[]).code, Some(0));
    let run = code(&unnamed, &two, &[]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("--container") && run.stderr.contains("`app`") && run.stderr.contains("`proxy`"),
        "{}",
        run.stderr
    );
    assert_eq!(code(&unnamed, &two, &["--container", "app"]).code, Some(0));
    let run = code(&named, &two, &["--container", "web"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("no container `web`") && run.stderr.contains("`proxy`"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_pod_that_the_map_says_cannot_start_is_contradicted_by_its_probe() {
    let broken = WRITABLE.replace("runAsUser: 1000", "runAsUser: 0\n    runAsNonRoot: true");
    let folder = folder(&probe(), &broken);
    let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("starts: the map says no"), "{}", run.stdout);
    assert!(run.stdout.contains("runAsNonRoot"), "{}", run.stdout);
}

#[test]
fn what_is_no_document_of_a_probe_is_exit_2() {
    for (text, said) in [
        ("", "probe.json: no document of a probe"),
        ("{}", "missing field `version`"),
        (r#"{"version": 2, "workloads": []}"#, "version 2"),
        (r#"{"version": 1, "workloads": []}"#, "no container"),
        (r#"{"version": 1, "workloads": [{}]}"#, "missing field `kind`"),
    ] {
        let folder = Folder::with(&[("probe.json", text), ("pod.yaml", WITHOUT_TEMP)]);
        let run = folder.run(&["map", "--compare", "probe.json", "pod.yaml"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{text}: {run:?}");
        assert!(run.stderr.contains(said), "{said} is not in {}", run.stderr);
    }
    let folder = folder(&probe(), WRITABLE);
    for arguments in [
        &["map", "--compare", "nothing.json", "pod.yaml"][..],
        &["map", "--compare", "probe.json", "--format", "svg", "pod.yaml"],
        &["map", "--compare", "probe.json", "--fail-on", "no", "pod.yaml"],
    ] {
        assert_eq!(folder.run(arguments).code, Some(2), "{arguments:?}");
    }
}
