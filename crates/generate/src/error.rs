// SPDX-License-Identifier: Apache-2.0
//! What cannot be generated, and what to do instead.

use writeway_facts::ReferenceError;

/// Why nothing is generated. Each message is one line that says what is wrong, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A uid or gid that Kubernetes refuses (pkg/apis/core/validation, IsValidUserID and IsValidGroupID).
    #[error("{value} is no {what}: it has to be a number from 0 to {}", i32::MAX)]
    Id {
        /// `uid` or `gid`.
        what: &'static str,
        /// The number.
        value: i64,
    },
    /// `own` would hand files over to root.
    #[error(
        "uid 0 is no target for `own`: root needs no volume handed over; give the uid that the main container runs as"
    )]
    RootTarget,
    /// `own` without anything to hand over.
    #[error("`own` has no mounts: name at least one volume and the path where it is mounted")]
    NoMounts,
    /// A path that cannot be a mount, or not be handed to the program as it is.
    #[error("`{}` cannot be a path here: {why}", path.escape_debug())]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two mounts at one path, which the API server refuses (`must be unique`).
    #[error("two volumes are mounted at `{}`: a path takes one mount", path.escape_debug())]
    DuplicateMount {
        /// The path.
        path: String,
    },
    /// A name that the API server refuses.
    #[error("`{}` cannot be the name of a {what}: {why}", name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// What it should name.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A text that is not an image reference.
    #[error(transparent)]
    Image(#[from] ReferenceError),
    /// A size that is no quantity of bytes above zero.
    #[error("`{}` is no size: write a quantity of bytes above zero, as `64Mi`", size.escape_debug())]
    Size {
        /// The size.
        size: String,
    },
    /// A mode that the program refuses.
    #[error("mode {mode:o} is out of range: {why}")]
    Mode {
        /// The mode.
        mode: u32,
        /// What it may be.
        why: &'static str,
    },
    /// `wait` without anything to wait for.
    #[error("`wait` has no target; it begins with {}", schemes())]
    NoTarget,
    /// A target that `wait` refuses. It may hold a secret, so that only its number is told.
    #[error("target {number} of `wait` cannot be used: {why}")]
    Target {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A budget of no time at all.
    #[error("`{what}` has to be longer than no time")]
    NoTime {
        /// The option.
        what: &'static str,
    },
    /// The level that the namespace enforces refuses the pod.
    #[error("the namespace enforces the Pod Security level restricted, which refuses {what}; {instead}")]
    RefusedByRestricted {
        /// What is refused.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
}

/// The words that targets of `wait` begin with.
pub(crate) fn schemes() -> String {
    let words: Vec<String> = writeway_shell::agent::WAIT_SCHEMES
        .iter()
        .map(|word| format!("`{word}:`"))
        .collect();
    words.join(", ")
}
