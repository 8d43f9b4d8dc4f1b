// SPDX-License-Identifier: Apache-2.0
//! The commands that the help shows below "Examples:" work as they stand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::image::saved_image;
use common::{Folder, WITHOUT_TEMP, WRITABLE};

/// What a probe prints that was asked about no path.
const PROBE: &str = r#"{ "version": 1, "workloads": [{
    "kind": "Pod", "namespace": null, "name": "writable",
    "containers": [{
        "name": "app", "paths": [],
        "identity": { "uid": 1000, "gid": 1000, "groups": [1000], "capabilities": [] }
    }]
}] }"#;

/// The commands that a help lists below a heading.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let entries = listed.take_while(|line| !line.is_empty());
    entries.filter_map(|line| line.split_whitespace().next())
}

/// The lines below "Examples:", each without what it is for, which stands behind two blanks or more.
fn examples(help: &str) -> impl Iterator<Item = &str> {
    let listed = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines = listed.take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split("  ").next())
}

/// The arguments of `writeway` in an example: what others pipe into it and do with its output is theirs.
fn arguments(example: &str) -> Option<Vec<&str>> {
    let (_, own) = example.split_once("writeway ")?;
    let own = own.split(['|', '>', '<']).next()?;
    Some(own.split_whitespace().collect())
}

#[test]
fn the_examples_of_the_help_run() {
    let deploy = WRITABLE
        .replace(
            "      volumeMounts:\n",
            "      volumeMounts:\n        - {name: data, mountPath: /var/lib/app}\n",
        )
        .replace(
            "  volumes:\n",
            "  volumes:\n    - {name: data, persistentVolumeClaim: {claimName: data}}\n",
        );
    let folder = Folder::with(&[
        ("k8s/pod.yaml", WITHOUT_TEMP),
        ("deploy.yaml", &deploy),
        (
            "namespace.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        ),
        ("facts.yaml", "kubernetes: {version: \"1.36\"}\n"),
        ("probe.json", PROBE),
    ]);
    for name in ["app.tar", "other.tar"] {
        folder.write(name, &saved_image("acme/app:1"));
    }
    let mut ran = 0;
    let mut waiting = vec![Vec::new()];
    while let Some(command) = waiting.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = folder.run(&words).stdout;
        waiting.extend(commands(&help).map(|word| [command.as_slice(), &[word.to_owned()]].concat()));
        for example in examples(&help) {
            let Some(arguments) = arguments(example) else {
                continue;
            };
            let run = folder.run_with_stdin(&arguments, WRITABLE);
            assert!(matches!(run.code, Some(0 | 1)), "{example}: {run:?}");
            ran += 1;
        }
    }
    assert!(ran > 30, "{ran} examples were found");
}
