// SPDX-License-Identifier: Apache-2.0
//! Every version from 1.0 to 1.37 and beyond: what each of them refuses, with every boundary of every check.

use writeway_pod_security::{BASELINE, Level, PolicyVersion, RESTRICTED};

use crate::pods::{HARDENED_CONTAINER, HARDENED_POD, annotated, checks, hardened, pod, read};

/// The checks that refuse a pod since a version, up to the next one that is named.
type Steps<'a> = &'a [(u64, &'a [&'a str])];

/// Holds a pod against all versions.
fn assert_steps(what: &str, text: &str, level: Level, steps: Steps<'_>) {
    assert_eq!(steps[0].0, 0, "{what}");
    let pod = read(text);
    let expected = |minor: u64| steps.iter().rfind(|(since, _)| *since <= minor).unwrap().1;
    for minor in 0..=37 {
        let found = checks(&pod, level, PolicyVersion::Minor(minor));
        assert_eq!(found, expected(minor), "{what}, {level} v1.{minor}");
    }
    for version in [
        PolicyVersion::Latest,
        PolicyVersion::Minor(38),
        PolicyVersion::Minor(u64::MAX),
    ] {
        assert_eq!(
            checks(&pod, level, version),
            expected(37),
            "{what}, {level} {version}"
        );
    }
    assert_eq!(
        checks(&pod, Level::Privileged, PolicyVersion::Latest),
        [""; 0],
        "{what}"
    );
}

/// policy/check_*.go: the MinimumVersion of every revision.
#[test]
fn every_check_has_the_revisions_of_kubernetes() {
    let table = |checks: &'static [writeway_pod_security::Check]| -> Vec<(&str, Vec<u64>)> {
        checks
            .iter()
            .map(|check| (check.id, check.versions().collect()))
            .collect()
    };
    assert_eq!(
        table(&BASELINE),
        [
            ("appArmorProfile", vec![0]),
            ("capabilities_baseline", vec![0]),
            ("hostNamespaces", vec![0]),
            ("hostPathVolumes", vec![0]),
            ("hostPorts", vec![0]),
            ("hostProbesAndHostLifecycle", vec![34]),
            ("privileged", vec![0]),
            ("procMount", vec![0, 35]),
            ("seLinuxOptions", vec![0, 31]),
            ("seccompProfile_baseline", vec![0, 19]),
            ("sysctls", vec![0, 27, 29, 32, 37]),
            ("windowsHostProcess", vec![0]),
        ]
    );
    assert_eq!(
        table(&RESTRICTED),
        [
            ("allowPrivilegeEscalation", vec![8, 25]),
            ("capabilities_restricted", vec![22, 25]),
            ("procMount_restricted", vec![35]),
            ("restrictedVolumes", vec![0]),
            ("runAsNonRoot", vec![0, 35]),
            ("runAsUser", vec![23, 35]),
            ("seccompProfile_restricted", vec![19, 25]),
        ]
    );
}

#[test]
fn a_bare_pod_is_admitted_by_baseline_and_refused_by_more_and_more_of_restricted() {
    let text = pod("containers: [{name: a, image: i}]");
    assert_steps("bare", &text, Level::Baseline, &[(0, &[])]);
    assert_steps(
        "bare",
        &text,
        Level::Restricted,
        &[
            (0, &["runAsNonRoot"]),
            (8, &["allowPrivilegeEscalation", "runAsNonRoot"]),
            (
                19,
                &[
                    "allowPrivilegeEscalation",
                    "runAsNonRoot",
                    "seccompProfile_restricted",
                ],
            ),
            (
                22,
                &[
                    "allowPrivilegeEscalation",
                    "capabilities_restricted",
                    "runAsNonRoot",
                    "seccompProfile_restricted",
                ],
            ),
        ],
    );
}

#[test]
fn a_windows_pod_needs_no_linux_fields_since_1_25() {
    let bare = |os: &str| {
        pod(&format!(
            "os: {{name: {os}}}\nsecurityContext: {{runAsNonRoot: true}}\ncontainers: [{{name: a, image: i}}]"
        ))
    };
    const LINUX: Steps<'_> = &[
        (0, &[]),
        (8, &["allowPrivilegeEscalation"]),
        (19, &["allowPrivilegeEscalation", "seccompProfile_restricted"]),
        (
            22,
            &[
                "allowPrivilegeEscalation",
                "capabilities_restricted",
                "seccompProfile_restricted",
            ],
        ),
    ];
    const WINDOWS: Steps<'_> = &[
        (0, &[]),
        (8, &["allowPrivilegeEscalation"]),
        (19, &["allowPrivilegeEscalation", "seccompProfile_restricted"]),
        (
            22,
            &[
                "allowPrivilegeEscalation",
                "capabilities_restricted",
                "seccompProfile_restricted",
            ],
        ),
        (25, &[]),
    ];
    assert_steps("windows", &bare("windows"), Level::Restricted, WINDOWS);
    assert_steps("linux", &bare("linux"), Level::Restricted, LINUX);
    assert_steps("capitals", &bare("Windows"), Level::Restricted, LINUX);
    let selected = pod(
        "nodeSelector: {kubernetes.io/os: windows}\nsecurityContext: {runAsNonRoot: true}\ncontainers: [{name: a, image: i}]",
    );
    assert_steps("by its node selector", &selected, Level::Restricted, LINUX);
}

#[test]
fn windows_pods_still_run_as_somebody_and_not_as_the_node() {
    let text = pod(
        "os: {name: windows}\nsecurityContext: {windowsOptions: {hostProcess: true}, runAsUser: 0}\ncontainers: [{name: a, image: i}]",
    );
    for (version, expected) in [
        (25, &["windowsHostProcess", "runAsNonRoot", "runAsUser"]),
        (37, &["windowsHostProcess", "runAsNonRoot", "runAsUser"]),
    ] {
        assert_eq!(
            checks(&read(&text), Level::Restricted, PolicyVersion::Minor(version)),
            expected
        );
    }
}

#[test]
fn a_user_namespace_relaxes_root_and_proc_since_1_35() {
    let root = |host_users: &str| {
        pod(&format!(
            "{host_users}\nsecurityContext: {{runAsUser: 0, seccompProfile: {{type: RuntimeDefault}}}}\n\
             containers: [{{name: a, securityContext: {{{HARDENED_CONTAINER}, runAsNonRoot: false}}}}]"
        ))
    };
    const ROOT: Steps<'_> = &[(0, &["runAsNonRoot"]), (23, &["runAsNonRoot", "runAsUser"])];
    const RELAXED: Steps<'_> = &[
        (0, &["runAsNonRoot"]),
        (23, &["runAsNonRoot", "runAsUser"]),
        (35, &[]),
    ];
    assert_steps(
        "root in a user namespace",
        &root("hostUsers: false"),
        Level::Restricted,
        RELAXED,
    );
    assert_steps("root", &root("hostUsers: true"), Level::Restricted, ROOT);
    assert_steps(
        "root, nothing said",
        &root("hostNetwork: false"),
        Level::Restricted,
        ROOT,
    );

    let unmasked = |host_users: &str| hardened(host_users, "", "", "procMount: Unmasked");
    assert_steps(
        "unmasked in a user namespace",
        &unmasked("hostUsers: false"),
        Level::Baseline,
        &[(0, &["procMount"]), (35, &[])],
    );
    assert_steps(
        "unmasked",
        &unmasked("hostUsers: true"),
        Level::Baseline,
        &[(0, &["procMount"])],
    );
    // Restricted does not relax it, and says so once.
    for host_users in ["hostUsers: false", "hostUsers: true"] {
        assert_steps(
            "unmasked",
            &unmasked(host_users),
            Level::Restricted,
            &[(0, &["procMount"]), (35, &["procMount_restricted"])],
        );
    }
    // Nothing else is relaxed.
    assert_steps(
        "privileged in a user namespace",
        &hardened("hostUsers: false", "", "", "privileged: true"),
        Level::Restricted,
        &[(0, &["privileged"])],
    );
}

#[test]
fn safe_sysctls_became_more() {
    for (since, names) in [
        (
            0,
            &[
                "kernel.shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range",
                "net.ipv4.ip_unprivileged_port_start",
            ][..],
        ),
        (27, &["net.ipv4.ip_local_reserved_ports"]),
        (
            29,
            &[
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
            ],
        ),
        (32, &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
        (
            37,
            &["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"],
        ),
    ] {
        for name in names {
            let text = hardened("", &format!("sysctls: [{{name: {name}, value: '1'}}]"), "", "");
            let pod = read(&text);
            for level in [Level::Baseline, Level::Restricted] {
                for minor in 0..=37 {
                    let expected: &[&str] = if minor < since { &["sysctls"] } else { &[] };
                    assert_eq!(
                        checks(&pod, level, PolicyVersion::Minor(minor)),
                        expected,
                        "{name} v1.{minor}"
                    );
                }
            }
        }
    }
    let text = hardened("", "sysctls: [{name: kernel.msgmax, value: '1'}]", "", "");
    assert_steps("unsafe", &text, Level::Baseline, &[(0, &["sysctls"])]);
}

#[test]
fn se_linux_types_became_one_more() {
    for (label_type, steps) in [
        ("container_t", &[(0, &[][..])][..]),
        ("container_init_t", &[(0, &[])]),
        ("container_kvm_t", &[(0, &[])]),
        ("''", &[(0, &[])]),
        ("container_engine_t", &[(0, &["seLinuxOptions"]), (31, &[])]),
        ("spc_t", &[(0, &["seLinuxOptions"])]),
    ] as [(&str, Steps<'_>); 6]
    {
        let options = format!("seLinuxOptions: {{type: {label_type}, level: 's0:c1'}}");
        for text in [hardened("", &options, "", ""), hardened("", "", "", &options)] {
            assert_steps(label_type, &text, Level::Baseline, steps);
            assert_steps(label_type, &text, Level::Restricted, steps);
        }
    }
}

#[test]
fn hosts_of_handlers_are_looked_at_since_1_34() {
    for handler in [
        "livenessProbe: {httpGet: {host: example.com, port: 80}}",
        "livenessProbe: {tcpSocket: {host: example.com, port: 80}}",
        "readinessProbe: {httpGet: {host: 127.0.0.1, port: 80}}",
        "startupProbe: {tcpSocket: {host: localhost, port: 80}}",
        "lifecycle: {postStart: {httpGet: {host: a, port: 80}}}",
        "lifecycle: {preStop: {tcpSocket: {host: a, port: 80}}}",
    ] {
        let text = hardened("", "", handler, "");
        for level in [Level::Baseline, Level::Restricted] {
            assert_steps(
                handler,
                &text,
                level,
                &[(0, &[]), (34, &["hostProbesAndHostLifecycle"])],
            );
        }
    }
    for handler in [
        "livenessProbe: {httpGet: {host: '', port: 80}}",
        "livenessProbe: {httpGet: {port: 80}}",
        "livenessProbe: {exec: {command: [x]}}",
        "lifecycle: {preStop: {sleep: {seconds: 1}}}",
    ] {
        assert_steps(
            handler,
            &hardened("", "", handler, ""),
            Level::Restricted,
            &[(0, &[])],
        );
    }
}

#[test]
fn seccomp_is_an_annotation_before_1_19_and_a_field_since() {
    const POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
    const CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/a";
    let spec = format!(
        "securityContext: {{{HARDENED_POD}}}\ncontainers: [{{name: a, securityContext: {{{HARDENED_CONTAINER}}}}}]"
    );
    for (annotation, steps) in [
        (
            format!("{POD}: unconfined"),
            &[(0, &["seccompProfile_baseline"][..]), (19, &[])][..],
        ),
        (
            format!("{CONTAINER}: unconfined"),
            &[(0, &["seccompProfile_baseline"]), (19, &[])],
        ),
        (
            format!("{POD}: ''"),
            &[(0, &["seccompProfile_baseline"]), (19, &[])],
        ),
        (format!("{POD}: runtime/default"), &[(0, &[])]),
        (format!("{POD}: docker/default"), &[(0, &[])]),
        (format!("{CONTAINER}: localhost/x"), &[(0, &[])]),
        // Of a container that is not there.
        (format!("{CONTAINER}b: unconfined"), &[(0, &[])]),
    ] as [(String, Steps<'_>); 7]
    {
        let text = annotated(&annotation, &spec);
        assert_steps(&annotation, &text, Level::Baseline, steps);
        assert_steps(&annotation, &text, Level::Restricted, steps);
    }

    for profile in ["{type: Unconfined}", "{}"] {
        for text in [
            pod(&format!(
                "securityContext: {{runAsNonRoot: true, seccompProfile: {profile}}}\ncontainers: [{{name: a, securityContext: {{{HARDENED_CONTAINER}}}}}]"
            )),
            pod(&format!(
                "securityContext: {{{HARDENED_POD}}}\ncontainers: [{{name: a, securityContext: {{{HARDENED_CONTAINER}, seccompProfile: {profile}}}}}]"
            )),
        ] {
            assert_steps(
                profile,
                &text,
                Level::Baseline,
                &[(0, &[]), (19, &["seccompProfile_baseline"])],
            );
            assert_steps(
                profile,
                &text,
                Level::Restricted,
                &[(0, &[]), (19, &["seccompProfile_restricted"])],
            );
        }
    }
}

#[test]
fn a_container_may_have_a_profile_of_its_own_instead_of_the_pods() {
    let text = pod(&format!(
        "securityContext: {{runAsNonRoot: true}}\ncontainers: [{{name: a, securityContext: {{{HARDENED_CONTAINER}, seccompProfile: {{type: Localhost, localhostProfile: x}}}}}}]"
    ));
    assert_steps("own profile", &text, Level::Restricted, &[(0, &[])]);
}

#[test]
fn capabilities_of_restricted_replace_those_of_baseline_since_1_22() {
    for (name, baseline, restricted) in [
        (
            "NET_ADMIN",
            &[(0, &["capabilities_baseline"][..])][..],
            &[
                (0, &["capabilities_baseline"][..]),
                (22, &["capabilities_restricted"]),
            ][..],
        ),
        (
            "NET_RAW",
            &[(0, &["capabilities_baseline"])],
            &[
                (0, &["capabilities_baseline"]),
                (22, &["capabilities_restricted"]),
            ],
        ),
        (
            "CHOWN",
            &[(0, &[])],
            &[(0, &[]), (22, &["capabilities_restricted"])],
        ),
        // Kubernetes compares the names as they are written.
        (
            "CAP_CHOWN",
            &[(0, &["capabilities_baseline"])],
            &[
                (0, &["capabilities_baseline"]),
                (22, &["capabilities_restricted"]),
            ],
        ),
        ("NET_BIND_SERVICE", &[(0, &[])], &[(0, &[])]),
    ] as [(&str, Steps<'_>, Steps<'_>); 5]
    {
        let text = pod(&format!(
            "securityContext: {{{HARDENED_POD}}}\ncontainers: [{{name: a, securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL], add: [{name}]}}}}}}]"
        ));
        assert_steps(name, &text, Level::Baseline, baseline);
        assert_steps(name, &text, Level::Restricted, restricted);
    }
    for drop in ["[all]", "[CHOWN]", "[]", "null"] {
        let text = pod(&format!(
            "securityContext: {{{HARDENED_POD}}}\ncontainers: [{{name: a, securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: {drop}}}}}}}]"
        ));
        assert_steps(
            drop,
            &text,
            Level::Restricted,
            &[(0, &[]), (22, &["capabilities_restricted"])],
        );
    }
}

#[test]
fn volumes_of_restricted_are_those_of_the_core() {
    for source in [
        "configMap: {name: x}",
        "csi: {driver: d}",
        "downwardAPI: {items: []}",
        "emptyDir: {}",
        "ephemeral: {volumeClaimTemplate: {spec: {}}}",
        "image: {reference: i}",
        "persistentVolumeClaim: {claimName: c}",
        "projected: {sources: []}",
        "secret: {secretName: s}",
        // Made an emptyDir by the API server.
        "",
    ] {
        let text = hardened(&format!("volumes: [{{name: v, {source}}}]"), "", "", "");
        assert_steps(source, &text, Level::Restricted, &[(0, &[])]);
        assert_steps(source, &text, Level::Baseline, &[(0, &[])]);
    }
    for source in [
        "gcePersistentDisk: {pdName: x}",
        "awsElasticBlockStore: {volumeID: x}",
        "gitRepo: {repository: x}",
        "nfs: {server: s, path: /p}",
        "iscsi: {}",
        "glusterfs: {}",
        "rbd: {}",
        "flexVolume: {}",
        "cinder: {}",
        "cephfs: {}",
        "flocker: {}",
        "fc: {}",
        "azureFile: {}",
        "vsphereVolume: {}",
        "quobyte: {}",
        "azureDisk: {}",
        "photonPersistentDisk: {}",
        "portworxVolume: {}",
        "scaleIO: {}",
        "storageos: {}",
    ] {
        let text = hardened(&format!("volumes: [{{name: v, {source}}}]"), "", "", "");
        assert_steps(source, &text, Level::Restricted, &[(0, &["restrictedVolumes"])]);
        assert_steps(source, &text, Level::Baseline, &[(0, &[])]);
    }
    let text = hardened("volumes: [{name: v, hostPath: {path: /x}}]", "", "", "");
    assert_steps("hostPath", &text, Level::Baseline, &[(0, &["hostPathVolumes"])]);
    assert_steps(
        "hostPath",
        &text,
        Level::Restricted,
        &[(0, &["restrictedVolumes"])],
    );
}

#[test]
fn of_several_sources_an_allowed_one_suffices_for_restricted_and_a_host_path_is_one_for_baseline() {
    let text = hardened(
        "volumes: [{name: v, hostPath: {path: /x}, emptyDir: {}}]",
        "",
        "",
        "",
    );
    assert_steps("both", &text, Level::Baseline, &[(0, &["hostPathVolumes"])]);
    assert_steps("both", &text, Level::Restricted, &[(0, &[])]);
}

#[test]
fn what_never_changed_is_the_same_in_every_version() {
    for (text, baseline) in [
        (hardened("hostNetwork: true", "", "", ""), "hostNamespaces"),
        (hardened("hostPID: true", "", "", ""), "hostNamespaces"),
        (hardened("hostIPC: true", "", "", ""), "hostNamespaces"),
        (hardened("", "", "", "privileged: true"), "privileged"),
        (
            hardened("", "", "ports: [{containerPort: 1, hostPort: 2}]", ""),
            "hostPorts",
        ),
        (
            hardened("", "windowsOptions: {hostProcess: true}", "", ""),
            "windowsHostProcess",
        ),
        (
            hardened("", "", "", "windowsOptions: {hostProcess: true}"),
            "windowsHostProcess",
        ),
        (
            hardened("", "appArmorProfile: {type: Unconfined}", "", ""),
            "appArmorProfile",
        ),
        (
            hardened("", "", "", "appArmorProfile: {type: Unconfined}"),
            "appArmorProfile",
        ),
        (hardened("", "", "", "appArmorProfile: {}"), "appArmorProfile"),
        (
            hardened("", "seLinuxOptions: {user: u}", "", ""),
            "seLinuxOptions",
        ),
        (
            hardened("", "", "", "seLinuxOptions: {role: r}"),
            "seLinuxOptions",
        ),
    ] {
        let pod = read(&text);
        for level in [Level::Baseline, Level::Restricted] {
            for minor in 0..=37 {
                let found = checks(&pod, level, PolicyVersion::Minor(minor));
                assert_eq!(found, [baseline], "{text}");
            }
        }
    }
    for text in [
        hardened("hostNetwork: false, hostPID: false, hostIPC: false", "", "", ""),
        hardened("", "", "", "privileged: false"),
        hardened("", "", "ports: [{containerPort: 1, hostPort: 0}]", ""),
        hardened("", "windowsOptions: {hostProcess: false}", "", ""),
        hardened("", "appArmorProfile: {type: RuntimeDefault}", "", ""),
        hardened(
            "",
            "",
            "",
            "appArmorProfile: {type: Localhost, localhostProfile: x}",
        ),
        hardened("", "seLinuxOptions: {user: '', role: ''}", "", ""),
        hardened("", "", "", "procMount: Default"),
        hardened("", "", "", "runAsUser: 1"),
    ] {
        assert_steps("nothing wrong", &text, Level::Restricted, &[(0, &[])]);
    }
}

#[test]
fn on_the_nodes_network_every_port_is_one_of_the_node() {
    let text = hardened("hostNetwork: true", "", "ports: [{containerPort: 9100}]", "");
    assert_steps(
        "host network",
        &text,
        Level::Baseline,
        &[(0, &["hostNamespaces", "hostPorts"])],
    );
}

#[test]
fn app_armor_annotations_are_judged_for_any_container() {
    const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
    let spec = "containers: [{name: a}]";
    for (annotation, steps) in [
        (
            format!("{PREFIX}a: unconfined"),
            &[(0, &["appArmorProfile"][..])][..],
        ),
        (
            format!("{PREFIX}elsewhere: unconfined"),
            &[(0, &["appArmorProfile"])],
        ),
        (format!("{PREFIX}a: runtime/default"), &[(0, &[])]),
        (format!("{PREFIX}a: localhost/x"), &[(0, &[])]),
        (format!("{PREFIX}a: ''"), &[(0, &[])]),
        ("apparmor: unconfined".to_owned(), &[(0, &[])]),
    ] as [(String, Steps<'_>); 6]
    {
        assert_steps(&annotation, &annotated(&annotation, spec), Level::Baseline, steps);
    }
}

#[test]
fn containers_of_every_role_count() {
    let context = format!("securityContext: {{{HARDENED_CONTAINER}}}");
    let good = format!("containers: [{{name: a, {context}}}]\nsecurityContext: {{{HARDENED_POD}}}");
    for more in [
        "initContainers: [{name: b}]",
        "initContainers: [{name: b, restartPolicy: Always}]",
        "ephemeralContainers: [{name: b}]",
    ] {
        let text = pod(&format!("{good}\n{more}"));
        assert_eq!(
            checks(&read(&text), Level::Restricted, PolicyVersion::Latest),
            ["allowPrivilegeEscalation", "capabilities_restricted"],
            "{more}"
        );
    }
    assert_eq!(
        checks(&read(&pod(&good)), Level::Restricted, PolicyVersion::Latest),
        [""; 0]
    );
}
