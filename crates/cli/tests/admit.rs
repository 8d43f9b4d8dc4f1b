// SPDX-License-Identifier: Apache-2.0
//! `writeway admit`: levels by option and by label, versions, exit codes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, Run, run};
use serde_json::Value;

/// A namespace with these labels of Pod Security.
fn namespace(name: &str, labels: &[(&str, &str)]) -> String {
    let labels: String = labels
        .iter()
        .map(|(key, value)| format!("    pod-security.kubernetes.io/{key}: {value}\n"))
        .collect();
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    a: b\n{labels}")
}

/// A bare Deployment: baseline admits it, restricted does not.
fn deployment(namespace: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: {namespace}}}\n\
         spec: {{template: {{spec: {{containers: [{{name: app, image: acme/app:1}}]}}}}}}\n"
    )
}

fn folder(labels: &[(&str, &str)]) -> Folder {
    Folder::with(&[
        ("namespace.yaml", &namespace("shop", labels)),
        ("web.yaml", &deployment("shop")),
    ])
}

/// `admitted`, `level`, `policyVersion` and the checks of the only pod.
fn only_pod(run: &Run) -> (Value, Value, Value, Vec<String>) {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let pods = document["pods"].as_array().unwrap();
    assert_eq!(pods.len(), 1, "{document}");
    let checks = pods[0]["refusedBy"].as_array().unwrap();
    let checks = checks
        .iter()
        .map(|refusal| refusal["check"].as_str().unwrap().to_owned())
        .collect();
    (
        pods[0]["admitted"].clone(),
        pods[0]["level"].clone(),
        pods[0]["policyVersion"].clone(),
        checks,
    )
}

#[test]
fn a_level_that_is_asked_for_counts_whatever_the_namespace_says() {
    let folder = folder(&[("enforce", "restricted"), ("enforce-version", "v1.7")]);
    for (level, version, code, admitted, expected) in [
        ("privileged", "latest", 0, true, "latest"),
        ("baseline", "v1.0", 0, true, "v1.0"),
        ("restricted", "1.7", 1, false, "v1.7"),
        ("restricted", "v1.37", 1, false, "v1.37"),
    ] {
        let run = folder.run(&[
            "admit",
            "--level",
            level,
            "--version",
            version,
            "--format",
            "json",
        ]);
        assert_eq!(run.code, Some(code), "{run:?}");
        let (was_admitted, was_level, was_version, checks) = only_pod(&run);
        assert_eq!(
            (was_admitted, was_level, was_version),
            (admitted.into(), level.into(), expected.into())
        );
        assert_eq!(checks.is_empty(), admitted);
    }
}

#[test]
fn without_a_level_the_label_of_the_namespace_counts() {
    let run =
        folder(&[("enforce", "restricted"), ("enforce-version", "v1.7")]).run(&["admit", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(
        only_pod(&run),
        (
            false.into(),
            "restricted".into(),
            "v1.7".into(),
            vec!["runAsNonRoot".to_owned()]
        )
    );
    let run = folder(&[("enforce", "restricted"), ("enforce-version", "v1.7")]).run(&[
        "admit",
        "--version",
        "v1.8",
        "--format",
        "json",
    ]);
    assert_eq!(only_pod(&run).3, ["allowPrivilegeEscalation", "runAsNonRoot"]);
    let run = folder(&[("enforce", "baseline"), ("warn", "restricted")]).run(&["admit"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn latest_is_the_clusters_version() {
    let folder = folder(&[("enforce", "restricted")]);
    let checks = |version: &str| {
        let run = folder.run(&["admit", "--kubernetes-version", version, "--format", "json"]);
        only_pod(&run).3
    };
    assert_eq!(checks("1.7"), ["runAsNonRoot"]);
    assert_eq!(checks("1.37").len(), 4);
}

#[test]
fn without_any_level_pods_are_admitted_and_it_is_said() {
    for labels in [&[][..], &[("warn", "restricted")], &[("enforce-version", "v1.7")]] {
        let run = folder(labels).run(&["admit"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(
            run.stdout
                .contains("Deployment shop/web  web.yaml:3  admitted, no level is known"),
            "{run:?}"
        );
        assert!(run.stderr.contains("no level is known for 1 pod"), "{run:?}");
    }
    let elsewhere = Folder::with(&[
        ("namespace.yaml", &namespace("shop", &[("enforce", "restricted")])),
        ("web.yaml", &deployment("garden")),
    ]);
    assert_eq!(elsewhere.run(&["admit"]).code, Some(0));
}

#[test]
fn an_invalid_label_is_pointed_at_and_closed() {
    let run = folder(&[("enforce", "strict"), ("enforce-version", "newest")]).run(&["admit"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("refused by restricted:latest"), "{run:?}");
    for warning in [
        "namespace.yaml:7:41: warning: `pod-security.kubernetes.io/enforce` must be privileged, baseline or restricted",
        "namespace.yaml:8:49: warning: `pod-security.kubernetes.io/enforce-version` must be latest or v1.N",
    ] {
        assert!(run.stderr.contains(warning), "{run:?}");
    }
}

#[test]
fn a_refusal_names_the_check_and_the_place() {
    let run = folder(&[("enforce", "restricted"), ("enforce-version", "v1.7")]).run(&["admit"]);
    let expected = "\
Deployment shop/web  web.yaml:3  refused by restricted:v1.7
  runAsNonRoot: pod or container \"app\" must set securityContext.runAsNonRoot=true
    web.yaml:4:46: container `app`: lacks `runAsNonRoot: true`
1 pod: 1 refused
";
    assert_eq!(run.stdout, expected);
}

#[test]
fn what_cannot_be_read_is_2_and_the_rest_is_judged() {
    let folder = Folder::with(&[
        (
            "broken.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: broken}\nspec: {hostPID: 'true', containers: [{name: a}]}\n",
        ),
        ("web.yaml", &deployment("shop")),
    ]);
    let run = folder.run(&["admit", "--level", "restricted", "--format", "json"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["pods"][0]["admitted"], Value::Null);
    assert_eq!(document["pods"][0]["unknown"][0]["line"], 4);
    assert_eq!(document["pods"][1]["admitted"], false);
    assert!(run.stderr.contains("broken.yaml:4:17: `spec.hostPID`"), "{run:?}");
}

#[test]
fn a_value_that_is_not_filled_in_is_2() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, securityContext: {procMount: '${X}'}}]}\n";
    let folder = Folder::with(&[("pod.yaml", pod)]);
    assert_eq!(folder.run(&["admit", "--level", "baseline"]).code, Some(2));
    assert_eq!(folder.run(&["admit", "--level", "privileged"]).code, Some(0));
}

#[test]
fn wrong_levels_and_versions_are_wrong_usage() {
    for args in [
        &["admit", "--level", "strict"][..],
        &["admit", "--version", "v2.0"],
        &["admit", "--version", "v1.01"],
        &["admit", "--format", "yaml"],
    ] {
        let run = run(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn options_have_twins_in_the_environment() {
    let folder = folder(&[]);
    let mut command = folder.command(&["admit"]);
    let output = command
        .env("WRITEWAY_LEVEL", "restricted")
        .env("WRITEWAY_POLICY_VERSION", "v1.7")
        .output()
        .unwrap();
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("refused by restricted:v1.7")
    );
}

#[test]
fn the_document_conforms_to_its_schema() {
    let schema: Value = serde_json::from_str(&run(&["schema", "admit"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for labels in [&[][..], &[("enforce", "restricted")]] {
        let run = folder(labels).run(&["admit", "--format", "json"]);
        let document = serde_json::from_str(&run.stdout).unwrap();
        assert!(validator.is_valid(&document), "{document}");
    }
}
