// SPDX-License-Identifier: Apache-2.0
//! `find`, as far as it runs `chown`, `chgrp` or `chmod` on what it finds.

use writeway_shell::mode::Flavour;

use super::below;
use super::change_mode::children;
use crate::script::interpreter::Shell;
use crate::script::state::{SUCCESS, Status};
use crate::value::Reason;
use crate::world::Kind;

/// Tests that are decided here: `-type` with its letter.
#[derive(Debug, Default)]
struct Expression<'a> {
    kind: Option<&'a str>,
    /// There are tests whose outcome is not followed, so that any file may be left out.
    other_tests: bool,
    /// The words of `-exec` up to `;` or `+`.
    exec: Option<Vec<String>>,
}

pub(super) fn find(shell: &mut Shell<'_>, arguments: &[String], _: Flavour) -> Status {
    let starts: Vec<&String> = arguments
        .iter()
        .take_while(|word| !word.starts_with(['-', '(', '!']))
        .collect();
    let Some(expression) = read(&arguments[starts.len()..]) else {
        return shell.unknown_effect(&format!(
            "{} runs `find` with actions that are not followed",
            shell.who
        ));
    };
    let Some(exec) = &expression.exec else {
        return SUCCESS;
    };
    let mut found = Vec::new();
    for start in starts {
        if collect(shell, start, expression.kind, &mut found).is_none() {
            return shell.unknown_effect(&format!(
                "{} runs `find` where not everything is known",
                shell.who
            ));
        }
    }
    let run = |shell: &mut Shell<'_>| {
        for path in &found {
            let words: Vec<_> = exec.iter().map(|word| Some(word.replace("{}", path))).collect();
            shell.utility(&words);
        }
        SUCCESS
    };
    if expression.other_tests {
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
            "-exec" => {
                let exec: Vec<String> = words
                    .by_ref()
                    .take_while(|word| !matches!(*word, ";" | "+"))
                    .map(str::to_owned)
                    .collect();
                let followed = exec
                    .first()
                    .is_some_and(|name| matches!(name.as_str(), "chown" | "chgrp" | "chmod"));
                if !followed || expression.exec.is_some() {
                    return None;
                }
                expression.exec = Some(exec);
            }
            "-print" | "-print0" | "-depth" | "-xdev" | "-mount" => {}
            "-delete" | "-execdir" | "-ok" | "-okdir" | "-fprint" | "-fls" => return None,
            _ => expression.other_tests = true,
        }
    }
    Some(expression)
}

/// What `find` visits, links not followed.
fn collect(shell: &Shell<'_>, path: &str, kind: Option<&str>, found: &mut Vec<String>) -> Option<()> {
    let place = shell.find(path, false).ok()?;
    let inode = shell.state.world.get(place.inode);
    let matches = match (kind, &inode.kind) {
        (None, _)
        | (Some("d"), Kind::Directory(_))
        | (Some("f"), Kind::File)
        | (Some("l"), Kind::Link(_)) => true,
        (Some(_), _) => false,
    };
    if matches {
        found.push(path.to_owned());
    }
    if inode.is_directory() {
        if shell
            .state
            .world
            .directory(place.inode)
            .is_some_and(|listing| listing.unlisted.is_some())
        {
            return None;
        }
        if let Ok(names) = children(shell, place) {
            for name in names {
                collect(shell, &below(path, &name), kind, found)?;
            }
        }
    }
    Some(())
}
