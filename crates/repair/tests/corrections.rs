// SPDX-License-Identifier: Apache-2.0
//! Small corrections: modes that software insists on, how often kubelet changes groups, resources, and containers that
//! nobody needs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use support::{facts, options, repaired};
use writeway_facts::Facts;
use writeway_generate::{Seed, Source, User};
use writeway_repair::{Options, Safety};
use writeway_yaml::{Stream, Value};

fn unsafe_fixes() -> Options {
    Options {
        unsafe_fixes: true,
        ..options()
    }
}

/// What the rule of that code leaves after the repair.
fn left(repaired: &support::Repaired, facts: &Facts, code: &str) -> usize {
    let left = repaired.left(facts);
    left.iter().filter(|finding| finding.rule.code == code).count()
}

/// Traefik with its ACME store on a claim, as its chart has it.
const PROXY: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: proxy}
spec:
  serviceName: proxy
  selector: {matchLabels: {app: proxy}}
  template:
    metadata: {labels: {app: proxy}}
    spec:
      securityContext:
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532  # the chart's
      containers:
        - name: proxy
          image: docker.io/library/traefik:v3.5.0
          args: ['--certificatesresolvers.main.acme.storage=/data/acme.json']
          volumeMounts:
            - {name: data, mountPath: /data}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: ebs, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";
const EBS: &str =
    "{storageClasses: {ebs: {source: csi, fsType: ext4, fsGroupPolicy: File, owner: '0:0', mode: '0755'}}}";

#[test]
fn h3_4_a_store_that_has_to_be_strict_is_left_alone_after_the_first_start() {
    let facts = facts(EBS);
    let repaired = repaired(&[PROXY], &facts, &options());
    assert!(
        repaired
            .findings
            .iter()
            .any(|finding| finding.rule.code == "WW203")
    );
    let expected = PROXY.replace(
        "        fsGroup: 65532  # the chart's\n",
        "        fsGroup: 65532  # the chart's\n        fsGroupChangePolicy: OnRootMismatch\n",
    );
    assert_eq!(repaired.text(0), expected, "{:?}", repaired.refused());
    // One fix for two findings: that kubelet goes through the volume at every start is gone, too.
    assert_eq!(repaired.remedies(), ["on-root-mismatch"]);
    assert!(repaired.left(&facts).is_empty());
}

#[test]
fn on_root_mismatch_is_unsafe_where_others_write_to_the_volume() {
    let deployment = |pod: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec:\n  securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}}\n{pod}\n  volumes:\n    - {{name: data, persistentVolumeClaim: {{claimName: data}}}}\n"
        )
    };
    let one = "  containers:\n    - {name: db, image: 'ghcr.io/acme/db:1.2.3', volumeMounts: [{name: data, mountPath: /data}]}";
    let two = format!(
        "{one}\n    - {{name: log, image: 'ghcr.io/acme/log:1.2.3', securityContext: {{runAsUser: 2000}}, volumeMounts: [{{name: data, mountPath: /data}}]}}"
    );
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: ebs, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let bound = claim.replace("{storageClassName", "{volumeName: old, storageClassName");
    let facts = facts(
        "{claims: {default/data: {source: csi, fsType: ext4, fsGroupPolicy: File, owner: '0:0', mode: '0755'}}, storageClasses: {ebs: {source: csi, fsType: ext4, fsGroupPolicy: File, owner: '0:0', mode: '0755'}}}",
    );
    let again = deployment(one).replace("{name: db}\nspec", "{name: other}\nspec");
    for (what, files, danger) in [
        (
            "one user, a claim of its own",
            vec![deployment(one), claim.to_owned()],
            None,
        ),
        (
            "several users",
            vec![deployment(&two), claim.to_owned()],
            Some("several users"),
        ),
        (
            "nobody knows the claim",
            vec![deployment(one)],
            Some("not among the inputs"),
        ),
        (
            "made beforehand",
            vec![deployment(one), bound],
            Some("made beforehand"),
        ),
        (
            "shared",
            vec![deployment(one), claim.to_owned(), again],
            Some("other pods use the claim"),
        ),
    ] {
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        let repaired = repaired(&files, &facts, &unsafe_fixes());
        let fix = repaired.repair.applied.iter().find(|fix| {
            fix.remedy.name == "on-root-mismatch"
                && repaired.findings[fix.finding]
                    .subject
                    .object
                    .as_ref()
                    .unwrap()
                    .name
                    == "db"
        });
        let fix = fix.unwrap_or_else(|| panic!("{what}: {:?}", repaired.refused()));
        match (&fix.safety, danger) {
            (Safety::Safe, None) => {}
            (Safety::Unsafe(why), Some(danger)) => assert!(why.contains(danger), "{what}: {why}"),
            (safety, _) => panic!("{what}: {safety:?}"),
        }
    }
}

/// A private key of OpenSSH from a Secret.
fn with_key(security: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: git}}\nspec:\n  securityContext: {security}\n  containers:\n    - name: git\n      image: ghcr.io/acme/git:1.2.3\n      command: [git-sync]\n      env: [{{name: GIT_SSH_COMMAND, value: ssh -i /ssh/key}}]\n      volumeMounts:\n        - {{name: ssh, mountPath: /ssh}}\n{more}  volumes:\n    - name: ssh\n      secret: {{secretName: deploy-key, items: [{{key: key, path: key}}]}}\n"
    )
}

#[test]
fn h3_4_a_key_that_fs_group_opens_is_seeded_for_its_user() {
    // libpq refuses a password file that the group may read, whoever owns it.
    let pod = with_key("{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}", "")
        .replace("path: key}", "path: .pgpass}");
    let repaired = repaired(&[&pod], &Facts::default(), &options());
    assert!(
        repaired
            .findings
            .iter()
            .any(|finding| finding.rule.code == "WW203"),
        "{:?}",
        repaired.findings
    );
    assert_eq!(repaired.remedies(), ["seed"], "{:?}", repaired.refused());
    assert_eq!(left(&repaired, &Facts::default(), "WW203"), 0);
}

#[test]
fn h3_4_a_key_of_root_gets_a_default_mode_unless_others_read_it() {
    let of_root = with_key("{runAsUser: 0}", "");
    let fixed = repaired(&[&of_root], &Facts::default(), &options());
    assert_eq!(fixed.remedies(), ["default-mode"], "{:?}", fixed.refused());
    assert!(fixed.text(0).contains("defaultMode: 256") || fixed.text(0).contains("defaultMode: 0400"));
    assert_eq!(left(&fixed, &Facts::default(), "WW203"), 0);
    let other = "    - {name: log, image: 'ghcr.io/acme/log:1.2.3', securityContext: {runAsUser: 2000}, volumeMounts: [{name: ssh, mountPath: /ssh}]}\n";
    let shared = repaired(
        &[&with_key("{runAsUser: 0}", other)],
        &Facts::default(),
        &options(),
    );
    let refused = shared.refused();
    assert!(!shared.remedies().contains(&"default-mode"));
    assert!(
        shared.remedies() == ["seed"] || refused.iter().any(|(_, _, why)| why.contains("container `log`")),
        "{refused:?}"
    );
}

/// A pod whose init container runs a command line.
fn with_init(command: &str, more: &str, volume: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: app}}\nspec:\n  initContainers:\n    - name: first\n      image: docker.io/library/busybox:1.37.0\n      {command}\n{more}      volumeMounts:\n        - {{name: work, mountPath: /work}}\n  containers:\n    - name: app\n      image: ghcr.io/acme/app:1.2.3\n      volumeMounts:\n        - {{name: work, mountPath: /work}}\n  volumes:\n    - {{name: work, {volume}}}\n"
    )
}

#[test]
fn resources_are_given_to_programs_that_are_known_to_be_small() {
    let disk = "emptyDir: {}";
    let memory = "emptyDir: {medium: Memory, sizeLimit: 1Mi}";
    for (command, volume, expected) in [
        ("command: [cp, /etc/hostname, /work/]", disk, Ok("64Mi")),
        (
            "command: [sh, -c, 'umask 077 && mkdir -p /work/a && chmod 700 /work/a']",
            disk,
            Ok("64Mi"),
        ),
        ("args: [mkdir, --mode, '1777', /work/tmp]", disk, Ok("16Mi")),
        (
            "command: [cp, /etc/hostname, /work/]",
            memory,
            Err("counts as its memory"),
        ),
        ("command: [migrate, up]", disk, Err("takes is not known")),
        (
            "command: [sh, -c, '$TOOL /work']",
            disk,
            Err("takes is not known"),
        ),
        ("args: [serve]", disk, Err("takes is not known")),
    ] {
        let mut pod = with_init(command, "", volume);
        if command.contains("args: [mkdir") {
            pod = pod.replace("docker.io/library/busybox:1.37.0", "ghcr.io/writeway/agent:0.1.0");
        }
        let repaired = repaired(&[&pod], &Facts::default(), &options());
        match expected {
            Ok(limit) => {
                assert_eq!(
                    repaired.remedies(),
                    ["resources"],
                    "{command}: {:?}",
                    repaired.refused()
                );
                let resources = format!(
                    "      resources:\n        requests:\n          cpu: 10m\n          memory: 16Mi\n        limits:\n          memory: {limit}\n      volumeMounts:\n"
                );
                assert_eq!(
                    repaired.text(0),
                    pod.replacen("      volumeMounts:\n", &resources, 1)
                );
            }
            Err(why) => {
                let refused = repaired.refused();
                assert!(
                    refused
                        .iter()
                        .any(|(code, _, reason)| *code == "WW403" && reason.contains(why)),
                    "{command}: {refused:?}"
                );
            }
        }
    }
}

#[test]
fn an_init_container_that_nobody_needs_is_left_out_by_an_unsafe_fix_only() {
    let pod = with_init(
        "command: [chown, -R, '1000:1000', /work]",
        "      resources: {requests: {cpu: 10m}}\n      securityContext: {runAsUser: 0}\n",
        "emptyDir: {}",
    )
    .replace(
        "spec:\n",
        "spec:\n  securityContext: {runAsUser: 1000, runAsGroup: 1000}\n",
    );
    let facts = facts(
        "{images: {'docker.io/library/busybox:1.37.0': {complete: true, user: '', tools: {kind: busybox}}}}",
    );
    let safe = repaired(&[&pod], &facts, &options());
    assert!(
        safe.findings.iter().any(|finding| finding.rule.code == "WW404"),
        "{:?}",
        safe.findings
    );
    assert!(safe.repair.texts.is_empty());
    assert!(
        safe.refused()
            .iter()
            .any(|(code, _, why)| *code == "WW404" && why.contains("--unsafe-fixes"))
    );
    let fixed = repaired(&[&pod], &facts, &unsafe_fixes());
    assert_eq!(fixed.remedies(), ["leave-out"]);
    let start = pod.find("  initContainers:").unwrap();
    let end = pod.find("  containers:").unwrap();
    assert_eq!(fixed.text(0), format!("{}{}", &pod[..start], &pod[end..]));
    assert!(fixed.left(&facts).is_empty());
}

/// A copy of a Secret by a script.
fn copying(script: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: app}}\nspec:\n  securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}}\n  initContainers:\n    - name: copy\n      image: docker.io/library/busybox:1.37.0\n      resources: {{requests: {{cpu: 10m}}}}\n      command: [sh, -c, \"{script}\"]\n      volumeMounts:\n        - {{name: keys, mountPath: /keys}}\n        - {{name: work, mountPath: /work}}\n  containers:\n    - name: app\n      image: ghcr.io/acme/app:1.2.3\n      volumeMounts:\n        - {{name: work, mountPath: /work}}\n  volumes:\n    - {{name: keys, secret: {{secretName: keys}}}}\n    - {{name: work, emptyDir: {{}}}}\n"
    )
}

/// Whichever of the two findings stands first, what is limited is the program that runs in the end.
#[test]
fn a_copy_without_resources_becomes_seed_with_those_of_seed() {
    let known = "{images: {'docker.io/library/busybox:1.37.0': {complete: true, user: '', tools: {kind: busybox}, paths: {/bin: {owner: '0:0', mode: '0755'}}}}}";
    let pod = copying("cp /keys/* /work/").replace("      resources: {requests: {cpu: 10m}}\n", "");
    let repaired = repaired(&[&pod], &facts(known), &options());
    let codes: Vec<_> = repaired.findings.iter().map(|it| it.rule.code).collect();
    assert!(codes.contains(&"WW303") && codes.contains(&"WW403"), "{codes:?}");
    assert_eq!(repaired.remedies(), ["seed-instead-of-copy"]);
    let seed = Seed::new(
        User::new(1000, 1000).unwrap(),
        Source::volume("keys").unwrap(),
        "/work",
    )
    .unwrap()
    .render();
    let after = Stream::parse(repaired.text(0));
    let written = after.documents().next().map(|document| document.root()).unwrap();
    let container = written.get("spec").unwrap().get("initContainers").unwrap();
    let resources = container.items().next().unwrap().get("resources").unwrap();
    assert_eq!(
        Value::read(resources).as_ref(),
        seed.init_containers[0].get("resources")
    );
    assert_eq!(left(&repaired, &facts(known), "WW403"), 0);
}

#[test]
fn a_copy_is_replaced_by_seed_when_the_script_does_nothing_else() {
    let known = "{images: {'docker.io/library/busybox:1.37.0': {complete: true, user: '', tools: {kind: busybox}, paths: {/bin: {owner: '0:0', mode: '0755'}}}}}";
    for (script, expected) in [
        ("cp /keys/* /work/", Ok(vec!["/keys", "--to", "/work"])),
        (
            "set -e; cp -L /keys/* /work && chmod 400 /work/*",
            Ok(vec!["/keys", "--to", "/work", "--mode", "0400"]),
        ),
        (
            "mkdir -p /work/in && cp /keys/* /work/in/",
            Ok(vec!["/keys", "--to", "/work/in"]),
        ),
        (
            "cp /keys/* /work/; chown -R 1000:1000 /work",
            Ok(vec!["/keys", "--to", "/work"]),
        ),
        ("cp -n /keys/* /work/", Err("does more than copy")),
        ("cp /keys/*.pem /work/", Err("does more than copy")),
        (
            "cp /keys/* /work/ && chown 2000 /work/*",
            Err("given to uid 2000"),
        ),
        (
            "cp /keys/* /work/ && cat /work/a >> /work/b",
            Err("does more than copy"),
        ),
        (
            "cp /keys/* /work/ && openssl rehash /work",
            Err("does more than copy"),
        ),
    ] {
        let pod = copying(script);
        let repaired = repaired(&[&pod], &facts(known), &options());
        assert!(
            repaired
                .findings
                .iter()
                .any(|finding| finding.rule.code == "WW303"),
            "{script}"
        );
        match expected {
            Ok(words) => {
                assert_eq!(
                    repaired.remedies(),
                    ["seed-instead-of-copy"],
                    "{script}: {:?}",
                    repaired.refused()
                );
                let words: Vec<_> = words
                    .iter()
                    .map(|word| {
                        if *word == "0400" {
                            "        - \"0400\"\n".to_owned()
                        } else {
                            format!("        - {word}\n")
                        }
                    })
                    .collect();
                let arguments = format!(
                    "      args:\n        - seed\n{}      securityContext",
                    words.concat()
                );
                assert!(
                    repaired.text(0).contains(&arguments),
                    "{script}\n{}",
                    repaired.text(0)
                );
                assert_eq!(left(&repaired, &facts(known), "WW303"), 0);
            }
            Err(why) => {
                let refused = repaired.refused();
                assert!(
                    refused
                        .iter()
                        .any(|(code, _, reason)| *code == "WW303" && reason.contains(why)),
                    "{script}: {refused:?}"
                );
            }
        }
    }
}

/// A database with its claim above the directory that its image declares as a VOLUME.
fn database(security: &str, mount: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec:\n  containers:\n    - name: db\n      image: postgres:17.6\n\
         {security}      volumeMounts:\n        - {{name: run, mountPath: /var/run/postgresql}}\n        {mount}\n  volumes:\n    \
         - {{name: run, emptyDir: {{sizeLimit: 1Mi}}}}\n    - {{name: data, persistentVolumeClaim: {{claimName: data}}}}\n"
    )
}

const DATABASE: &str = "\
images:
  \"postgres:17.6\":
    user: \"\"
    complete: true
    env: {}
    users: {root: {uid: 0, gid: 0, home: /root}, postgres: {uid: 999, gid: 999, home: /var/lib/postgresql}}
    groups: {}
    volumes: [/var/lib/postgresql/data]
    paths:
      /tmp: {owner: '0:0', mode: '1777'}
      /var/lib/postgresql: {owner: '999:999', mode: '1777'}
      /var/lib/postgresql/data: {owner: '999:999', mode: '1777'}
claims:
  default/data: {source: csi, fsType: ext4, owner: '0:0', mode: '0755'}
";

#[test]
fn a_directory_that_the_image_declares_is_kept_in_the_volume_around_it() {
    let known = facts(DATABASE);
    for (mount, part) in [
        ("- {name: data, mountPath: /var/lib/postgresql}", "data"),
        (
            "- {name: data, mountPath: /var/lib/postgresql/, subPath: db}",
            "db/data",
        ),
        ("- {name: data, mountPath: /var/lib}", "postgresql/data"),
    ] {
        let text = database("", mount);
        let careful = repaired(&[&text], &known, &options());
        assert_eq!(careful.text(0), text);
        let asked = repaired(&[&text], &known, &unsafe_fixes());
        assert_eq!(
            asked.remedies(),
            ["image-volume"],
            "{mount}: {:#?} {:#?}",
            asked.findings,
            asked.refused()
        );
        let added = format!(
            "        {mount}\n        - name: data\n          mountPath: /var/lib/postgresql/data\n          subPath: {part}\n  volumes:"
        );
        assert!(asked.text(0).contains(&added), "{}", asked.text(0));
        assert_eq!(asked.left(&known), [], "{}", asked.text(0));
    }
}

/// kubelet makes the directory for root, and PostgreSQL takes none of another owner.
#[test]
fn a_declared_directory_that_would_be_anothers_stays_as_it_is() {
    let known = facts(DATABASE);
    let mount = "- {name: data, mountPath: /var/lib/postgresql}";
    for (security, why) in [
        (
            "      securityContext: {runAsUser: 999, runAsGroup: 999}\n",
            "runs as uid 999, and kubelet makes `data` for root",
        ),
        (
            "      securityContext: {capabilities: {drop: [ALL]}}\n",
            "has not CHOWN",
        ),
    ] {
        let text = database(security, mount);
        let asked = repaired(&[&text], &known, &unsafe_fixes());
        let refused = asked.refused();
        let reason = refused
            .iter()
            .find(|(code, remedy, _)| (*code, *remedy) == ("WW105", "image-volume"));
        assert!(
            reason.is_some_and(|(.., reason)| reason.contains(why)),
            "{refused:#?}"
        );
        assert!(!asked.text(0).contains("subPath"), "{}", asked.text(0));
    }
}
