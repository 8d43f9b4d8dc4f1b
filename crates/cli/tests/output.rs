// SPDX-License-Identifier: Apache-2.0
//! What goes to standard output and standard error, and in which dress.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use common::{Folder, WITHOUT_TEMP, WRITABLE};
use serde_json::Value;

/// So many pods that their map fills every pipe.
fn many() -> Folder {
    let pods: Vec<_> = (0..500)
        .map(|index| WITHOUT_TEMP.replace("without-temp", &format!("pod-{index}")))
        .collect();
    Folder::with(&[("pods.yaml", &pods.join("---\n"))])
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&common::run(&["schema", name]).stdout).unwrap()
}

fn assert_conforms(document: &str, schema: &Value) {
    let document = serde_json::from_str(document).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = many();
    for args in [
        &["map"][..],
        &["map", "--format", "json"],
        &["check"],
        &["rule", "--all"],
        &["completions", "zsh"],
    ] {
        let mut child = folder
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("roken pipe"),
            "{args:?}: {stderr}"
        );
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = Folder::with(&[]).command(&["rule", "--all"]);
    let run = command.current_dir("/").stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}

#[test]
fn a_closed_standard_error_changes_nothing() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = folder.command(&["check"]).stderr(full).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{run:?}");
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    for command in ["map", "check"] {
        let colored = |args: &[&str]| folder.run(&[&[command], args].concat()).stdout.contains('\u{1b}');
        assert!(!colored(&[]), "{command}");
        assert!(!colored(&["--color", "never"]), "{command}");
        assert!(colored(&["--color", "always"]), "{command}");
        assert!(!colored(&["--color", "always", "--format", "json"]), "{command}");
        let run = folder
            .command(&[command])
            .env("WRITEWAY_COLOR", "always")
            .output()
            .unwrap();
        assert!(run.stdout.contains(&0x1b), "{command}");
        let run = folder.command(&[command]).env("NO_COLOR", "1").output().unwrap();
        assert!(!run.stdout.contains(&0x1b), "{command}");
    }
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let folder = Folder::with(&[]);
    let run = folder.run_with_stdin(&["check", "-"], WITHOUT_TEMP);
    assert!(run.stdout.contains("--> -:10:"), "{run:?}");
    let run = folder.run_with_stdin(&["check", "--stdin-filename", "k8s/pod.yaml", "-"], WITHOUT_TEMP);
    assert!(run.stdout.contains("--> k8s/pod.yaml:10:"), "{run:?}");
    let run = folder.run_with_stdin(&["map", "--format", "json", "-"], WRITABLE);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["workloads"][0]["file"], "-");
}

#[test]
fn the_current_folder_is_read_unless_paths_are_given() {
    let folder = Folder::with(&[("a/pod.yaml", WITHOUT_TEMP), ("b/pod.yaml", WRITABLE)]);
    assert_eq!(folder.run(&["map"]).stdout.matches("Pod ").count(), 2);
    assert_eq!(folder.run(&["map", "b"]).stdout.matches("Pod ").count(), 1);
    assert_eq!(
        folder
            .run(&["map", "--exclude", "a"])
            .stdout
            .matches("Pod ")
            .count(),
        1
    );
}

#[test]
fn the_summary_counts_what_was_read_and_what_was_not() {
    let folder = Folder::with(&[
        ("pods.yaml", &format!("{WRITABLE}---\n{WITHOUT_TEMP}")),
        ("values.yaml", "replicas: 1\n"),
        ("template.yaml", "kind: {{ .Values.kind }}\napiVersion: v1\n"),
    ]);
    let run = folder.run(&["map"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let summary = run.stderr.lines().last().unwrap();
    assert_eq!(
        summary,
        "2 workloads in 3 files; 1 document without kind or apiVersion skipped; 1 templated file skipped"
    );
    assert!(run.stderr.contains("template.yaml:"), "{run:?}");
    assert!(!run.stderr.contains("values.yaml"), "{run:?}");
    let run = folder.run(&["map", "--verbose"]);
    assert!(run.stderr.contains("values.yaml:1:1: "), "{run:?}");
    assert_eq!(folder.run(&["map", "--quiet"]).stderr, "");
}

#[test]
fn quiet_does_not_hide_errors() {
    let folder = Folder::with(&[("broken.yaml", "a: [1\n")]);
    assert!(folder.run(&["map", "--quiet"]).stderr.contains("broken.yaml:"));
}

#[test]
fn documents_conform_to_the_published_schemas() {
    let folder = Folder::with(&[("bad.yaml", WITHOUT_TEMP), ("good.yaml", WRITABLE)]);
    assert_conforms(&folder.run(&["map", "--format", "json"]).stdout, &schema("map"));
    assert_conforms(
        &folder.run(&["check", "--format", "json"]).stdout,
        &schema("check"),
    );
    let empty = Folder::with(&[]);
    assert_conforms(&empty.run(&["map", "--format", "json"]).stdout, &schema("map"));
    assert_conforms(
        &empty.run(&["check", "--format", "json"]).stdout,
        &schema("check"),
    );
}

#[test]
fn paths_that_are_asked_for_come_after_the_others() {
    let folder = Folder::with(&[("pod.yaml", WRITABLE)]);
    let run = folder.run(&[
        "map", "--format", "json", "--path", "/opt/x", "--path", "/tmp/y", "pod.yaml",
    ]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let paths = document["workloads"][0]["containers"][0]["paths"]
        .as_array()
        .unwrap();
    let names: Vec<_> = paths.iter().map(|path| path["path"].as_str().unwrap()).collect();
    assert_eq!(names[0], "/tmp");
    assert_eq!(names[names.len() - 2..], ["/opt/x", "/tmp/y"]);
}

#[test]
fn only_the_containers_asked_for_are_shown() {
    let two = WRITABLE.replace(
        "  volumes:",
        "    - name: other\n      image: acme/app:1\n  volumes:",
    );
    let folder = Folder::with(&[("two.yaml", &two), ("one.yaml", WITHOUT_TEMP)]);
    let run = folder.run(&["map", "--format", "json", "--container", "other"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let workloads = document["workloads"].as_array().unwrap();
    assert_eq!(workloads.len(), 1);
    assert_eq!(workloads[0]["containers"].as_array().unwrap().len(), 1);
    assert_eq!(workloads[0]["containers"][0]["name"], "other");
}

#[test]
fn every_option_has_a_twin_in_the_environment() {
    let folder = Folder::with(&[("a/pod.yaml", WITHOUT_TEMP), ("b/pod.yaml", WRITABLE)]);
    let with = |args: &[&str], name: &str, value: &str| {
        let run = folder.command(args).env(name, value).output().unwrap();
        (
            run.status.code(),
            String::from_utf8(run.stdout).unwrap(),
            String::from_utf8(run.stderr).unwrap(),
        )
    };
    assert!(with(&["map"], "WRITEWAY_FORMAT", "json").1.starts_with('{'));
    assert!(with(&["map"], "WRITEWAY_WHY", "1").1.contains("create: "));
    assert!(with(&["map"], "WRITEWAY_PATH", "/one,/two").1.contains("/two"));
    assert_eq!(with(&["map"], "WRITEWAY_FAIL_ON", "no").0, Some(1));
    assert_eq!(with(&["map"], "WRITEWAY_EXCLUDE", "a,b").1, "");
    assert_eq!(with(&["map"], "WRITEWAY_CONTAINER", "nobody").1, "");
    assert_eq!(with(&["map"], "WRITEWAY_QUIET", "yes").2, "");
    assert_eq!(with(&["map"], "WRITEWAY_FACTS", "missing.yaml").0, Some(2));
    assert_eq!(with(&["map"], "WRITEWAY_KUBERNETES_VERSION", "soon").0, Some(2));
    assert_eq!(with(&["check"], "WRITEWAY_EXIT_ZERO", "true").0, Some(0));
    assert!(
        with(&["check"], "WRITEWAY_STATISTICS", "true")
            .1
            .starts_with("1  WW101")
    );
}

#[test]
fn statistics_take_the_place_of_findings() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let run = folder.run(&["check", "--statistics"]);
    let expected =
        "1  WW101  read-only-root-without-writable-temp\n1 finding (1 warning), 1 workload in 1 file\n";
    assert_eq!(run.stdout, expected);
}

#[test]
fn output_does_not_depend_on_the_number_of_threads() {
    let folder = many();
    folder.write("more/a.yaml", WRITABLE.as_bytes());
    folder.write("more/b.yaml", b"a: [1\n");
    let with_threads = |args: &[&str], threads: &str| {
        let run = folder
            .command(args)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        (run.status.code(), run.stdout, run.stderr)
    };
    for args in [
        &["map", "--format", "json"][..],
        &["map", "--why"],
        &["map", "--format", "html"],
        &["map", "--format", "svg"],
        &["check"],
        &["check", "--format", "json"],
    ] {
        assert_eq!(with_threads(args, "1"), with_threads(args, "8"), "{args:?}");
    }
}

/// A hook that waits, and the HelmRelease that says how long.
const HOOK: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop}
spec: {interval: 1m, timeout: 2m}
---
apiVersion: batch/v1
kind: Job
metadata: {name: wait, annotations: {helm.sh/hook: pre-install}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: wait
          image: busybox:1.37.0
          command: [sh, -c, 'for i in $(seq 10); do nc -z -w 2 db 5432 && exit 0; sleep 5; done; exit 1']
";

#[test]
fn clocks_are_shown_before_the_findings_where_they_are_asked_for() {
    let folder = Folder::with(&[
        ("hook.yaml", HOOK),
        ("writeway.toml", "[clock]\nimage-pull = \"90s\"\n"),
    ]);
    let shown = folder.run(&["check", "--explain-clock", "--select", "WW501", "hook.yaml"]);
    let (clocks, findings) = shown.stdout.split_once("warning[WW501]").unwrap();
    assert_eq!(
        clocks,
        "release `shop` of HelmRelease shop  hook.yaml:3\n\
         install: Helm waits 120 s (hook.yaml:4:31)\n\
         \u{20} STEP                      BEST  WORST  WHY\n\
         \u{20} pre-install 0  Job wait    0 s  120 s  Helm gives up after 120 s; it could take 170 s\n\
         \u{20}   scheduling               0 s   10 s  allowed by `scheduling`\n\
         \u{20}   pull of busybox:1.37.0   0 s   90 s  allowed by `image-pull`\n\
         \u{20}   container `wait`         0 s   70 s  10 × (2 s nc + 5 s sleep) = 70 s\n\
         \u{20} all of it                  0 s  120 s\n\n"
    );
    assert!(
        findings.contains("may take 170 s until it ends, but Helm waits 120 s"),
        "{findings}"
    );
    let without = folder.run(&["check", "--select", "WW501", "hook.yaml"]);
    assert!(without.stdout.starts_with("warning[WW501]"), "{}", without.stdout);
}

#[test]
fn clocks_are_in_json_and_refused_where_no_format_has_room_for_them() {
    let folder = Folder::with(&[("hook.yaml", HOOK)]);
    let shown = folder.run(&["check", "--explain-clock", "--format", "json", "hook.yaml"]);
    assert_conforms(&shown.stdout, &schema("check"));
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    let install = &document["clocks"]["releases"][0]["actions"][0];
    assert_eq!(install["worst"]["seconds"], 120.0);
    let refused = folder.run(&["check", "--explain-clock", "--format", "sarif", "hook.yaml"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("--format human and --format json"),
        "{}",
        refused.stderr
    );
    let both = folder.run(&[
        "check",
        "--explain-clock",
        "--format",
        "sarif=a.sarif,human",
        "hook.yaml",
    ]);
    assert_eq!(both.code, Some(1));
    assert!(both.stdout.starts_with("release `shop`"), "{}", both.stdout);
}
