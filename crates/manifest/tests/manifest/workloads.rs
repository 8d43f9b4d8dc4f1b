// SPDX-License-Identifier: Apache-2.0
//! Which objects hold pods, and where.

use writeway_manifest::{Inventory, Which};

use crate::reading::{only_workload, problems, read};

/// An object with a pod at a path of fields.
fn object(api_version: &str, kind: &str, path: &str) -> String {
    let mut text = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x, namespace: ns}}\n");
    for (depth, field) in path.split('.').enumerate() {
        text.push_str(&format!("{}{field}:\n", "  ".repeat(depth)));
    }
    let indent = "  ".repeat(path.split('.').count());
    text.push_str(&format!("{indent}containers: [{{name: app, image: app}}]\n"));
    text
}

fn paths(inventory: &Inventory) -> Vec<&str> {
    inventory
        .workloads()
        .iter()
        .map(|workload| workload.pod_path.as_str())
        .collect()
}

#[test]
fn every_kind_has_its_pod_at_its_place() {
    let template = "spec.template.spec";
    for (api_version, kind, path) in [
        ("v1", "Pod", "spec"),
        ("v1", "PodTemplate", "template.spec"),
        ("v1", "ReplicationController", template),
        ("apps/v1", "Deployment", template),
        ("apps/v1", "ReplicaSet", template),
        ("apps/v1", "StatefulSet", template),
        ("apps/v1", "DaemonSet", template),
        ("apps/v1beta1", "Deployment", template),
        ("apps/v1beta2", "StatefulSet", template),
        ("extensions/v1beta1", "Deployment", template),
        ("extensions/v1beta1", "DaemonSet", template),
        ("extensions/v1beta1", "ReplicaSet", template),
        ("batch/v1", "Job", template),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec"),
        ("argoproj.io/v1alpha1", "Rollout", template),
        ("serving.knative.dev/v1", "Service", template),
        ("serving.knative.dev/v1", "Configuration", template),
        ("serving.knative.dev/v1", "Revision", "spec"),
        ("apps.openshift.io/v1", "DeploymentConfig", template),
        ("v1", "DeploymentConfig", template),
    ] {
        let inventory = read(&object(api_version, kind, path));
        let workload = only_workload(&inventory);
        assert_eq!(workload.pod_path, path, "{kind}");
        assert_eq!(
            (workload.object.kind.as_str(), workload.object.name.as_str()),
            (kind, "x")
        );
        assert_eq!(workload.object.namespace.as_deref(), Some("ns"));
        assert_eq!(workload.pod.containers(Which::All).count(), 1, "{kind}");
        assert!(inventory.others().is_empty());
    }
}

#[test]
fn knative_revisions_have_fields_of_their_own() {
    let text = object("serving.knative.dev/v1", "Service", "spec.template.spec");
    let inventory = read(&format!(
        "{text}      containerConcurrency: 5\n      timeoutSeconds: 10\n      timeout: 1\n"
    ));
    let unknown: Vec<_> = inventory
        .unknown_fields()
        .iter()
        .map(|field| field.path.as_str())
        .collect();
    assert_eq!(unknown, ["spec.template.spec.timeout"]);
}

#[test]
fn a_workload_without_a_pod_passes_through() {
    for text in [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 3}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {kind: Deployment, name: x}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    ] {
        let inventory = read(text);
        assert_eq!(
            (inventory.workloads().len(), inventory.others().len()),
            (0, 1),
            "{text}"
        );
        assert_eq!(problems(&inventory), [""; 0]);
    }
}

#[test]
fn a_template_of_the_wrong_type_is_refused() {
    let inventory = read("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template: []\n");
    assert_eq!(
        problems(&inventory),
        ["error 4:13: `spec.template` must be a mapping, not a list"]
    );
}

#[test]
fn annotations_are_those_of_the_pod() {
    let cron = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: x, annotations: {of: cronjob}}
spec:
  jobTemplate:
    metadata: {annotations: {of: job}}
    spec:
      template:
        metadata: {annotations: {of: pod}}
        spec: {containers: [{name: app}]}
";
    assert_eq!(only_workload(&read(cron)).pod_annotations["of"].value, "pod");
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {of: pod}}\nspec: {containers: [{name: app}]}\n";
    assert_eq!(only_workload(&read(pod)).pod_annotations["of"].value, "pod");
}

#[test]
fn claim_templates_belong_to_the_workload() {
    let text = object("apps/v1", "StatefulSet", "spec.template.spec")
        + "  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}, {spec: {}}]\n";
    let inventory = read(&text);
    let templates = &only_workload(&inventory).claim_templates;
    assert_eq!(templates.len(), 2);
    assert_eq!(templates[0].name.value, "data");
    assert_eq!(
        templates[0].claim.storage_class_name.as_ref().unwrap().value,
        "fast"
    );
    assert_eq!(templates[1].name.value, "");
}

#[test]
fn custom_resources_are_searched_by_shape() {
    for (path, kind) in [
        ("spec.template.spec", "JobSet"),
        ("spec.podTemplate.spec", "EventListener"),
        ("spec.a.b.c.template.spec", "Deep"),
        ("spec", "Sandbox"),
    ] {
        let inventory = read(&object("example.com/v1", kind, path));
        assert_eq!(paths(&inventory), [path]);
    }
    assert_eq!(
        paths(&read(&object(
            "jobset.x-k8s.io/v1alpha2",
            "JobSet",
            "spec.template.spec"
        ))),
        ["spec.template.spec"]
    );
}

#[test]
fn a_custom_resource_may_hold_several_pods() {
    let inventory = read(
        "
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: train}
spec:
  pytorchReplicaSpecs:
    Master: {template: {metadata: {annotations: {a: m}}, spec: {containers: [{name: p, image: i}]}}}
    Worker: {template: {spec: {containers: [{name: p, image: i}], volumes: [{name: v, spec: {containers: [{name: no}]}}]}}}
  list:
  - template: {spec: {containers: [{image: i}]}}
    volumeClaimTemplates: [{metadata: {name: data}}]
",
    );
    assert_eq!(
        paths(&inventory),
        [
            "spec.pytorchReplicaSpecs.Master.template.spec",
            "spec.pytorchReplicaSpecs.Worker.template.spec",
            "spec.list[0].template.spec"
        ]
    );
    assert_eq!(inventory.workloads()[0].pod_annotations["a"].value, "m");
    assert_eq!(inventory.workloads()[2].claim_templates[0].name.value, "data");
    assert!(
        inventory
            .workloads()
            .iter()
            .all(|workload| workload.object.name == "train")
    );
}

#[test]
fn what_only_looks_like_a_pod_is_none() {
    for text in [
        // A schema describes containers, it has none.
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {versions: [{schema: {openAPIV3Schema: {properties: {spec: {containers: [{name: a, image: b}]}}}}}]}",
        "apiVersion: v1
kind: ConfigMap
data: {pod.yaml: 'spec: {containers: [{name: a, image: b}]}'}",
        // A policy of Kubernetes' own group.
        "apiVersion: policy/v1
kind: PodDisruptionBudget
spec: {template: {spec: {containers: [{name: a, image: b}]}}}",
        // Patches, by name, of containers that the operator writes.
        "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {containers: [{name: prometheus, volumeMounts: []}]}",
        "apiVersion: example.com/v1\nkind: A\nspec: {template: {spec: {containers: []}}}",
        "apiVersion: example.com/v1\nkind: A\nspec: {template: {spec: {containers: [a, b]}}}",
        "apiVersion: example.com/v1\nkind: A\nspec: {template: {spec: {containers: {name: a}}}}",
        "apiVersion: example.com/v1\nkind: A\nspec: {template: {spec: {containers: [{port: 80}]}}}",
    ] {
        let inventory = read(text);
        assert_eq!(paths(&inventory), [""; 0], "{text}");
        assert_eq!(problems(&inventory), [""; 0], "{text}");
    }
}

#[test]
fn a_custom_resources_own_types_are_no_errors() {
    let inventory = read(
        "
apiVersion: kro.run/v1alpha1
kind: ResourceGraphDefinition
spec:
  template:
    spec:
      extra: field
      securityContext: {runAsUser: '${schema.spec.uid}'}
      containers: [{name: a, image: b}]
",
    );
    assert_eq!(
        problems(&inventory),
        ["warning 8:36: `spec.template.spec.securityContext.runAsUser` must be an integer, not a string"]
    );
    assert_eq!(inventory.unknown_fields(), []);
}

#[test]
fn names_fall_back_to_the_generated_one() {
    let name = |metadata: &str| {
        let inventory = read(&format!(
            "apiVersion: v1\nkind: Pod\n{metadata}\nspec: {{containers: [{{name: a}}]}}\n"
        ));
        inventory.workloads()[0].object.name.clone()
    };
    assert_eq!(name("metadata: {name: a, generateName: b-}"), "a");
    assert_eq!(name("metadata: {generateName: b-}"), "b-");
    assert_eq!(name("metadata: {name: '', generateName: b-}"), "b-");
    assert_eq!(name("metadata: {}"), "");
    assert_eq!(name(""), "");
}
