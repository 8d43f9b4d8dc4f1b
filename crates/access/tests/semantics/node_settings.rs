// SPDX-License-Identifier: Apache-2.0
//! Node settings that decide what init containers' scripts do: by the facts, and unknown without them (0.11 of the
//! reference).

use crate::case::{Case, IMAGE};

/// One init container writes a file as uid 1000; root then works on it, in a sticky directory.
fn root_then_runs(script: &str) -> Case {
    Case::pod(&format!(
        "
  initContainers:
  - {{name: first, image: app, command: [sh, -c, 'umask 0; echo a > /v/f'], securityContext: {{runAsUser: 1000, runAsGroup: 1000}}, volumeMounts: [{{name: v, mountPath: /v}}]}}
  - {{name: second, image: app, command: [sh, -c, {script:?}], volumeMounts: [{{name: v, mountPath: /v}}]}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, emptyDir: {{medium: Memory}}}}]"
    ))
    .facts(IMAGE)
}

fn protected_regular(case: &Case, value: i64) -> Case {
    case.clone()
        .facts(&format!("node: {{sysctls: {{fs.protected_regular: {value}}}}}"))
}

#[test]
fn a_redirection_onto_somebody_elses_file_in_a_sticky_directory_depends_on_the_sysctl() {
    let case = root_then_runs("echo b > /v/f || mkdir /v/refused");
    protected_regular(&case, 0).expect("app /v/refused: exists no; create no ENOENT");
    protected_regular(&case, 1).expect("app /v/refused: exists yes; create yes");
    protected_regular(&case, 2).expect("app /v/refused: exists yes; create yes");
    case.expect("app /v/refused: exists unknown; create unknown ~ fs.protected_regular");
}

#[test]
fn an_init_container_that_ends_with_a_refused_redirection_keeps_the_pod_from_starting() {
    let case = root_then_runs("echo b > /v/f");
    protected_regular(&case, 0).expect("pod: starts yes");
    protected_regular(&case, 1).expect("pod: starts no ~ always fails");
    // A status that is not known is taken as success: nothing after it would run otherwise.
    case.expect("pod: starts yes");
}

#[test]
fn tee_opens_as_a_redirection_does_and_rename_over_does_not() {
    let tee = root_then_runs("echo b | tee /v/f || mkdir /v/refused");
    protected_regular(&tee, 1).expect("app /v/refused: exists yes");
    let rename = root_then_runs("echo b > /v/g && mv /v/g /v/f || mkdir /v/refused");
    protected_regular(&rename, 1).expect("app /v/refused: exists no; create no ENOENT");
}

#[test]
fn a_copy_onto_a_file_that_is_there_is_opened_without_creating_it_by_coreutils() {
    let copy = root_then_runs("cp /etc/app.conf /v/f || mkdir /v/refused");
    let coreutils = protected_regular(&copy, 1).replace_facts("kind: busybox", "kind: coreutils");
    coreutils.expect("app /v/refused: exists no; create no ENOENT");
}
