// SPDX-License-Identifier: Apache-2.0
//! Fields of pods and containers.

use writeway_manifest::{EnvFromSource, EnvSource, ExpandedPath, Role, SubPath, Which};

use crate::reading::{only_workload, pod, problems, read, read_pod, slice};

#[test]
fn containers_come_in_start_order_with_their_roles() {
    let pod = read_pod(
        "containers: [{name: main}, {name: second}]
ephemeralContainers: [{name: debug, targetContainerName: main}]
initContainers: [{name: first}, {name: proxy, restartPolicy: Always}, {name: last, restartPolicy: OnFailure}]",
    );
    let names = |which| -> Vec<&str> {
        pod.containers(which)
            .map(|container| container.name.as_str())
            .collect()
    };
    assert_eq!(
        names(Which::All),
        ["first", "proxy", "last", "main", "second", "debug"]
    );
    assert_eq!(names(Which::Init), ["first", "last"]);
    assert_eq!(names(Which::Sidecar), ["proxy"]);
    assert_eq!(names(Which::Main), ["main", "second"]);
    assert_eq!(names(Which::Startup), ["first", "proxy", "last"]);
    assert_eq!(names(Which::LongRunning), ["proxy", "main", "second"]);
    assert_eq!(
        names(Which::Regular),
        ["first", "proxy", "last", "main", "second"]
    );
    let roles: Vec<Role> = pod
        .containers(Which::All)
        .map(|container| container.role)
        .collect();
    assert_eq!(
        roles,
        [
            Role::Init,
            Role::Sidecar,
            Role::Init,
            Role::Main,
            Role::Main,
            Role::Ephemeral
        ]
    );
}

#[test]
fn a_main_container_with_restart_policy_always_is_no_sidecar() {
    let pod = read_pod("containers: [{name: main, restartPolicy: Always}]");
    assert_eq!(pod.containers(Which::Main).count(), 1);
}

#[test]
fn every_field_of_a_container_is_read() {
    let pod = read_pod(
        "containers:
- name: app
  image: registry.example/app@sha256:0
  command: [sh, -c]
  args: ['exec app']
  workingDir: /srv
  terminationMessagePath: /run/termination
  env:
  - {name: PLAIN, value: '$(HOME)/x'}
  - {name: NOTHING}
  - {name: FIELD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  - {name: SECRET, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}
  - {name: MAP, valueFrom: {configMapKeyRef: {name: m, key: k}}}
  - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
  - {name: FILE, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}
  envFrom:
  - secretRef: {name: s, optional: true}
  - configMapRef: {name: m}
  volumeMounts:
  - {name: v, mountPath: /v, subPath: a, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: None}
  - {name: v, mountPath: /w, subPathExpr: $(PLAIN)}
  - {name: v, mountPath: /x, subPath: ''}
  volumeDevices:
  - {name: d, devicePath: /dev/x}
  securityContext:
    runAsUser: 1
    runAsGroup: 2
    runAsNonRoot: true
    readOnlyRootFilesystem: true
    privileged: false
    allowPrivilegeEscalation: false
    capabilities: {add: [CHOWN], drop: [ALL]}",
    );
    let app = pod.containers(Which::Main).next().unwrap();
    assert_eq!(app.image.as_ref().unwrap().value, "registry.example/app@sha256:0");
    assert_eq!(app.command.as_ref().unwrap().len(), 2);
    assert_eq!(app.args.as_ref().unwrap()[0].value, "exec app");
    assert_eq!(app.working_dir.as_ref().unwrap().value, "/srv");
    assert_eq!(
        app.termination_message_path.as_ref().unwrap().value,
        "/run/termination"
    );

    let sources: Vec<String> = app
        .env
        .iter()
        .map(|variable| match &variable.source {
            EnvSource::Value(value) => format!("{}={}", variable.name.value, value.value),
            EnvSource::Field(path) => format!("{} field {}", variable.name.value, path.value),
            EnvSource::SecretKey { name, key, optional } => {
                format!("secret {} {} {optional}", name.value, key.value)
            }
            EnvSource::ConfigMapKey { name, key, optional } => {
                format!("map {} {} {optional}", name.value, key.value)
            }
            EnvSource::Other(field) => format!("other {}", field.value),
        })
        .collect();
    assert_eq!(
        sources,
        [
            "PLAIN=$(HOME)/x",
            "NOTHING=",
            "FIELD field metadata.name",
            "secret s k true",
            "map m k false",
            "other resourceFieldRef",
            "other fileKeyRef"
        ]
    );
    assert!(app.env_from.is_some());
    assert!(
        matches!(&app.env_from_sources[0], EnvFromSource::Secret { name, optional: true } if name.value == "s")
    );
    assert!(
        matches!(&app.env_from_sources[1], EnvFromSource::ConfigMap { name, optional: false } if name.value == "m")
    );

    assert!(matches!(app.mounts[0].sub_path.as_ref().unwrap(), SubPath::Plain(path) if path.value == "a"));
    assert!(app.mounts[0].read_only.unwrap().value);
    assert_eq!(
        app.mounts[0].recursive_read_only.as_ref().unwrap().value,
        "Enabled"
    );
    assert_eq!(app.mounts[0].propagation.as_ref().unwrap().value, "None");
    assert!(matches!(
        app.mounts[1].sub_path.as_ref().unwrap(),
        SubPath::Expr { written, expanded: ExpandedPath::Open(_) } if written.value == "$(PLAIN)"
    ));
    assert_eq!(app.mounts[2].sub_path, None, "an empty subPath is none");
    assert_eq!(app.devices[0].device_path.value, "/dev/x");

    let security = &app.security;
    assert_eq!(
        (
            security.run_as_user.unwrap().value,
            security.run_as_group.unwrap().value
        ),
        (1, 2)
    );
    assert!(security.run_as_non_root.unwrap().value && security.read_only_root_filesystem.unwrap().value);
    assert!(!security.privileged.unwrap().value && !security.allow_privilege_escalation.unwrap().value);
    assert_eq!(security.capabilities.add[0].value, "CHOWN");
    assert_eq!(security.capabilities.drop[0].value, "ALL");
}

#[test]
fn every_field_of_a_pod_is_read() {
    let pod = read_pod(
        "containers: []
hostUsers: false
hostNetwork: true
hostPID: true
hostIPC: true
automountServiceAccountToken: false
runtimeClassName: gvisor
securityContext:
  runAsUser: 1
  runAsGroup: 2
  runAsNonRoot: true
  fsGroup: 3
  fsGroupChangePolicy: OnRootMismatch
  supplementalGroups: [4, 5]
  supplementalGroupsPolicy: Strict",
    );
    assert!(!pod.host_users.unwrap().value);
    assert!(pod.host_network.unwrap().value && pod.host_pid.unwrap().value && pod.host_ipc.unwrap().value);
    assert!(!pod.automount_service_account_token.unwrap().value);
    assert_eq!(pod.runtime_class_name.unwrap().value, "gvisor");
    let security = pod.security;
    assert_eq!(
        (
            security.run_as_user.unwrap().value,
            security.run_as_group.unwrap().value
        ),
        (1, 2)
    );
    assert!(security.run_as_non_root.unwrap().value);
    assert_eq!(security.fs_group.unwrap().value, 3);
    assert_eq!(security.fs_group_change_policy.unwrap().value, "OnRootMismatch");
    assert_eq!(
        security
            .supplemental_groups
            .iter()
            .map(|group| group.value)
            .collect::<Vec<_>>(),
        [4, 5]
    );
    assert_eq!(security.supplemental_groups_policy.unwrap().value, "Strict");
}

#[test]
fn the_operating_system_is_named_by_the_pod_or_by_its_node_selector() {
    for (spec, expected) in [
        ("os: {name: windows}", Some("windows")),
        ("nodeSelector: {kubernetes.io/os: windows}", Some("windows")),
        ("nodeSelector: {beta.kubernetes.io/os: linux}", Some("linux")),
        (
            "os: {name: linux}\nnodeSelector: {kubernetes.io/os: windows}",
            Some("linux"),
        ),
        ("nodeSelector: {disk: ssd}", None),
    ] {
        let pod = read_pod(&format!("containers: []\n{spec}"));
        assert_eq!(
            pod.operating_system().map(|os| os.value.as_str()),
            expected,
            "{spec}"
        );
    }
}

#[test]
fn the_deprecated_service_account_is_an_alias() {
    for (spec, expected) in [
        ("serviceAccount: old", Some("old")),
        ("serviceAccountName: new", Some("new")),
        ("serviceAccount: old\nserviceAccountName: new", Some("new")),
        ("serviceAccount: old\nserviceAccountName: ''", Some("old")),
        ("", None),
    ] {
        let pod = read_pod(&format!("containers: []\n{spec}"));
        assert_eq!(
            pod.service_account_name.as_ref().map(|name| name.value.as_str()),
            expected,
            "{spec}"
        );
    }
}

#[test]
fn spans_are_the_places_of_the_values() {
    let text = pod("# comment
containers:
- name: app  # the name
  securityContext: { runAsUser: 0x3e8 }
  volumeMounts:
  - mountPath: \"/d\\x61ta\"
    name: data
volumes:
- name: data
  emptyDir: {}");
    let inventory = read(&text);
    let workload = only_workload(&inventory);
    let app = workload.pod.containers(Which::Main).next().unwrap();
    let user = app.security.run_as_user.unwrap();
    assert_eq!((user.value, slice(&text, user.span)), (1000, "0x3e8"));
    let path = &app.mounts[0].mount_path;
    assert_eq!(
        (path.value.as_str(), slice(&text, path.span)),
        ("/data", "\"/d\\x61ta\"")
    );
    assert_eq!(slice(&text, app.name.span), "app");
    assert_eq!(slice(&text, app.security.span.unwrap()), "{ runAsUser: 0x3e8 }");
    assert!(slice(&text, app.span).starts_with("name: app  # the name"));
    assert!(slice(&text, app.span).ends_with("name: data"));
    assert_eq!(
        slice(&text, workload.pod.volumes[0].span),
        "name: data\n    emptyDir: {}"
    );
    assert_eq!(slice(&text, workload.object.name_span), "web");
    assert_eq!(slice(&text, workload.object.span), text.trim_end());
}

#[test]
fn a_missing_name_has_the_place_of_its_mapping() {
    let text = pod("containers:\n- image: app");
    let inventory = read(&text);
    let app = only_workload(&inventory)
        .pod
        .containers(Which::Main)
        .next()
        .unwrap()
        .clone();
    assert_eq!(
        (app.name.value.as_str(), slice(&text, app.name.span)),
        ("", "image: app")
    );
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let pod = read_pod(
        "containers:
- &base {name: app, image: one, securityContext: &hard {runAsUser: 1000, privileged: false}}
- <<: *base
  name: second
  securityContext: {<<: *hard, runAsUser: 2000}",
    );
    let second = pod.containers(Which::Main).nth(1).unwrap();
    assert_eq!(
        (second.name.as_str(), second.image.as_ref().unwrap().as_str()),
        ("second", "one")
    );
    assert_eq!(second.security.run_as_user.unwrap().value, 2000);
    assert!(!second.security.privileged.unwrap().value);
}

#[test]
fn a_pod_has_resources_of_its_own() {
    let inventory = read(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {resources: {limits: {memory: 1Gi}}, containers: \
         [{name: a, resources: {requests: {cpu: 0.5}}}]}}",
    );
    assert_eq!(problems(&inventory), [""; 0]);
    let pod = &inventory.workloads()[0].pod;
    assert_eq!(pod.resources.limits["memory"].value, "1Gi");
    let container = pod.containers(Which::All).next().unwrap();
    assert_eq!(container.resources.requests["cpu"].value, "0.5");
}
