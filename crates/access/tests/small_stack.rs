// SPDX-License-Identifier: Apache-2.0
//! Any script is followed on a small stack: whatever nests is bounded by one depth, and trees are walked without recursion.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use writeway_access::{Context, map_pod};
use writeway_manifest::{Inventory, ParsedFile};

/// Well below what a thread gets by default (2 MiB), for a debug build. Half a megabyte was enough on x86-64.
const STACK: usize = 768 * 1024;

/// Maps a pod whose init container runs the script.
fn map(script: &str, facts: &str) {
    let script = serde_json::Value::from(script).to_string();
    let manifest = format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: x}}
spec:
  initContainers:
    - {{name: i, image: app, command: [sh, -c, {script}], volumeMounts: [{{name: v, mountPath: /v}}, {{name: w, mountPath: /w}}]}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, emptyDir: {{}}}}, {{name: w, emptyDir: {{}}}}]
"
    );
    let facts = writeway_facts::read(facts).unwrap();
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x.yaml", manifest)]);
    let context = Context {
        inventory: &inventory,
        facts: &facts,
        extra_paths: &[],
    };
    assert_eq!(inventory.workloads().len(), 1, "{script}");
    for workload in inventory.workloads() {
        let map = map_pod(&context, workload);
        assert!(!map.containers.is_empty(), "{:?} {script}", map.starts);
    }
}

/// Maps each script on a small stack, with tools that are known and tools that are not. A thread that
/// overflows is named after its script.
fn fit(scripts: impl IntoIterator<Item = String>) {
    const FACTS: [&str; 2] = [
        "images: {app: {complete: true, user: '', users: {}, groups: {}, tools: {kind: busybox}}}",
        "",
    ];
    for script in scripts {
        assert!(writeway_shell::parse(&script).is_ok(), "{script}");
        for facts in FACTS {
            let name: String = script.chars().take(120).collect();
            let script = script.clone();
            let thread = std::thread::Builder::new().name(name).stack_size(STACK);
            thread.spawn(move || map(&script, facts)).unwrap().join().unwrap();
        }
    }
}

/// What nests in a script, with what is around the inside.
const NESTS: &[(&str, &str)] = &[
    ("a=$(", ")"),
    (": \"${a:-$(", ")}\""),
    ("if ", "; then :; fi"),
    ("if u; then ", "; fi"),
    ("while ", "; do :; done"),
    ("while u; do ", "; done"),
    ("for i in 1 $RANDOM; do ", "; done"),
    ("case $RANDOM in a) ", ";; esac"),
    ("( ", " ) > /v/$RANDOM"),
    ("{ ", "; } >> /v/a"),
    ("u || ! { ", "; } | u"),
    ("u && { ", "\n} & "),
    ("f() { ", "; }; f"),
];

#[test]
fn texts_that_are_evaluated_again_and_again() {
    fit([
        "x='eval \"$x\"'; eval \"$x\"".to_owned(),
        "x='eval \"$x\" >> /v/a'; eval \"$x\"".to_owned(),
        "export x='sh -c \"$x\"'; sh -c \"$x\"".to_owned(),
        "f() { eval f; }; f".to_owned(),
    ]);
}

#[test]
fn functions_that_call_themselves_in_whatever_nests() {
    let calls = NESTS
        .iter()
        .map(|(open, close)| format!("f() {{ {open}f{close}\n}}; f"));
    fit(calls.chain(["f() { f; f; }; f".to_owned(), "f() { f & f | f; }; f".to_owned()]));
}

#[test]
fn the_deepest_text_inside_of_the_deepest_execution() {
    let deepest = |(open, close): &(&str, &str)| {
        let text = (1..=writeway_shell::MAX_NESTING)
            .rev()
            .map(|depth| format!("{}true{}", open.repeat(depth), close.repeat(depth)));
        text.into_iter()
            .find(|text| writeway_shell::parse(text).is_ok())
            .unwrap()
    };
    for inner in [NESTS[0], NESTS[1], NESTS[2], NESTS[9]] {
        let text = deepest(&inner);
        fit(NESTS.iter().map(|(open, close)| {
            format!("x='{text}'; f() {{ {open}eval \"$x\"; f; eval \"$x\"{close}\n}}; f")
        }));
    }
}

#[test]
fn chains_of_any_length() {
    fit([
        format!("{} true", "exec ".repeat(10_000)),
        format!("{} true", "command ".repeat(7_000)),
        format!("{} sh -c true", "busybox ".repeat(7_000)),
        format!("test {} a", "! ".repeat(20_000)),
        format!("test {} a", "a -a ".repeat(10_000)),
        format!("[ {} a ]", "'' -o ".repeat(9_000)),
        format!("case x in {} esac", "a) ;; ".repeat(9_000)),
        format!("case $RANDOM in {} esac", "a) ;; ".repeat(9_000)),
        format!("if false; then :; {} fi", "elif false; then :; ".repeat(3_000)),
        format!("if u; then :; {} fi", "elif u; then :; ".repeat(3_000)),
        format!("{} a", "a | ".repeat(9_000)),
        format!("{} a", "a || ".repeat(9_000)),
    ]);
}

#[test]
fn trees_as_deep_as_they_are_followed() {
    let trees = format!("mkdir -p /v{} /v/x{}", "/d".repeat(250), "/d".repeat(60));
    let tools = [
        "chmod -R 0700 /v",
        "chown -R 1:1 /v",
        "chown -RL 1:1 /v",
        "rm -r /v/d",
        "cp -r /v/x /w",
        "cp -aL /v/x /w",
        "find /v -exec chmod -R 0700 {} \\;",
        "find /v -exec chown 1:1 {} +",
    ];
    let once = tools.iter().map(|tool| format!("{trees}; {tool}"));
    fit(once.chain([format!("{trees}; f() {{ f >> /v/a; cp -a /v/x /w; }}; f")]));
}

#[test]
fn links_that_lead_to_links() {
    let links: String = (1..60)
        .map(|number| format!("ln -s ./l{}/../d/. /v/l{number}; ", number - 1))
        .collect();
    fit([format!(
        "mkdir /v/d; ln -s d /v/l0; {links} f() {{ for i in /v/l*; do touch $i/x; chmod -R 0700 $i/; done; f; }}; f"
    )]);
}
