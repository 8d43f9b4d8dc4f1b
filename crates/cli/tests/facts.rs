// SPDX-License-Identifier: Apache-2.0
//! `writeway facts`, from a saved image to an answer that needs its facts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::image::saved_image;
use common::{Folder, WITHOUT_TEMP};
use serde_json::{Value, json};

#[test]
fn the_facts_of_a_saved_image_answer_what_the_manifest_cannot() {
    let folder = Folder::with(&[("pod.yaml", &WITHOUT_TEMP.replace("true", "false"))]);
    folder.write("app.tar", &saved_image("acme/app:1"));
    let facts = folder.run(&["facts", "app.tar"]);
    assert_eq!(facts.code, Some(0), "{facts:?}");
    assert!(
        facts.stderr.starts_with("acme/app:1: ") && facts.stderr.contains("not verified"),
        "{facts:?}"
    );
    folder.write("facts.yaml", facts.stdout.as_bytes());

    let map = folder.run(&["map", "--format", "json", "--facts", "facts.yaml", "pod.yaml"]);
    let map: Value = serde_json::from_str(&map.stdout).unwrap();
    let container = &map["workloads"][0]["containers"][0];
    assert_eq!(container["identity"]["uid"], 1000);
    assert_eq!(container["identity"]["gid"], 3000);
    let paths = container["paths"].as_array().unwrap();
    let create =
        |wanted: &str| &paths.iter().find(|path| path["path"] == wanted).unwrap()["create"]["verdict"];
    assert_eq!(
        (create("/tmp"), create("/opt/app"), create("/run")),
        (&json!("yes"), &json!("yes"), &json!("no"))
    );
}

#[test]
fn json_is_as_good_as_yaml() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    folder.write("app.tar", &saved_image("acme/app:1"));
    let map = |format: &str| {
        folder.write(
            "facts",
            folder
                .run(&["facts", "app.tar", "--format", format])
                .stdout
                .as_bytes(),
        );
        folder
            .run(&["map", "--why", "--facts", "facts", "pod.yaml"])
            .stdout
    };
    assert_eq!(map("json"), map("yaml"));
    assert!(map("json").contains("uid 1000"));
}

#[test]
fn facts_are_added_to_those_of_a_file() {
    let other =
        "images:\n  other:1: { user: \"5\" }\n  acme/app:1: { user: \"6\" }\nnode: { umask: \"0027\" }\n";
    let folder = Folder::with(&[("facts.yaml", other)]);
    folder.write("app.tar", &saved_image("acme/app:1"));
    let merged = folder.run(&["facts", "app.tar", "--merge", "facts.yaml", "--format", "json"]);
    let merged: Value = serde_json::from_str(&merged.stdout).unwrap();
    assert_eq!(merged["images"]["other:1"]["user"], "5");
    assert_eq!(merged["images"]["acme/app:1"]["user"], "app");
    assert_eq!(merged["node"]["umask"], "0027");
}

#[test]
fn of_two_facts_files_the_later_one_counts_and_the_flag_before_both() {
    let version = |version: &str| format!("kubernetes: {{ version: \"{version}\" }}\n");
    let user = |uid: &str| format!("images: {{ \"acme/app:1\": {{ user: \"{uid}\" }} }}\n");
    let folder = Folder::with(&[
        ("pod.yaml", WITHOUT_TEMP),
        ("a.yaml", &(version("1.30") + &user("7"))),
        ("b.yaml", &user("8")),
    ]);
    let uid = |facts: &[&str]| {
        let run = folder.run(&[&["map", "--format", "json", "pod.yaml"], facts].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["workloads"][0]["containers"][0]["identity"]["uid"].clone()
    };
    assert_eq!(uid(&["--facts", "a.yaml", "--facts", "b.yaml"]), 8);
    assert_eq!(uid(&["--facts", "b.yaml", "--facts", "a.yaml"]), 7);
}

#[test]
fn the_version_of_the_flag_wins_over_that_of_the_facts() {
    // Without the feature gate emptyDir.mode is dropped, whatever the version; before 1.37 even with it.
    let pod = "\
apiVersion: v1
kind: Pod
metadata: {name: sticky}
spec:
  containers:
    - name: app
      image: acme/app:1
      volumeMounts: [{name: tmp, mountPath: /tmp}]
  volumes: [{name: tmp, emptyDir: {mode: 01777}}]
";
    let facts = "kubernetes: { version: \"1.36\", featureGates: { EmptyDirVolumeMode: true } }\n";
    let folder = Folder::with(&[("pod.yaml", pod), ("facts.yaml", facts)]);
    let mode = |args: &[&str]| {
        let run = folder.run(
            &[
                &["map", "--format", "json", "--facts", "facts.yaml", "pod.yaml"],
                args,
            ]
            .concat(),
        );
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["workloads"][0]["containers"][0]["paths"][0]["mode"].clone()
    };
    assert_eq!(mode(&[]), "0777");
    assert_eq!(mode(&["--kubernetes-version", "v1.37.0"]), "1777");
}
