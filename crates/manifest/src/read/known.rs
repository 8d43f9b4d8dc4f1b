// SPDX-License-Identifier: Apache-2.0
//! The fields that a type has in Kubernetes 1.37, alpha ones included (staging/src/k8s.io/api/core/v1/types.go and
//! storage/v1/types.go). What is not in its table is an unknown field.

/// PodSpec.
pub(super) const POD_SPEC: &[&str] = &[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "evictionResponders",
    "hostAliases",
    "hostIPC",
    "hostname",
    "hostnameOverride",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "imagePullSecrets",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "schedulingGroup",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
];

/// PodOS.
pub(super) const POD_OS: &[&str] = &["name"];

/// PodSecurityContext.
pub(super) const POD_SECURITY_CONTEXT: &[&str] = &[
    "appArmorProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seccompProfile",
    "seLinuxChangePolicy",
    "seLinuxOptions",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
    "windowsOptions",
];

/// `JobSpec` (batch/v1/types.go).
pub(super) const JOB_SPEC: &[&str] = &[
    "activeDeadlineSeconds",
    "backoffLimit",
    "backoffLimitPerIndex",
    "completionMode",
    "completions",
    "managedBy",
    "manualSelector",
    "maxFailedIndexes",
    "parallelism",
    "podFailurePolicy",
    "podReplacementPolicy",
    "selector",
    "successPolicy",
    "suspend",
    "template",
    "ttlSecondsAfterFinished",
];

/// Probe.
pub(super) const PROBE: &[&str] = &[
    "exec",
    "failureThreshold",
    "grpc",
    "httpGet",
    "initialDelaySeconds",
    "periodSeconds",
    "successThreshold",
    "tcpSocket",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
];

/// Container.
pub(super) const CONTAINER: &[&str] = &[
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "restartPolicyRules",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
];

/// `ResourceRequirements`.
pub(super) const RESOURCE_REQUIREMENTS: &[&str] = &["limits", "requests", "claims"];

/// EphemeralContainer.
pub(super) const EPHEMERAL_CONTAINER: &[&str] = &[
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "restartPolicyRules",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "targetContainerName",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
];

/// SecurityContext.
pub(super) const SECURITY_CONTEXT: &[&str] = &[
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seccompProfile",
    "seLinuxOptions",
    "windowsOptions",
];

/// SELinuxOptions.
pub(super) const SE_LINUX_OPTIONS: &[&str] = &["level", "role", "type", "user"];

/// SeccompProfile and AppArmorProfile.
pub(super) const CONFINEMENT_PROFILE: &[&str] = &["localhostProfile", "type"];

/// WindowsSecurityContextOptions.
pub(super) const WINDOWS_OPTIONS: &[&str] = &[
    "gmsaCredentialSpec",
    "gmsaCredentialSpecName",
    "hostProcess",
    "runAsUserName",
];

/// Sysctl.
pub(super) const SYSCTL: &[&str] = &["name", "value"];

/// ContainerPort.
pub(super) const CONTAINER_PORT: &[&str] = &["containerPort", "hostIP", "hostPort", "name", "protocol"];

/// Capabilities.
pub(super) const CAPABILITIES: &[&str] = &["add", "drop"];

/// EnvVar.
pub(super) const ENV_VAR: &[&str] = &["name", "value", "valueFrom"];

/// EnvVarSource.
pub(super) const ENV_VAR_SOURCE: &[&str] = &[
    "configMapKeyRef",
    "fieldRef",
    "fileKeyRef",
    "resourceFieldRef",
    "secretKeyRef",
];

/// ObjectFieldSelector.
pub(super) const OBJECT_FIELD_SELECTOR: &[&str] = &["apiVersion", "fieldPath"];

/// SecretKeySelector and ConfigMapKeySelector.
pub(super) const KEY_SELECTOR: &[&str] = &["key", "name", "optional"];

/// EnvFromSource.
pub(super) const ENV_FROM_SOURCE: &[&str] = &["configMapRef", "prefix", "secretRef"];

/// SecretEnvSource and ConfigMapEnvSource.
pub(super) const OBJECT_SELECTOR: &[&str] = &["name", "optional"];

/// VolumeMount.
pub(super) const VOLUME_MOUNT: &[&str] = &[
    "bindMountOptions",
    "mountPath",
    "mountPropagation",
    "name",
    "readOnly",
    "recursiveReadOnly",
    "subPath",
    "subPathExpr",
];

/// VolumeDevice.
pub(super) const VOLUME_DEVICE: &[&str] = &["devicePath", "name"];

/// Volume.
pub(super) const VOLUME: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "name",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

/// EmptyDirVolumeSource.
pub(super) const EMPTY_DIR: &[&str] = &["medium", "mode", "sizeLimit"];

/// SecretVolumeSource.
pub(super) const SECRET_VOLUME: &[&str] = &["defaultMode", "defaultUser", "items", "optional", "secretName"];

/// ConfigMapVolumeSource.
pub(super) const CONFIG_MAP_VOLUME: &[&str] = &["defaultMode", "defaultUser", "items", "name", "optional"];

/// DownwardAPIVolumeSource.
pub(super) const DOWNWARD_API_VOLUME: &[&str] = &["defaultMode", "defaultUser", "items"];

/// DownwardAPIVolumeFile.
pub(super) const DOWNWARD_API_FILE: &[&str] = &["fieldRef", "mode", "path", "resourceFieldRef", "user"];

/// ProjectedVolumeSource.
pub(super) const PROJECTED_VOLUME: &[&str] = &["defaultMode", "defaultUser", "sources"];

/// VolumeProjection.
pub(super) const VOLUME_PROJECTION: &[&str] = &[
    "clusterTrustBundle",
    "configMap",
    "downwardAPI",
    "podCertificate",
    "secret",
    "serviceAccountToken",
];

/// SecretProjection and ConfigMapProjection.
pub(super) const OBJECT_PROJECTION: &[&str] = &["items", "name", "optional"];

/// DownwardAPIProjection.
pub(super) const DOWNWARD_API_PROJECTION: &[&str] = &["items"];

/// ServiceAccountTokenProjection.
pub(super) const TOKEN_PROJECTION: &[&str] = &["audience", "expirationSeconds", "path", "user"];

/// ClusterTrustBundleProjection.
pub(super) const TRUST_BUNDLE_PROJECTION: &[&str] =
    &["labelSelector", "name", "optional", "path", "signerName", "user"];

/// PodCertificateProjection.
pub(super) const POD_CERTIFICATE_PROJECTION: &[&str] = &[
    "certificateChainPath",
    "credentialBundlePath",
    "keyPath",
    "keyType",
    "maxExpirationSeconds",
    "signerName",
    "user",
    "userAnnotations",
];

/// KeyToPath.
pub(super) const KEY_TO_PATH: &[&str] = &["key", "mode", "path", "user"];

/// HostPathVolumeSource.
pub(super) const HOST_PATH: &[&str] = &["path", "type"];

/// PersistentVolumeClaimVolumeSource.
pub(super) const CLAIM_VOLUME: &[&str] = &["claimName", "readOnly"];

/// EphemeralVolumeSource.
pub(super) const EPHEMERAL_VOLUME: &[&str] = &["volumeClaimTemplate"];

/// PersistentVolumeClaimTemplate.
pub(super) const CLAIM_TEMPLATE: &[&str] = &["metadata", "spec"];

/// PersistentVolumeClaimSpec.
pub(super) const CLAIM_SPEC: &[&str] = &[
    "accessModes",
    "dataSource",
    "dataSourceRef",
    "resources",
    "selector",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
    "volumeName",
];

/// TypedLocalObjectReference and TypedObjectReference, which alone has a namespace.
pub(super) const DATA_SOURCE: &[&str] = &["apiGroup", "kind", "name", "namespace"];

/// CSIVolumeSource and CSIPersistentVolumeSource.
pub(super) const CSI_VOLUME: &[&str] = &[
    "controllerExpandSecretRef",
    "controllerPublishSecretRef",
    "driver",
    "fsType",
    "nodeExpandSecretRef",
    "nodePublishSecretRef",
    "nodeStageSecretRef",
    "readOnly",
    "volumeAttributes",
    "volumeHandle",
];

/// ImageVolumeSource.
pub(super) const IMAGE_VOLUME: &[&str] = &["pullPolicy", "reference"];

/// NFSVolumeSource.
pub(super) const NFS: &[&str] = &["path", "readOnly", "server"];

/// ISCSIVolumeSource.
pub(super) const ISCSI: &[&str] = &[
    "chapAuthDiscovery",
    "chapAuthSession",
    "fsType",
    "initiatorName",
    "iqn",
    "iscsiInterface",
    "lun",
    "portals",
    "readOnly",
    "secretRef",
    "targetPortal",
];

/// FCVolumeSource.
pub(super) const FC: &[&str] = &["fsType", "lun", "readOnly", "targetWWNs", "wwids"];

/// FlexVolumeSource.
pub(super) const FLEX_VOLUME: &[&str] = &["driver", "fsType", "options", "readOnly", "secretRef"];

/// LocalVolumeSource.
pub(super) const LOCAL_VOLUME: &[&str] = &["fsType", "path"];

/// PersistentVolumeSpec.
pub(super) const PERSISTENT_VOLUME_SPEC: &[&str] = &[
    "accessModes",
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "capacity",
    "cephfs",
    "cinder",
    "claimRef",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "mountOptions",
    "nfs",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageClassName",
    "storageos",
    "volumeAttributesClassName",
    "volumeMode",
    "vsphereVolume",
];

/// StorageClass.
pub(super) const STORAGE_CLASS: &[&str] = &[
    "allowedTopologies",
    "allowVolumeExpansion",
    "apiVersion",
    "kind",
    "metadata",
    "mountOptions",
    "parameters",
    "provisioner",
    "reclaimPolicy",
    "volumeBindingMode",
];

/// CSIDriverSpec.
pub(super) const CSI_DRIVER_SPEC: &[&str] = &[
    "attachRequired",
    "fsGroupPolicy",
    "nodeAllocatableUpdatePeriodSeconds",
    "podInfoOnMount",
    "preventPodSchedulingIfMissing",
    "requiresRepublish",
    "seLinuxMount",
    "serviceAccountTokenInSecrets",
    "storageCapacity",
    "tokenRequests",
    "volumeLifecycleModes",
];

/// Secret.
pub(super) const SECRET: &[&str] = &[
    "apiVersion",
    "data",
    "immutable",
    "kind",
    "metadata",
    "stringData",
    "type",
];

/// ConfigMap.
pub(super) const CONFIG_MAP: &[&str] = &[
    "apiVersion",
    "binaryData",
    "data",
    "immutable",
    "kind",
    "metadata",
];

/// ServiceAccount.
pub(super) const SERVICE_ACCOUNT: &[&str] = &[
    "apiVersion",
    "automountServiceAccountToken",
    "imagePullSecrets",
    "kind",
    "metadata",
    "secrets",
];

/// LimitRangeSpec.
pub(super) const LIMIT_RANGE_SPEC: &[&str] = &["limits"];

/// LimitRangeItem.
pub(super) const LIMIT_RANGE_ITEM: &[&str] = &[
    "default",
    "defaultRequest",
    "max",
    "maxLimitRequestRatio",
    "min",
    "type",
];

/// Role and ClusterRole (staging/src/k8s.io/api/rbac/v1/types.go).
pub(super) const RBAC_ROLE: &[&str] = &["aggregationRule", "apiVersion", "kind", "metadata", "rules"];

/// PolicyRule.
pub(super) const POLICY_RULE: &[&str] = &[
    "apiGroups",
    "nonResourceURLs",
    "resourceNames",
    "resources",
    "verbs",
];

/// RoleBinding and ClusterRoleBinding.
pub(super) const ROLE_BINDING: &[&str] = &["apiVersion", "kind", "metadata", "roleRef", "subjects"];

/// RoleRef.
pub(super) const ROLE_REF: &[&str] = &["apiGroup", "kind", "name"];

/// Subject.
pub(super) const SUBJECT: &[&str] = &["apiGroup", "kind", "name", "namespace"];
