// SPDX-License-Identifier: Apache-2.0
//! Which remedy is taken for a directory for temporary files, by what the cluster is and what the pod has.

mod support;

use support::{Repaired, facts, options, repaired};
use writeway_access::Tri;
use writeway_repair::{Options, Safety};

/// A pod of Mastodon, whose Ruby demands a sticky directory for temporary files, with these volumes and mounts;
/// `more` is added to its container.
fn mastodon(volumes: &str, mounts: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext:\n    runAsUser: 991\n    \
         runAsGroup: 991\n  volumes:\n    - {{name: cache, emptyDir: {{sizeLimit: 1Gi}}}}\n{volumes}  containers:\n    \
         - name: web\n      image: ghcr.io/mastodon/mastodon:v4.4.3\n      \
         securityContext: {{readOnlyRootFilesystem: true}}\n      volumeMounts:\n        \
         - {{name: cache, mountPath: /opt/mastodon/tmp}}\n{mounts}{more}"
    )
}

/// Its `/tmp` is this volume.
fn with_temp(volume: &str, more: &str) -> String {
    mastodon(
        &format!("    - name: tmp\n      {volume}\n"),
        "        - {name: tmp, mountPath: /tmp}\n",
        more,
    )
}

fn with_unsafe_fixes() -> Options {
    Options {
        unsafe_fixes: true,
        ..options()
    }
}

/// The reason why a remedy was not taken.
fn reason<'a>(repaired: &'a Repaired, remedy: &str) -> &'a str {
    let refused = repaired.refused();
    let mut reasons = refused.into_iter().filter(|(_, name, _)| *name == remedy);
    reasons.next().map_or("", |(.., why)| why)
}

/// H2.2 of the reference on situations: for a read-only root and an image that demands a sticky directory, one remedy
/// that holds on the stated version, gates and classes; `emptyDir.mode` is never chosen when its gate is not known.
#[test]
fn h2_2_the_remedy_that_is_chosen_holds_on_this_cluster() {
    let gate = |on| format!("{{version: \"1.37\", featureGates: {{EmptyDirVolumeMode: {on}}}}}");
    let class = |source: &str, mode: &str| {
        format!("storageClasses: {{disk: {{source: {source}, owner: \"0:0\", mode: \"{mode}\"}}}}\n")
    };
    let limit = "      resources: {limits: {memory: 512Mi}}\n";
    let (small, large) = ("emptyDir: {sizeLimit: 128Mi}", "emptyDir: {sizeLimit: 2Gi}");
    // version and gates, classes, the volume at /tmp, more of the container, the remedy
    let rows: &[(&str, &str, Option<&str>, &str, &str)] = &[
        ("{version: \"1.36\"}", "", None, "", "memory"),
        ("{version: \"1.36\"}", "", None, limit, "memory"),
        ("{version: \"1.37\"}", "", None, "", "memory"),
        (&gate(false), "", None, "", "memory"),
        (&gate(true), "", None, "", "empty-dir-mode"),
        // The gate does not exist before 1.37, whatever is said of it.
        (
            "{version: \"1.36\", featureGates: {EmptyDirVolumeMode: true}}",
            "",
            None,
            "",
            "memory",
        ),
        ("{version: \"1.36\"}", "", Some(small), "", "memory"),
        ("{version: \"1.36\"}", "", Some(small), limit, "memory"),
        (&gate(true), "", Some(small), limit, "empty-dir-mode"),
        // What may be large stays on the disk.
        ("{version: \"1.36\"}", "", Some(large), "", "own-directory"),
        (
            "{version: \"1.36\"}",
            "",
            Some("emptyDir: {}"),
            "",
            "own-directory",
        ),
        (
            "{version: \"1.37\"}",
            "",
            Some("emptyDir: {}"),
            limit,
            "own-directory",
        ),
        (&gate(true), "", Some("emptyDir: {}"), "", "empty-dir-mode"),
        (
            "{version: \"1.36\"}",
            &class("local", "0770"),
            Some("emptyDir: {}"),
            "",
            "own-directory",
        ),
        (
            "{version: \"1.36\"}",
            &class("hostPath", "0777"),
            Some("emptyDir: {}"),
            "",
            "own-directory",
        ),
    ];
    for (kubernetes, classes, volume, more, remedy) in rows {
        let facts = facts(&format!("kubernetes: {kubernetes}\n{classes}"));
        let text = match volume {
            Some(volume) => with_temp(volume, more),
            None => mastodon("", "", more),
        };
        let repaired = repaired(&[&text], &facts, &options());
        let row = format!(
            "{kubernetes} {classes} {volume:?} {more}\n{:#?}",
            repaired.refused()
        );
        assert_eq!(repaired.remedies(), [*remedy], "{row}");
        assert_eq!(repaired.left(&facts), [], "{row}");
    }
}

#[test]
fn h2_2_a_gate_that_is_not_known_is_said() {
    let text = with_temp("emptyDir: {}", "").replace("    runAsGroup: 991\n", "");
    let repaired = repaired(&[&text], &facts("kubernetes: {version: \"1.37\"}\n"), &options());
    assert_eq!(repaired.text(0), text);
    assert!(
        reason(&repaired, "empty-dir-mode")
            .contains("whether the gate EmptyDirVolumeMode is on is not known"),
        "{:?}",
        repaired.refused()
    );
}

#[test]
fn h2_3_what_another_volume_covers_is_left_alone() {
    for (volume, why) in [
        (
            "configMap: {name: settings}",
            "volume `tmp` is mounted at `/tmp` already",
        ),
        (
            "hostPath: {path: /var/log/tmp, type: Directory}",
            "volume `tmp` is mounted at `/tmp` already",
        ),
    ] {
        let text = with_temp(volume, "");
        let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n";
        let facts = facts("hostPaths: {/var/log/tmp: {type: dir, owner: \"0:0\", mode: \"0755\"}}\n");
        let repaired = repaired(&[&text, config], &facts, &with_unsafe_fixes());
        assert_eq!(repaired.text(0), text, "{volume}");
        assert_eq!(reason(&repaired, "empty-dir"), why, "{:?}", repaired.refused());
        assert_eq!(reason(&repaired, "memory"), why, "{volume}");
    }
}

#[test]
fn h2_3_files_that_the_image_needs_are_not_hidden() {
    let search = "apiVersion: v1\nkind: Pod\nmetadata: {name: search}\nspec:\n  containers:\n    - name: search\n      \
                  image: elasticsearch:8.18.1\n      securityContext: {readOnlyRootFilesystem: true, runAsUser: 1000}\n      \
                  volumeMounts:\n        - {name: tmp, mountPath: /tmp}\n        \
                  - {name: data, mountPath: /usr/share/elasticsearch/data}\n        \
                  - {name: logs, mountPath: /usr/share/elasticsearch/logs}\n  volumes:\n    \
                  - {name: tmp, emptyDir: {sizeLimit: 1Gi}}\n    - {name: data, emptyDir: {sizeLimit: 1Gi}}\n    \
                  - {name: logs, emptyDir: {sizeLimit: 1Gi}}\n";
    let repaired = repaired(&[search], &facts("{}"), &with_unsafe_fixes());
    assert!(
        reason(&repaired, "empty-dir")
            .contains("the image's files in `/usr/share/elasticsearch/config` would be hidden"),
        "{:?}",
        repaired.refused()
    );
}

/// As charts of Bitnami have it: one volume, whose parts are mounted by `subPath`.
#[test]
fn h2_3_parts_of_a_volume_stay_where_they_are() {
    let text = mastodon(
        "    - name: empty-dir\n      emptyDir: {}\n",
        "        - name: empty-dir\n          mountPath: /tmp\n          subPath: tmp-dir\n        \
         - name: empty-dir\n          mountPath: /opt/mastodon/log\n          subPath: log-dir\n",
        "",
    );
    let repaired = repaired(&[&text], &facts("{}"), &options());
    assert_eq!(
        repaired.remedies(),
        ["own-directory"],
        "{:#?}",
        repaired.refused()
    );
    let after = repaired.text(0);
    assert!(
        after.contains("args: [mkdir, /scratch/tmp-dir, --mode, \"1777\"]")
            || after.contains("- /scratch/tmp-dir\n")
    );
    let mounts = &text[text.find("      volumeMounts").unwrap()..];
    assert!(after.ends_with(mounts), "{after}");
    assert_eq!(repaired.left(&facts("{}")), []);
}

#[test]
fn h2_4_every_new_volume_has_a_size_limit_and_memory_grows_with_it() {
    for (resources, expected) in [
        ("", ""),
        (
            "      resources:\n        limits:\n          memory: 512Mi\n",
            "      resources:\n        limits:\n          memory: 576Mi\n",
        ),
        // Of the same class of service as before.
        (
            "      resources:\n        requests: {memory: 1Gi, cpu: 1}\n        limits: {memory: 1Gi, cpu: 1}\n",
            "      resources:\n        requests: {memory: 1088Mi, cpu: 1}\n        limits: {memory: 1088Mi, cpu: 1}\n",
        ),
        (
            "      resources: {requests: {memory: 100M}, limits: {memory: 512M}}\n",
            "      resources: {requests: {memory: 100M}, limits: {memory: 580M}}\n",
        ),
    ] {
        let text = mastodon("", "", resources);
        let repaired = repaired(&[&text], &facts("{}"), &options());
        let after = repaired.text(0);
        assert_eq!(after.matches("sizeLimit: 64Mi").count(), 1, "{after}");
        assert!(after.contains(expected), "{after}");
        let titles = repaired.titles();
        if resources.is_empty() {
            assert!(titles[0].ends_with("which has no memory limit"), "{titles:?}");
        } else {
            assert!(titles[0].contains("raise its memory limit from"), "{titles:?}");
        }
        assert_eq!(repaired.left(&facts("{}")), [], "{after}");
    }
}

#[test]
fn h2_4_a_limit_that_is_given_elsewhere_makes_memory_unsafe() {
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: limits}\nspec:\n  limits:\n    - type: Container\n      \
                 default: {memory: 512Mi}\n";
    let repaired = repaired(&[&mastodon("", "", ""), range], &facts("{}"), &options());
    assert_eq!(
        repaired.remedies(),
        ["own-directory"],
        "{:#?}",
        repaired.refused()
    );
}

#[test]
fn a_directory_that_a_variable_names_is_made_in_its_volume() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  securityContext: {runAsUser: 1000, runAsGroup: 1000}\n  \
                volumes:\n    - name: scratch\n      emptyDir: {sizeLimit: 1Gi}\n  containers:\n    - name: app\n      \
                image: ghcr.io/acme/app:1.2\n      env: [{name: TMPDIR, value: /scratch/tmp}]\n      \
                securityContext: {readOnlyRootFilesystem: true}\n      volumeMounts:\n        \
                - {name: scratch, mountPath: /scratch}\n";
    let repaired = repaired(&[text], &facts("{}"), &options());
    assert_eq!(
        repaired.remedies(),
        ["own-directory"],
        "{:#?}",
        repaired.refused()
    );
    let after = repaired.text(0);
    assert!(after.contains("/scratch/tmp\n"), "{after}");
    assert_eq!(repaired.left(&facts("{}")), [], "{after}");
}

#[test]
fn a_volume_that_others_have_too_is_changed_only_on_request() {
    let other = "    - name: log\n      image: ghcr.io/acme/log:1.2\n      volumeMounts:\n        - {name: tmp, mountPath: /in}\n";
    let text = with_temp("emptyDir: {sizeLimit: 64Mi}", other);
    let careful = repaired(&[&text], &facts("{}"), &options());
    assert_eq!(careful.text(0), text);
    let why = careful.refused();
    assert!(
        why.iter()
            .any(|(.., why)| why.contains("container `log` has the volume, too")),
        "{why:?}"
    );
    let asked = repaired(&[&text], &facts("{}"), &with_unsafe_fixes());
    assert_eq!(asked.remedies(), ["memory"]);
}

#[test]
fn data_gets_no_volume_that_is_lost_with_the_pod() {
    let redis = "apiVersion: v1\nkind: Pod\nmetadata: {name: redis}\nspec:\n  containers:\n    - name: redis\n      \
                 image: redis:8.0.2\n      securityContext: {readOnlyRootFilesystem: true}\n      volumeMounts:\n        \
                 - {name: tmp, mountPath: /tmp}\n  volumes:\n    - {name: tmp, emptyDir: {sizeLimit: 1Gi}}\n";
    let facts = facts("images: {\"redis:8.0.2\": {user: \"\", volumes: []}}\n");
    let careful = repaired(&[redis], &facts, &options());
    assert_eq!(careful.text(0), redis);
    let why = careful.refused();
    assert!(
        why.iter().any(|(.., why)| why.contains("is lost with the pod")),
        "{why:?}"
    );
    let asked = repaired(&[redis], &facts, &with_unsafe_fixes());
    assert_eq!(asked.remedies(), ["empty-dir"]);
}

#[test]
fn a_class_that_honours_fs_group_is_the_last_resort() {
    // Who the process is is not known, so that no directory can be made for it.
    let text = mastodon(
        "    - name: shared\n      emptyDir: {}\n",
        "        - {name: shared, mountPath: /tmp, subPath: tmp}\n",
        "",
    )
    .replace("    runAsGroup: 991\n", "    fsGroup: 991\n");
    let class = |source: &str, mode: &str| {
        facts(&format!(
            "kubernetes: {{version: \"1.36\"}}\nstorageClasses: {{disk: {{source: {source}, owner: \"0:0\", mode: \"{mode}\"}}}}\n"
        ))
    };
    let ignores = repaired(&[&text], &class("hostPath", "0777"), &with_unsafe_fixes());
    assert_eq!(ignores.text(0), text);
    assert!(
        reason(&ignores, "ephemeral-volume").contains("no storage class is known whose volumes would do")
    );
    let local = class("local", "0770");
    let careful = repaired(&[&text], &local, &options());
    assert_eq!(careful.text(0), text);
    let asked = repaired(&[&text], &local, &with_unsafe_fixes());
    assert_eq!(asked.remedies(), ["ephemeral-volume"], "{:#?}", asked.refused());
    let after = asked.text(0);
    assert!(
        after.contains("        - {name: tmp, mountPath: /tmp}\n"),
        "{after}"
    );
    assert_eq!(asked.left(&local), [], "{after}");
}

#[test]
fn memory_without_a_limit_gets_one_on_request() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  volumes:\n    - name: one\n      emptyDir: {medium: Memory}\n    \
                - name: two\n      emptyDir:\n        medium: Memory # fast\n  containers:\n    - name: app\n      \
                image: ghcr.io/acme/app:1.2\n      volumeMounts: [{name: one, mountPath: /one}, {name: two, mountPath: /two}]\n";
    let careful = repaired(&[text], &facts("{}"), &options());
    assert_eq!(careful.text(0), text);
    assert!(
        reason(&careful, "size-limit").contains("would no longer fit"),
        "{:?}",
        careful.refused()
    );
    let asked = repaired(&[text], &facts("{}"), &with_unsafe_fixes());
    let expected = text
        .replace("{medium: Memory}", "{medium: Memory, sizeLimit: 256Mi}")
        .replace("Memory # fast\n", "Memory # fast\n        sizeLimit: 256Mi\n");
    assert_eq!(asked.text(0), expected);
    assert_eq!(asked.left(&facts("{}")), []);
}

#[test]
fn names_and_keys_are_as_the_neighbours_have_them() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  - image: ghcr.io/acme/app:1.2\n    name: app\n    \
                securityContext:\n      readOnlyRootFilesystem: true\n    volumeMounts:\n    - mountPath: /data\n      name: tmp\n  \
                volumes:\n  - emptyDir: {}\n    name: tmp\n";
    let repaired = repaired(&[text], &facts("{}"), &options());
    let expected = text.replace(
        "/data\n      name: tmp\n",
        "/data\n      name: tmp\n    - mountPath: /tmp\n      name: tmp-app\n",
    ) + "  - emptyDir:\n      sizeLimit: 256Mi\n    name: tmp-app\n";
    assert_eq!(repaired.text(0), expected);
}

/// A program whose image has its settings in a directory to which it writes.
fn search(mounts: &str, volumes: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: search}}\nspec:\n  containers:\n    - name: search\n      \
         image: elasticsearch:8.18.1\n      imagePullPolicy: IfNotPresent\n      securityContext:\n        \
         readOnlyRootFilesystem: true\n        runAsUser: 1000\n      volumeMounts:\n        \
         - {{name: tmp, mountPath: /tmp}}\n        - {{name: data, mountPath: /usr/share/elasticsearch/data}}\n        \
         - {{name: logs, mountPath: /usr/share/elasticsearch/logs}}\n{mounts}  volumes:\n    \
         - {{name: tmp, emptyDir: {{sizeLimit: 1Gi}}}}\n    - {{name: data, emptyDir: {{sizeLimit: 1Gi}}}}\n    \
         - {{name: logs, emptyDir: {{sizeLimit: 1Gi}}}}\n{volumes}"
    )
}

/// Facts of its image; `tools` are its commands.
fn search_facts(mode: &str, tools: &str) -> String {
    format!(
        "images:\n  \"elasticsearch:8.18.1\":\n    complete: true\n    user: \"1000:0\"\n    env: {{}}\n    volumes: []\n    \
         workingDir: /\n    users: {{root: {{uid: 0, gid: 0, home: /root}}}}\n    groups: {{}}\n    paths:\n      \
         /tmp: {{owner: \"0:0\", mode: \"1777\"}}\n      /usr/share/elasticsearch: {{owner: \"0:0\", mode: \"0775\"}}\n      \
         /usr/share/elasticsearch/config: {{owner: \"0:0\", mode: \"0775\"}}\n      \
         /usr/share/elasticsearch/config/jvm.options: {{owner: \"0:0\", mode: \"{mode}\", type: file}}\n    {tools}\n"
    )
}

#[test]
fn h2_3_files_of_the_image_are_copied_into_the_volume_that_is_mounted_over_them() {
    let text = search("", "");
    let coreutils = facts(&search_facts("0664", "tools: {kind: coreutils}"));
    let repaired = repaired(&[&text], &coreutils, &options());
    assert_eq!(repaired.remedies(), ["prefill"], "{:#?}", repaired.refused());
    let copy = "  initContainers:\n    - name: copy-usr-share-elasticsearch-config\n      image: elasticsearch:8.18.1\n      \
                imagePullPolicy: IfNotPresent\n      command:\n        - cp\n        - -Rf\n        \
                - /usr/share/elasticsearch/config/.\n        - /prefill\n      resources:\n        requests:\n          \
                cpu: 10m\n          memory: 32Mi\n        limits:\n          cpu: 100m\n          memory: 64Mi\n      \
                securityContext:\n        readOnlyRootFilesystem: true\n        runAsUser: 1000\n      volumeMounts:\n        \
                - name: usr-share-elasticsearch-config\n          mountPath: /prefill\n  containers:\n";
    let after = repaired.text(0);
    assert!(after.contains(copy), "{after}");
    assert_eq!(repaired.left(&coreutils), [], "{after}");
}

/// What `search` is given when its image cannot copy.
const BY_AGENT: &str = "  initContainers:
    - name: install-agent
      image: ghcr.io/writeway/agent:0.1.0
      args:
        - copy-self
        - /writeway
      resources:
        requests:
          cpu: 10m
          memory: 16Mi
        limits:
          cpu: 100m
          memory: 16Mi
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
        seccompProfile:
          type: RuntimeDefault
      volumeMounts:
        - name: writeway-agent
          mountPath: /writeway
    - name: copy-usr-share-elasticsearch-config
      image: elasticsearch:8.18.1
      imagePullPolicy: IfNotPresent
      command:
        - /writeway/writeway-agent
        - seed
        - --prefill
        - /usr/share/elasticsearch/config
        - --to
        - /prefill/files
        - --directory-mode
        - \"0775\"
        - --on-conflict
        - target
";

#[test]
fn h2_3_files_are_copied_by_the_agent_where_the_image_has_no_cp() {
    for tools in [
        "",
        "tools: {kind: none}",
        "tools: {kind: busybox, commands: [sh, mkdir]}",
    ] {
        let text = search("", "");
        let known = facts(&search_facts("0664", tools));
        let repaired = repaired(&[&text], &known, &options());
        assert_eq!(
            repaired.remedies(),
            ["prefill-by-agent"],
            "{tools}: {:#?}",
            repaired.refused()
        );
        let after = repaired.text(0);
        assert!(after.contains(BY_AGENT), "{after}");
        assert_eq!(repaired.left(&known), [], "{after}");
        let config = "/usr/share/elasticsearch/config";
        let file = format!("{config}/jvm.options");
        // The files are there, and the program's.
        let maps = repaired.maps(&known, &[&file]);
        let paths = maps[0]
            .containers
            .iter()
            .filter(|map| map.name == "search")
            .flat_map(|map| &map.paths);
        let at = |path: &str| paths.clone().find(|map| map.path == path).unwrap();
        let (directory, file) = (at(config), at(&file));
        assert_eq!(
            (directory.uid, directory.mode, directory.create.tri()),
            (Some(1000), Some(0o775), Tri::Yes)
        );
        assert_eq!(
            (file.exists, file.uid, file.mode),
            (Tri::Yes, Some(1000), Some(0o664))
        );
        assert_eq!(file.overwrite.verdict.tri(), Tri::Yes);
    }
}

#[test]
fn files_that_cannot_be_copied_are_not_hidden() {
    // The init container would fail: it may not read them.
    for (tools, remedy) in [("tools: {kind: coreutils}", "prefill"), ("", "prefill-by-agent")] {
        let text = search("", "");
        let repaired = repaired(
            &[&text],
            &facts(&search_facts("0600", tools)),
            &with_unsafe_fixes(),
        );
        assert_eq!(repaired.text(0), text, "{tools}");
        let why = reason(&repaired, remedy);
        assert!(
            why.contains("the pod might not start then"),
            "{:?}",
            repaired.refused()
        );
    }
}

/// The pod that the agent fills is admitted where it was: each thing that `restricted` asks of a container is written.
#[test]
fn h2_3_the_agent_is_admitted_where_the_program_is() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels:\n    \
                     pod-security.kubernetes.io/enforce: restricted\n";
    let text = search("", "").replace(
        "        runAsUser: 1000\n",
        "        runAsUser: 1000\n        runAsNonRoot: true\n        allowPrivilegeEscalation: false\n        \
         capabilities: {drop: [ALL]}\n        seccompProfile: {type: RuntimeDefault}\n",
    );
    let known = facts(&search_facts("0664", "tools: {kind: none}"));
    let repaired = repaired(&[&text, namespace], &known, &options());
    assert_eq!(
        repaired.remedies(),
        ["prefill-by-agent"],
        "{:#?}",
        repaired.refused()
    );
    assert_eq!(repaired.left(&known), [], "{}", repaired.text(0));
}

#[test]
fn who_copies_has_to_be_known_and_the_files_too() {
    let without_group = search("", "");
    let with_group = search("", "").replace("runAsUser: 1000", "runAsUser: 1000\n        runAsGroup: 0");
    for (text, why) in [
        (
            without_group,
            "set `runAsUser` and `runAsGroup`, or give facts of image `elasticsearch:8.18.1`",
        ),
        (
            with_group,
            "whether `/usr/share/elasticsearch/config` would do then is not known",
        ),
    ] {
        let repaired = repaired(&[&text], &facts("{}"), &with_unsafe_fixes());
        assert_eq!(repaired.text(0), text);
        assert!(
            reason(&repaired, "prefill-by-agent").contains(why),
            "{:#?}",
            repaired.refused()
        );
    }
}

#[test]
fn one_agent_is_enough_for_a_pod() {
    let text = search("", "");
    let start = text.find("    - name: search").unwrap();
    let end = text.find("  volumes:").unwrap();
    let second = text[start..end].replace("name: search", "name: second");
    let text = format!("{}{second}{}", &text[..end], &text[end..]);
    let known = facts(&search_facts("0664", "tools: {kind: none}"));
    let repaired = repaired(&[&text], &known, &options());
    assert_eq!(
        repaired.remedies(),
        ["prefill-by-agent"; 2],
        "{:#?}",
        repaired.refused()
    );
    let after = repaired.text(0);
    let names: Vec<_> = after
        .lines()
        .filter_map(|line| line.strip_prefix("    - name: "))
        .collect();
    assert_eq!(
        names,
        [
            "install-agent",
            "copy-usr-share-elasticsearch-config-second",
            "copy-usr-share-elasticsearch-config",
            "search",
            "second",
            "writeway-agent",
            "usr-share-elasticsearch-config",
            "usr-share-elasticsearch-config-second"
        ],
        "{after}"
    );
    assert_eq!(repaired.left(&known), [], "{after}");
}

#[test]
fn an_empty_volume_over_files_is_filled_on_request() {
    let mount = "        - {name: config, mountPath: /usr/share/elasticsearch/config}\n";
    let text = search(mount, "    - {name: config, emptyDir: {sizeLimit: 1Gi}}\n");
    for (tools, remedy, ending) in [
        ("tools: {kind: coreutils}", "prefill", ""),
        (
            "tools: {kind: none}",
            "prefill-by-agent",
            "    - name: writeway-agent\n      emptyDir:\n        sizeLimit: 16Mi\n",
        ),
    ] {
        let known = facts(&search_facts("0664", tools));
        let careful = repaired(&[&text], &known, &options());
        assert_eq!(careful.text(0), text);
        assert!(reason(&careful, remedy).contains("finds `/usr/share/elasticsearch/config` empty now"));
        let asked = repaired(&[&text], &known, &with_unsafe_fixes());
        assert_eq!(asked.remedies(), [remedy], "{:#?}", asked.refused());
        let after = asked.text(0);
        let rest = format!("{}{ending}", &text[text.find("  containers:").unwrap()..]);
        assert!(after.ends_with(&rest), "{after}");
        assert_eq!(asked.left(&known), [], "{after}");
    }
}

/// A program whose entry point writes one file in the directory of the program.
const PGADMIN: &str = "apiVersion: v1
kind: Pod
metadata: {name: admin}
spec:
  containers:
    - name: admin
      image: dpage/pgadmin4:9.4.0
      securityContext:
        readOnlyRootFilesystem: true
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: run, mountPath: /run/pgadmin}
        - {name: data, mountPath: /var/lib/pgadmin}
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: 1Gi}}
    - {name: run, emptyDir: {sizeLimit: 1Gi}}
    - {name: data, emptyDir: {sizeLimit: 1Gi}}
";

/// Facts of its image, with these paths below `/pgadmin4`, and so many further files.
fn pgadmin_facts(paths: &str, files: usize, tools: &str) -> String {
    let files = (0..files).map(|number| {
        format!("      /pgadmin4/pgadmin/{number}.py: {{owner: \"0:0\", mode: \"0644\", type: file}}\n")
    });
    format!(
        "images:\n  \"dpage/pgadmin4:9.4.0\":\n    complete: true\n    user: \"5050:0\"\n    env: {{}}\n    volumes: []\n    \
         workingDir: /\n    users: {{}}\n    groups: {{}}\n    paths:\n      /tmp: {{owner: \"0:0\", mode: \"1777\"}}\n      \
         /pgadmin4: {{owner: \"0:0\", mode: \"0755\"}}\n{paths}{}    {tools}\n",
        files.collect::<String>()
    )
}

/// A file is not mounted itself where its directory can be: a program may replace it by a rename.
#[test]
fn a_file_gets_a_volume_for_its_directory_or_a_copy_over_itself() {
    let file = "/pgadmin4/config_distro.py";
    let there = format!("      {file}: {{owner: \"5050:0\", mode: \"0664\", type: file}}\n");
    let (cp, no_cp) = ("tools: {kind: busybox}", "tools: {kind: none}");
    // what is there, how many others, tools, the remedy and what it mounts; none means that it is refused by that remedy
    type Row<'a> = (&'a str, usize, &'a str, &'a str, Result<&'a str, &'a str>);
    let rows: &[Row<'_>] = &[
        (
            "",
            0,
            no_cp,
            "empty-dir",
            Ok("pgadmin4\n          mountPath: /pgadmin4\n  volumes"),
        ),
        (
            &there,
            3,
            cp,
            "prefill",
            Ok("pgadmin4\n          mountPath: /pgadmin4\n  volumes"),
        ),
        (
            &there,
            3,
            no_cp,
            "prefill-by-agent",
            Ok("pgadmin4\n          mountPath: /pgadmin4\n          subPath: files\n"),
        ),
        (
            "",
            3,
            cp,
            "prefill",
            Ok("pgadmin4\n          mountPath: /pgadmin4\n  volumes"),
        ),
        (
            &there,
            100,
            cp,
            "prefill",
            Ok(
                "pgadmin4-config-distro-py\n          mountPath: /pgadmin4/config_distro.py\n          \
                subPath: config_distro.py\n",
            ),
        ),
        (&there, 100, no_cp, "prefill", Err("has no `cp`")),
        (
            &there,
            100,
            no_cp,
            "prefill-by-agent",
            Err("with the image's `cp` only"),
        ),
        (
            "",
            100,
            cp,
            "prefill",
            Err("is not known to be a file of the image"),
        ),
    ];
    for (paths_of_image, others, tools, remedy, expected) in rows {
        let known = facts(&pgadmin_facts(paths_of_image, *others, tools));
        let repaired = repaired(&[PGADMIN], &known, &with_unsafe_fixes());
        let after = repaired.text(0);
        let mounts = match expected {
            Ok(mounts) => mounts,
            Err(why) => {
                assert_eq!(after, PGADMIN);
                assert!(
                    reason(&repaired, remedy).contains(why),
                    "{:#?}",
                    repaired.refused()
                );
                continue;
            }
        };
        assert_eq!(repaired.remedies(), [*remedy], "{:#?}", repaired.refused());
        assert!(after.contains(mounts), "{after}");
        assert_eq!(repaired.left(&known), [], "{after}");
        let alone = mounts.contains("subPath: config");
        let safety = &repaired.repair.applied[0].safety;
        assert_eq!(
            matches!(safety, Safety::Unsafe(why) if why.contains("EBUSY")),
            alone,
            "{safety:?}"
        );
        let maps = repaired.maps(&known, &[file]);
        let mut paths = maps[0]
            .containers
            .iter()
            .filter(|map| map.name == "admin")
            .flat_map(|map| &map.paths);
        let copy = paths.find(|map| map.path == file).unwrap();
        let expected = if paths_of_image.is_empty() {
            Tri::No
        } else {
            Tri::Yes
        };
        assert_eq!(
            (copy.exists, copy.overwrite.verdict.tri()),
            (expected, expected),
            "{after}"
        );
    }
}

#[test]
fn what_is_beside_a_file_has_to_be_known() {
    let unknown = pgadmin_facts("", 0, "tools: {kind: busybox}").replace("complete: true", "complete: false");
    let repaired = repaired(&[PGADMIN], &facts(&unknown), &with_unsafe_fixes());
    assert_eq!(repaired.text(0), PGADMIN);
    assert!(
        reason(&repaired, "empty-dir").contains("no facts say what else"),
        "{:#?}",
        repaired.refused()
    );
}
