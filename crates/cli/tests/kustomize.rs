// SPDX-License-Identifier: Apache-2.0
//! `check --output kustomize DIR`: what `kubectl kustomize DIR` prints is repaired.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::ffi::OsString;
use std::process::Command;

use common::{Folder, Run, WITHOUT_TEMP};

/// A program that `cargo xtask test` brings.
fn tool(variable: &str) -> OsString {
    let tool = std::env::var_os(variable);
    assert!(
        tool.is_some(),
        "{variable} must name a program: `cargo xtask test` brings it"
    );
    tool.unwrap()
}

fn check(folder: &Folder, args: &[&str]) -> Run {
    let mut command = folder.command(&[&["check"], args].concat());
    for variable in ["WRITEWAY_HELM", "WRITEWAY_KUBECTL"] {
        command.env(variable, tool(variable));
    }
    command.output().unwrap().into()
}

fn kustomized(folder: &Folder, name: &str) -> String {
    let kubectl = Command::new(tool("WRITEWAY_KUBECTL"))
        .args(["kustomize", name])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(kubectl.status.success(), "{kubectl:?}");
    String::from_utf8(kubectl.stdout).unwrap()
}

/// Nothing is left to find in what kubectl makes of the folder, and it has as many volumes as were added.
fn assert_repaired(folder: &Folder, name: &str, volumes: usize) {
    let text = kustomized(folder, name);
    let left = folder.run_with_stdin(&["check", "--select", "WW101", "-"], &text);
    assert_eq!(left.code, Some(0), "{text}\n{left:?}");
    assert_eq!(text.matches("sizeLimit").count(), volumes, "{text}");
}

const CUSTOM: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web.shop, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: app
          image: acme/app:1
          securityContext: {readOnlyRootFilesystem: true}
";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: acme/app:1
          securityContext: {readOnlyRootFilesystem: true}
";

#[test]
fn plain_files_standard_input_and_custom_resources_are_repaired_by_patches_and_stay_as_they_are() {
    let text = format!("{WITHOUT_TEMP}---\n{CUSTOM}");
    let folder = Folder::with(&[("k8s/both.yaml", &text), ("k8s/more/web.yaml", DEPLOYMENT)]);
    let run = check(&folder, &["--output", "kustomize", "out", "k8s"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stderr.contains("out: a kustomization with 3 patches"),
        "{run:?}"
    );
    assert_repaired(&folder, "out", 3);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("k8s/both.yaml")).unwrap(),
        text
    );
    // What it wrote itself it writes anew; the environment says it in one word.
    let mut fewer = folder.command(&["check", "k8s/more"]);
    let fewer = Run::from(fewer.env("WRITEWAY_OUTPUT", "kustomize=out").output().unwrap());
    assert_eq!(fewer.code, Some(0), "{fewer:?}");
    assert_repaired(&folder, "out", 1);
    assert_eq!(
        std::fs::read_dir(folder.path().join("out/resources"))
            .unwrap()
            .count(),
        1
    );
    let stdin = folder.run_with_stdin(&["check", "--output", "kustomize", "piped", "-"], WITHOUT_TEMP);
    assert_eq!(stdin.code, Some(0), "{stdin:?}");
    assert_repaired(&folder, "piped", 1);
}

#[test]
fn a_chart_and_a_kustomization_are_not_changed_in_place_and_repaired_by_patches() {
    let folder = Folder::with(&[
        (
            "in/chart/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        ),
        (
            "in/chart/templates/web.yaml",
            &DEPLOYMENT.replace("name: web}", "name: {{ .Release.Name }}-web}"),
        ),
        (
            "in/base/kustomization.yaml",
            "namePrefix: test-\nresources: [pod.yaml]\n",
        ),
        ("in/base/pod.yaml", WITHOUT_TEMP),
    ]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let before = (read("in/chart/templates/web.yaml"), read("in/base/pod.yaml"));
    let shown = check(&folder, &["--render", "in"]);
    assert!(
        shown.stdout.contains(" (--output kustomize DIR)\n") && !shown.stdout.contains("--fix"),
        "{shown:?}"
    );
    assert!(
        shown
            .stdout
            .ends_with("\n2 fixable with --output kustomize DIR\n"),
        "{shown:?}"
    );
    let in_place = check(&folder, &["--render", "--fix", "in"]);
    assert_eq!(in_place.code, Some(1), "{in_place:?}");
    for rendered in ["in/chart (helm template)", "in/base (kubectl kustomize)"] {
        let line = in_place.stderr.lines().find(|line| line.starts_with(rendered));
        assert!(
            line.is_some_and(|line| line.contains("--output kustomize DIR")),
            "{in_place:?}"
        );
    }
    let run = check(
        &folder,
        &["--render", "--output", "kustomize", "deploy/out", "in"],
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_repaired(&folder, "deploy/out", 2);
    let kustomization = read("deploy/out/kustomization.yaml");
    assert!(kustomization.contains("- ../../in/base\n"), "{kustomization}");
    assert_eq!(
        before,
        (read("in/chart/templates/web.yaml"), read("in/base/pod.yaml"))
    );
}

/// kustomize refuses a whole kustomization for one of them.
#[test]
fn objects_that_kustomize_cannot_take_are_left_out_and_named_and_the_others_repaired() {
    let nameless = WITHOUT_TEMP.replace("name: without-temp", "generateName: without-temp-");
    let twin = WITHOUT_TEMP.replace("metadata:\n", "metadata:\n  namespace: default\n");
    let list: String = [&nameless, WITHOUT_TEMP, DEPLOYMENT]
        .iter()
        .map(|object| {
            let mut lines = object.lines();
            let first = lines.next().unwrap_or_default();
            format!("  - {first}\n") + &lines.map(|line| format!("    {line}\n")).collect::<String>()
        })
        .collect();
    let folder = Folder::with(&[
        ("k8s/a.yaml", &format!("{WITHOUT_TEMP}---\n{nameless}")),
        ("k8s/b.yaml", &twin),
        (
            "k8s/c.yaml",
            &format!("apiVersion: v1\nkind: List\nitems:\n{list}"),
        ),
        ("k8s/d.yaml", &format!("# No object.\nkey: value\n---\n{CUSTOM}")),
    ]);
    let run = check(&folder, &["--output", "kustomize", "out", "k8s"]);
    // What is left out is not repaired, so that it is found.
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.contains("4 findings"), "{run:?}");
    assert!(
        run.stderr.contains("out: a kustomization with 3 patches"),
        "{run:?}"
    );
    for (place, why) in [
        ("k8s/a.yaml:15:", "has no metadata.name"),
        (
            "k8s/b.yaml:5:",
            "k8s/a.yaml:4:9 has the same kind, namespace and name",
        ),
        ("k8s/c.yaml:7:", "has no metadata.name"),
        (
            "k8s/c.yaml:17:",
            "k8s/a.yaml:4:9 has the same kind, namespace and name",
        ),
    ] {
        let mut lines = run.stderr.lines();
        assert!(
            lines.any(|line| line.starts_with(place)
                && line.contains("left out of out")
                && line.contains(why)),
            "{place} {why}: {run:?}"
        );
    }
    assert_eq!(run.stderr.matches("left out of").count(), 4, "{run:?}");
    assert_repaired(&folder, "out", 3);
}

/// A base and what builds on it have objects of the same names.
#[test]
fn a_kustomization_with_objects_that_others_have_is_taken_without_these() {
    let folder = Folder::with(&[
        ("in/a/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("in/a/pod.yaml", WITHOUT_TEMP),
        ("in/b/kustomization.yaml", "resources: [pod.yaml, web.yaml]\n"),
        ("in/b/pod.yaml", WITHOUT_TEMP),
        ("in/b/web.yaml", DEPLOYMENT),
    ]);
    let run = check(&folder, &["--render", "--output", "kustomize", "out", "in"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(run.stderr.matches("left out of").count(), 1, "{run:?}");
    assert_repaired(&folder, "out", 2);
}

#[test]
fn what_it_wrote_is_no_input_of_the_next_run_unless_it_is_named() {
    let folder = Folder::with(&[("k8s/pod.yaml", WITHOUT_TEMP)]);
    for expected in [
        "",
        "k8s/out: kustomization that `writeway check --output kustomize` wrote",
    ] {
        for render in [&[][..], &["--render"]] {
            let run = check(
                &folder,
                &[render, &["--output", "kustomize", "k8s/out", "k8s"]].concat(),
            );
            // From the second run on it is there.
            let is_said = run.stderr.contains("k8s/out: kustomization that");
            assert!(is_said || expected.is_empty(), "{run:?}");
            assert_eq!(run.code, Some(0), "{run:?}");
            assert!(run.stderr.contains("a kustomization with 1 patch"), "{run:?}");
        }
        assert_repaired(&folder, "k8s/out", 1);
    }
    let other = check(&folder, &["k8s"]);
    assert!(
        other
            .stdout
            .ends_with("1 workload in 1 file\n1 fixable with --fix\n"),
        "{other:?}"
    );
    let named = check(&folder, &["--render", "k8s/out"]);
    assert_eq!(
        (named.code, named.stdout.as_str()),
        (Some(0), "no findings, 1 workload in 1 file\n")
    );
    // It would be written over while it is read.
    let over = check(
        &folder,
        &["--output", "kustomize", "k8s/out", "k8s/out/resources"],
    );
    assert_eq!(over.code, Some(2), "{over:?}");
    assert!(
        over.stderr.contains("in it is checked; name another folder"),
        "{over:?}"
    );
    assert_repaired(&folder, "k8s/out", 1);
}

#[test]
fn a_folder_that_holds_something_else_is_not_touched() {
    let folder = Folder::with(&[
        ("pod.yaml", WITHOUT_TEMP),
        ("mine/kustomization.yaml", "resources: []\n"),
    ]);
    let run = check(&folder, &["--output", "kustomize", "mine", "pod.yaml"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("mine: the folder holds something else"),
        "{run:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path().join("mine")).unwrap().count(), 1);
    for refused in [
        &["--output", "helm", "out"][..],
        &["--output", "kustomize", "out", "--fix"],
    ] {
        let run = check(&folder, &[refused, &["pod.yaml"]].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
    }
}
