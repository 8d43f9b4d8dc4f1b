// SPDX-License-Identifier: Apache-2.0
//! The fields that decide how far a pod is kept away from its node, each with its place.

use writeway_manifest::{Span, Spanned, Which};

use crate::reading::{only_workload, pod, problems, read, read_pod, slice};

/// A value and the text at its place.
fn seen<'t, T: Clone>(text: &'t str, value: &Spanned<T>) -> (T, &'t str) {
    (value.value.clone(), slice(text, value.span))
}

#[test]
fn security_contexts_keep_labels_profiles_and_windows_options() {
    let context = "seLinuxOptions: {user: u, role: r, type: t, level: l}
    seccompProfile: {type: Localhost, localhostProfile: x}
    appArmorProfile: {type: Unconfined}
    windowsOptions: {hostProcess: yes}";
    let text = pod(&format!(
        "securityContext:
    {context}
    sysctls: [{{name: a, value: '1'}}, {{value: '2'}}]
containers:
- name: app
  securityContext:
    {context}
    procMount: Unmasked"
    ));
    let inventory = read(&text);
    assert_eq!(problems(&inventory), [""; 0]);
    assert_eq!(inventory.unknown_fields(), []);
    let pod = &only_workload(&inventory).pod;
    let container = &pod.containers(Which::Main).next().unwrap().security;
    for (options, seccomp, app_armor, host_process) in [
        (
            &pod.security.se_linux_options,
            &pod.security.seccomp_profile,
            &pod.security.app_armor_profile,
            &pod.security.host_process,
        ),
        (
            &container.se_linux_options,
            &container.seccomp_profile,
            &container.app_armor_profile,
            &container.host_process,
        ),
    ] {
        let options = options.as_ref().unwrap();
        assert_eq!(seen(&text, options.user.as_ref().unwrap()), ("u".to_owned(), "u"));
        assert_eq!(seen(&text, options.role.as_ref().unwrap()), ("r".to_owned(), "r"));
        assert_eq!(
            seen(&text, options.label_type.as_ref().unwrap()),
            ("t".to_owned(), "t")
        );
        let seccomp = &seccomp.as_ref().unwrap().profile_type;
        assert_eq!(seen(&text, seccomp), ("Localhost".to_owned(), "Localhost"));
        let app_armor = &app_armor.as_ref().unwrap().profile_type;
        assert_eq!(seen(&text, app_armor), ("Unconfined".to_owned(), "Unconfined"));
        assert_eq!(seen(&text, host_process.as_ref().unwrap()), (true, "yes"));
    }
    let proc_mount = container.proc_mount.as_ref().unwrap();
    assert_eq!(seen(&text, proc_mount), ("Unmasked".to_owned(), "Unmasked"));
    let sysctls = &pod.security.sysctls;
    assert_eq!(seen(&text, &sysctls[0]), ("a".to_owned(), "a"));
    assert_eq!(seen(&text, &sysctls[1]), (String::new(), "{value: '2'}"));
}

#[test]
fn a_profile_without_a_type_is_a_profile_and_null_is_none() {
    let pod = read_pod(
        "securityContext: {seccompProfile: {}, appArmorProfile: null, seLinuxOptions: {}}\ncontainers: []",
    );
    assert_eq!(pod.security.seccomp_profile.unwrap().profile_type.as_str(), "");
    assert_eq!(pod.security.app_armor_profile, None);
    assert_eq!(pod.security.se_linux_options, Some(Default::default()));
}

#[test]
fn ports_and_the_hosts_of_handlers_are_read_in_every_container() {
    let text = pod(
        "containers: [{name: main, ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81}]}]
initContainers:
- name: init
  restartPolicy: Always
  livenessProbe: {httpGet: {host: a, port: 1}}
  readinessProbe: {tcpSocket: {host: b}, httpGet: {host: c}}
  startupProbe: {exec: {command: [x]}}
  lifecycle: {postStart: {httpGet: {host: d}}, preStop: {tcpSocket: {host: '', port: 1}}}",
    );
    let inventory = read(&text);
    assert_eq!(problems(&inventory), [""; 0]);
    let pod = &only_workload(&inventory).pod;
    let main = pod.containers(Which::Main).next().unwrap();
    let ports: Vec<_> = main
        .ports
        .iter()
        .map(|port| {
            (
                port.container_port.as_ref().map(|port| port.value),
                port.host_port.as_ref().map(|port| seen(&text, port)),
            )
        })
        .collect();
    assert_eq!(ports, [(Some(80), Some((8080, "8080"))), (Some(81), None)]);
    let sidecar = pod.containers(Which::Sidecar).next().unwrap();
    let hosts: Vec<_> = sidecar
        .handler_hosts
        .iter()
        .map(|handler| (handler.field, slice(&text, handler.host.span)))
        .collect();
    assert_eq!(
        hosts,
        [
            ("livenessProbe", "a"),
            ("readinessProbe", "c"),
            ("readinessProbe", "b"),
            ("postStart", "d"),
            ("preStop", "''"),
        ]
    );
}

#[test]
fn every_source_of_a_volume_that_is_written_is_named() {
    let text = pod("containers: []
volumes:
- {name: one, csi: {driver: d}}
- {name: two, hostPath: {path: /x}, emptyDir: {}}
- {name: none, emptyDir: null}
- {name: later, teleport: {}}");
    let inventory = read(&text);
    let fields: Vec<Vec<_>> = inventory.workloads()[0]
        .pod
        .volumes
        .iter()
        .map(|volume| {
            let fields = volume.source_fields.iter();
            fields.map(|field| seen(&text, field)).collect()
        })
        .collect();
    assert_eq!(
        fields,
        [
            vec![("csi", "csi")],
            vec![("hostPath", "hostPath"), ("emptyDir", "emptyDir")],
            vec![],
            vec![]
        ]
    );
}

#[test]
fn annotations_have_their_places() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {a: \"b\"}}\nspec: {containers: []}\n";
    let inventory = read(text);
    let annotation = &only_workload(&inventory).pod_annotations["a"];
    assert_eq!(seen(text, annotation), ("b".to_owned(), "\"b\""));
}

#[test]
fn values_that_cannot_be_read_are_known_to_be_missing() {
    for (spec, expected) in [
        ("hostNetwork: 'true'", vec!["'true'"]),
        ("securityContext: {runAsUser: 1.5}", vec!["1.5"]),
        (
            "securityContext: {runAsUser: 99999999999999999999}",
            vec!["99999999999999999999"],
        ),
        ("securityContext: [a]", vec!["[a]"]),
        ("volumes: [{name: a, emptyDir: {sizeLimit: big}}]", vec!["big"]),
        // Refused for what it says, which is known.
        ("volumes: [{name: a, emptyDir: {}, nfs: {}}]", vec![]),
        ("hostNetwork: true", vec![]),
    ] {
        let text = pod(&format!("containers: []\n{spec}"));
        let inventory = read(&text);
        let unread: Vec<_> = inventory.workloads()[0]
            .unread
            .iter()
            .map(|span: &Span| slice(&text, *span))
            .collect();
        assert_eq!(unread, expected, "{spec}");
    }
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {a: 1}}\nspec: {containers: []}\n";
    assert_eq!(read(text).workloads()[0].unread.len(), 1);
}

#[test]
fn what_cannot_be_read_belongs_to_one_pod() {
    let pods = "apiVersion: v1\nkind: Pod\nspec: {containers: [], hostPID: 1}\n---\napiVersion: v1\nkind: Pod\nspec: {containers: []}\n";
    let inventory = read(pods);
    let unread: Vec<_> = inventory
        .workloads()
        .iter()
        .map(|workload| workload.unread.len())
        .collect();
    assert_eq!(unread, [1, 0]);
}
