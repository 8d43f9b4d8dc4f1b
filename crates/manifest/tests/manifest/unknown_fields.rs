// SPDX-License-Identifier: Apache-2.0
//! Fields that a type does not have, by their path, as `kubectl --validate=strict` names them.

use crate::reading::{pod, problems, read, slice};

fn unknown(text: &str) -> Vec<String> {
    let inventory = read(text);
    assert_eq!(problems(&inventory), [""; 0]);
    let show =
        |field: &writeway_manifest::UnknownField| format!("{} {}", field.path, slice(text, field.span));
    inventory.unknown_fields().iter().map(show).collect()
}

#[test]
fn misspelt_fields_have_a_path_and_a_place() {
    let text = pod("containers:
- name: a
  securityContex: {runAsUser: 1}
  securityContext:
    fsGroup: 1
    runasuser: 1
    capabilities: {Drop: [ALL]}
  volumeMounts: [{name: v, mountpath: /x}]
  env: [{name: A, valueFrom: {secretKeyRef: {name: s, keys: k}}}]
  envFrom: [{secret: {name: x}}]
initContainers: [{name: i, initial: true}]
ephemeralContainers: [{name: e, targetContainerName: a, target: a}]
securityContext: {readOnlyRootFilesystem: true}
volumes:
- name: v
  emptydir: {}
- name: w
  emptyDir: {size: 1Gi}
- name: x
  projected: {sources: [{secret: {secretName: s}}]}
restart: Always");
    assert_eq!(
        unknown(&text),
        [
            "spec.containers[0].securityContex securityContex",
            "spec.containers[0].securityContext.fsGroup fsGroup",
            "spec.containers[0].securityContext.runasuser runasuser",
            "spec.containers[0].securityContext.capabilities.Drop Drop",
            "spec.containers[0].volumeMounts[0].mountpath mountpath",
            "spec.containers[0].env[0].valueFrom.secretKeyRef.keys keys",
            "spec.containers[0].envFrom[0].secret secret",
            "spec.initContainers[0].initial initial",
            "spec.ephemeralContainers[0].target target",
            "spec.securityContext.readOnlyRootFilesystem readOnlyRootFilesystem",
            "spec.volumes[0].emptydir emptydir",
            "spec.volumes[1].emptyDir.size size",
            "spec.volumes[2].projected.sources[0].secret.secretName secretName",
            "spec.restart restart",
        ]
    );
}

#[test]
fn fields_that_only_some_pods_need_are_known() {
    let text = pod("activeDeadlineSeconds: 1
affinity: {}
dnsConfig: {}
os: {name: linux}
resources: {}
resourceClaims: []
schedulingGates: []
setHostnameAsFQDN: true
hostnameOverride: x
serviceAccount: x
securityContext: {windowsOptions: {}, seLinuxChangePolicy: MountOption, appArmorProfile: {type: Unconfined}, sysctls: []}
containers:
- name: a
  imagePullPolicy: Always
  lifecycle: {}
  ports: []
  resizePolicy: []
  restartPolicyRules: []
  stdin: true
  terminationMessagePolicy: File
  securityContext: {procMount: Default, windowsOptions: {}, seccompProfile: {type: RuntimeDefault}}
volumes:
- {name: a, emptyDir: {medium: '', mode: 0700, sizeLimit: 1Gi}}
- {name: b, csi: {driver: d, nodePublishSecretRef: {name: x}, volumeAttributes: {a: b}}}
- {name: c, awsElasticBlockStore: {volumeID: x, partition: 1}}");
    assert_eq!(unknown(&text), [""; 0]);
}

#[test]
fn what_belongs_to_the_pod_is_unknown_above_it() {
    let text = "apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
securityContext: {runAsUser: 1}
spec:
  runAsUser: 1
  jobTemplate:
    spec:
      template:
        fsGroup: 1
        spec: {containers: [{name: a}]}
";
    assert_eq!(
        unknown(text),
        [
            "securityContext securityContext",
            "spec.runAsUser runAsUser",
            "spec.jobTemplate.spec.template.fsGroup fsGroup",
        ]
    );
}

#[test]
fn an_object_has_its_own() {
    let pod = |name: &str, field: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a}}], {field}: 1}}\n"
        )
    };
    let text = [pod("a", "one"), pod("b", "two"), pod("c", "containersX")].join("---\n");
    let inventory = read(&text);
    let of = |index: usize| {
        let object = &inventory.workloads()[index].object;
        let fields = inventory.unknown_fields_of(object).iter();
        fields.map(|field| field.path.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        [of(0), of(1), of(2)],
        [["spec.one"], ["spec.two"], ["spec.containersX"]]
    );
}

#[test]
fn what_aliases_repeat_is_reported_once() {
    let text = pod("containers:\n- &a {name: a, wrong: 1}\n- *a\n- *a");
    assert_eq!(unknown(&text), ["spec.containers[0].wrong wrong"]);
}
