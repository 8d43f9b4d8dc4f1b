// SPDX-License-Identifier: Apache-2.0
//! Redirections (POSIX XCU 2.7).

use writeway_shell::{Redirect, RedirectKind};

use super::interpreter::Shell;
use super::state::{FAILURE, SUCCESS, Status};
use crate::syscall::{Failure, Writes};

impl Shell<'_> {
    pub(super) fn redirect(&mut self, redirects: &[Redirect]) -> Status {
        for redirect in redirects {
            let writes = match redirect.kind {
                RedirectKind::Write
                | RedirectKind::Append
                | RedirectKind::Clobber
                | RedirectKind::ReadWrite
                | RedirectKind::Both
                | RedirectKind::BothAppend => true,
                RedirectKind::DupOut => redirect.target.literal().is_none_or(|target| {
                    target != "-" && !target.chars().all(|character| character.is_ascii_digit())
                }),
                RedirectKind::Read
                | RedirectKind::DupIn
                | RedirectKind::HereDoc
                | RedirectKind::HereString => false,
            };
            let target = self.text(&redirect.target);
            if redirect.kind == RedirectKind::Read
                && let Some(path) = &target
                && let Err(Failure::Errno(_)) = self.find(path, true)
            {
                return FAILURE;
            }
            if !writes {
                continue;
            }
            let Some(path) = target else {
                return self
                    .unknown_effect(&format!("{} writes to a file whose name is not known", self.who));
            };
            let how = match redirect.kind {
                RedirectKind::Append | RedirectKind::BothAppend | RedirectKind::ReadWrite => Writes::Perhaps,
                _ => Writes::All,
            };
            match self.calls(|calls| calls.open_for_writing(&path, 0o666, how)) {
                Ok(_) => {}
                Err(Failure::Errno(_)) => return FAILURE,
                Err(Failure::Unknown(reason)) => return Status::Unknown(reason),
            }
        }
        SUCCESS
    }
}
