// SPDX-License-Identifier: Apache-2.0
//! What a container runs: `command` and `args` as kubelet expands them, and the script in them, if there is one.

use std::convert::Infallible;

use writeway_manifest::{Container, EnvSource};

use crate::expansion;

/// What a process is started as.
#[derive(Debug, Clone, PartialEq)]
pub enum Program {
    /// A shell with a script.
    Script {
        /// The shell's name, as written.
        shell: String,
        /// The script.
        text: String,
        /// Which of the words it is.
        index: usize,
        /// `-e`.
        exit_on_error: bool,
        /// `$0` and the positional parameters.
        arguments: Vec<String>,
    },
    /// A program with its arguments.
    Exec(Vec<String>),
    /// What the image's ENTRYPOINT says.
    Entrypoint,
}

/// What the container runs, with `$(VAR)` expanded as kubelet does where the variable's value stands in the manifest.
pub fn program(container: &Container) -> Program {
    let Some(command) = container.command.as_ref().filter(|command| !command.is_empty()) else {
        return Program::Entrypoint;
    };
    let words = command.iter().chain(container.args.iter().flatten());
    let words: Vec<String> = words.map(|word| expand(container, word)).collect();
    shell_script(&words).unwrap_or(Program::Exec(words))
}

/// `sh -c SCRIPT`, with further options before or in one word with `-c`, through `busybox` or not.
pub fn shell_script(words: &[String]) -> Option<Program> {
    let applet = words.iter().position(|word| base_name(word) != "busybox")?;
    let (shell, rest) = words[applet..].split_first()?;
    if !matches!(base_name(shell), "sh" | "bash" | "ash" | "dash") {
        return None;
    }
    let mut exit_on_error = false;
    let mut script = false;
    let mut words = rest.iter().zip(applet + 1..);
    while let Some((word, index)) = words.next() {
        match word.strip_prefix('-') {
            Some("o") => exit_on_error |= words.next().is_some_and(|(option, _)| option == "errexit"),
            Some(letters)
                if !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_alphabetic()) =>
            {
                exit_on_error |= letters.contains('e');
                script |= letters.contains('c');
                // `-eo pipefail -c`: the last letter takes a word.
                if letters.ends_with('o') {
                    words.next();
                }
            }
            _ if script => {
                let arguments = words.map(|(word, _)| word.clone()).collect();
                return Some(Program::Script {
                    shell: shell.clone(),
                    text: word.clone(),
                    index,
                    exit_on_error,
                    arguments,
                });
            }
            _ => return None,
        }
    }
    None
}

/// The last component of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `$(VAR)` becomes the container's own variable; one whose value is not known here stays as it is.
fn expand(container: &Container, text: &str) -> String {
    let value = |name: &str| match expansion::variable(container, name).map(|variable| &variable.source) {
        Some(EnvSource::Value(value)) => Ok(Some(value.value.clone())),
        _ => Ok(None),
    };
    match expansion::expand::<Infallible>(text, value) {
        Ok(expanded) => expanded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_found_behind_the_usual_shells_and_options() {
        type Row<'a> = (&'a [&'a str], Option<(&'a str, bool)>);
        let rows: &[Row<'_>] = &[
            (&["sh", "-c", "true"], Some(("true", false))),
            (&["/bin/sh", "-ec", "true"], Some(("true", true))),
            (
                &["bash", "-e", "-o", "pipefail", "-c", "true"],
                Some(("true", true)),
            ),
            (&["bash", "-eo", "pipefail", "-c", "true"], Some(("true", true))),
            (
                &["/bin/busybox", "sh", "-c", "true", "name"],
                Some(("true", false)),
            ),
            (&["sh", "/scripts/run.sh"], None),
            (&["python", "-c", "true"], None),
            (&["sh"], None),
        ];
        for (words, expected) in rows {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let found = shell_script(&words).map(|program| match program {
                Program::Script {
                    text, exit_on_error, ..
                } => (text, exit_on_error),
                other => panic!("{other:?} for {words:?}"),
            });
            assert_eq!(
                found,
                expected.map(|(text, exit)| (text.to_owned(), exit)),
                "{words:?}"
            );
        }
    }
}
