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
