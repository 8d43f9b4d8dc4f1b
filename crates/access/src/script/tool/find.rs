// SPDX-License-Identifier: Apache-2.0
//! `find`, as far as it runs `chown`, `chgrp` or `chmod` on what it finds.

use writeway_shell::mode::Flavour;

use super::change_mode::children;
use super::walk::{Visit, Visitor, walk};
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::Failure;
use crate::value::Reason;
use crate::world::Kind;

/// What is decided here: `-type` with its letter, and `-exec`.
#[derive(Debug, Default)]
struct Expression<'a> {
    kind: Option<&'a str>,
    /// There are tests whose outcome is not followed, so that any file may be left out.
    other_tests: bool,
    /// The words of `-exec` up to `;` or `+`.
    exec: Vec<&'a str>,
    /// `-exec` ends in `+`: it runs once, at the end, and its failure is that of `find`.
    at_once: bool,
}

pub(super) fn find(shell: &mut Shell<'_>, arguments: &[String], _: Flavour) -> Status {
    let starts = arguments
        .iter()
        .take_while(|word| !word.starts_with(['-', '(', '!']))
        .count();
    let (starts, words) = arguments.split_at(starts);
    let Some(expression) = read(words) else {
        return shell.unknown_effect(&format!(
            "{} runs `find` with actions that are not followed",
            shell.who
        ));
    };
    let here = [".".to_owned()];
    let starts = if starts.is_empty() { &here } else { starts };
    let run = |shell: &mut Shell<'_>| search(shell, starts, &expression);
    if expression.other_tests && !expression.exec.is_empty() {
        let reason: Reason = format!("{} runs `find` with tests that are not followed", shell.who).into();
        shell.fork(&reason, run, |_| SUCCESS)
    } else {
        run(shell)
    }
}

/// `None` when an action may change something in a way that is not followed.
fn read(words: &[String]) -> Option<Expression<'_>> {
    let mut expression = Expression::default();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-type" => expression.kind = words.next(),
            "-exec" if expression.exec.is_empty() => {
                for word in words.by_ref().take_while(|word| *word != ";") {
                    if word == "+" && expression.exec.last() == Some(&"{}") {
                        expression.at_once = true;
                        break;
                    }
                    expression.exec.push(word);
                }
                if !matches!(expression.exec.first(), Some(&("chown" | "chgrp" | "chmod"))) {
                    return None;
                }
            }
            "-print" | "-print0" | "-xdev" | "-mount" => {}
            "-exec" | "-delete" | "-depth" | "-execdir" | "-ok" | "-okdir" | "-fprint" | "-fls" | "-L"
            | "-H" | "-follow" => return None,
            _ => expression.other_tests = true,
        }
    }
    Some(expression)
}

fn search(shell: &mut Shell<'_>, starts: &[String], expression: &Expression<'_>) -> Status {
    let mut search = Search {
        expression,
        found: Vec::new(),
    };
    let status = starts
        .iter()
        .map(|start| walk(shell, start, &mut search).worst)
        .fold(SUCCESS, Status::and);
    if search.found.is_empty() {
        return status;
    }
    let (end, command) = expression.exec.split_last().unwrap_or((&"{}", &[]));
    let words: Vec<_> = command
        .iter()
        .map(|word| Some((*word).to_owned()))
        .chain(
            search
                .found
                .into_iter()
                .map(|path| Some(end.replace("{}", &path))),
        )
        .collect();
    status.and(shell.utility(&words))
}

struct Search<'a> {
    expression: &'a Expression<'a>,
    /// Operands of the command that runs at the end.
    found: Vec<String>,
}

impl Visitor for Search<'_> {
    type Kept = ();

    /// A file first, then what it holds if it is a directory; links are not followed.
    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<()> {
        let expression = self.expression;
        let place = match shell.find(path, false) {
            Ok(place) => place,
            Err(Failure::Errno(_)) => return Visit::Done(FAILURE),
            Err(Failure::Unknown(reason)) => return Visit::Done(not_known(shell, &reason)),
        };
        let inode = shell.state.world.get(place.inode);
        let matches = match (expression.kind, &inode.kind) {
            (None, _)
            | (Some("d"), Kind::Directory(_))
            | (Some("f"), Kind::File)
            | (Some("l"), Kind::Link(_)) => true,
            (Some(_), _) => false,
        };
        let directory = inode.is_directory();
        if matches && expression.at_once {
            self.found.push(path.to_owned());
        } else if matches && !expression.exec.is_empty() {
            let words: Vec<_> = expression
                .exec
                .iter()
                .map(|word| Some(word.replace("{}", path)))
                .collect();
            shell.utility(&words);
        }
        if !directory {
            return Visit::Done(SUCCESS);
        }
        let unlisted = shell
            .state
            .world
            .directory(place.inode)
            .and_then(|listing| listing.unlisted.clone());
        match (children(shell, place), unlisted) {
            (Err(Status::Unknown(reason)), _) => Visit::Done(not_known(shell, &reason)),
            (Err(failed), _) => Visit::Done(failed),
            (Ok(_), Some(reason)) => Visit::Done(not_known(shell, &reason)),
            (Ok(names), None) => Visit::Descend {
                status: SUCCESS,
                names,
                kept: (),
            },
        }
    }

    fn leave(&mut self, _: &mut Shell<'_>, _: &str, (): ()) -> Status {
        SUCCESS
    }
}

fn not_known(shell: &mut Shell<'_>, reason: &Reason) -> Status {
    let what = format!(
        "{} runs `find` where not everything is known: {reason}",
        shell.who
    );
    shell.unknown_effect(&what)
}
