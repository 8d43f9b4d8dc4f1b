// SPDX-License-Identifier: Apache-2.0
//! Compound commands: conditions, loops, choices (POSIX XCU 2.9.4).

use writeway_shell::{Arm, Branch, Compound, List, Word, pattern};

use super::interpreter::Shell;
use super::state::{Leave, SUCCESS, Status};
use crate::value::Reason;

impl Shell<'_> {
    pub(super) fn compound(&mut self, compound: &Compound) -> Status {
        match compound {
            Compound::Subshell(list) => {
                let status = self.subshell(|shell| shell.list(list));
                self.fail_if_told_to(&status);
                status
            }
            Compound::Group(list) => self.list(list),
            Compound::If { branches, otherwise } => self.branches(branches, otherwise.as_ref()),
            Compound::For {
                variable,
                words,
                body,
            } => self.for_loop(variable, words.as_deref(), body),
            Compound::While { condition, body } => self.loop_while(condition, body, true),
            Compound::Until { condition, body } => self.loop_while(condition, body, false),
            Compound::Case { word, arms } => {
                let text = self.text(word);
                self.case(text.as_deref(), arms)
            }
            Compound::Test(words) => {
                self.fields(words);
                Status::unknown(format!("{} tests a condition that is not followed", self.who))
            }
            Compound::Unsupported(what) => {
                let what = format!("{} uses {what}, which is not followed", self.who);
                self.unknown_effect(&what)
            }
        }
    }

    fn branches(&mut self, branches: &[Branch], otherwise: Option<&List>) -> Status {
        for (index, branch) in branches.iter().enumerate() {
            match self.conditional(true, |shell| shell.list(&branch.condition)) {
                _ if !self.running() => return SUCCESS,
                Status::Known(0) => return self.list(&branch.body),
                Status::Known(_) => {}
                Status::Unknown(reason) => {
                    return self.fork(
                        &reason,
                        |shell| shell.list(&branch.body),
                        |shell| shell.branches(&branches[index + 1..], otherwise),
                    );
                }
            }
        }
        otherwise.map_or(SUCCESS, |list| self.list(list))
    }

    fn for_loop(&mut self, variable: &str, words: Option<&[Word]>, body: &List) -> Status {
        let fields = match words {
            Some(words) => self.fields(words),
            None => self.state.positional.iter().skip(1).cloned().map(Some).collect(),
        };
        let mut status = SUCCESS;
        let (since, shared) = (self.left.len(), self.state.world.len());
        for field in fields {
            if !self.running() {
                break;
            }
            let unknown = field.is_none();
            self.state.variables.insert(variable.to_owned(), field);
            status = if unknown {
                let reason: Reason = format!("{} loops over words that are not known", self.who).into();
                self.fork(&reason, |shell| shell.round(body), |_| SUCCESS)
            } else {
                self.round(body)
            };
        }
        self.rejoin(Leave::Break, since, shared, status)
    }

    /// One round of a loop.
    fn round(&mut self, body: &List) -> Status {
        let (since, shared) = (self.left.len(), self.state.world.len());
        let status = self.list(body);
        self.rejoin(Leave::Continue, since, shared, status)
    }

    /// A loop whose condition is not known runs never, once, or often: what two rounds agree on with none is taken as
    /// what any number does.
    fn loop_while(&mut self, condition: &List, body: &List, wanted: bool) -> Status {
        let reason: Reason = format!(
            "{} loops as long as a condition holds that is not known",
            self.who
        )
        .into();
        let (since, shared) = (self.left.len(), self.state.world.len());
        let mut last = SUCCESS;
        let mut uncertain_rounds = 0;
        while self.running() && self.pay(1).is_ok() {
            let status = self.conditional(true, |shell| shell.list(condition));
            if !self.running() {
                last = status;
                break;
            }
            match status {
                Status::Known(code) if (code == 0) == wanted && !body.is_empty() => last = self.round(body),
                Status::Unknown(_) if uncertain_rounds < 2 => {
                    uncertain_rounds += 1;
                    last = self.fork(&reason, |shell| shell.round(body), |_| SUCCESS);
                }
                Status::Known(_) | Status::Unknown(_) => break,
            }
        }
        self.rejoin(Leave::Break, since, shared, last)
    }

    fn case(&mut self, text: Option<&str>, arms: &[Arm]) -> Status {
        for (index, arm) in arms.iter().enumerate() {
            match self.chooses(text, arm) {
                Some(true) => return self.list(&arm.body),
                Some(false) => {}
                None => {
                    let reason: Reason = format!("{} chooses by a word that is not known", self.who).into();
                    return self.fork(
                        &reason,
                        |shell| shell.list(&arm.body),
                        |shell| shell.case(text, &arms[index + 1..]),
                    );
                }
            }
        }
        SUCCESS
    }

    /// Whether a pattern of the arm matches; `None` when that is not known.
    fn chooses(&mut self, text: Option<&str>, arm: &Arm) -> Option<bool> {
        let mut matched = Some(false);
        for word in &arm.patterns {
            let one = self
                .pattern(word)
                .zip(text)
                .map(|(pattern, text)| pattern::matches(&pattern, text));
            matched = match (matched, one) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        matched
    }
}
