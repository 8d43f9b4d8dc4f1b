// SPDX-License-Identifier: Apache-2.0
//! Any script is checked soon, on a small stack.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::time::{Duration, Instant};

use writeway_access::Context;
use writeway_check::{Settings, check};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};

/// Well below what a thread gets by default (2 MiB), for a debug build.
const STACK: usize = 1024 * 1024;

/// Checks a pod whose container runs the script, with these variables.
fn check_script(script: &str, env: &str) {
    let script = serde_json::Value::from(script).to_string();
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n  containers:\n  \
         - {{name: app, image: app, env: [{env}], command: [sh, -c, {script}]}}\n"
    );
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x.yaml", manifest)]);
    assert_eq!(inventory.workloads().len(), 1);
    let context = Context {
        inventory: &inventory,
        facts: &Facts::default(),
        extra_paths: &[],
    };
    check(&context, &Settings::default());
}

fn fits(script: String, env: String) {
    let start = Instant::now();
    let name = script.chars().take(120).collect();
    let thread = std::thread::Builder::new().name(name).stack_size(STACK);
    // A pool of its own: the engine's threads are what has to do with the stack.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK);
    let pool = pool.build().unwrap();
    let run = move || pool.install(|| check_script(&script, &env));
    thread.spawn(run).unwrap().join().unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

#[test]
fn scripts_in_scripts_of_the_deepest_kind() {
    for (open, close) in [
        ("a=$(", ")"),
        ("if ", "; then :; fi"),
        ("{ ", "; }"),
        (": \"${a:-$(", ")}\""),
    ] {
        let deepest = |inner: &str| {
            let text = |depth: usize| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let depths = (1..=writeway_shell::MAX_NESTING).rev();
            depths
                .map(text)
                .find(|text| writeway_shell::parse(text).is_ok())
                .unwrap()
        };
        // Each script runs the next, which a variable holds.
        let variable = |number: usize| {
            let text = serde_json::Value::from(deepest(&format!("sh -c \"$V{}\"", number + 1)));
            format!("{{name: V{number}, value: {text}}}")
        };
        let env: Vec<String> = (1..12).map(variable).collect();
        fits(deepest("sh -c \"$V1\""), env.join(", "));
    }
}

#[test]
fn chains_of_any_length() {
    for script in [
        format!("{} true", "exec ".repeat(12_000)),
        format!("{} true", "env A=b ".repeat(7_000)),
        format!("{} a", "a || ".repeat(12_000)),
        "a;".repeat(30_000),
        "cp a b\n".repeat(9_000),
    ] {
        fits(script, String::new());
    }
}
