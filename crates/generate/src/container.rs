// SPDX-License-Identifier: Apache-2.0
//! The one way in which init containers are written, whatever they run.

use writeway_yaml::Value;

use crate::{Image, Mount, PullPolicy, User, Warning};

/// What is asked of the node at least: enough for every verb, and what schedulers and quotas want to be told.
const CPU_REQUEST: &str = "10m";
const MEMORY: &str = "16Mi";
/// `chown` of coreutils holds the names of a whole directory, `seed` those of a whole tree.
const TREE_MEMORY: &str = "64Mi";

/// What a container runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    /// The agent, which is the entry point of its image, with these arguments.
    Agent { image: Image, arguments: Vec<String> },
    /// A copy of the agent, in any image.
    Copied {
        image: Image,
        pull_policy: Option<PullPolicy>,
        program: String,
        arguments: Vec<String>,
    },
    /// `sh -ec SCRIPT`, in an image that has a shell.
    Shell { image: Image, script: String },
}

impl Program {
    const fn image(&self) -> &Image {
        match self {
            Self::Agent { image, .. } | Self::Copied { image, .. } | Self::Shell { image, .. } => image,
        }
    }

    const fn memory_limit(&self) -> &'static str {
        match self {
            Self::Agent { .. } => MEMORY,
            Self::Copied { .. } | Self::Shell { .. } => TREE_MEMORY,
        }
    }

    const fn pull_policy(&self) -> Option<PullPolicy> {
        match self {
            Self::Copied { pull_policy, .. } => *pull_policy,
            Self::Agent { .. } | Self::Shell { .. } => None,
        }
    }

    /// `args` or `command`.
    fn words(&self) -> (&'static str, Value) {
        match self {
            Self::Agent { arguments, .. } => {
                ("args", Value::list(arguments.iter().map(|word| unexpanded(word))))
            }
            Self::Copied {
                program, arguments, ..
            } => {
                let words = std::iter::once(program).chain(arguments);
                ("command", Value::list(words.map(|word| unexpanded(word))))
            }
            Self::Shell { script, .. } => ("command", Value::list(["sh", "-ec", &unexpanded(script)])),
        }
    }
}

/// An init container with no more rights than it needs.
pub(crate) struct InitContainer<'a> {
    pub(crate) name: &'a str,
    pub(crate) program: Program,
    pub(crate) user: User,
    /// Everything but these is dropped.
    pub(crate) capabilities: &'a [&'static str],
    pub(crate) cpu_limit: &'static str,
    pub(crate) mounts: &'a [Mount],
}

impl InitContainer<'_> {
    /// As a pod has it.
    pub(crate) fn value(&self) -> Value {
        let mut entries = vec![
            ("name", self.name.into()),
            ("image", self.program.image().as_str().into()),
        ];
        let policy = self.program.pull_policy();
        entries.extend(policy.map(|policy| ("imagePullPolicy", policy.as_str().into())));
        entries.extend([
            self.program.words(),
            ("resources", self.resources()),
            ("securityContext", self.security_context()),
        ]);
        if !self.mounts.is_empty() {
            entries.push(("volumeMounts", Value::list(self.mounts.iter().map(Mount::value))));
        }
        Value::map(entries)
    }

    /// What has to be said of its image.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let image = self.program.image();
        (!image.is_pinned()).then(|| Warning::NotPinned(image.clone()))
    }

    fn resources(&self) -> Value {
        Value::map([
            (
                "requests",
                Value::map([("cpu", CPU_REQUEST.into()), ("memory", MEMORY.into())]),
            ),
            (
                "limits",
                Value::map([
                    ("cpu", self.cpu_limit.into()),
                    ("memory", self.program.memory_limit().into()),
                ]),
            ),
        ])
    }

    fn security_context(&self) -> Value {
        let mut capabilities = vec![("drop", Value::list(["ALL"]))];
        if !self.capabilities.is_empty() {
            capabilities.push(("add", Value::list(self.capabilities.iter().copied())));
        }
        Value::map([
            ("runAsNonRoot", (!self.user.is_root()).into()),
            ("runAsUser", self.user.uid().into()),
            ("runAsGroup", self.user.gid().into()),
            ("allowPrivilegeEscalation", false.into()),
            ("readOnlyRootFilesystem", true.into()),
            ("capabilities", Value::map(capabilities)),
            ("seccompProfile", Value::map([("type", "RuntimeDefault".into())])),
        ])
    }
}

/// The word from which kubelet makes this one again: it replaces `$(VAR)` in commands and arguments, and `$$` by `$`
/// (third_party/forked/golang/expansion/expand.go).
pub(crate) fn unexpanded(word: &str) -> String {
    word.replace('$', "$$")
}
