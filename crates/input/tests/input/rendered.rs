// SPDX-License-Identifier: Apache-2.0
//! Charts and kustomizations with `--render`, by the real programs.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use writeway_input::{CollectOptions, Collected, RenderOptions, collect};
use writeway_manifest::{Inventory, Which};

use crate::tree::{Answer, Tree, pod};

/// A program that `cargo xtask test` brings.
fn tool(variables: &[&str]) -> PathBuf {
    let named: Option<OsString> = variables.iter().find_map(std::env::var_os);
    named.map(PathBuf::from).unwrap_or_else(|| {
        panic!(
            "none of {} is set: run through cargo xtask test",
            variables.join(", ")
        );
    })
}

fn options() -> CollectOptions {
    let render = RenderOptions {
        helm: Some(tool(&["WRITEWAY_HELM"])),
        kustomize: Some(tool(&["WRITEWAY_KUSTOMIZE", "WRITEWAY_KUBECTL"])),
        ..RenderOptions::default()
    };
    CollectOptions {
        render: Some(render),
        ..CollectOptions::default()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn render(name: &str) -> Collected {
    collect(&[fixture(name)], &options())
}

fn only_file(collected: &Collected) -> &str {
    assert!(collected.errors.is_empty(), "{:?}", collected.errors);
    assert_eq!(collected.files.len(), 1, "{:?}", collected.files);
    &collected.files[0].name
}

#[test]
fn a_plain_chart_is_rendered_under_its_own_name() {
    let collected = render("charts/plain");
    assert!(only_file(&collected).ends_with("charts/plain (helm template)"));
    assert_eq!(collected.renderers.len(), 1);
    assert_eq!(collected.renderers[0].name, "helm template");
    assert!(
        collected.renderers[0].version.starts_with('v'),
        "{:?}",
        collected.renderers
    );

    let inventory = Inventory::from_parsed(collected.files);
    assert_eq!(inventory.problems(), []);
    let workload = &inventory.workloads()[0];
    assert_eq!(workload.object.name, "plain");
    assert_eq!(
        workload.pod.security.run_as_user.map(|user| user.value),
        Some(1000)
    );
    assert_eq!(workload.pod.volumes.len(), 1);
}

#[test]
fn a_chart_with_a_subchart_is_rendered_once_with_the_parents_values() {
    let collected = render("charts/parent");
    only_file(&collected);
    let inventory = Inventory::from_parsed(collected.files);
    let workload = &inventory.workloads()[0];
    assert_eq!(
        (workload.object.kind.as_str(), workload.object.name.as_str()),
        ("CronJob", "parent-worker")
    );
    assert_eq!(
        workload.pod.security.run_as_user.map(|user| user.value),
        Some(2000)
    );
}

#[test]
fn a_failing_chart_says_what_helm_says_and_the_others_are_rendered() {
    let collected = render("charts");
    assert_eq!(collected.files.len(), 2, "{:?}", collected.files);
    assert_eq!(collected.errors.len(), 1);
    let error = collected.errors[0].to_string();
    assert!(
        error.contains("charts/failing: `helm template` failed"),
        "{error}"
    );
    assert!(error.contains("set image"), "{error}");
}

#[test]
fn an_overlay_is_built_with_its_patch_and_its_base_is_not_read_beside() {
    let collected = render("kustomizations/overlay");
    assert!(only_file(&collected).contains("overlay/production (k"));
    assert!(
        collected.renderers[0].version.starts_with('v'),
        "{:?}",
        collected.renderers
    );
    let inventory = Inventory::from_parsed(collected.files);
    assert_eq!(inventory.workloads().len(), 1);
    let workload = &inventory.workloads()[0];
    assert_eq!(workload.object.namespace.as_deref(), Some("production"));
    let container = workload.pod.containers(Which::Main).next().unwrap();
    assert_eq!(
        container
            .security
            .read_only_root_filesystem
            .map(|value| value.value),
        Some(true)
    );
}

#[test]
fn generated_objects_join_the_inventory() {
    let collected = render("kustomizations/generator");
    only_file(&collected);
    let inventory = Inventory::from_parsed(collected.files);
    assert!(inventory.secret(None, "token").unwrap().keys["token"].empty);
    assert!(
        inventory
            .config_map(None, "settings")
            .unwrap()
            .keys
            .contains_key("settings.yaml")
    );
    assert_eq!(inventory.users_of_secret(None, "token").len(), 1);
}

/// Collects a tree with a program of our own in the place of both tools: `behaviour` is its shell script.
fn with_program(tree: &Tree, behaviour: &str, time_limit: Duration, max_bytes: u64) -> Answer {
    let program = tree.path("program");
    tree.write("program", format!("#!/bin/sh\n{behaviour}\n").as_bytes());
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let render = RenderOptions {
        helm: Some(program.clone()),
        kustomize: Some(program),
        time_limit,
        max_bytes,
    };
    tree.collect(
        &[""],
        &CollectOptions {
            render: Some(render),
            ..CollectOptions::default()
        },
    )
}

fn chart(metadata: &str) -> Tree {
    Tree::new([("web/Chart.yaml", metadata), ("good.yaml", pod("good").as_str())])
}

#[test]
fn a_program_that_is_not_there_is_named_with_its_variable() {
    let tree = chart("name: web");
    let render = RenderOptions {
        helm: Some("/nowhere/helm".into()),
        ..RenderOptions::default()
    };
    let answer = tree.collect(
        &[""],
        &CollectOptions {
            render: Some(render),
            ..CollectOptions::default()
        },
    );
    assert_eq!(
        answer.errors,
        ["web: `/nowhere/helm` was not found; install it, or name it in WRITEWAY_HELM"]
    );
    assert_eq!(answer.workloads(), ["good"]);
}

#[test]
fn a_program_that_hangs_is_stopped() {
    let answer = with_program(
        &chart("name: web"),
        "exec sleep 60",
        Duration::from_secs(1),
        1 << 20,
    );
    assert_eq!(
        answer.errors,
        ["web: `program template` took more than 1 s and was stopped"]
    );
    assert_eq!(answer.workloads(), ["good"]);
}

#[test]
fn a_program_that_closes_its_output_and_hangs_is_stopped() {
    let answer = with_program(
        &chart("name: web"),
        "exec >&- 2>&-; exec sleep 60",
        Duration::from_secs(1),
        1 << 20,
    );
    assert_eq!(
        answer.errors,
        ["web: `program template` took more than 1 s and was stopped"]
    );
}

#[test]
fn a_program_that_writes_without_end_is_stopped() {
    let answer = with_program(&chart("name: web"), "exec yes", Duration::from_secs(60), 4096);
    assert_eq!(
        answer.errors,
        ["web: `program template` wrote more than 4096 bytes and was stopped"]
    );
}

#[test]
fn a_long_complaint_does_not_block_the_program() {
    let behaviour = "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 3";
    let answer = with_program(&chart("name: web"), behaviour, Duration::from_secs(60), 4096);
    assert!(answer.errors[0].starts_with("web: `program template` failed (exit status: 3): xxx"));
    assert!(answer.errors[0].len() < 5000);
}

#[test]
fn a_charts_name_never_becomes_an_option() {
    for (name, arguments) in [
        ("web", "template web"),
        ("--post-renderer=./evil.sh", "template /"),
        ("-n", "template /"),
        ("Web", "template /"),
    ] {
        let tree = chart(&format!("name: '{name}'"));
        with_program(&tree, "echo \"$@\" >> \"$0.log\"", Duration::from_secs(60), 4096);
        let log = std::fs::read_to_string(tree.path("program.log")).unwrap();
        assert!(log.starts_with(arguments), "{name}: {log}");
    }
}

#[test]
fn a_library_chart_is_noted_and_not_rendered() {
    let answer = with_program(
        &chart("name: web\ntype: library"),
        "exit 1",
        Duration::from_secs(60),
        4096,
    );
    assert_eq!(answer.errors, [""; 0]);
    assert_eq!(
        answer.notes,
        ["web: Helm library chart, skipped: it has nothing to render by itself"]
    );
}

#[test]
fn only_kustomizations_that_no_other_builds_on_are_built() {
    let (extra, loose) = (pod("extra"), pod("loose"));
    let tree = Tree::new([
        (
            "base/kustomization.yaml",
            "resources: [pod.yaml, ../shared/pod.yaml]",
        ),
        ("base/pod.yaml", "{}"),
        ("base/extra.yaml", extra.as_str()),
        ("shared/pod.yaml", "{}"),
        ("shared/loose.yaml", loose.as_str()),
        (
            "a/kustomization.yaml",
            "resources: [../base]\ncomponents: [../component]",
        ),
        ("b/kustomization.yaml", "resources: [../base]"),
        ("component/kustomization.yaml", "kind: Component"),
        ("unused/kustomization.yaml", "kind: Component"),
        ("ring/one/kustomization.yaml", "resources: [../two]"),
        ("ring/two/kustomization.yaml", "resources: [../one]"),
    ]);
    let answer = with_program(&tree, "echo", Duration::from_secs(60), 4096);
    assert_eq!(
        answer.files,
        [
            "a (kustomize build)",
            "b (kustomize build)",
            "ring/one (kustomize build)",
            "shared/loose.yaml"
        ]
    );
    assert_eq!(
        answer.notes,
        ["unused: kustomize component, skipped: no kustomization here uses it"]
    );
    assert_eq!(answer.renderers, ["kustomize build"]);
}
