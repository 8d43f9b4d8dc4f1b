// SPDX-License-Identifier: Apache-2.0
//! The commands that a container runs, read from its `command` and `args` without running them, and from the files of
//! mounted ConfigMaps that these run.
//!
//! Every simple command of a script is listed, in the order of the text, whether or not it is reached: those in
//! branches, loops, functions, substitutions, nested `sh -c` and files that are run or sourced too. A word has a text where nothing that happens at
//! run time can change it. What a script does to files is another question, which the write map answers.

mod variables;
mod walk;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use writeway_access::{Program, ScriptText, container_script, program};
use writeway_manifest::{Container, FileId, Inventory, Place, Span, Which, Workload};
use writeway_shell::{Redirect, Word};

use crate::evidence::secret_writes::{SecretWrite, secret_writes};
use variables::Variables;
use walk::{Files, Walk};

/// A simple command: a program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    /// The program's name without folders, behind such that run another (`exec`, `env A=B`, `timeout 5`). Empty when
    /// nobody knows before it runs what it is, and for what this reader of scripts does not know.
    pub(crate) name: String,
    /// The words behind the name.
    pub(crate) arguments: Vec<Argument>,
    /// Redirections, in order; without those of the compound commands around it.
    pub(crate) redirects: Vec<Redirect>,
    /// Where its standard output goes.
    pub(crate) output: Output,
    /// The file that its standard output is redirected to.
    pub(crate) file: Option<Argument>,
    /// The variable that gets the output of the substitution it stands in: `v` of `v=$(a | b)` for `a` and `b`.
    pub(crate) variable: Option<String>,
    /// It stands where it runs only if something before says so: in a branch, in a loop over a condition, behind a test.
    pub(crate) guarded: bool,
    /// It stands in a loop, so that it may run again.
    pub(crate) looped: bool,
    /// Which pipeline of the container it is in, of those with one command too: commands of one number are joined by `|`.
    pub(crate) pipeline: usize,
    /// The script goes on by itself when it fails: before `||`, as a condition, behind `!`.
    pub(crate) failure_handled: bool,
    /// It is a function of the script and no program.
    pub(crate) function: bool,
    /// Its first line, in the workload's file or in that of the ConfigMap with the script; the whole script where that
    /// cannot be told.
    pub(crate) place: Place,
}

impl Invocation {
    /// The arguments' texts; those that are not known are left out.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.arguments
            .iter()
            .filter_map(|argument| argument.text.as_deref())
    }
}

/// A word behind a program's name.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    /// The word as the script has it.
    pub(crate) word: Word,
    /// The word with the variables that are assigned once replaced by what they are assigned: `"v1-$(date +%s)"` of
    /// `"$NAME"`, where `NAME="v1-$(date +%s)"` is the only assignment.
    pub(crate) expanded: Word,
    /// What it expands to, when that is one field and known.
    pub(crate) text: Option<String>,
    /// What its expansion begins with at least: all that is known before the first pattern or unknown part. A loop's
    /// variable begins as the one word that the loop is over.
    pub(crate) start: String,
}

/// Where a command's standard output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// To the container's log.
    Log,
    /// Into the text of a command substitution.
    Captured,
    /// To the next command of its pipeline.
    Piped,
    /// To a file, or to another descriptor than the one it began with.
    Redirected,
    /// To where the caller of the function around it sends it.
    Caller,
}

/// The commands of a container. Empty when the image's own entry point runs, and when the script in `command` cannot be
/// parsed.
pub(crate) fn commands(inventory: &Inventory, workload: &Workload, container: &Container) -> Vec<Invocation> {
    let files = Files {
        inventory,
        workload,
        container,
    };
    let mut walk = Walk::new(files, Variables::of(container));
    match (
        program(container),
        container_script(inventory, workload, container),
    ) {
        (Program::Entrypoint, _) => {}
        (Program::Exec(words), _) => {
            let place = Place {
                file: workload.object.file,
                span: command_line(container),
            };
            walk.exec(
                &words,
                &ScriptText {
                    text: "".into(),
                    place,
                },
            );
        }
        (Program::Script { .. }, script) => {
            if let Some(script) = script {
                walk.script(&script.script);
            }
        }
    }
    walk.finish()
}

/// All words of `command` and `args`.
pub(crate) fn command_line(container: &Container) -> Span {
    let command = container.command.as_deref().unwrap_or_default();
    let args = container.args.as_deref().unwrap_or_default();
    match (command.first().or(args.first()), args.last().or(command.last())) {
        (Some(first), Some(last)) => Span::new(first.span.start, last.span.end),
        _ => container.span,
    }
}

/// The commands of the containers of all workloads, read when somebody asks for them, once.
#[derive(Debug)]
pub(crate) struct WorkloadCommands {
    /// By the place of the pod, and of each by container, in the order of [`Which::All`].
    pods: BTreeMap<(FileId, Span), OnceLock<Vec<Vec<Invocation>>>>,
    /// The first write of each Secret, by namespace and name, with the workload's place in the inventory.
    writers: OnceLock<BTreeMap<(String, String), (usize, SecretWrite)>>,
}

impl WorkloadCommands {
    /// Nothing read yet.
    pub(crate) fn new(inventory: &Inventory) -> Self {
        let workloads = inventory.workloads().iter();
        Self {
            pods: workloads
                .map(|workload| ((workload.object.file, workload.pod.span), OnceLock::new()))
                .collect(),
            writers: OnceLock::new(),
        }
    }

    /// The first workload of that inventory whose commands write a Secret, with the write.
    pub(crate) fn writer_of_secret<'a>(
        &'a self,
        inventory: &'a Inventory,
        namespace: &str,
        name: &str,
    ) -> Option<(&'a Workload, &'a SecretWrite)> {
        let writers = self.writers.get_or_init(|| {
            let mut writers = BTreeMap::new();
            for (index, workload) in inventory.workloads().iter().enumerate() {
                let own = workload.object.effective_namespace();
                for container in workload.pod.containers(Which::Regular) {
                    let found = self.of(inventory, workload, container);
                    for write in secret_writes(found, workload, container) {
                        let Some(name) = write.secret.clone() else {
                            continue;
                        };
                        let namespace = write.namespace.clone().unwrap_or_else(|| own.to_owned());
                        writers.entry((namespace, name)).or_insert((index, write));
                    }
                }
            }
            writers
        });
        let (index, write) = writers.get(&(namespace.to_owned(), name.to_owned()))?;
        Some((inventory.workloads().get(*index)?, write))
    }

    /// The commands of a container of a workload of that inventory; none of another's.
    pub(crate) fn of(
        &self,
        inventory: &Inventory,
        workload: &Workload,
        container: &Container,
    ) -> &[Invocation] {
        let Some(pod) = self.pods.get(&(workload.object.file, workload.pod.span)) else {
            return &[];
        };
        let containers = || workload.pod.containers(Which::All);
        let read = pod.get_or_init(|| {
            containers()
                .map(|container| commands(inventory, workload, container))
                .collect()
        });
        let index = containers().position(|other| other.span == container.span);
        index.and_then(|index| read.get(index)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(crate) mod tests {
    use writeway_manifest::{ParsedFile, Which};
    use writeway_shell::Part;

    use super::*;

    /// The inputs: a pod whose one container runs `sh -c SCRIPT`, with a ConfigMap of scripts at `/s`.
    fn inputs(script: &str) -> Inventory {
        let lines: String = script.lines().map(|line| format!("          {line}\n")).collect();
        let pod = format!("{POD}      command:\n        - sh\n        - -c\n        - |\n{lines}");
        Inventory::from_parsed(vec![
            ParsedFile::parse("pod.yaml", pod.as_str()),
            ParsedFile::parse("scripts.yaml", SCRIPTS),
        ])
    }

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  volumes: [{name: s, configMap: {name: scripts}}]
  containers:
    - name: app
      volumeMounts: [{name: s, mountPath: /s}]
";

    const SCRIPTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data:
  run.sh: |
    #!/bin/sh
    cp /a \"$D\"
  lib.sh: |
    D=/lib
    say() { echo \"$1\"; }
  again.sh: |
    #!/bin/sh
    date
    /s/again.sh
    . /s/again.sh
  broken.sh: |
    #!/bin/sh
    if
";

    /// The commands of a script that stands in `command`.
    pub(crate) fn commands_of(script: &str) -> Vec<Invocation> {
        let inventory = inputs(script);
        let workload = &inventory.workloads()[0];
        let container = workload.pod.containers(Which::Main).next().unwrap();
        commands(&inventory, workload, container)
    }

    /// The commands of a script as `name(arguments) output`, one a line; `?` for what is not known.
    fn listed(script: &str) -> Vec<String> {
        let found = commands_of(script);
        let lines = found.iter().map(|command| {
            let arguments: Vec<_> = command
                .arguments
                .iter()
                .map(|argument| argument.text.as_deref().unwrap_or("?"))
                .collect();
            format!("{}({}) {:?}", command.name, arguments.join(","), command.output)
        });
        lines.collect()
    }

    #[test]
    fn every_simple_command_is_listed_in_the_order_of_the_text() {
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            (
                "cp /a /b && chown 1:1 /b",
                &["cp(/a,/b) Log", "chown(1:1,/b) Log"],
            ),
            (
                "if test -d /x; then rm /x; else touch /x; fi",
                &["test(-d,/x) Log", "rm(/x) Log", "touch(/x) Log"],
            ),
            ("for f in a b; do cp $f /x; done", &["cp(?,/x) Log"]),
            ("f() { rm /a; }; f", &["rm(/a) Caller", "f() Log"]),
            (
                "f() { rm -f \"$@\" | x; cat a/$2; }; f /b c > /d",
                &[
                    "rm(-f,?) Piped",
                    "x() Caller",
                    "cat(?) Caller",
                    "f(/b,c) Redirected",
                    "rm(-f,/b,c) Piped",
                    "cat(a/c) Redirected",
                ],
            ),
            (
                "f() { shift; rm \"$1\"; }; f a b",
                &["shift() Caller", "rm(?) Caller", "f(a,b) Log"],
            ),
            ("f() { echo x >&2; }; f", &["echo(x) Log", "f() Log"]),
            ("T=$(curl u); echo \"$T\"", &["curl(u) Captured", "echo(?) Log"]),
            ("curl u | jq . > /f", &["curl(u) Piped", "jq(.) Redirected"]),
            ("{ curl u; } >/dev/null", &["curl(u) Redirected"]),
            (
                "echo $(cat $(ls))",
                &["ls() Captured", "cat(?) Captured", "echo(?) Log"],
            ),
            ("curl u 2>/dev/null", &["curl(u) Log"]),
            ("curl u >&2", &["curl(u) Log"]),
            ("[[ -z $X ]] && x", &["[[(-z,?) Log", "x() Log"]),
            ("$X a && b", &["() Log", "b() Log"]),
            ("case $1 in a) x;; *) y;; esac", &["x() Log", "y() Log"]),
            ("sh -c 'rm -rf /a' | cat", &["rm(-rf,/a) Piped", "cat() Log"]),
        ];
        for (script, expected) in rows {
            assert_eq!(&listed(script), expected, "{script}");
        }
    }

    #[test]
    fn programs_that_run_another_are_looked_through() {
        let rows = [
            ("exec chown 1 /a", "chown(1,/a) Log"),
            ("env A=b -u X chown 1 /a", "chown(1,/a) Log"),
            ("timeout -k 5 10s chown 1 /a", "chown(1,/a) Log"),
            ("busybox chown 1 /a", "chown(1,/a) Log"),
            ("/bin/chown 1 /a", "chown(1,/a) Log"),
            ("su-exec app cp /a /b", "cp(/a,/b) Log"),
            ("nice -n 5 cp /a /b", "cp(/a,/b) Log"),
            ("env", "env() Log"),
        ];
        for (script, expected) in rows {
            assert_eq!(listed(script), [expected], "{script}");
        }
    }

    #[test]
    fn a_variable_has_a_text_when_it_is_assigned_once_and_literally() {
        let rows = [
            ("D=/data; ls $D/x", "/data/x"),
            ("D=/data; ls \"${D}\"", "/data"),
            ("D=/data; D=/other; ls $D", "?"),
            ("D='a b'; ls $D", "?"),
            ("D='a b'; ls \"$D\"", "a b"),
            ("read D; ls $D", "?"),
            ("export D=/data; ls $D", "/data"),
            ("for D in /a; do ls $D; done", "?"),
            ("D=$(pwd); ls $D", "?"),
            ("ls ${D:-/data}", "?"),
            ("ls *", "?"),
            ("ls ~", "?"),
        ];
        for (script, expected) in rows {
            let line = listed(script).into_iter().find(|line| line.starts_with("ls("));
            assert_eq!(
                line.as_deref(),
                Some(format!("ls({expected}) Log").as_str()),
                "{script}"
            );
        }
    }

    #[test]
    fn what_a_word_begins_with_is_known_up_to_its_first_pattern() {
        let rows = [
            ("cp /s/* /d", "/s/"),
            ("S=/s; cp $S/* /d", "/s/"),
            ("S=/s; cp \"$S\"/token-$X /d", "/s/token-"),
            ("for f in /s/*.json; do cp \"$f\" /d; done", "/s/"),
            ("for f in /s/*; do cp ${f} /d; done", "/s/"),
            ("for f in /s/* /t/*; do cp $f /d; done", ""),
            ("for f in /s/*; do f=/x; cp $f /d; done", ""),
            ("cp $S/* /d", ""),
            ("cp /s/{a,b} /d", ""),
        ];
        for (script, expected) in rows {
            let found = commands_of(script);
            let copy = found
                .iter()
                .find(|command| command.name == "cp")
                .map(|copy| &copy.arguments[0]);
            assert_eq!(
                copy.map(|source| source.start.as_str()),
                Some(expected),
                "{script}"
            );
        }
    }

    #[test]
    fn what_decides_whether_a_command_runs_and_what_follows_its_failure_is_told() {
        let rows = [
            ("cp a b", false, false),
            ("mkdir b && cp a b && chown 1 b", false, false),
            ("[ -e a ] && cp a b", true, false),
            ("test -e a || cp a b", true, false),
            ("if ls a; then cp a b; fi", true, false),
            ("if cp a b; then x; fi", false, true),
            ("cp a b || true", false, true),
            ("cp a b && x || y", false, true),
            ("x || cp a b", false, false),
            ("! cp a b", false, true),
            ("while sleep 1; do cp a b; done", true, false),
            ("for f in a; do cp a b; done", false, false),
            ("for f in *; do [ -f $f ] || continue; cp a b; done", false, false),
            ("case $1 in a) cp a b;; esac", true, false),
        ];
        for (script, guarded, failure_handled) in rows {
            let found = commands_of(script);
            let copy = found.iter().find(|command| command.name == "cp");
            let told = copy.map(|copy| (copy.guarded, copy.failure_handled));
            assert_eq!(told, Some((guarded, failure_handled)), "{script}");
        }
    }

    #[test]
    fn outputs_have_the_variable_or_file_that_gets_them() {
        let rows: [(&str, Option<&str>, Option<&str>); 5] = [
            ("T=$(curl u)", Some("T"), None),
            ("T=\"$(curl u | jq .)\"", Some("T"), None),
            ("export T=$(curl u)", Some("T"), None),
            ("curl u > /f", None, Some("/f")),
            ("curl u 2> /f", None, None),
        ];
        for (script, variable, file) in rows {
            let found = commands_of(script);
            let curl = found.iter().find(|command| command.name == "curl");
            let told = curl.map(|curl| {
                let file = curl.file.as_ref().and_then(|file| file.text.as_deref());
                (curl.variable.as_deref(), file)
            });
            assert_eq!(told, Some((variable, file)), "{script}");
        }
    }

    #[test]
    fn a_function_is_no_program() {
        let functions: Vec<_> = commands_of("say() { echo \"$1\"; }; say a; cat b")
            .into_iter()
            .map(|command| (command.name, command.function))
            .collect();
        let expected = [("echo", false), ("say", true), ("echo", false), ("cat", false)];
        assert_eq!(
            functions,
            expected.map(|(name, function)| (name.to_owned(), function))
        );
    }

    #[test]
    fn scripts_in_mounted_config_maps_are_gone_through_once() {
        let rows: &[(&str, &[&str])] = &[
            ("/s/run.sh", &["cp(/a,?) Log"]),
            ("sh /s/run.sh x | cat", &["cp(/a,?) Piped", "cat() Log"]),
            ("exec sh -eu /s/run.sh \"$X\"", &["cp(/a,?) Log"]),
            (". /s/lib.sh; ls $D", &["echo(?) Caller", "ls(/lib) Log"]),
            (
                "source /s/lib.sh; say a",
                &["echo(?) Caller", "say(a) Log", "echo(a) Log"],
            ),
            ("cd /s && ./run.sh", &["cd(/s) Log", "cp(/a,?) Log"]),
            ("cd /t; ./run.sh", &["cd(/t) Log", "run.sh() Log"]),
            ("/s/again.sh; date -u", &["date() Log", "date(-u) Log"]),
            ("/s/broken.sh", &["broken.sh() Log"]),
            ("/s/absent.sh", &["absent.sh() Log"]),
            ("sh $X/run.sh", &["sh(?) Log"]),
            ("T=$(/s/run.sh)", &["cp(/a,?) Captured"]),
        ];
        for (script, expected) in rows {
            assert_eq!(&listed(script), expected, "{script}");
        }
    }

    /// What a small script could make very large by repeating it is left as it is written.
    #[test]
    fn words_do_not_grow_without_bound() {
        let long = "x".repeat(20_000);
        let many = |word: &str| format!("{word} ").repeat(1_000);
        let scripts = [
            format!("A={long}; use {}", many("$A")),
            format!("f() {{ use {}; }}; f {long}; f {long}", many("$1")),
            format!("f() {{ use {}; }}; {}", many("$@"), "f a b c; ".repeat(200)),
        ];
        for script in scripts {
            let found = commands_of(&script);
            assert!(!found.is_empty());
            let texts = found.iter().flat_map(|command| &command.arguments);
            let grown: usize = texts
                .flat_map(|argument| &argument.expanded.parts)
                .map(|part| match part {
                    Part::Literal { text, .. } => text.len(),
                    _ => 1,
                })
                .sum();
            assert!(grown < 16 << 20, "{grown}");
        }
    }

    #[test]
    fn a_command_is_placed_on_its_own_line_of_the_file_with_the_script() {
        let script = "set -e\ncp /a /b\ncp /a /b\n/s/run.sh";
        let inventory = inputs(script);
        let workload = &inventory.workloads()[0];
        let container = workload.pod.containers(Which::Main).next().unwrap();
        let places: Vec<_> = commands(&inventory, workload, container)
            .iter()
            .map(|command| {
                let file = inventory.file(command.place.file);
                let line = file.stream.position(command.place.span.start).line;
                let text = &file.stream.text()[command.place.span.range()];
                format!("{}:{line} {text}", file.name)
            })
            .collect();
        assert_eq!(
            places,
            [
                "pod.yaml:13 set -e",
                "pod.yaml:14 cp /a /b",
                "pod.yaml:15 cp /a /b",
                "scripts.yaml:7 cp /a \"$D\"",
            ]
        );
    }
}
