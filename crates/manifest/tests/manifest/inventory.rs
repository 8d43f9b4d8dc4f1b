// SPDX-License-Identifier: Apache-2.0
//! Objects joined across files by namespace and name.

use writeway_manifest::{Inventory, Upkeep, Via};

use crate::reading::{problems, read, read_files, slice};

#[test]
fn secrets_keep_their_keys_and_never_a_value() {
    let text = "
apiVersion: v1
kind: Secret
metadata: {name: s}
type: Opaque
immutable: true
data: {full: aHVudGVyMg==, none: '', newline: \"\\n\", gone: null, both: ''}
stringData: {plain: hunter2, bare: '', both: x}
";
    let inventory = read(text);
    assert_eq!(problems(&inventory), [""; 0]);
    let secret = inventory.secret(None, "s").unwrap();
    let keys: Vec<_> = secret
        .keys
        .iter()
        .map(|(name, key)| (name.as_str(), key.empty))
        .collect();
    assert_eq!(
        keys,
        [
            ("bare", true),
            ("both", false),
            ("full", false),
            ("gone", true),
            ("newline", true),
            ("none", true),
            ("plain", false)
        ]
    );
    assert_eq!(slice(text, secret.keys["plain"].span), "plain");
    assert!(secret.immutable.unwrap().value);
    assert_eq!(secret.secret_type.as_ref().unwrap().value, "Opaque");
    let shown = format!("{secret:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("aHVudGVyMg"),
        "{shown}"
    );
}

#[test]
fn what_makes_a_secret_is_found_by_the_name_of_the_secret() {
    let rows = [
        (
            "bitnami.com/v1alpha1",
            "SealedSecret",
            "{template: {metadata: {name: ignored}}}",
            Some(("it", Upkeep::Restores)),
        ),
        (
            "bitnami.com/v1alpha1",
            "SealedSecret",
            "{template: {metadata: {annotations: {sealedsecrets.bitnami.com/patch: 'true'}}}}",
            Some(("it", Upkeep::Merges)),
        ),
        (
            "external-secrets.io/v1",
            "ExternalSecret",
            "{}",
            Some(("it", Upkeep::Follows)),
        ),
        (
            "external-secrets.io/v1beta1",
            "ExternalSecret",
            "{refreshInterval: 1h, target: {name: s}}",
            Some(("s", Upkeep::Follows)),
        ),
        (
            "external-secrets.io/v1beta1",
            "ExternalSecret",
            "{refreshInterval: 0s, target: {name: s}}",
            Some(("s", Upkeep::None)),
        ),
        (
            "external-secrets.io/v1",
            "ExternalSecret",
            "{refreshPolicy: CreatedOnce}",
            Some(("it", Upkeep::None)),
        ),
        (
            "external-secrets.io/v1",
            "ExternalSecret",
            "{target: {creationPolicy: Merge}}",
            Some(("it", Upkeep::Merges)),
        ),
        (
            "external-secrets.io/v1",
            "ExternalSecret",
            "{target: {creationPolicy: None}}",
            None,
        ),
        (
            "cert-manager.io/v1",
            "Certificate",
            "{secretName: tls}",
            Some(("tls", Upkeep::Follows)),
        ),
        ("cert-manager.io/v1", "Certificate", "{}", None),
        (
            "secrets.hashicorp.com/v1beta1",
            "VaultStaticSecret",
            "{destination: {name: s, create: true}}",
            Some(("s", Upkeep::Follows)),
        ),
        ("acme.com/v1", "SealedSecret", "{}", None),
    ];
    for (api_version, kind, spec, expected) in rows {
        let inventory = read(&format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: it, namespace: prod}}\nspec: {spec}\n"
        ));
        let found = ["it", "s", "tls"].iter().find_map(|name| {
            let maker = inventory.maker_of_secret(Some("prod"), name)?;
            Some((maker.secret.as_str(), maker.upkeep))
        });
        assert_eq!(found, expected, "{kind} {spec}");
        assert_eq!(
            inventory.others().len(),
            usize::from(expected.is_none()),
            "{kind} {spec}"
        );
        assert_eq!(inventory.maker_of_secret(None, "it"), None, "another namespace");
    }
}

#[test]
fn a_secret_says_who_looks_after_it() {
    let text = "
apiVersion: v1
kind: Secret
metadata:
  name: s
  labels: {app.kubernetes.io/managed-by: Helm}
  ownerReferences: [{kind: ExternalSecret, name: e}, {name: without-kind}]
";
    let inventory = read(text);
    let secret = inventory.secret(None, "s").unwrap();
    assert_eq!(secret.labels["app.kubernetes.io/managed-by"], "Helm");
    assert_eq!(secret.owners, ["ExternalSecret"]);
}

#[test]
fn secret_data_has_to_be_base64_as_go_decodes_it() {
    for (value, accepted) in [
        ("aGk=", true),
        ("aGkK", true),
        ("aGl=", true),
        ("\"aG\\nk=\"", true),
        ("aGk", false),
        ("aGk=k", false),
        ("a===", false),
        ("a_b-", false),
        ("hello world", false),
        ("5", false),
    ] {
        let inventory = read(&format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{k: {value}}}\n"
        ));
        let problems = problems(&inventory);
        assert_eq!(problems.is_empty(), accepted, "{value}: {problems:?}");
        assert!(
            !problems.concat().contains("hello"),
            "a value must not be shown: {problems:?}"
        );
    }
}

#[test]
fn config_maps_namespaces_and_service_accounts_are_read() {
    let inventory = read(
        "
apiVersion: v1
kind: ConfigMap
metadata: {name: m, namespace: ns, annotations: {a: b}}
immutable: false
data: {a.conf: x, empty: ''}
binaryData: {b.bin: AAE=}
---
apiVersion: v1
kind: Namespace
metadata: {name: ns, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: sa, namespace: ns}
automountServiceAccountToken: false
",
    );
    assert_eq!(problems(&inventory), [""; 0]);
    let map = inventory.config_map(Some("ns"), "m").unwrap();
    assert_eq!(map.keys.keys().collect::<Vec<_>>(), ["a.conf", "b.bin", "empty"]);
    assert!(map.keys["empty"].empty && !map.keys["a.conf"].empty);
    assert_eq!(map.annotations["a"], "b");
    let namespace = inventory.namespace("ns").unwrap();
    assert_eq!(
        namespace.labels["pod-security.kubernetes.io/enforce"].value,
        "restricted"
    );
    let account = inventory.service_account(Some("ns"), "sa").unwrap();
    assert!(!account.automount_token.unwrap().value);
    assert!(inventory.service_account(None, "sa").is_none());
}

#[test]
fn no_namespace_is_the_default_one() {
    let inventory = read(
        "{apiVersion: v1, kind: Secret, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: b, namespace: default}}
---
{apiVersion: v1, kind: Secret, metadata: {name: c, namespace: ''}}
---
{apiVersion: v1, kind: Secret, metadata: {name: d, namespace: other}}",
    );
    for name in ["a", "b", "c"] {
        for namespace in [None, Some("default"), Some("")] {
            assert!(
                inventory.secret(namespace, name).is_some(),
                "{namespace:?} {name}"
            );
        }
        assert!(inventory.secret(Some("other"), name).is_none(), "{name}");
    }
    assert!(inventory.secret(None, "d").is_none());
    assert!(inventory.secret(Some("other"), "d").is_some());
}

#[test]
fn cluster_wide_objects_have_no_namespace() {
    let inventory =
        read("{apiVersion: v1, kind: PersistentVolume, metadata: {name: a, namespace: x}, spec: {nfs: {}}}");
    assert!(inventory.volume("a").is_some());
}

#[test]
fn of_two_objects_with_one_name_the_first_counts() {
    let secret =
        |key: &str| format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData: {{{key}: x}}\n");
    let (first, second) = (secret("first"), secret("second"));
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\n";
    let inventory = read_files([
        ("a.yaml", first.as_str()),
        ("b.yaml", other),
        ("c.yaml", second.as_str()),
    ]);
    assert_eq!(
        problems(&inventory),
        ["warning 4:9: Secret `default/s` is declared twice; the first one, at a.yaml:4:9, counts"]
    );
    let problem = &inventory.problems()[0];
    assert_eq!(inventory.file(problem.file).name, "c.yaml");
    assert_eq!(inventory.position_text(problem.also.unwrap()), "a.yaml:4:9");
    assert!(inventory.secret(None, "s").unwrap().keys.contains_key("first"));
}

#[test]
fn a_claim_leads_to_its_volume_from_either_side() {
    let volume = |name: &str, reference: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: {name}}}, spec: {{{reference}nfs: {{}}}}}}\n---\n"
        )
    };
    let claim = |name: &str, spec: &str| {
        format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: {name}, namespace: ns}}, spec: {{{spec}}}}}\n---\n"
        )
    };
    let text = [
        volume("one", ""),
        volume("two", "claimRef: {namespace: ns, name: from-volume}, "),
        volume("three", "claimRef: {namespace: m, name: elsewhere}, "),
        volume("four", "claimRef: {name: in-default}, "),
        claim("from-claim", "volumeName: one"),
        claim("from-volume", ""),
        claim("elsewhere", ""),
        claim("missing", "volumeName: nowhere"),
    ]
    .concat();
    let inventory = read(&text);
    let bound = |namespace, claim| {
        inventory
            .volume_bound_to(namespace, claim)
            .map(|volume| volume.object.name.as_str())
    };
    assert_eq!(bound(Some("ns"), "from-claim"), Some("one"));
    assert_eq!(bound(Some("ns"), "from-volume"), Some("two"));
    assert_eq!(bound(Some("ns"), "elsewhere"), None);
    assert_eq!(bound(Some("m"), "elsewhere"), Some("three"));
    assert_eq!(bound(Some("ns"), "missing"), None);
    assert_eq!(bound(None, "in-default"), Some("four"));
}

#[test]
fn the_default_class_is_marked_by_either_annotation() {
    let class = |name: &str, annotation: &str, value: &str| {
        format!(
            "{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: {name}, annotations: {{{annotation}: '{value}'}}}}}}\n---\n"
        )
    };
    let (today, beta) = (
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    );
    let default = |text: &str| read(text).default_class().map(|class| class.object.name.clone());
    assert_eq!(default(&class("a", today, "false")), None);
    assert_eq!(
        default(&(class("a", today, "false") + &class("b", beta, "true"))).as_deref(),
        Some("b")
    );
    assert_eq!(
        default(&(class("z", today, "true") + &class("c", today, "true"))).as_deref(),
        Some("c")
    );
}

/// Uses as `workload via text-of-the-span`.
fn uses(inventory: &Inventory, found: &[writeway_manifest::Use]) -> Vec<String> {
    found
        .iter()
        .map(|found| {
            let object = &inventory.workloads()[found.workload].object;
            let text = slice(inventory.file(object.file).stream.text(), found.span);
            format!("{} {:?} {text}", object.name, found.via)
        })
        .collect()
}

#[test]
fn objects_know_the_workloads_that_use_them() {
    let inventory = read_files([
        (
            "a.yaml",
            "
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  serviceAccountName: robot
  volumes:
  - {name: one, secret: {secretName: 'token'}}
  - {name: two, projected: {sources: [{secret: {name: token}}, {configMap: {name: settings}}]}}
  - {name: three, persistentVolumeClaim: {claimName: data}}
  - {name: four, configMap: {name: settings}}
  initContainers:
  - {name: i, envFrom: [{secretRef: {name: token}}, {configMapRef: {name: settings}}]}
  containers:
  - name: c
    env:
    - {name: X, valueFrom: {secretKeyRef: {name: token, key: k}}}
    - {name: Y, valueFrom: {configMapKeyRef: {name: settings, key: k}}}
",
        ),
        (
            "b.yaml",
            "
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: other}
spec: {containers: [], volumes: [{name: one, secret: {secretName: token}}]}
",
        ),
    ]);
    assert_eq!(
        uses(&inventory, inventory.users_of_secret(None, "token")),
        [
            "a Volume 'token'",
            "a Volume token",
            "a EnvFrom token",
            "a Env token"
        ]
    );
    assert_eq!(
        uses(&inventory, inventory.users_of_secret(Some("other"), "token")),
        ["b Volume token"]
    );
    assert_eq!(inventory.users_of_secret(Some("third"), "token"), []);
    let via: Vec<Via> = inventory
        .users_of_config_map(Some("default"), "settings")
        .iter()
        .map(|found| found.via)
        .collect();
    assert_eq!(via, [Via::Volume, Via::Volume, Via::EnvFrom, Via::Env]);
    assert_eq!(
        uses(&inventory, inventory.users_of_claim(None, "data")),
        ["a Volume data"]
    );
    assert_eq!(
        uses(&inventory, inventory.users_of_service_account(None, "robot")),
        ["a Identity robot"]
    );
}

#[test]
fn limit_ranges_have_the_defaults_that_the_api_server_fills_in() {
    let inventory = read(
        "
apiVersion: v1
kind: LimitRange
metadata: {name: a, namespace: ns}
spec:
  limits:
    - {type: Pod, max: {memory: 9Gi}}
    - {type: Container, default: {memory: 64Mi}, max: {memory: 1Gi, cpu: 2}, min: {cpu: 1m, example.com/gpu: 1}}
    - {type: Container, default: {memory: 128Mi}, defaultRequest: {cpu: 10m}}
",
    );
    assert_eq!(problems(&inventory), [""; 0]);
    let ranges: Vec<_> = inventory.limit_ranges(Some("ns")).collect();
    assert_eq!(ranges.len(), 1);
    let text = |quantities: &std::collections::BTreeMap<String, writeway_manifest::Spanned<String>>| {
        let texts = quantities
            .iter()
            .map(|(name, value)| format!("{name}={}", value.value));
        texts.collect::<Vec<_>>().join(" ")
    };
    let defaults = &ranges[0].container_defaults;
    assert_eq!(text(&defaults.limits), "cpu=2 memory=64Mi");
    assert_eq!(text(&defaults.requests), "cpu=2 example.com/gpu=1 memory=64Mi");
    assert_eq!(inventory.limit_ranges(None).count(), 0);
}

#[test]
fn namesakes_have_group_kind_namespace_and_name_in_common() {
    let object = |api: &str, kind: &str, namespace: &str, name: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\n---\n")
    };
    let text = [
        object("batch/v1", "Job", "", "a"),
        object("batch/v1", "Job", ", namespace: default", "a"),
        object("batch/v1beta1", "Job", "", "a"),
        object("batch/v1", "Job", ", namespace: other", "a"),
        object("batch/v1", "Job", "", "b"),
        object("batch/v1", "CronJob", "", "a"),
        object("example.com/v1", "Job", "", "a"),
    ]
    .concat();
    let inventory = read(&text);
    let first = &inventory.objects()[0].object;
    let lines: Vec<_> = inventory
        .namesakes(first)
        .map(|found| found.object.document)
        .collect();
    assert_eq!(lines, [0, 1, 2]);
    let other = &inventory.objects()[3].object;
    assert_eq!(inventory.namesakes(other).count(), 1);
}
