// SPDX-License-Identifier: Apache-2.0
//! Why an attempt to seed does not go on.

use rustix::io::Errno;

use crate::errno;
use crate::exit::Failure;

/// Why an attempt ended before its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Something moved meanwhile: what was read may be of two sets. Nothing is published, and all is read anew.
    Anew(String),
    /// The kernel refused to give a file that is the target's to its owner or mode: it is written anew instead.
    Replace,
    /// It cannot be done.
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A failure at a path, with what the kernel said.
pub(crate) fn cannot(what: &str, path: impl std::fmt::Display, errno: Errno) -> Failure {
    Failure::refused(format_args!("cannot {what} {path}: {}", errno::reason(errno)))
}

/// The same at a path of the target, which the caller has to be let into.
pub(crate) fn shut(what: &str, path: impl std::fmt::Display, errno: Errno) -> Failure {
    let failure = cannot(what, path, errno);
    match errno {
        Errno::ACCESS => Failure::refused(format_args!(
            "{failure}; run as the user that it belongs to: root, too, needs CAP_DAC_OVERRIDE to go on with what it \
             gave away"
        )),
        _ => failure,
    }
}
