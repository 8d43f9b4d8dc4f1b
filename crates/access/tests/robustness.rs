// SPDX-License-Identifier: Apache-2.0
//! Any pod gets a map, soon, without a panic, and the same one each time.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "support/pods.rs"]
mod pods;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use writeway_access::{Context, PodMap, map_pod};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};

/// The maps of every workload in a text; none if there is no workload that can be read.
fn maps(manifest: &str, facts: &Facts, extra_paths: &[String]) -> Vec<PodMap> {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x.yaml", manifest)]);
    let context = Context {
        inventory: &inventory,
        facts,
        extra_paths,
    };
    let workloads = inventory.workloads().iter();
    workloads.map(|workload| map_pod(&context, workload)).collect()
}

/// The map of the only pod of a spec.
fn map(spec: &str, facts: &str, extra_paths: &[&str]) -> PodMap {
    let spec: Vec<String> = spec.lines().map(|line| format!("  {line}")).collect();
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n{}\n",
        spec.join("\n")
    );
    let facts = writeway_facts::read(facts).unwrap();
    let extra_paths: Vec<String> = extra_paths.iter().map(|path| (*path).to_owned()).collect();
    maps(&manifest, &facts, &extra_paths).pop().unwrap()
}

/// Runs something that has to end: a debug build on a busy machine gets a minute.
fn soon<T>(run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "took {:?}",
        start.elapsed()
    );
    result
}

/// A text in quotes, as YAML takes any.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Mostly a path that a pod may have; a part of the rest ends it.
fn usual_path() -> impl Strategy<Value = String> {
    let usual = select(
        &[
            "/a", "/a/", "/a/b", "/a/../c", "/data", "//data/x", "/link", "/tmp/.", "/dev/shm",
        ][..],
    );
    prop_oneof![12 => usual.prop_map(str::to_owned), 1 => path()]
}

/// A relative path, or one that is refused; mostly none.
fn sub_path() -> impl Strategy<Value = String> {
    let usual = select(&["a", "a/b", "b/c", "k", "deep/er/./x", "$(V)"][..]);
    prop_oneof![6 => Just(String::new()), 3 => usual.prop_map(str::to_owned), 1 => path()]
}

/// A field's path; mostly none.
fn seldom_path() -> impl Strategy<Value = String> {
    prop_oneof![12 => Just(String::new()), 2 => usual_path(), 1 => path()]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        select(
            &[
                "",
                "/",
                "//",
                ".",
                "..",
                "/..",
                "/a",
                "/a/",
                "/a/b",
                "a",
                "a/../..",
                "/dev",
                "/proc",
                "/etc/hosts",
                "/dev/shm",
                "/data",
                "/link",
                "/loop",
                "$(V)",
                "$(",
                "$$",
                "/a\u{0}b",
                "/é",
                " ",
                "/tmp/.",
            ][..]
        )
        .prop_map(str::to_owned),
        "[/.a$()]{0,12}",
        (1..400_usize).prop_map(|depth| "/d".repeat(depth)),
    ]
}

/// Mostly numbers that are taken for an id or a mode: a pod with one that is not does not get far.
fn number() -> impl Strategy<Value = String> {
    let taken = select(&["0", "1", "0400", "0777", "256", "511"][..]).prop_map(str::to_owned);
    let odd = select(
        &[
            "-1",
            "65535",
            "65536",
            "4294967295",
            "4294967296",
            "0o7777",
            "9223372036854775807",
        ][..],
    )
    .prop_map(str::to_owned);
    let any = any::<i64>().prop_map(|number| number.to_string());
    prop_oneof![60 => taken, 1 => odd, 1 => any]
}

fn source() -> impl Strategy<Value = String> {
    let kind = select(
        &[
            "",
            "",
            "Directory",
            "DirectoryOrCreate",
            "FileOrCreate",
            "File",
            "Socket",
            "x",
        ][..],
    );
    let odd = (path(), kind.clone()).prop_flat_map(|(path, kind)| {
        let path = quoted(&path);
        select(vec![
            format!("emptyDir: {{medium: {path}}}"),
            format!("secret: {{secretName: {path}, items: [{{key: k, path: {path}}}]}}"),
            format!(
                "configMap: {{name: cm, optional: true, items: [{{key: a, path: {path}}}, {{key: b, path: a/b}}, {{key: c, path: a}}]}}"
            ),
            format!("downwardAPI: {{items: [{{path: {path}, fieldRef: {{fieldPath: metadata.name}}}}]}}"),
            format!("projected: {{sources: [{{serviceAccountToken: {{path: {path}}}}}]}}"),
            format!("hostPath: {{path: {path}, type: '{kind}'}}"),
            format!("hostPath: {{path: /srv/loop, type: '{kind}'}}"),
            format!("ephemeral: {{volumeClaimTemplate: {{spec: {{storageClassName: {path}}}}}}}"),
            format!("csi: {{driver: {path}, fsType: {path}}}"),
            format!("image: {{reference: {path}}}"),
            "gitRepo: {repository: r}".to_owned(),
        ])
    });
    let likely = (number(), any::<bool>()).prop_flat_map(|(number, flag)| {
        select(vec![
            "emptyDir: {}".to_owned(),
            format!("emptyDir: {{medium: Memory, mode: {number}}}"),
            format!("secret: {{secretName: s, optional: {flag}, defaultMode: {number}}}"),
            format!("projected: {{defaultMode: {number}, sources: [{{configMap: {{name: cm, optional: {flag}}}}}]}}"),
            "hostPath: {path: /srv/link}".to_owned(),
            "hostPath: {path: /srv/deep}".to_owned(),
            "persistentVolumeClaim: {claimName: deep}".to_owned(),
            "image: {reference: app}".to_owned(),
        ])
    });
    prop_oneof![1 => odd, 6 => likely]
}

fn security() -> impl Strategy<Value = String> {
    (number(), number(), any::<bool>(), any::<bool>()).prop_map(|(user, group, flag, privileged)| {
        format!(
            "{{runAsUser: {user}, runAsGroup: {group}, privileged: {privileged}, \
             readOnlyRootFilesystem: {flag}, capabilities: {{add: [ALL, CAP_X, ''], drop: [all]}}}}"
        )
    })
}

/// Scripts of a little grammar: commands with any operands, in lists, conditions, loops and functions.
fn script() -> impl Strategy<Value = String> {
    let operand = select(
        &[
            "/a",
            "/a/b",
            "/a/*",
            "/a/.",
            "-R",
            "-p",
            "-rf",
            "-m",
            "0777",
            "a+x,g-s",
            "u=rwX",
            "1000:2000",
            "root",
            "\"$V\"",
            "$V",
            "$(id -u)",
            "..",
            "/",
            "-",
            "--",
            "'a b'",
            "~",
            "/a/b/c/d",
            "{}",
            "*",
            "?",
            "[a-z]*",
            "$((1+1))",
            "--reference=/a",
        ][..],
    );
    let name = select(
        &[
            "chmod",
            "chown",
            "chgrp",
            "mkdir",
            "rm",
            "rmdir",
            "mv",
            "cp",
            "ln",
            "ln -s",
            "install",
            "install -d",
            "touch",
            "tee",
            "find",
            "cd",
            "set -e;",
            "umask",
            "export V=",
            "V=",
            "test -d",
            "[ -e",
            "echo",
            "exec",
            "eval",
            "exit",
            "true",
            "false",
            "unknown",
            "busybox",
            "sh -c",
            "shift",
            "unset V;",
            "read V;",
            "f",
            ".",
        ][..],
    );
    let command = (
        name,
        prop::collection::vec(operand, 0..4),
        select(&["", " > /a/o", " >> /a/o", " 2>&1", " < /a/i"][..]),
    )
        .prop_map(|(name, operands, redirect)| format!("{name} {}{redirect}", operands.join(" ")));
    let leaf = command.boxed();
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("{a} && {b}")),
            two.clone().prop_map(|(a, b)| format!("{a} || {b}")),
            two.clone().prop_map(|(a, b)| format!("{a}\n{b}")),
            two.clone().prop_map(|(a, b)| format!("{a} | {b}")),
            two.clone().prop_map(|(a, b)| format!("if {a}; then {b}; fi")),
            two.clone()
                .prop_map(|(a, b)| format!("for V in 1 2 *; do {a}; {b}; done")),
            two.clone().prop_map(|(a, b)| format!("while {a}; do {b}; done")),
            two.clone()
                .prop_map(|(a, b)| format!("f() {{ {a}; f; }}\n{b}; f")),
            two.prop_map(|(a, b)| format!("case $V in x) {a};; *) {b};; esac")),
            inner.clone().prop_map(|a| format!("( {a} )")),
            inner.clone().prop_map(|a| format!("{{ {a}; }} &")),
            inner.prop_map(|a| format!("! {a}")),
        ]
    })
}

fn spec() -> impl Strategy<Value = String> {
    let mounts = prop::collection::vec(
        (0..3_usize, usual_path(), sub_path(), any::<bool>(), any::<bool>()),
        0..4,
    );
    let container = (security(), mounts, seldom_path(), seldom_path(), script());
    (
        number(),
        prop::collection::vec(container, 1..4),
        prop::collection::vec(source(), 3),
        prop::bool::weighted(0.9),
    )
        .prop_map(|(group, containers, sources, host_users)| {
            let mut init = Vec::new();
            let mut main = Vec::new();
            for (index, (security, mounts, working_dir, message, script)) in containers.iter().enumerate() {
                // Two mounts at one path are refused, so that there is one.
                let by_path: BTreeMap<&str, _> = mounts.iter().map(|mount| (mount.1.as_str(), mount)).collect();
                let mounts: Vec<String> = by_path
                    .into_values()
                    .map(|(volume, path, sub_path, read_only, expression)| {
                        let field = if *expression { "subPathExpr" } else { "subPath" };
                        let sub_path = if sub_path.is_empty() {
                            String::new()
                        } else {
                            format!(", {field}: {}", quoted(sub_path))
                        };
                        format!("{{name: v{volume}, mountPath: {}, readOnly: {read_only}{sub_path}}}", quoted(path))
                    })
                    .collect();
                let container = format!(
                    "{{name: c{index}, image: app, command: [sh, -c, {}], workingDir: {}, {}\
                     env: [{{name: V, value: a}}], securityContext: {security}, volumeMounts: [{}]}}",
                    quoted(&format!("{script}\ntrue")),
                    quoted(working_dir),
                    if message.is_empty() {
                        String::new()
                    } else {
                        format!("terminationMessagePath: {}, ", quoted(message))
                    },
                    mounts.join(", ")
                );
                let last = index + 1 == containers.len();
                if last { main.push(container) } else { init.push(container) }
            }
            let volumes = sources.iter().enumerate();
            let volumes: Vec<String> = volumes.map(|(index, source)| format!("{{name: v{index}, {source}}}")).collect();
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{hostUsers: {host_users}, securityContext: \
                 {{fsGroup: {group}}}, initContainers: [{}], containers: [{}], volumes: [{}]}}\n",
                init.join(", "),
                main.join(", "),
                volumes.join(", ")
            )
        })
}

/// Facts with links that lead round in circles, out, and onto each other.
fn hostile_facts() -> Facts {
    writeway_facts::read(
        r#"
images:
  app:
    complete: true
    user: "1000:x"
    workingDir: /link/back
    env: {HOME: /loop}
    users: {app: {uid: 1000, gid: 1000, home: /link}}
    groups: {}
    volumes: [/, /data, /link, /data/deep]
    paths:
      /: {owner: "4294967295:0", mode: "0000"}
      /loop: {type: link, to: loop}
      /link: {type: link, to: ../../data}
      /data: {owner: "1000:1000", mode: "7777"}
      /data/back: {type: link, to: ..}
      /data/file: {type: file, owner: "0:0", mode: "4755"}
      /data/round: {type: link, to: /data/round2}
      /data/round2: {type: link, to: /data/round}
      /tmp: {type: file, mode: "0644"}
    tools: {kind: busybox}
hostPaths:
  /srv/loop: {type: link, to: /srv/loop2}
  /srv/loop2: {type: link, to: loop}
  /srv/link: {type: link, to: deep}
  /srv/deep: {owner: "100000:100000", mode: "7777", contents: {a: {type: link, to: a}, b: {mode: "0000"}, b/c: {type: link, to: ../..}}}
claims:
  default/deep: {source: local, owner: "0:0", mode: "0755", contents: {a: {type: link, to: b}, b: {type: link, to: a}, c/d/e/f: {mode: "0700"}}}
"#,
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn any_field_values_are_mapped(spec in spec(), extra in prop::collection::vec(path(), 0..4)) {
        let facts = hostile_facts();
        let first = soon(|| maps(&spec, &facts, &extra));
        prop_assert_eq!(first.len(), 1);
        prop_assert_eq!(first, maps(&spec, &facts, &extra));
        soon(|| maps(&spec, &Facts::default(), &extra));
    }

    #[test]
    fn likely_pods_are_mapped_alike_twice(spec in pods::spec(), facts in pods::facts(), extra in path()) {
        let spec: Vec<String> = spec.lines().map(|line| format!("  {line}")).collect();
        let manifest = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n{}\n", spec.join("\n"));
        let extra = [extra];
        prop_assert_eq!(maps(&manifest, &facts, &extra), maps(&manifest, &facts, &extra));
    }
}

/// The properties above would hold of pods that never start.
#[test]
fn many_of_the_odd_pods_get_as_far_as_their_containers() {
    let mut runner = TestRunner::deterministic();
    let facts = hostile_facts();
    let far = (0..200).filter(|_| {
        let spec = spec().new_tree(&mut runner).unwrap().current();
        maps(&spec, &facts, &[])
            .iter()
            .any(|map| !map.containers.is_empty())
    });
    let far = far.count();
    assert!(far >= 20, "{far} of 200");
}

#[test]
fn a_mount_at_the_root_hides_everything() {
    let map = map(
        "containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /}]}]\nvolumes: [{name: v, emptyDir: {}}]",
        "",
        &["/"],
    );
    assert_eq!(map.containers.len(), 1, "{:?}", map.starts);
}

/// A directory deep enough to end a stack that recurses through it.
const DEPTH: usize = 60_000;

#[test]
fn facts_of_any_depth_fit_the_stack() {
    let deep = "/d".repeat(DEPTH);
    // A key of more than 1024 characters takes the long form.
    let facts = format!(
        "images:\n  app:\n    complete: true\n    volumes: [/d]\n    paths:\n      ? {deep}\n      : {{owner: '0:0', mode: '0755'}}\n\
         claims:\n  default/c:\n    source: local\n    owner: '0:0'\n    mode: '0755'\n    contents:\n      ? {}\n      : {{mode: '0700'}}\n",
        &deep[1..]
    );
    let map = soon(|| {
        map(
            "securityContext: {fsGroup: 5, runAsUser: 0}
initContainers: [{name: i, image: app, command: [sh, -c, 'chmod -R 0700 /v; cp -r /v /w; rm -rf /v/d; unknown'], volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}]}]
containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}]}]
volumes: [{name: v, persistentVolumeClaim: {claimName: c}}, {name: w, emptyDir: {}}]",
            &facts,
            &[&deep],
        )
    });
    assert_eq!(map.containers.len(), 2, "{:?}", map.starts);
}

#[test]
fn scripts_that_make_deep_trees_fit_the_stack() {
    let script = format!(
        "mkdir -p /v{}; chmod -R 0777 /v; cp -r /v/d /v/e; chown -R 1:1 /v; rm -r /v/d",
        "/d".repeat(DEPTH)
    );
    let map = soon(|| {
        map(
            &format!(
                "initContainers: [{{name: i, image: app, command: [sh, -c, '{script}'], volumeMounts: [{{name: v, mountPath: /v}}]}}]
containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
volumes: [{{name: v, emptyDir: {{}}}}]"
            ),
            "images: {app: {complete: true, user: '', users: {}, groups: {}, tools: {kind: busybox}}}",
            &["/v/d/d"],
        )
    });
    assert_eq!(map.containers.len(), 2, "{:?}", map.starts);
}

#[test]
fn a_directory_cannot_be_moved_into_itself() {
    let map = soon(|| {
        map(
            "initContainers: [{name: i, image: app, command: [sh, -c, 'mkdir -p /v/a/b; mv /v/a /v/a/b || true; chmod -R 0700 /v'], volumeMounts: [{name: v, mountPath: /v}]}]
containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
volumes: [{name: v, emptyDir: {}}]",
            "images: {app: {complete: true, user: '', users: {}, groups: {}, tools: {kind: busybox}}}",
            &["/v/a/b", "/v/a/b/a"],
        )
    });
    let exists = |path: &str| {
        let app = &map.containers[1];
        app.paths
            .iter()
            .find(|known| known.path == path)
            .unwrap()
            .exists
            .as_str()
    };
    assert_eq!((exists("/v/a/b"), exists("/v/a/b/a")), ("yes", "no"));
}

#[test]
fn scripts_that_never_end_are_given_up() {
    let letters = || ('a'..='z').map(String::from);
    let doubled: String = (0..40).map(|_| "x=$x$x; ").collect();
    let loops = letters()
        .take(5)
        .map(|name| format!("for {name} in 1 2 3 4 5 6 7 8 9; do "));
    let copies = letters().map(|name| format!("mkdir /v/{name}; cp -r /v/[!{name}]* /v/{name}/; "));
    for script in [
        "while true; do mkdir -p /v/x; done".to_owned(),
        "while :; do touch /v/$RANDOM; done".to_owned(),
        "f() { f; f; }; f".to_owned(),
        "f() { f & f; }; f".to_owned(),
        "while eval > /v/$RANDOM; do mkdir /v/$RANDOM; done".to_owned(),
        format!(
            "mkdir -p /v{}; find /v -exec chmod -R 0700 {{}} \\;",
            "/d".repeat(250)
        ),
        format!(
            "{}touch /v/$a$b$c$d$e; {}",
            loops.collect::<String>(),
            "done; ".repeat(5)
        ),
        format!("mkdir /v/0; {}", copies.collect::<String>()),
        format!("x=a; {doubled}mkdir -p /v/$x"),
        format!(
            "touch {}; ls {}",
            letters().map(|name| format!("/v/{name} ")).collect::<String>(),
            "/v/*/..".repeat(30)
        ),
        format!(
            "cd /v; {}",
            "mkdir -p d/d/d/d/d/d/d/d; cd d/d/d/d/d/d/d/d; ".repeat(2000)
        ),
        format!(
            "{}; chmod -R 0700 /v; unknown",
            "if unknown; then mkdir -p /v/x/$RANDOM; fi; ".repeat(3000)
        ),
        format!(
            "mkdir -p {}; {}",
            letters().map(|name| format!("/v/{name}/x ")).collect::<String>(),
            "chmod -R a+rwX /v; ".repeat(5000)
        ),
    ] {
        soon(|| {
            map(
                &format!(
                    "initContainers: [{{name: i, image: app, command: [sh, -c, {}], volumeMounts: [{{name: v, mountPath: /v}}]}}]
containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
volumes: [{{name: v, emptyDir: {{}}}}]",
                    quoted(&script)
                ),
                "images: {app: {complete: true, user: '', users: {}, groups: {}, tools: {kind: busybox}}}",
                &[],
            )
        });
    }
}
