// SPDX-License-Identifier: Apache-2.0
//! What init containers with `writeway-agent` change.

use crate::case::{Case, IMAGE};

/// Who an init container is: the program's own user, root with one capability, root with none.
const USER: &str = "runAsUser: 1000, runAsGroup: 1000";
const OWNER: &str = "runAsUser: 0, runAsGroup: 0, capabilities: {drop: [ALL], add: [CHOWN]}";
const ROOT: &str = "runAsUser: 0, runAsGroup: 0, capabilities: {drop: [ALL]}";

/// A pod of uid 1000 with volumes at /v (`source`) and /s (a Secret with one key), and an init container that runs the
/// agent on them.
fn pod(who: &str, run: &str, source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
  initContainers:
    - name: init
      image: ghcr.io/writeway/agent:0.1.0
      {run}
      securityContext: {{{who}}}
      volumeMounts: [{{name: v, mountPath: /v}}, {{name: s, mountPath: /s}}]
  containers:
    - name: app
      image: app
      volumeMounts: [{{name: v, mountPath: /v}}]
  volumes:
    - {{name: v, {source}}}
    - {{name: s, secret: {{secretName: s}}}}"
    ))
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
    .facts(IMAGE)
}

/// The agent with these arguments, which the image's entry point gets.
fn args(words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("'{word}'")).collect();
    format!("args: [{}]", words.join(", "))
}

const EMPTY: &str = "emptyDir: {}";

#[test]
fn a_directory_gets_exactly_the_mode_and_owner_asked_for() {
    let rows = [
        (
            USER,
            "mkdir /v/d",
            "app /v/d: mode 0700; owner 1000:1000; create yes",
        ),
        (USER, "mkdir /v/d --mode 1777", "app /v/d: mode 1777; ruby yes"),
        (
            OWNER,
            "mkdir /v/d --mode 0700 --owner 1000:1000",
            "app /v/d: mode 0700; owner 1000:1000",
        ),
        (USER, "mkdir --mode=0755 -q -- /v/a /v/b", "app /v/b: mode 0755"),
        // The volume itself belongs to root; what is right already needs no right.
        (USER, "mkdir /v --mode 0777", "app /v: mode 0777; owner 0:0"),
        (
            USER,
            "mkdir /v --mode 1777",
            "pod: starts no ~ always fails (status 1)",
        ),
        (ROOT, "mkdir /v --mode 1777", "app /v: mode 1777; owner 0:0"),
        (USER, "mkdir /v/a/b", "pod: starts no ~ status 1"),
        (USER, "mkdir /v/..", "pod: starts no ~ status 2"),
        (USER, "mkdir /v/d --owner 2000:2000", "pod: starts no ~ status 1"),
        (USER, "mkdir /v/d --mode u+x", "pod: starts no ~ status 2"),
        (USER, "mkdir", "pod: starts no ~ status 2"),
        (USER, "mkdir /s/d", "pod: starts no ~ status 1"),
        (USER, "mkdir /d", "pod: starts yes"),
    ];
    for (who, words, expected) in rows {
        pod(who, &args(words), EMPTY).expect(expected);
    }
}

#[test]
fn a_tree_is_handed_over() {
    let rows = [
        (OWNER, "own 1000:1000 /v", "app /v: mode 0777; owner 1000:1000"),
        (
            OWNER,
            "own 1000:1000 /v --mode u=rwX,go=",
            "app /v: mode 0700; owner 1000:1000",
        ),
        (OWNER, "own 1000:1000 /v --jobs 0", "pod: starts no ~ status 2"),
        (
            OWNER,
            "own 1000:1000 /v --group-writable --mode g+w",
            "pod: starts no ~ status 2",
        ),
        // Which groups it is in, its image says.
        (
            OWNER,
            "own 1000:1000 /v --group-writable",
            "app /v: mode ?; owner 1000:1000",
        ),
        (
            OWNER,
            "own 1000:0 /v --group-writable",
            "app /v: mode 2777; owner 1000:0",
        ),
        (
            OWNER,
            "own 0:0 /v --if-root-mismatch --timeout 5m --jobs 1",
            "app /v: owner 0:0",
        ),
        (ROOT, "own 1000:1000 /v", "pod: starts no ~ status 1"),
        // Nothing has to change.
        (USER, "own 0:0 /v", "app /v: owner 0:0"),
        (USER, "own 1000:1000 /v", "pod: starts no ~ status 1"),
        (OWNER, "own 1000 /v", "pod: starts no ~ status 2"),
        (OWNER, "own 1000:1000", "pod: starts no ~ status 2"),
        (OWNER, "own 1000:1000 /absent", "pod: starts yes"),
    ];
    for (who, words, expected) in rows {
        pod(who, &args(words), EMPTY).expect(expected);
    }
    // Setgid for a group that it is not in takes CAP_FSETID.
    let known = "  ghcr.io/writeway/agent:0.1.0: {users: {}, groups: {}}";
    pod(OWNER, &args("own 1000:1000 /v --group-writable"), EMPTY)
        .facts(known)
        .expect("pod: starts no ~ status 1");
}

#[test]
fn a_closed_directory_of_somebody_else_is_taken_entered_and_handed_over() {
    let node = "hostPath: {path: /srv/d}";
    let facts = "
hostPaths:
  /srv/d:
    owner: '70:70'
    mode: '0700'
    contents:
      data: {owner: '70:70', mode: '0700'}
      data/file: {owner: '70:70', mode: '0600', type: file}";
    let case = |words: &str| pod(OWNER, &args(words), node).facts(facts);
    case("own 1000:1000 /v").expect(
        "
        app /v: mode 0700; owner 1000:1000
        app /v/data: mode 0700; owner 1000:1000
        app /v/data/file: mode 0600; owner 1000:1000; overwrite yes",
    );
    case("own 1000:0 /v --group-writable").expect(
        "
        app /v: mode 2770; owner 1000:0
        app /v/data/file: mode 0660",
    );
    // The root is right: what lies below is not looked at.
    case("own 70:70 /v --if-root-mismatch").expect("app /v/data/file: owner ?:?");
}

#[test]
fn a_seeded_directory_holds_the_keys_as_files_of_the_caller() {
    let rows = [
        (
            USER,
            "seed /s --to /v/d",
            "
            app /v/d: mode 0700; owner 1000:1000; create yes
            app /v/d/k: type file; mode 0600; owner 1000:1000; overwrite yes
            app /v/.d.writeway-seed: mode 0700
            app /v/d/..data: exists no",
        ),
        (
            USER,
            "seed /s/k --to /v",
            "
            app /v/k: type file; mode 0600; owner 1000:1000
            app /v/.writeway-seed: mode 0700",
        ),
        (
            OWNER,
            "seed /s --to /v/d --owner 1000:1000 --mode 0640 --directory-mode 0750",
            "
            app /v/d: mode 0750; owner 1000:1000
            app /v/d/k: mode 0640; owner 1000:1000",
        ),
        (USER, "seed /s/other --to /v", "pod: starts no ~ status 1"),
        (
            USER,
            "seed /s/other --to /v/d --allow-empty",
            "app /v/d: exists no",
        ),
        (USER, "seed /s /s --to /v", "pod: starts no ~ status 1"),
        (USER, "seed /s", "pod: starts no ~ status 2"),
        (USER, "seed --to /v", "pod: starts no ~ status 2"),
        (
            USER,
            "seed /s --to /v --on-conflict ask",
            "pod: starts no ~ status 2",
        ),
        (
            USER,
            "seed /s --to /v --owner 2000:2000",
            "pod: starts no ~ status 1",
        ),
        (USER, "seed /s --to /s", "pod: starts no ~ status 1"),
    ];
    for (who, words, expected) in rows {
        pod(who, &args(words), EMPTY).expect(expected);
    }
}

#[test]
fn a_secret_that_is_not_among_the_inputs_leaves_open_which_keys_there_are() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000, runAsGroup: 1000}
  initContainers:
    - name: init
      image: ghcr.io/writeway/agent@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      args: [seed, /s, --to, /v/d]
      volumeMounts: [{name: v, mountPath: /v}, {name: s, mountPath: /s}]
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, emptyDir: {}}, {name: s, secret: {secretName: s}}]",
    )
    .facts(IMAGE)
    .expect(
        "
        app /v/d: mode 0700; owner 1000:1000; create yes
        app /v/d/k: exists unknown",
    );
}

#[test]
fn what_is_in_the_way_is_unknown_or_refused_and_never_guessed() {
    let both = "initContainers:
    - {name: first, image: ghcr.io/writeway/agent:0.1.0, args: [seed, /s, --to, /v/d], volumeMounts: &m [{name: v, \
                mountPath: /v}, {name: s, mountPath: /s}]}
    - {name: again, image: ghcr.io/writeway/agent:0.1.0, args: [seed, /s, --to, /v/d, --mode, '0640'], volumeMounts: *m}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, emptyDir: {}}, {name: s, secret: {secretName: s}}]";
    Case::pod(&format!(
        "\n  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}\n  {both}"
    ))
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
    .facts(IMAGE)
    .expect("app /v/d/k: type file; mode ?; owner 1000:1000");
    let rows = [
        // A verb, and an option, of a newer agent.
        ("mint /v", "app /v: mode 0777; create yes"),
        ("mkdir /v/d --sticky", "app /v/d: exists unknown"),
        // Nothing changes.
        ("wait https://api --budget 60s", "app /v: owner 0:0; mode 0777"),
        ("probe /v --format json", "app /v: owner 0:0; mode 0777"),
        ("sleep 1s", "pod: starts yes"),
        ("version", "pod: starts yes"),
        ("--help", "pod: starts yes"),
    ];
    for (words, expected) in rows {
        pod(USER, &args(words), EMPTY).expect(expected);
    }
    let variables = [
        ("env: [{name: MODE, value: '1777'}]", "app /v/d: mode 1777"),
        (
            "env: [{name: MODE, valueFrom: {configMapKeyRef: {name: c, key: mode}}}]",
            "app /v/d: exists unknown",
        ),
        ("envFrom: [{configMapRef: {name: c}}]", "app /v/d: exists unknown"),
        // kubelet leaves a variable that is not there as it is written.
        ("env: []", "pod: starts no ~ status 2"),
    ];
    for (env, expected) in variables {
        let run = format!("args: [mkdir, /v/d, --mode, $(MODE)]\n      {env}");
        let case = pod(USER, &run, EMPTY);
        let config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {mode: '1777'}}";
        case.with(config).expect(expected);
    }
}

#[test]
fn the_copy_of_the_agent_is_run_by_other_images() {
    let pod = |run: &str| {
        Case::pod(&format!(
            "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
  initContainers:
    - {{name: copy, image: ghcr.io/writeway/agent:0.1.0, args: [copy-self, /t], volumeMounts: [{{name: t, mountPath: /t}}]}}
    - {{name: make, image: app, command: [{run}], volumeMounts: [{{name: v, mountPath: /v}}, {{name: t, mountPath: /t}}]}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}, {{name: t, mountPath: /t}}]}}]
  volumes: [{{name: v, emptyDir: {{}}}}, {{name: t, emptyDir: {{}}}}]"
        ))
        .facts(IMAGE)
    };
    pod("/t/writeway-agent, mkdir, /v/d").expect(
        "
        app /t/writeway-agent: type file; mode 0555; owner 1000:1000
        app /v/d: mode 0700",
    );
    pod("sh, -c, '/t/writeway-agent mkdir /v/d --mode 1777'").expect("app /v/d: mode 1777");
    pod("/v/writeway-agent, mkdir, /v/d").expect("pod: starts no ~ status 127");
    // What the image ships is its new owner's.
    pod("/t/writeway-agent, seed, --prefill, /etc, --to, /v/d, --directory-mode, '0755'").expect(
        "
        app /v/d: mode 0755; owner 1000:1000
        app /v/d/app.conf: type file; mode 0644; owner 1000:1000
        app /v/.d.writeway-seed: mode 0700",
    );
    pod("/t/writeway-agent, seed, --prefill, /root, --to, /v/d").expect("pod: starts no ~ status 1");
}

#[test]
fn facts_of_the_image_win() {
    let facts = "
images:
  ghcr.io/writeway/agent:0.1.0:
    complete: true
    user: '65532:65532'
    paths: {/writeway-agent: {owner: '0:0', mode: '0755', type: file}}
    tools: {kind: none, commands: []}";
    let facts = facts.replace("images:", "");
    let case = pod(USER, &args("mkdir /v/d"), EMPTY).facts(&facts);
    case.expect("app /v/d: mode 0700");
    case.replace_facts("/writeway-agent: {owner: '0:0', mode: '0755', type: file}", "")
        .expect("pod: starts no ~ status 127");
}

#[test]
fn every_verb_of_the_table_is_followed() {
    for verb in writeway_shell::agent::VERBS {
        // Wrong usage, or nothing that changes; never a verb that is not followed.
        pod(USER, &args(verb.name), EMPTY).expect(match verb.name {
            "wait" | "probe" | "version" => "app /v: mode 0777; owner 0:0",
            _ => "pod: starts no ~ status 2",
        });
    }
}

#[test]
fn a_volume_whose_files_are_not_known_has_the_keys_afterwards() {
    let seeded = |target: &str| {
        Case::pod(&format!(
            "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
  initContainers:
    - {{name: other, image: other, volumeMounts: &m [{{name: v, mountPath: /v}}, {{name: s, mountPath: /s}}]}}
    - {{name: seed, image: ghcr.io/writeway/agent:0.1.0, args: [seed, /s, --to, {target}], volumeMounts: *m}}
  containers: [{{name: app, image: app, volumeMounts: *m}}]
  volumes: [{{name: v, emptyDir: {{}}}}, {{name: s, secret: {{secretName: s}}}}]"
        ))
        .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
        .facts(IMAGE)
    };
    seeded("/v").expect("app /v/k: exists yes; type file; owner ?:?");
    // Nor is it known whether this directory is new.
    seeded("/v/d").expect("app /v/d: exists unknown");
}
