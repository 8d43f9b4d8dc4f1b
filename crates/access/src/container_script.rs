// SPDX-License-Identifier: Apache-2.0
//! The shell script that a container runs: the words behind `sh -c`, or a file that kubelet writes from a ConfigMap.

use std::borrow::Cow;

use writeway_manifest::{
    ConfigMapSource, Container, Inventory, KeyToPath, Place, ProjectedSource, Span, VolumeSource, Workload,
};

use crate::command_line::{Program, ShellCall, is_shell, program};
use crate::mount_path::{absolute, in_volume, mount_of};

/// The text of a script, and where it stands in the inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptText<'a> {
    /// What the shell reads: a word after kubelet has expanded `$(VAR)` in it, or the value of a ConfigMap's key.
    pub text: Cow<'a, str>,
    /// The YAML scalar that holds it, in the file of the workload or of the ConfigMap.
    pub place: Place,
}

impl ScriptText<'_> {
    /// The place in the inputs of a part of the script, by its bytes: the part's first line. The whole scalar when that
    /// line is not there as it is, as in a quoted scalar with escapes.
    pub fn place_of(&self, inventory: &Inventory, part: writeway_shell::Span) -> Place {
        let yaml = inventory.file(self.place.file).stream.text();
        let scalar = yaml.get(self.place.span.range()).unwrap_or_default();
        Place {
            span: line_in(scalar, self.place.span, &self.text, part),
            ..self.place
        }
    }
}

/// Where in a scalar the first line of a part of its text stands: found by its text, since block scalars are indented
/// and quoted ones escaped.
fn line_in(scalar: &str, span: Span, script: &str, part: writeway_shell::Span) -> Span {
    let Some(line) = script
        .get(part.start..part.end)
        .and_then(|range| range.lines().next())
    else {
        return span;
    };
    let before = script.get(..part.start).unwrap_or_default();
    let earlier = before.matches(line).count();
    let found = scalar.match_indices(line).nth(earlier);
    let offset = found.and_then(|(offset, _)| u32::try_from(offset).ok());
    match (offset, u32::try_from(line.len())) {
        (Some(offset), Ok(length)) if length > 0 => {
            let start = span.start + offset;
            Span::new(start, start + length)
        }
        _ => span,
    }
}

/// A shell with its script.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerScript<'a> {
    /// The shell's name, as the command line or the script's `#!` line has it: `sh`, `/bin/bash`.
    pub shell: String,
    /// The script.
    pub script: ScriptText<'a>,
    /// The file that it is read from, as an absolute path in the container; `None` behind `-c`.
    pub file: Option<String>,
    /// `-e` on the command line or in the `#!` line; the script itself may say `set -e`, too.
    pub exit_on_error: bool,
    /// `-o pipefail` there.
    pub pipefail: bool,
    /// Behind `-c`: `$0` and the positional parameters; of a file the positional parameters.
    pub arguments: Vec<String>,
}

/// The script that a container runs first, as far as the inputs have it: behind `sh -c` in `command` and `args`, or in a
/// file of a ConfigMap of the inputs that the container mounts (`sh /scripts/run.sh`, or `/scripts/run.sh` with a `#!`
/// line). Scripts that this one runs in turn are not followed: see [`script_file`] and [`config_map_file`].
///
/// `None` when the image's entry point decides, when something else than a shell runs, and when the script lies in the
/// image or in a volume whose contents no input tells.
pub fn container_script<'a>(
    inventory: &'a Inventory,
    workload: &'a Workload,
    container: &Container,
) -> Option<ContainerScript<'a>> {
    match program(container) {
        Program::Entrypoint => None,
        Program::Exec(words) => script_file(inventory, workload, container, &words),
        Program::Script {
            shell,
            text,
            index,
            exit_on_error,
            pipefail,
            arguments,
        } => {
            let mut words = container
                .command
                .iter()
                .flatten()
                .chain(container.args.iter().flatten());
            let span = words.nth(index).map_or(container.span, |word| word.span);
            let place = Place {
                file: workload.object.file,
                span,
            };
            Some(ContainerScript {
                shell,
                script: ScriptText {
                    text: Cow::Owned(text),
                    place,
                },
                file: None,
                exit_on_error,
                pipefail,
                arguments,
            })
        }
    }
}

/// The script that a command line runs from a file of a mounted ConfigMap: `sh FILE …`, or `FILE …` where the file
/// begins with `#!` and a shell (execve(2)). `words` are the program and its arguments, expanded.
pub fn script_file<'a>(
    inventory: &'a Inventory,
    workload: &'a Workload,
    container: &Container,
    words: &[String],
) -> Option<ContainerScript<'a>> {
    let script_at = |path: &str| config_map_file(inventory, workload, container, path);
    let (script, call_words) = if let Some(call) = ShellCall::of(words) {
        if call.inline {
            return None;
        }
        (script_at(call.operand)?, words.to_vec())
    } else {
        // A name without a slash is looked for in PATH.
        let (path, arguments) = words.split_first().filter(|(path, _)| path.contains('/'))?;
        let script = script_at(path)?;
        let interpreter = interpreter(&script.text)?;
        let call = interpreter.into_iter().chain([path.clone()]);
        (script, call.chain(arguments.iter().cloned()).collect())
    };
    let call = ShellCall::of(&call_words)?;
    Some(ContainerScript {
        shell: call.shell.to_owned(),
        file: absolute(container, call.operand),
        script,
        exit_on_error: call.exit_on_error,
        pipefail: call.pipefail,
        arguments: call.arguments.to_vec(),
    })
}

/// The words of a `#!` line that names a shell. Linux hands all behind the interpreter over as one word; `env -S` takes
/// it apart again.
pub fn interpreter(script: &str) -> Option<Vec<String>> {
    let line = script.lines().next()?.strip_prefix("#!")?.trim();
    let (program, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let argument = argument.trim();
    let words: Vec<String> = if program.ends_with("/env") {
        let command = argument.strip_prefix("-S").unwrap_or(argument);
        command.split_whitespace().map(str::to_owned).collect()
    } else {
        let argument = Some(argument).filter(|argument| !argument.is_empty());
        std::iter::once(program)
            .chain(argument)
            .map(str::to_owned)
            .collect()
    };
    let applet = words.iter().find(|word| !word.ends_with("busybox"))?;
    is_shell(applet).then_some(words)
}

/// The text of a file that a container sees because a ConfigMap of the inputs is mounted there: as a volume, with or
/// without `items`, in a projected volume, by `subPath`. A relative path starts at the container's `workingDir`.
///
/// `None` when something else is mounted there, when the ConfigMap or the key is not among the inputs, and when another
/// source of a projected volume puts something of its own at the path.
pub fn config_map_file<'a>(
    inventory: &'a Inventory,
    workload: &'a Workload,
    container: &Container,
    path: &str,
) -> Option<ScriptText<'a>> {
    let path = absolute(container, path)?;
    let (mount, rest) = mount_of(container, &path)?;
    let path = in_volume(mount, rest)?;
    let path = path.trim_start_matches('/');
    let template = workload
        .claim_templates
        .iter()
        .any(|template| *template.name == *mount.name);
    let volume = workload.pod.volume(&mount.name).filter(|_| !template)?;
    let key_of = |source: &ConfigMapSource| file_of(inventory, workload, source, path);
    match &volume.source {
        VolumeSource::ConfigMap(source) => key_of(source),
        VolumeSource::Projected { sources, .. } => {
            // Of two sources at one path the later one wins.
            let winner = sources.iter().rev().find_map(|source| match source {
                ProjectedSource::ConfigMap(source) => key_of(source).map(Some),
                ProjectedSource::Secret(secret) => names(&secret.items, path).then_some(None),
                ProjectedSource::DownwardApi(items) => {
                    items.iter().any(|item| *item.path == path).then_some(None)
                }
                ProjectedSource::Token { path: taken } | ProjectedSource::TrustBundle { path: taken } => {
                    (**taken == path).then_some(None)
                }
                ProjectedSource::PodCertificate { paths } => {
                    paths.iter().any(|taken| **taken == path).then_some(None)
                }
                ProjectedSource::Unknown(_) => Some(None),
            });
            winner.flatten()
        }
        _ => None,
    }
}

fn file_of<'a>(
    inventory: &'a Inventory,
    workload: &Workload,
    source: &ConfigMapSource,
    path: &str,
) -> Option<ScriptText<'a>> {
    let namespace = workload.object.namespace.as_deref();
    let map = inventory.config_map(namespace, source.name.as_ref()?)?;
    let key = match source.items.as_slice() {
        [] => path,
        items => &items.iter().rev().find(|item| *item.path == path)?.key,
    };
    let text = inventory.config_map_text(map, key)?;
    Some(ScriptText {
        text: Cow::Borrowed(text.value),
        place: Place {
            file: map.object.file,
            span: text.span,
        },
    })
}

fn names(items: &[KeyToPath], path: &str) -> bool {
    items.iter().any(|item| *item.path == path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use writeway_manifest::{ParsedFile, Which};

    use super::*;

    const SCRIPTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data:
  run.sh: |
    #!/bin/sh
    echo run
  bash: |
    #!/usr/bin/env -S bash -eo pipefail
    echo bash
  plain: echo plain
  tool.py: |
    #!/usr/bin/env python3
    print()
  quoted: \"echo one\\necho two\\n\"
binaryData:
  packed: ZWNobwo=
";

    /// The script of a pod's container, as `shell|options|arguments|text`.
    fn found(container: &str, volume: &str) -> Option<String> {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: app\n      {container}\n  volumes:\n    - name: v\n      {volume}\n"
        );
        let files = vec![
            ParsedFile::parse("pod.yaml", pod.as_str()),
            ParsedFile::parse("scripts.yaml", SCRIPTS),
        ];
        let inventory = Inventory::from_parsed(files);
        assert_eq!(inventory.problems(), [], "{pod}");
        let workload = &inventory.workloads()[0];
        let container = workload.pod.containers(Which::Main).next().unwrap();
        let script = container_script(&inventory, workload, container)?;
        let options = [
            (script.exit_on_error, "e"),
            (script.pipefail, "p"),
            (script.file.is_some(), "f"),
        ];
        let options: String = options
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| *name)
            .collect();
        let text = script.script.text.lines().last().unwrap_or_default();
        Some(format!(
            "{}|{options}|{}|{text}",
            script.shell,
            script.arguments.join(",")
        ))
    }

    #[test]
    fn a_script_is_found_in_the_words_and_in_mounted_config_maps() {
        let all = "configMap: {name: scripts}";
        let at = "volumeMounts: [{name: v, mountPath: /s}]";
        let rows = [
            (
                "command: [sh, -ec, echo a, x, z]",
                "",
                all,
                Some("sh|e|x,z|echo a"),
            ),
            ("command: [sh, /s/run.sh]", at, all, Some("sh|f||echo run")),
            (
                "command: [sh], args: [/s/run.sh, a]",
                at,
                all,
                Some("sh|f|a|echo run"),
            ),
            (
                "command: [/bin/bash, -eu, -o, pipefail, /s/plain, a, b]",
                at,
                all,
                Some("/bin/bash|epf|a,b|echo plain"),
            ),
            ("command: [/s/run.sh, a]", at, all, Some("/bin/sh|f|a|echo run")),
            ("command: [/s/bash]", at, all, Some("bash|epf||echo bash")),
            (
                "command: [./run.sh], workingDir: /s",
                at,
                all,
                Some("/bin/sh|f||echo run"),
            ),
            ("command: [/s/../s//run.sh]", at, all, Some("/bin/sh|f||echo run")),
            ("command: [./run.sh]", at, all, None),
            ("command: [run.sh], workingDir: /s", at, all, None),
            (
                "command: [sh, run.sh], workingDir: /s",
                at,
                all,
                Some("sh|f||echo run"),
            ),
            ("command: [/s/plain]", at, all, None),
            ("command: [/s/tool.py]", at, all, None),
            ("command: [sh, /s/absent.sh]", at, all, None),
            ("command: [sh, /s/packed]", at, all, None),
            ("command: [sh, /s/quoted]", at, all, Some("sh|f||echo two")),
            ("command: [sh, /other/run.sh]", at, all, None),
            ("args: [sh, /s/run.sh]", at, all, None),
            ("command: [sh, /s/run.sh]", at, "configMap: {name: others}", None),
            (
                "command: [sh, /s/run.sh]",
                at,
                "secret: {secretName: scripts}",
                None,
            ),
            ("command: [sh, /s/run.sh]", at, "emptyDir: {}", None),
            (
                "command: [sh, /s/bin/go]",
                at,
                "configMap: {name: scripts, items: [{key: run.sh, path: bin/go}]}",
                Some("sh|f||echo run"),
            ),
            (
                "command: [sh, /s/run.sh]",
                at,
                "configMap: {name: scripts, items: [{key: run.sh, path: bin/go}]}",
                None,
            ),
            (
                "command: [sh, /run.sh]",
                "volumeMounts: [{name: v, mountPath: /run.sh, subPath: run.sh}]",
                all,
                Some("sh|f||echo run"),
            ),
            (
                "command: [sh, /s/run.sh]",
                at,
                "projected: {sources: [{secret: {name: a}}, {configMap: {name: scripts}}]}",
                Some("sh|f||echo run"),
            ),
            (
                "command: [sh, /s/run.sh]",
                at,
                "projected: {sources: [{configMap: {name: scripts}}, {secret: {name: a, items: [{key: a, path: run.sh}]}}]}",
                None,
            ),
        ];
        for (command, mounts, volume, expected) in rows {
            let container = format!("{}\n      {mounts}", command.replace("], ", "]\n      "));
            assert_eq!(
                found(&container, volume).as_deref(),
                expected,
                "{command} {volume}"
            );
        }
    }

    #[test]
    fn a_part_of_a_script_is_placed_on_its_own_line() {
        let yaml = "k: |\n  set -e\n  cp /a /b\n  cp /a /b\n";
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("a.yaml", yaml)]);
        let (file, _) = inventory.files().next().unwrap();
        let place = Place {
            file,
            span: Span::new(3, 35),
        };
        let script = ScriptText {
            text: "set -e\ncp /a /b\ncp /a /b\n".into(),
            place,
        };
        let rows = [
            (0, 6, "set -e"),
            (7, 15, "cp /a /b"),
            (16, 24, "cp /a /b"),
            (29, 40, ""),
        ];
        let mut last = 0;
        for (start, end, expected) in rows {
            let found = script.place_of(&inventory, writeway_shell::Span { start, end });
            if expected.is_empty() {
                assert_eq!(found, place);
            } else {
                assert_eq!(&yaml[found.span.range()], expected);
                assert!(found.span.start > last);
                last = found.span.start;
            }
        }
    }
}
