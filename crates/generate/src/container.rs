// SPDX-License-Identifier: Apache-2.0
//! The one way in which init containers are written, whatever they run.

use crate::value::{map, text, texts};
use crate::{Image, Mount, User, Value, Warning};

/// What is asked of the node at least: enough for every verb, and what schedulers and quotas want to be told.
const CPU_REQUEST: &str = "10m";
const MEMORY: &str = "16Mi";
/// `chown` of coreutils holds the names of a whole directory.
const SHELL_MEMORY: &str = "64Mi";

/// What a container runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    /// The agent, which is the entry point of its image, with these arguments.
    Agent { image: Image, arguments: Vec<String> },
    /// `sh -ec SCRIPT`, in an image that has a shell.
    Shell { image: Image, script: String },
}

impl Program {
    const fn image(&self) -> &Image {
        match self {
            Self::Agent { image, .. } | Self::Shell { image, .. } => image,
        }
    }

    const fn memory_limit(&self) -> &'static str {
        match self {
            Self::Agent { .. } => MEMORY,
            Self::Shell { .. } => SHELL_MEMORY,
        }
    }

    /// `args` or `command`.
    fn words(&self) -> (String, Value) {
        match self {
            Self::Agent { arguments, .. } => (
                "args".to_owned(),
                texts(arguments.iter().map(|word| unexpanded(word))),
            ),
            Self::Shell { script, .. } => ("command".to_owned(), texts(["sh", "-ec", &unexpanded(script)])),
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
            ("name".to_owned(), text(self.name)),
            ("image".to_owned(), text(self.program.image().as_str())),
            self.program.words(),
            ("resources".to_owned(), self.resources()),
            ("securityContext".to_owned(), self.security_context()),
        ];
        if !self.mounts.is_empty() {
            let mounts = self.mounts.iter().map(Mount::value).collect();
            entries.push(("volumeMounts".to_owned(), Value::List(mounts)));
        }
        Value::Map(entries)
    }

    /// What has to be said of its image.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let image = self.program.image();
        (!image.is_pinned()).then(|| Warning::NotPinned(image.clone()))
    }

    fn resources(&self) -> Value {
        map([
            (
                "requests",
                map([("cpu", text(CPU_REQUEST)), ("memory", text(MEMORY))]),
            ),
            (
                "limits",
                map([
                    ("cpu", text(self.cpu_limit)),
                    ("memory", text(self.program.memory_limit())),
                ]),
            ),
        ])
    }

    fn security_context(&self) -> Value {
        let mut capabilities = vec![("drop".to_owned(), texts(["ALL"]))];
        if !self.capabilities.is_empty() {
            capabilities.push(("add".to_owned(), texts(self.capabilities.iter().copied())));
        }
        map([
            ("runAsNonRoot", Value::Bool(!self.user.is_root())),
            ("runAsUser", Value::Int(self.user.uid())),
            ("runAsGroup", Value::Int(self.user.gid())),
            ("allowPrivilegeEscalation", Value::Bool(false)),
            ("readOnlyRootFilesystem", Value::Bool(true)),
            ("capabilities", Value::Map(capabilities)),
            ("seccompProfile", map([("type", text("RuntimeDefault"))])),
        ])
    }
}

/// The word from which kubelet makes this one again: it replaces `$(VAR)` in commands and arguments, and `$$` by `$`
/// (third_party/forked/golang/expansion/expand.go).
pub(crate) fn unexpanded(word: &str) -> String {
    word.replace('$', "$$")
}
