// SPDX-License-Identifier: Apache-2.0
//! What a container runs: `command` and `args` as kubelet expands them, and the script in them, if there is one.

use std::convert::Infallible;

use writeway_facts::ImageReference;
use writeway_manifest::{Container, EnvSource};
use writeway_shell::agent;

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
        /// `-o pipefail`.
        pipefail: bool,
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
    let command = container.command.as_ref().filter(|command| !command.is_empty());
    let entrypoint = match command {
        Some(_) => None,
        None if is_agent_image(container) => Some(format!("/{}", agent::PROGRAM)),
        None => return Program::Entrypoint,
    };
    let written = command
        .into_iter()
        .flatten()
        .chain(container.args.iter().flatten());
    let written = written.map(|word| expand(container, word));
    let words: Vec<String> = entrypoint.into_iter().chain(written).collect();
    shell_script(&words).unwrap_or(Program::Exec(words))
}

/// Whether the container's image is the one of `writeway-agent`, whatever its version.
fn is_agent_image(container: &Container) -> bool {
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    ImageReference::parse(image).is_ok_and(|reference| reference.name() == agent::IMAGE)
}

/// `sh -c SCRIPT`, with further options before or in one word with `-c`, through `busybox` or not.
pub fn shell_script(words: &[String]) -> Option<Program> {
    let call = ShellCall::of(words)?;
    if !call.inline {
        return None;
    }
    Some(Program::Script {
        shell: call.shell.to_owned(),
        text: call.operand.to_owned(),
        index: call.index,
        exit_on_error: call.exit_on_error,
        pipefail: call.pipefail,
        arguments: call.arguments.to_vec(),
    })
}

/// A shell that is started with a script: `sh -ec 'SCRIPT'` or `bash -o pipefail FILE`.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellCall<'w> {
    /// The shell's name, as written.
    pub shell: &'w str,
    /// `-c`: the operand is the script; else it is its file.
    pub inline: bool,
    /// The script or its file.
    pub operand: &'w str,
    /// Which of the words the operand is.
    pub index: usize,
    /// `-e`.
    pub exit_on_error: bool,
    /// `-o pipefail`.
    pub pipefail: bool,
    /// What stands behind the operand.
    pub arguments: &'w [String],
}

impl<'w> ShellCall<'w> {
    /// The call; `None` of another program, and of a shell that reads its standard input.
    #[must_use]
    pub fn of(words: &'w [String]) -> Option<Self> {
        let applet = words.iter().position(|word| base_name(word) != "busybox")?;
        let shell = words.get(applet)?;
        if !is_shell(shell) {
            return None;
        }
        let (mut inline, mut exit_on_error, mut pipefail) = (false, false, false);
        let mut index = applet + 1;
        while let Some(word) = words.get(index) {
            index += 1;
            let mut sets_option = false;
            match word.strip_prefix('-') {
                Some("-") => break,
                // Options of bash in words, of which two take a file.
                Some("-rcfile" | "-init-file") => index += 1,
                Some(long) if long.starts_with('-') => {}
                Some(letters)
                    if !letters.is_empty() && letters.bytes().all(|letter| letter.is_ascii_alphabetic()) =>
                {
                    exit_on_error |= letters.contains('e');
                    inline |= letters.contains('c');
                    // `-eo pipefail -c`: the last letter takes a word.
                    sets_option = letters.ends_with('o');
                }
                _ => {
                    index -= 1;
                    break;
                }
            }
            if sets_option {
                let option = words.get(index).map(String::as_str);
                exit_on_error |= option == Some("errexit");
                pipefail |= option == Some("pipefail");
                index += 1;
            }
        }
        let operand = words.get(index)?;
        Some(Self {
            shell,
            inline,
            operand,
            index,
            exit_on_error,
            pipefail,
            arguments: words.get(index + 1..).unwrap_or_default(),
        })
    }
}

/// Whether a program is a shell whose language the parser reads.
pub(crate) fn is_shell(program: &str) -> bool {
    matches!(base_name(program), "sh" | "bash" | "ash" | "dash")
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
    match writeway_manifest::expand::<Infallible>(text, value) {
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
            (&["sh", "-c", "--", "true"], Some(("true", false))),
            (&["bash", "--noprofile", "-c", "true"], Some(("true", false))),
            (&["sh", "/scripts/run.sh"], None),
            (&["python", "-c", "true"], None),
            (&["sh"], None),
            (&["sh", "-o"], None),
            (&["sh", "-c"], None),
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
