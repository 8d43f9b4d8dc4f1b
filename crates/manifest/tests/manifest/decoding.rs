// SPDX-License-Identifier: Apache-2.0
//! Scalars and collections as kubectl 1.37.1 decoded them into a Pod (`kubectl set image --local -o json`).

use crate::reading::{pod, problems, read, read_pod};

const REFUSED: Option<Option<i64>> = None;
const ABSENT: Option<Option<i64>> = Some(None);

fn is(value: i64) -> Option<Option<i64>> {
    Some(Some(value))
}

/// What a field of the first pod is, or nothing when the text is refused.
fn decode<T>(spec: &str, field: impl FnOnce(&writeway_manifest::PodSpec) -> T) -> Option<T> {
    let text = pod(spec);
    let inventory = read(&text);
    let problems = problems(&inventory);
    assert!(
        problems.iter().all(|problem| problem.starts_with("error ")),
        "{problems:?}"
    );
    problems.is_empty().then(|| field(&inventory.workloads()[0].pod))
}

#[test]
fn int64_fields() {
    for (written, expected) in [
        ("1000", is(1000)),
        ("\"1000\"", REFUSED),
        ("1e3", is(1000)),
        ("1.0", is(1)),
        ("1.5", REFUSED),
        ("08", is(8)),
        ("0400", is(256)),
        ("0o17", is(15)),
        ("0x10", is(16)),
        ("1_000", is(1000)),
        ("yes", REFUSED),
        ("null", ABSENT),
        ("~", ABSENT),
        ("", ABSENT),
        ("[1]", REFUSED),
        ("{}", REFUSED),
        ("-1", is(-1)),
        ("9223372036854775807", is(i64::MAX)),
        ("9223372036854775808", REFUSED),
        ("1e19", REFUSED),
        (".inf", REFUSED),
        (".nan", REFUSED),
        ("!!str 1", REFUSED),
        ("!!int \"5\"", is(5)),
        ("9.3e18", REFUSED),
        ("1e18", is(1_000_000_000_000_000_000)),
        ("-0.0", is(0)),
        ("2001-01-01", REFUSED),
    ] {
        let spec = format!("containers: []\nsecurityContext: {{runAsUser: {written}}}");
        let decoded = decode(&spec, |pod| pod.security.run_as_user.map(|user| user.value));
        assert_eq!(decoded, expected, "{written}");
    }
}

#[test]
fn int32_fields() {
    for (written, expected) in [
        ("420", is(420)),
        ("0644", is(0o644)),
        ("\"0644\"", REFUSED),
        ("2147483647", is(i64::from(i32::MAX))),
        ("2147483648", REFUSED),
        ("4294967296", REFUSED),
        ("-2147483648", is(i64::from(i32::MIN))),
        ("420.0", is(420)),
        ("1.5", REFUSED),
    ] {
        let spec = format!(
            "containers: []\nvolumes: [{{name: v, secret: {{secretName: x, defaultMode: {written}}}}}]"
        );
        let decoded = decode(&spec, |pod| match &pod.volumes[0].source {
            writeway_manifest::VolumeSource::Secret(secret) => secret.default_mode.map(|mode| mode.value),
            other => panic!("{other:?}"),
        });
        assert_eq!(decoded, expected, "{written}");
    }
}

#[test]
fn bool_fields() {
    for (written, expected) in [
        ("true", Some(Some(true))),
        ("yes", Some(Some(true))),
        ("on", Some(Some(true))),
        ("y", Some(Some(true))),
        ("TRUE", Some(Some(true))),
        ("False", Some(Some(false))),
        ("\"true\"", None),
        ("1", None),
        ("0", None),
        ("null", Some(None)),
        ("", Some(None)),
    ] {
        let spec = format!("containers: []\nhostNetwork: {written}");
        let decoded = decode(&spec, |pod| pod.host_network.map(|value| value.value));
        assert_eq!(decoded, expected, "{written}");
    }
}

#[test]
fn string_fields() {
    for (written, expected) in [
        ("abc", Some(Some("abc"))),
        ("\"1\"", Some(Some("1"))),
        ("1", None),
        ("true", None),
        ("yes", None),
        ("null", Some(None)),
        ("", Some(None)),
        ("1.5", None),
        ("2001-01-01", Some(Some("2001-01-01"))),
        ("[a]", None),
        ("0x1F", None),
        ("!!binary aGk=", Some(Some("hi"))),
        ("!!str 1", Some(Some("1"))),
    ] {
        let spec = format!("containers: []\nruntimeClassName: {written}");
        let decoded = decode(&spec, |pod| {
            pod.runtime_class_name.as_ref().map(|name| name.value.clone())
        });
        assert_eq!(decoded.as_ref().map(Option::as_deref), expected, "{written}");
    }
}

#[test]
fn quantities() {
    for (written, expected) in [
        ("1Gi", Some(Some("1Gi"))),
        ("\"1Gi\"", Some(Some("1Gi"))),
        ("100", Some(Some("100"))),
        ("1.5", Some(Some("1.5"))),
        ("1e3", Some(Some("1e3"))),
        ("null", Some(None)),
        ("true", None),
        ("[]", None),
        ("abc", None),
    ] {
        let spec = format!("containers: []\nvolumes: [{{name: v, emptyDir: {{sizeLimit: {written}}}}}]");
        let decoded = decode(&spec, |pod| match &pod.volumes[0].source {
            writeway_manifest::VolumeSource::EmptyDir(empty) => {
                empty.size_limit.as_ref().map(|limit| limit.value.clone())
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(decoded.as_ref().map(Option::as_deref), expected, "{written}");
    }
}

#[test]
fn lists_of_objects() {
    for (written, expected) in [
        ("[]", Some(0)),
        ("null", Some(0)),
        ("[null]", Some(1)),
        ("[{}]", Some(1)),
        ("{}", None),
        ("\"\"", None),
        ("[[]]", None),
        ("[a]", None),
        ("a", None),
    ] {
        let decoded = decode(&format!("containers: []\nvolumes: {written}"), |pod| {
            pod.volumes.len()
        });
        assert_eq!(decoded, expected, "{written}");
    }
}

#[test]
fn lists_of_scalars() {
    for (written, expected) in [
        ("[a]", Some(vec!["a"])),
        ("[null]", Some(vec![""])),
        ("[1]", None),
        ("a", None),
        ("[true]", None),
        ("[[a]]", None),
    ] {
        let decoded = decode(
            &format!("containers: [{{name: app, command: {written}}}]"),
            |pod| {
                let container = pod
                    .containers(writeway_manifest::Which::Main)
                    .next()
                    .unwrap()
                    .clone();
                container
                    .command
                    .unwrap()
                    .into_iter()
                    .map(|word| word.value)
                    .collect::<Vec<_>>()
            },
        );
        assert_eq!(
            decoded,
            expected.map(|words| words.into_iter().map(str::to_owned).collect()),
            "{written}"
        );
    }
    for (written, expected) in [
        ("[1]", Some(vec![1])),
        ("[null]", Some(vec![0])),
        ("[\"1\"]", None),
        ("1", None),
        ("[1.5]", None),
    ] {
        let spec = format!("containers: []\nsecurityContext: {{supplementalGroups: {written}}}");
        let decoded = decode(&spec, |pod| {
            pod.security
                .supplemental_groups
                .iter()
                .map(|group| group.value)
                .collect::<Vec<_>>()
        });
        assert_eq!(decoded, expected, "{written}");
    }
}

#[test]
fn maps_of_strings_and_objects() {
    for (field, written, accepted) in [
        ("nodeSelector", "{a: b}", true),
        ("nodeSelector", "{a: 1}", false),
        ("nodeSelector", "{a: true}", false),
        ("nodeSelector", "{a: null}", true),
        ("nodeSelector", "[]", false),
        ("nodeSelector", "{1: a}", true),
        ("nodeSelector", "{on: a}", true),
        ("securityContext", "[]", false),
        ("securityContext", "a", false),
        ("securityContext", "1", false),
        ("securityContext", "null", true),
        ("securityContext", "{}", true),
    ] {
        let decoded = decode(&format!("containers: []\n{field}: {written}"), |_| ());
        assert_eq!(decoded.is_some(), accepted, "{field}: {written}");
    }
}

#[test]
fn names_of_fields_are_case_sensitive() {
    let pod = read_pod("containers: []\nHostNetwork: true\nhostnetwork: true");
    assert_eq!(pod.host_network, None);
}

#[test]
fn a_refused_value_counts_as_absent_and_the_rest_is_read() {
    let inventory = read(&pod(
        "containers: []\nhostPID: true\nsecurityContext:\n  runAsUser: \"1000\"\n  fsGroup: 2000\nvolumes: {}",
    ));
    assert_eq!(
        problems(&inventory),
        [
            "error 8:16: `spec.securityContext.runAsUser` must be an integer, not a string; remove the quotes",
            "error 10:12: `spec.volumes` must be a list, not a mapping",
        ]
    );
    let pod = &inventory.workloads()[0].pod;
    assert_eq!(pod.security.run_as_user, None);
    assert_eq!(pod.security.fs_group.map(|group| group.value), Some(2000));
    assert!(pod.host_pid.unwrap().value);
}

#[test]
fn messages_say_what_to_do() {
    for (spec, message) in [
        (
            "nodeName: x\ncontainers: [{name: 1}]",
            "`spec.containers[0].name` must be a string, not a number; put it in quotes",
        ),
        (
            "containers: [{name: yes}]",
            "`spec.containers[0].name` must be a string, not a boolean; put it in quotes",
        ),
        (
            "containers: [app]",
            "`spec.containers[0]` must be a mapping, not a string",
        ),
        (
            "hostNetwork: 'true'\ncontainers: []",
            "`spec.hostNetwork` must be a boolean, not a string; remove the quotes",
        ),
        (
            "containers: []\nsecurityContext: {fsGroup: 'staff'}",
            "`spec.securityContext.fsGroup` must be an integer, not a string",
        ),
        (
            "containers: []\nsecurityContext: {fsGroup: 1.5}",
            "`spec.securityContext.fsGroup` must be an integer, not a fraction",
        ),
        (
            "containers: []\nvolumes: [{name: v, emptyDir: {mode: 99999999999}}]",
            "`spec.volumes[0].emptyDir.mode` does not fit into 32 bits",
        ),
        (
            "containers: []\nvolumes: [{name: v, emptyDir: {sizeLimit: lots}}]",
            "`spec.volumes[0].emptyDir.sizeLimit` must be a quantity, for example 64Mi",
        ),
    ] {
        let problems = problems(&read(&pod(spec)));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].ends_with(&format!(": {message}")), "{problems:?}");
    }
}
