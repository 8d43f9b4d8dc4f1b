// SPDX-License-Identifier: Apache-2.0
//! A pod is the same pod whatever makes it.

use proptest::prelude::*;
use writeway_manifest::{Inventory, ParsedFile, Workload};

/// A text without the places in its debug output.
fn without_spans(debug: &str) -> String {
    let mut parts = debug.split("Span {");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    clean
}

fn workload(text: &str) -> Workload {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x.yaml", text)]);
    assert_eq!(inventory.problems(), [], "{text}");
    assert_eq!(inventory.unknown_fields(), [], "{text}");
    inventory.workloads()[0].clone()
}

fn indent(text: &str, by: usize) -> String {
    text.lines()
        .map(|line| format!("{}{line}\n", " ".repeat(by)))
        .collect()
}

/// `field: value` or nothing.
fn field(name: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::option::of(value)
        .prop_map(move |value| value.map_or(String::new(), |value| format!("{name}: {value}")))
}

/// Fields of a mapping in flow style.
fn mapping(fields: Vec<String>) -> String {
    let fields: Vec<String> = fields.into_iter().filter(|field| !field.is_empty()).collect();
    format!("{{{}}}", fields.join(", "))
}

fn list(item: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(", ")))
}

fn boolean() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["true", "false", "yes", "off"]).prop_map(str::to_owned)
}

fn id() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["0", "1000", "0x3e8", "01750", "65535"]).prop_map(str::to_owned)
}

fn mode() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["0400", "0o777", "420", "511"]).prop_map(str::to_owned)
}

fn word() -> impl Strategy<Value = String> {
    "[a-z]{1,6}".prop_map(|word| format!("'{word}'"))
}

fn path() -> impl Strategy<Value = String> {
    "(/[a-z.]{1,4}){1,3}".prop_map(|path| format!("\"{path}\""))
}

fn pod_security() -> impl Strategy<Value = String> {
    let fields = (
        field("runAsUser", id()),
        field("runAsGroup", id()),
        field("runAsNonRoot", boolean()),
        field("fsGroup", id()),
        field("supplementalGroups", list(id())),
        field("fsGroupChangePolicy", word()),
    );
    fields.prop_map(|(a, b, c, d, e, f)| mapping(vec![a, b, c, d, e, f]))
}

fn container_security() -> impl Strategy<Value = String> {
    let fields = (
        field("runAsUser", id()),
        field("readOnlyRootFilesystem", boolean()),
        field("privileged", boolean()),
        field(
            "capabilities",
            list(word()).prop_map(|names| format!("{{add: {names}, drop: [ALL]}}")),
        ),
    );
    fields.prop_map(|(a, b, c, d)| mapping(vec![a, b, c, d]))
}

fn volume() -> impl Strategy<Value = String> {
    let items = || {
        list(
            (word(), word(), field("mode", mode())).prop_map(|(key, path, mode)| {
                mapping(vec![format!("key: {key}"), format!("path: {path}"), mode])
            }),
        )
    };
    let source = prop_oneof![
        Just(String::new()),
        field("medium", Just("Memory".to_owned())).prop_map(|medium| format!("emptyDir: {{{medium}}}")),
        (word(), mode(), items()).prop_map(|(name, mode, items)| {
            format!("secret: {{secretName: {name}, defaultMode: {mode}, items: {items}}}")
        }),
        (word(), boolean(), items()).prop_map(|(name, optional, items)| {
            format!("configMap: {{name: {name}, optional: {optional}, items: {items}}}")
        }),
        path().prop_map(|path| format!("hostPath: {{path: {path}, type: Directory}}")),
        (word(), boolean()).prop_map(|(name, read_only)| {
            format!("persistentVolumeClaim: {{claimName: {name}, readOnly: {read_only}}}")
        }),
        (mode(), list(word())).prop_map(|(mode, names)| {
            let names = names
                .trim_matches(['[', ']'])
                .split(", ")
                .filter(|name| !name.is_empty());
            let sources: Vec<String> = names
                .map(|name| format!("{{secret: {{name: {name}}}}}"))
                .collect();
            format!(
                "projected: {{defaultMode: {mode}, sources: [{}]}}",
                sources.join(", ")
            )
        }),
        word().prop_map(|driver| format!("csi: {{driver: {driver}, fsType: ext4}}")),
    ];
    (word(), source).prop_map(|(name, source)| mapping(vec![format!("name: {name}"), source]))
}

fn container() -> impl Strategy<Value = String> {
    let mount = (
        word(),
        path(),
        field("readOnly", boolean()),
        field("subPath", word()),
    )
        .prop_map(|(name, path, a, b)| {
            mapping(vec![format!("name: {name}"), format!("mountPath: {path}"), a, b])
        });
    let env = (word(), word()).prop_map(|(name, value)| format!("{{name: {name}, value: {value}}}"));
    let fields = (
        word(),
        field("image", word()),
        field("command", list(word())),
        field("workingDir", path()),
        field("volumeMounts", list(mount)),
        field("env", list(env)),
        field("securityContext", container_security()),
    );
    fields.prop_map(|(name, a, b, c, d, e, f)| mapping(vec![format!("name: {name}"), a, b, c, d, e, f]))
}

/// The spec of a pod, a field a line.
fn pod_spec() -> impl Strategy<Value = String> {
    let fields = (
        field("containers", list(container())),
        field("initContainers", list(container())),
        field("volumes", list(volume())),
        field("securityContext", pod_security()),
        field("hostUsers", boolean()),
        field("serviceAccountName", word()),
        field("automountServiceAccountToken", boolean()),
    );
    fields.prop_map(|(a, b, c, d, e, f, g)| {
        let lines: Vec<String> = [a, b, c, d, e, f, g]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            "{}".to_owned()
        } else {
            lines.join("\n")
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pod_a_deployment_and_a_cron_job_hold_the_same_pod(spec in pod_spec()) {
        let pod = workload(&format!("apiVersion: v1\nkind: Pod\nspec:\n{}", indent(&spec, 2)));
        let deployment =
            workload(&format!("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n{}", indent(&spec, 6)));
        let cron_job = workload(&format!(
            "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n{}",
            indent(&spec, 10)
        ));
        let expected = without_spans(&format!("{:?}", pod.pod));
        prop_assert_eq!(&without_spans(&format!("{:?}", deployment.pod)), &expected);
        prop_assert_eq!(&without_spans(&format!("{:?}", cron_job.pod)), &expected);
    }
}

#[test]
fn places_are_removed_from_debug_output() {
    let text = "apiVersion: v1\nkind: Pod\nspec: {hostUsers: false, containers: [{name: a}]}\n";
    let debug = format!("{:?}", workload(text).pod);
    assert!(debug.contains("start: "));
    let clean = without_spans(&debug);
    assert!(
        !clean.contains("start: ") && clean.contains("value: \"a\""),
        "{clean}"
    );
}
