// SPDX-License-Identifier: Apache-2.0
//! A tool's way through a tree, without recursion: a tree may be deeper than a stack.

use super::below;
use crate::script::interpreter::Shell;
use crate::script::state::{SUCCESS, Status};

/// What a tool does with each file of a tree.
pub(super) trait Visitor {
    /// What it has to know to finish with a directory.
    type Kept;

    /// Comes to a file.
    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<Self::Kept>;

    /// Leaves a directory, when everything in it is done.
    fn leave(&mut self, shell: &mut Shell<'_>, path: &str, kept: Self::Kept) -> Status;
}

/// What follows when a tool has come to a file.
pub(super) enum Visit<T> {
    /// Nothing more.
    Done(Status),
    /// It goes on with these names in the directory.
    Descend {
        /// Of what was done before.
        status: Status,
        names: Vec<String>,
        kept: T,
    },
}

/// How a walk ended.
pub(super) struct Walked {
    /// The worst of all statuses.
    pub(super) worst: Status,
    /// That of the root, at last.
    pub(super) last: Status,
}

enum Step<T> {
    Enter(String),
    Leave(String, T),
}

/// Walks through the tree below a path, each directory's names in order.
pub(super) fn walk<V: Visitor>(shell: &mut Shell<'_>, root: &str, visitor: &mut V) -> Walked {
    let mut walked = Walked {
        worst: SUCCESS,
        last: SUCCESS,
    };
    let mut pending = vec![Step::Enter(root.to_owned())];
    while let Some(step) = pending.pop() {
        walked.last = match step {
            Step::Enter(path) => match enter(shell, &path, visitor) {
                Visit::Done(status) => status,
                Visit::Descend { status, names, kept } => {
                    let inner = names.iter().rev().map(|name| Step::Enter(below(&path, name)));
                    let inner: Vec<_> = inner.collect();
                    pending.push(Step::Leave(path, kept));
                    pending.extend(inner);
                    status
                }
            },
            Step::Leave(path, kept) => visitor.leave(shell, &path, kept),
        };
        walked.worst = walked.worst.and(walked.last.clone());
    }
    walked
}

fn enter<V: Visitor>(shell: &mut Shell<'_>, path: &str, visitor: &mut V) -> Visit<V::Kept> {
    match shell.visit(path) {
        Ok(()) => visitor.enter(shell, path),
        Err(given_up) => Visit::Done(given_up),
    }
}
