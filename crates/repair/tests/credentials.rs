// SPDX-License-Identifier: Apache-2.0
//! Remedies for credentials: what becomes of the examples, what `seed` is given, and what it is refused for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use support::{Repaired, facts, options, repaired};
use writeway_access::{Context, PathMap, PodMap, Tri, map_pod};
use writeway_facts::Facts;
use writeway_manifest::Which;
use writeway_pod_security::{Level, Policy, PolicyVersion, Request};
use writeway_repair::Options;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

fn example(name: &str) -> String {
    std::fs::read_to_string(format!("{EXAMPLES}/{name}")).unwrap()
}

/// An example of the refreshed token with its Secret, repaired with the facts of all examples.
fn repaired_example(name: &str) -> (String, Facts, Repaired) {
    let manifest = example(&format!("refreshed-token/{name}.yaml"));
    let facts = facts(&example("facts.yaml"));
    let secret = example("refreshed-token/secret.yaml");
    let repaired = repaired(&[&manifest, &secret], &facts, &options());
    (manifest, facts, repaired)
}

/// The map of the first workload after the repair, with more paths.
fn map_after(repaired: &Repaired, facts: &Facts, paths: &[&str]) -> PodMap {
    let after = repaired.inventory.edited(&repaired.repair.texts);
    let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
    let context = Context {
        inventory: &after,
        facts,
        extra_paths: &paths,
    };
    map_pod(&context, &after.workloads()[0])
}

fn path<'m>(map: &'m PodMap, container: &str, path: &str) -> &'m PathMap {
    let container = map.containers.iter().find(|it| it.name == container).unwrap();
    container.paths.iter().find(|it| it.path == path).unwrap()
}

#[test]
fn the_refreshed_token_becomes_clean_by_one_changed_line_and_added_ones() {
    let (before, facts, repaired) = repaired_example("calendar");
    let expected = before
        .replace(
            "            - name: google\n              mountPath: /etc/google\n",
            "            - name: google-seeded\n              mountPath: /etc/google\n",
        )
        .replace("      containers:\n", &format!("{SEED}      containers:\n"))
        + "        - name: google-seeded\n          emptyDir:\n            medium: Memory\n            sizeLimit: 4Mi\n";
    assert_eq!(repaired.text(0), expected);
    assert_eq!(repaired.remedies(), ["seed"]);
    assert!(repaired.repair.applied[0].safety == writeway_repair::Safety::Safe);
    assert!(repaired.left(&facts).is_empty());
}

const SEED: &str = "      initContainers:
        - name: seed
          image: ghcr.io/writeway/agent:0.1.0
          args:
            - seed
            - /source
            - --to
            - /target
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
            limits:
              cpu: 100m
              memory: 16Mi
          securityContext:
            runAsNonRoot: true
            runAsUser: 1000
            runAsGroup: 1000
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop:
                - ALL
            seccompProfile:
              type: RuntimeDefault
          volumeMounts:
            - name: google
              mountPath: /source
              readOnly: true
            - name: google-seeded
              mountPath: /target
";

#[test]
fn the_seeded_token_can_be_written_to_and_replaced() {
    let (_, facts, repaired) = repaired_example("calendar");
    let map = map_after(&repaired, &facts, &["/etc/google/token.json"]);
    assert_eq!(map.starts.verdict, Tri::Yes);
    let token = path(&map, "calendar", "/etc/google/token.json");
    assert_eq!(token.overwrite.verdict.tri(), Tri::Yes);
    assert_eq!(
        (token.mode, token.uid, token.gid),
        (Some(0o600), Some(1000), Some(1000))
    );
    let directory = path(&map, "calendar", "/etc/google");
    assert_eq!(directory.create.tri(), Tri::Yes);
    assert_eq!(directory.replace.verdict.tri(), Tri::Yes);
    // The derivation says what changed.
    let turned = &repaired.repair.applied[0].turned;
    assert!(
        turned.was.iter().any(|step| step.contains("read-only")),
        "{turned:?}"
    );
}

#[test]
fn h1_4_the_seeding_container_is_pinned_limited_and_admitted_to_restricted() {
    let digest = format!("ghcr.io/writeway/agent:0.1.0@sha256:{}", "0".repeat(64));
    let options = Options {
        agent_image: digest.clone(),
        ..options()
    };
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: refreshed-token\n  labels: {pod-security.kubernetes.io/enforce: restricted}\n";
    // With what the level asks of the pod; the example has all but this.
    let manifest = example("refreshed-token/calendar.yaml").replace(
        "        fsGroup: 1000\n",
        "        fsGroup: 1000\n        seccompProfile: {type: RuntimeDefault}\n",
    );
    let repaired = repaired(&[&manifest, namespace], &Facts::default(), &options);
    assert_eq!(repaired.remedies(), ["seed"]);
    let after = repaired.inventory.edited(&repaired.repair.texts);
    let workload = &after.workloads()[0];
    let restricted = Policy {
        level: Level::Restricted,
        version: PolicyVersion::Latest,
    };
    assert_eq!(
        Request::default().evaluate(workload, restricted).admitted(),
        Some(true)
    );
    let mut seeds = workload.pod.containers(Which::Init);
    let seed = seeds.next().unwrap();
    assert_eq!(
        seed.image.as_ref().map(|image| image.as_str()),
        Some(digest.as_str())
    );
    assert_eq!(seed.resources.requests.len(), 2);
    assert_eq!(seed.resources.limits.len(), 2);
    // It shares the volume with its consumer, and the user.
    assert_eq!(seed.security.run_as_user.map(|user| user.value), Some(1000));
}

#[test]
fn the_pasted_copy_becomes_seed_and_nobody_but_the_consumer_can_read_what_it_copies() {
    let (before, facts, repaired) = repaired_example("pasted-copy");
    assert!(repaired.left(&facts).is_empty());
    assert_eq!(repaired.remedies(), ["seed-instead-of-copy"]);
    let text = repaired.text(0);
    for kept in before.lines() {
        let gone = kept.contains("busybox:1.36") || kept.contains("command: [sh");
        assert_eq!(text.lines().any(|line| line == kept), !gone, "{kept}");
    }
    assert!(text.contains(
        "            - seed\n            - /secrets-ro\n            - --to\n            - /secrets\n"
    ));
    let map = map_after(&repaired, &facts, &["/etc/google/token.json"]);
    let token = path(&map, "calendar", "/etc/google/token.json");
    assert_eq!((token.mode, token.uid), (Some(0o600), Some(1000)));
    assert_eq!(token.overwrite.verdict.tri(), Tri::Yes);
}

/// A pod whose container `app` has a token at `/token`; its parts can be exchanged.
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}
  containers:
    - name: app
      image: ghcr.io/acme/app:1.2.3
      volumeMounts:
        - name: oauth
          mountPath: /token
    - name: other
      image: ghcr.io/acme/other:1.2.3
      volumeMounts:
        - {name: oauth, mountPath: /ca.pem, subPath: ca.pem}
  volumes:
    - name: oauth
      secret: {secretName: oauth, items: [{key: t, path: token.json}, {key: ca, path: ca.pem}]}
";
const SECRET_VOLUME: &str =
    "secret: {secretName: oauth, items: [{key: t, path: token.json}, {key: ca, path: ca.pem}]}";
const WHOLE: &str = "        - name: oauth\n          mountPath: /token\n";
const SINGLE_FILE: &str =
    "        - name: oauth\n          mountPath: /app/token.json\n          subPath: token.json\n";
/// An image with nothing in `/app`.
const EMPTY_APP: &str = "{images: {'ghcr.io/acme/app:1.2.3': {complete: true, user: '1000', paths: \
                         {/app: {owner: '0:0', mode: '0755'}}}}}";

/// [`POD`] with parts exchanged: each has to be there.
fn pod(exchanges: &[(&str, &str)]) -> String {
    exchanges.iter().fold(POD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// What it is, as parts exchanged in [`POD`]; the facts; what is expected.
type Row<'a, T> = (&'a str, &'a [(&'a str, &'a str)], &'a str, T);

#[test]
fn seed_is_given_what_the_volume_shows() {
    let rows: &[Row<'_, &[&str]>] = &[
        (
            "only the mount with the finding changes, and other users of the volume stay",
            &[],
            "{}",
            &[
                "name: oauth-seeded\n          mountPath: /token\n",
                "{name: oauth, mountPath: /ca.pem, subPath: ca.pem}",
            ],
        ),
        (
            "what is no field of a volume that can be written goes",
            &[(
                WHOLE,
                "        - name: oauth\n          mountPath: /token\n          readOnly: true\n",
            )],
            "{}",
            &["name: oauth-seeded\n          mountPath: /token\n    - name: other"],
        ),
        (
            "a Secret that may be missing",
            &[("{secretName: oauth,", "{optional: true, secretName: oauth,")],
            "{}",
            &["        - /target\n        - --allow-empty\n"],
        ),
        (
            "a projected volume",
            &[(
                SECRET_VOLUME,
                "projected: {sources: [{secret: {name: oauth, items: [{key: t, path: token.json}, {key: ca, path: ca.pem}]}}, {configMap: {name: c}}]}",
            )],
            "{}",
            &["name: oauth\n          mountPath: /source", "sizeLimit: 4Mi"],
        ),
        (
            "a directory of the volume",
            &[
                (
                    WHOLE,
                    "        - name: oauth\n          mountPath: /token\n          subPath: a\n",
                ),
                ("path: token.json", "path: a/token.json"),
            ],
            "{}",
            &["name: oauth-seeded\n          mountPath: /token\n          subPath: a\n"],
        ),
        (
            "a single file: its directory, for a mounted file cannot be replaced",
            &[(WHOLE, SINGLE_FILE)],
            EMPTY_APP,
            &[
                "name: oauth-seeded\n          mountPath: /app\n    - name: other",
                "        - /source/token.json\n",
            ],
        ),
        (
            "names that are taken",
            &[
                (
                    "  volumes:\n",
                    "  volumes:\n    - {name: oauth-seeded, emptyDir: {sizeLimit: 1Mi}}\n",
                ),
                ("    - name: other\n", "    - name: seed\n"),
            ],
            "{}",
            &[
                "- name: seed-2\n",
                "name: oauth-seeded-2\n          mountPath: /token\n",
            ],
        ),
    ];
    for (what, exchanges, known, expected) in rows {
        let manifest = pod(exchanges);
        let facts = facts(known);
        let repaired = repaired(&[&manifest], &facts, &options());
        let text = repaired.text(0);
        for part in *expected {
            assert!(
                text.contains(part),
                "{what}: {part}\n{text}\n{:?}",
                repaired.refused()
            );
        }
        assert!(repaired.remedies().contains(&"seed"), "{what}");
        let left = repaired.left(&facts);
        assert!(left.iter().all(|finding| finding.rule.code != "WW301"), "{what}");
    }
}

#[test]
fn seed_stands_in_front_of_a_sidecar_that_needs_the_copy() {
    let manifest = pod(&[
        (
            "  containers:\n    - name: app\n      image: ghcr.io/acme/app:1.2.3\n",
            "  initContainers:\n    - name: first\n      image: ghcr.io/acme/first:1.2.3\n      resources: {requests: {cpu: 1m}}\n    - name: app\n      restartPolicy: Always\n      resources: {requests: {cpu: 1m}}\n      image: ghcr.io/acme/app:1.2.3\n",
        ),
        ("    - name: other\n", "  containers:\n    - name: other\n"),
    ]);
    let facts = facts("{images: {'ghcr.io/acme/first:1.2.3': {complete: true}}}");
    let repaired = repaired(&[&manifest], &facts, &options());
    let after = repaired.inventory.edited(&repaired.repair.texts);
    let names: Vec<_> = after.workloads()[0]
        .pod
        .containers(Which::Startup)
        .map(|container| container.name.value.clone())
        .collect();
    assert_eq!(names, ["first", "seed", "app"], "{:?}", repaired.refused());
}

#[test]
fn seed_is_refused_with_the_reason() {
    let rows: &[Row<'_, &str>] = &[
        (
            "who may not read the Secret cannot copy it",
            &[
                (", fsGroup: 1000", ""),
                ("{secretName: oauth,", "{defaultMode: 0400, secretName: oauth,"),
            ],
            "{}",
            "the pod might not start then",
        ),
        (
            "the user is not known",
            &[(
                "{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}",
                "{fsGroup: 1000}",
            )],
            "{}",
            "as which user container `app` runs is not known",
        ),
        (
            "what kubelet renews",
            &[(
                SECRET_VOLUME,
                "projected: {sources: [{secret: {name: oauth, items: [{key: t, path: token.json}, {key: ca, path: ca.pem}]}}, {serviceAccountToken: {path: sa}}]}",
            )],
            "{}",
            "kubelet renews",
        ),
        (
            "a single file in a directory of which nothing is known",
            &[(WHOLE, SINGLE_FILE)],
            "{}",
            "might hide files of the image",
        ),
        (
            "a single file beside files of the image",
            &[(WHOLE, SINGLE_FILE)],
            "{images: {'ghcr.io/acme/app:1.2.3': {complete: true, user: '1000', paths: {/app/main: {owner: '0:0', mode: '0755', type: file}}}}}",
            "would hide files of the image",
        ),
        (
            "a single file under another name",
            &[(
                WHOLE,
                "        - name: oauth\n          mountPath: /app/oauth.json\n          subPath: token.json\n",
            )],
            EMPTY_APP,
            "under another name",
        ),
    ];
    for (what, exchanges, known, expected) in rows {
        let manifest = pod(exchanges);
        let repaired = repaired(&[&manifest], &facts(known), &options());
        assert!(repaired.repair.texts.is_empty(), "{what}: {}", repaired.text(0));
        let refused = repaired.refused();
        assert!(
            refused
                .iter()
                .any(|(code, remedy, why)| *code == "WW301" && *remedy == "seed" && why.contains(expected)),
            "{what}: {refused:?}"
        );
    }
}

#[test]
fn what_is_left_of_a_token_that_rotates_is_said_by_ww302() {
    let repaired = repaired(&[POD], &Facts::default(), &options());
    assert_eq!(repaired.remedies(), ["seed"]);
    let codes: Vec<_> = repaired
        .left(&Facts::default())
        .iter()
        .map(|finding| finding.rule.code)
        .collect();
    assert_eq!(codes, ["WW302"]);
}

/// kubelet brings what a controller writes to a Secret to its volume, and nobody to a copy.
#[test]
fn a_secret_that_a_controller_renews_is_seeded_only_when_asked_for() {
    let maker = |spec: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: from-vault}}\nspec: {{{spec}}}\n"
        )
    };
    let renewed = maker("refreshInterval: 1h, target: {name: oauth}");
    let once = maker("refreshPolicy: CreatedOnce, target: {name: oauth}");
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: oauth}\nspec: {encryptedData: {t: x}}\n";
    let deployment = |annotations: &str| {
        let (_, spec) = POD.split_once("spec:\n").unwrap();
        let spec: String = spec.lines().map(|line| format!("    {line}\n")).collect();
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app, annotations: {{{annotations}}}}}\nspec:\n  selector: \
             {{matchLabels: {{app: app}}}}\n  template:\n    metadata: {{labels: {{app: app}}}}\n    spec:\n{spec}"
        )
    };
    for (what, manifest, secret, safe) in [
        ("a pod", POD.to_owned(), renewed.as_str(), false),
        ("a deployment", deployment(""), &renewed, false),
        (
            "a deployment that is rolled out anew with the Secret",
            deployment("reloader.stakater.com/auto: 'true'"),
            &renewed,
            true,
        ),
        ("a Secret that is made once", POD.to_owned(), &once, true),
        (
            "one that changes with its manifest only",
            POD.to_owned(),
            sealed,
            true,
        ),
    ] {
        let files = [manifest.as_str(), secret];
        let asked = Options {
            unsafe_fixes: true,
            ..options()
        };
        assert_eq!(
            repaired(&files, &Facts::default(), &asked).remedies(),
            ["seed"],
            "{what}"
        );
        let unasked = repaired(&files, &Facts::default(), &options());
        let expected: &[&str] = if safe { &["seed"] } else { &[] };
        assert_eq!(unasked.remedies(), expected, "{what}: {:?}", unasked.refused());
        let says_why = unasked.refused().iter().any(|(_, remedy, why)| {
            *remedy == "seed" && why.contains("ExternalSecret `from-vault` renews Secret `oauth`")
        });
        assert_eq!(says_why, !safe, "{what}: {:?}", unasked.refused());
    }
}

#[test]
fn two_programs_of_one_user_that_refresh_a_token_share_the_copy() {
    let both = pod(&[(
        "{name: oauth, mountPath: /ca.pem, subPath: ca.pem}",
        "{name: oauth, mountPath: /keys}",
    )]);
    let shared = repaired(&[&both], &Facts::default(), &options());
    assert_eq!(shared.remedies(), ["seed", "seed"]);
    assert!(shared.text(0).contains("{name: oauth-seeded, mountPath: /keys}"));
    assert_eq!(
        shared.text(0).matches("- seed\n").count(),
        1,
        "{}",
        shared.text(0)
    );
    // Another user could not read it.
    let other_user = both.replace(
        "    - name: other\n",
        "    - name: other\n      securityContext: {runAsUser: 2000}\n",
    );
    let apart = repaired(&[&other_user], &Facts::default(), &options());
    assert_eq!(apart.remedies(), ["seed", "seed"]);
    assert!(apart.text(0).contains("{name: oauth-seeded-2, mountPath: /keys}"));
}
