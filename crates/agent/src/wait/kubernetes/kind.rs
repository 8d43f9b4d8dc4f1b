// SPDX-License-Identifier: Apache-2.0
//! The kinds of objects that can be named by a word, as `kubectl` has them, and where the API has them.

/// What the values under `data` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Base64, as in a Secret.
    Base64,
    /// Text under `data`, base64 under `binaryData`, as in a ConfigMap.
    Text,
}

/// A kind of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of the table.
    Known(&'static KnownKind),
    /// One that is written as `GROUP/VERSION/PLURAL`.
    Other {
        group: String,
        version: String,
        plural: String,
    },
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KnownKind {
    /// The plural in paths, then other words that mean it.
    words: &'static [&'static str],
    /// Group and version in paths.
    api: &'static str,
    pub(super) namespaced: bool,
}

const fn namespaced(api: &'static str, words: &'static [&'static str]) -> KnownKind {
    KnownKind {
        words,
        api,
        namespaced: true,
    }
}

const fn of_cluster(api: &'static str, words: &'static [&'static str]) -> KnownKind {
    KnownKind {
        words,
        api,
        namespaced: false,
    }
}

/// As `kubectl api-resources` of Kubernetes 1.36 lists them, with their short names.
const KINDS: &[KnownKind] = &[
    namespaced("api/v1", &["configmaps", "configmap", "cm"]),
    namespaced("api/v1", &["endpoints", "ep"]),
    namespaced(
        "api/v1",
        &["persistentvolumeclaims", "persistentvolumeclaim", "pvc"],
    ),
    namespaced("api/v1", &["pods", "pod", "po"]),
    namespaced(
        "api/v1",
        &["replicationcontrollers", "replicationcontroller", "rc"],
    ),
    namespaced("api/v1", &["secrets", "secret"]),
    namespaced("api/v1", &["serviceaccounts", "serviceaccount", "sa"]),
    namespaced("api/v1", &["services", "service", "svc"]),
    namespaced("apis/apps/v1", &["daemonsets", "daemonset", "ds"]),
    namespaced("apis/apps/v1", &["deployments", "deployment", "deploy"]),
    namespaced("apis/apps/v1", &["replicasets", "replicaset", "rs"]),
    namespaced("apis/apps/v1", &["statefulsets", "statefulset", "sts"]),
    namespaced("apis/batch/v1", &["cronjobs", "cronjob", "cj"]),
    namespaced("apis/batch/v1", &["jobs", "job"]),
    namespaced("apis/networking.k8s.io/v1", &["ingresses", "ingress", "ing"]),
    of_cluster("api/v1", &["namespaces", "namespace", "ns"]),
    of_cluster("api/v1", &["nodes", "node", "no"]),
    of_cluster("api/v1", &["persistentvolumes", "persistentvolume", "pv"]),
    of_cluster(
        "apis/apiextensions.k8s.io/v1",
        &[
            "customresourcedefinitions",
            "customresourcedefinition",
            "crd",
            "crds",
        ],
    ),
    of_cluster("apis/apiregistration.k8s.io/v1", &["apiservices", "apiservice"]),
    of_cluster(
        "apis/storage.k8s.io/v1",
        &["storageclasses", "storageclass", "sc"],
    ),
];

impl Kind {
    /// The kind that a word means.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        KINDS
            .iter()
            .find(|kind| kind.words.contains(&word.as_str()))
            .map(Self::Known)
    }

    /// The plural, as paths and permissions have it.
    pub(super) fn plural(&self) -> &str {
        match self {
            Self::Known(kind) => kind.words.first().copied().unwrap_or_default(),
            Self::Other { plural, .. } => plural,
        }
    }

    /// The beginning of the path: `/apis/apps/v1`.
    pub(super) fn api(&self) -> String {
        match self {
            Self::Known(kind) => format!("/{}", kind.api),
            Self::Other { group, version, .. } => format!("/apis/{group}/{version}"),
        }
    }

    /// What its values under `data` are, if it has some.
    pub(super) fn content(&self) -> Option<Content> {
        match (self, self.plural()) {
            (Self::Known(_), "secrets") => Some(Content::Base64),
            (Self::Known(_), "configmaps") => Some(Content::Text),
            _ => None,
        }
    }
}
