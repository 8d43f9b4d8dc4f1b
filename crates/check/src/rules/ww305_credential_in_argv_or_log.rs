// SPDX-License-Identifier: Apache-2.0
//! # WW305 credential-in-argv-or-log
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds credentials that are handed to programs as arguments or printed to the log.
//!
//! - `$(VAR)` in `command` or `args`, or `$VAR` among the arguments of a program in a script, where the variable comes
//!   from a Secret or was read from one; arguments of builtins such as `echo` and `test` are no program's;
//! - such a variable printed by `echo` or `printf` to the log, or a Secret's file by `cat`;
//! - the answer of a token endpoint that `curl` prints to the log, or that is kept in a variable and printed when
//!   something in it was not found;
//! - `set -x` in a script that uses such a variable.
//!
//! A variable whose name says that it is no credential (`user`, `host`, `url`, `name` and the like) is left out.
//!
//! ## Why is this bad
//!
//! The arguments of a process can be read by every process in its process namespace and by everybody who may list
//! processes on the node, and they end up in crash reports. A log is kept for months and read by more people than a
//! Secret. A line that prints an unexpected answer prints the token in it on the day on which the answer differs in a
//! blank from what was searched.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.36.0
//!     command:
//!       - sh
//!       - -c
//!       - curl -sS -u "admin:$PASSWORD" -X POST https://git.example.com/api/v1/users/admin/tokens
//!     env:
//!       - name: PASSWORD
//!         valueFrom:
//!           secretKeyRef:
//!             name: admin
//!             key: password
//! ```
//!
//! ## Use instead
//!
//! Files: most programs read a credential from one (`curl --netrc-file` and `-H @FILE`, `--password-file`,
//! `MYSQL_PWD` and `PGPASSFILE` in the environment), and write their answer to one.
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.36.0
//!     command:
//!       - sh
//!       - -c
//!       - curl -sS --netrc-file /admin/netrc -o /work/answer -X POST https://git.example.com/api/v1/users/admin/tokens
//!     volumeMounts:
//!       - name: admin
//!         mountPath: /admin
//!       - name: work
//!         mountPath: /work
//! volumes:
//!   - name: admin
//!     secret:
//!       secretName: admin
//!   - name: work
//!     emptyDir: {}
//! ```
//!
//! ## References
//!
//! - proc(5), `/proc/pid/cmdline`
//! - CWE-214: invocation of a process using visible sensitive information; CWE-532: sensitive information in a log file
//! - Kubernetes: "Define a Command and Arguments for a Container", `$(VAR)`

use std::collections::BTreeMap;

use writeway_manifest::{Container, EnvFromSource, EnvSource, Place, Span, Which};
use writeway_shell::{CommandKind, Operation, Part, Word};

use crate::evidence::commands::{Invocation, Output};
use crate::evidence::credential_name::judged_by_name;
use crate::evidence::http_request::HttpRequest;
use crate::evidence::secret_mount::SecretMount;
use crate::evidence::word_text::WordText;
use crate::mount_path::mount_of;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww305_credential_in_argv_or_log.rs"), run);

/// Builtins of shells: what they get is no process' argument. Those that print are in [`PRINTERS`] too.
const BUILTINS: &[&str] = &[
    ".", ":", "[", "[[", "alias", "break", "case", "cd", "continue", "declare", "echo", "eval", "exit",
    "export", "false", "getopts", "let", "local", "printf", "pwd", "read", "readonly", "return", "set",
    "shift", "source", "test", "trap", "true", "typeset", "umask", "unset", "wait",
];

const PRINTERS: &[&str] = &["echo", "printf"];

/// Ends of paths of token endpoints (RFC 6749, section 3.2; the APIs of Gitea, GitLab, Grafana, Keycloak, Harbor, Vault).
const TOKEN_PATHS: &[&str] = &[
    "/token",
    "/tokens",
    "/oauth/token",
    "/access_tokens",
    "/access_token",
    "/client-secret",
    "/secret-id",
    "/robots",
    "/login",
    "/deploy_tokens",
    "/user_tokens/generate",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::All);
    containers
        .flat_map(|container| Judge::new(context, container).run())
        .collect()
}

/// A variable with a credential in it.
#[derive(Debug, Clone)]
struct Credential {
    /// Where it comes from, for a step of the proof.
    origin: String,
    /// Where the manifest says so.
    span: Option<Span>,
    confidence: Confidence,
    /// The answer of a token endpoint, with a credential somewhere in it.
    answer: bool,
}

struct Judge<'a> {
    context: &'a RuleContext<'a>,
    container: &'a Container,
    variables: BTreeMap<String, Credential>,
    findings: Vec<Finding>,
}

impl<'a> Judge<'a> {
    fn new(context: &'a RuleContext<'a>, container: &'a Container) -> Self {
        Self {
            context,
            container,
            variables: variables(context, container),
            findings: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Finding> {
        self.command_line();
        let commands = self.context.commands(self.container);
        for command in commands {
            self.command(command);
        }
        self.trace(commands);
        self.findings
    }

    fn report(&mut self, place: Place, what: String, label: &str, credential: &Credential, help: &str) {
        let message = format!("container `{}` {what}", self.container.name.value);
        let mut finding = Finding::about(&RULE, Some(&self.context.workload.object), message, place, label)
            .in_container(&self.container.name)
            .with_confidence(credential.confidence)
            .because([credential.origin.clone()])
            .with_help(help);
        if let Some(span) = credential.span {
            finding = finding.related(self.context.place(span), "the credential");
        }
        let mut commands = self.context.commands(self.container).iter();
        let is_call = commands.any(|command| command.function && command.place == place);
        // Several credentials of one command are one finding; what a function does by itself is none of its calls.
        let known = self.findings.iter().any(|other| {
            (other.primary.place == place && other.primary.label == label)
                || (is_call && other.message == finding.message)
        });
        if !known {
            self.findings.push(finding);
        }
    }

    /// `$(VAR)`, which kubelet replaces before anything runs.
    fn command_line(&mut self) {
        let container = self.container;
        let words = container
            .command
            .iter()
            .flatten()
            .chain(container.args.iter().flatten());
        for word in words {
            let named = expansions(word).find_map(|name| Some((name, self.variables.get(name)?.clone())));
            if let Some((name, credential)) = named {
                let what = format!("has credential `{name}` in its arguments");
                self.report(
                    self.context.place(word.span),
                    what,
                    "replaced with the credential",
                    &credential,
                    BY_FILE,
                );
            }
        }
    }

    fn command(&mut self, command: &Invocation) {
        let words = command.arguments.iter().map(|argument| &argument.word);
        let used = words
            .clone()
            .find_map(|word| self.used(word).or_else(|| self.substituted(word)));
        if let Some((name, credential)) = &used {
            if PRINTERS.contains(&command.name.as_str()) {
                if command.output == Output::Log {
                    let what = if credential.answer {
                        format!("prints variable `{name}` to the log, with the credential in it")
                    } else {
                        format!("prints credential `{name}` to the log")
                    };
                    self.report(command.place, what, "printed to the log", credential, NO_LOG);
                }
            } else if !BUILTINS.contains(&command.name.as_str()) && !command.function && !credential.answer {
                let what = format!("has credential `{name}` in the arguments of `{}`", command.name);
                self.report(command.place, what, "visible as an argument", credential, BY_FILE);
            }
        }
        if let Some(answer) = self.read(command) {
            if command.output == Output::Log {
                let what = format!(
                    "prints what `{}` reads to the log, with a credential in it",
                    command.name
                );
                self.report(command.place, what, "printed to the log", &answer, NO_LOG);
            } else if let Some(variable) = &command.variable {
                self.keep(variable, answer, command.output == Output::Piped);
            }
        }
        // What is taken out of a credential is one.
        let handed = command
            .redirects
            .iter()
            .find_map(|redirect| self.used(&redirect.target));
        if let (Some(variable), Some((name, credential))) = (&command.variable, used.or(handed))
            && matches!(command.output, Output::Captured | Output::Piped)
            && !self.variables.contains_key(variable)
            && judged_by_name(variable).is_some()
        {
            let taken = Credential {
                origin: format!(
                    "variable `{variable}` is taken out of `{name}`: {}",
                    credential.origin
                ),
                answer: false,
                ..credential
            };
            self.variables.insert(variable.clone(), taken);
        }
    }

    /// A variable gets what was read, or a part of it when it goes through other commands first.
    fn keep(&mut self, variable: &str, read: Credential, piped: bool) {
        let judged = judged_by_name(variable);
        let kept = match (read.answer, piped) {
            (true, false) => Some(read),
            (true, true) => (judged == Some(Confidence::High)).then_some(Credential {
                answer: false,
                ..read
            }),
            (false, _) => judged.is_some().then_some(read),
        };
        if let Some(kept) = kept {
            self.variables.insert(variable.to_owned(), kept);
        }
    }

    /// What a command reads that has a credential in it: a Secret's file, or the answer of a token endpoint.
    fn read(&self, command: &Invocation) -> Option<Credential> {
        match command.name.as_str() {
            "cat" | "head" | "tail" | "tr" | "base64" => {
                let mut files = command.arguments.iter();
                files.find_map(|file| self.secret_file(file.text.as_deref()?))
            }
            "kubectl" | "oc" => {
                let texts: Vec<&str> = command.texts().collect();
                let secret = texts.contains(&"get")
                    && texts
                        .iter()
                        .any(|text| matches!(*text, "secret" | "secrets") || text.starts_with("secret/"));
                let data = texts.iter().any(|text| {
                    let format = text.trim_start_matches("-o").trim_start_matches('=');
                    matches!(format, "json" | "yaml") || (format.contains('{') && format.contains("data"))
                });
                (secret && data).then(|| Credential {
                    origin: format!("`{}` reads a Secret", command.name),
                    span: None,
                    confidence: Confidence::High,
                    answer: false,
                })
            }
            "curl" | "wget" => {
                let endpoint = token_request(command)?;
                Some(Credential {
                    origin: format!("`{endpoint}` answers with a credential"),
                    span: None,
                    confidence: Confidence::Medium,
                    answer: true,
                })
            }
            _ => None,
        }
    }

    /// A file of a Secret, when its name does not say that no credential is in it.
    fn secret_file(&self, path: &str) -> Option<Credential> {
        let (mount, rest) = mount_of(self.container, path)?;
        let secret = SecretMount::find(self.context.workload, mount)?;
        let name = secret.secret_names().next()?;
        let key = if rest.is_empty() { path } else { rest };
        let confidence = judged_by_name(key.rsplit('/').next().unwrap_or_default())?;
        Some(Credential {
            origin: format!("`{path}` is a file of Secret `{}`", name.value),
            span: Some(mount.mount_path.span),
            confidence,
            answer: false,
        })
    }

    /// The first file of a Secret that is put into a word with `$(cat FILE)`.
    fn substituted(&self, word: &Word) -> Option<(String, Credential)> {
        let lists = word.parts.iter().filter_map(|part| match part {
            Part::CommandSubstitution { list, .. } => Some(list),
            _ => None,
        });
        lists.flatten().find_map(|and_or| {
            // Behind a pipe there is no telling what is left of it.
            let [command] = and_or.first.commands.as_slice() else {
                return None;
            };
            let CommandKind::Simple(simple) = &command.kind else {
                return None;
            };
            let (program, files) = simple.words.split_first()?;
            let cat = command.redirects.is_empty() && WordText::of(program).shown() == "cat";
            files.iter().filter(|_| cat).find_map(|file| {
                let path = WordText::of(file).shown();
                let credential = self.secret_file(&path)?;
                Some((path, credential))
            })
        })
    }

    /// `set -x` prints every command with its variables replaced.
    fn trace(&mut self, commands: &[Invocation]) {
        let traces = |command: &&Invocation| {
            command.name == "set"
                && command.texts().any(|text| {
                    text == "xtrace"
                        || (text.starts_with('-') && !text.starts_with("--") && text.contains('x'))
                })
        };
        let Some(start) = commands.iter().position(|command| traces(&command)) else {
            return;
        };
        let ends = commands.iter().any(|command| {
            command.name == "set"
                && command
                    .texts()
                    .any(|text| text.starts_with('+') && text.contains('x'))
        });
        let behind = commands.get(start..).unwrap_or_default();
        let used = behind
            .iter()
            .flat_map(|command| &command.arguments)
            .find_map(|argument| self.used(&argument.word));
        if let (Some((name, credential)), false) = (used, ends) {
            let what = format!("traces its commands to the log, with credential `{name}` in them");
            let place = commands[start].place;
            self.report(
                place,
                what,
                "prints every command",
                &credential,
                "remove `-x`, or use `set +x` around it",
            );
        }
    }

    /// The first variable with a credential whose value is in a word.
    fn used(&self, word: &Word) -> Option<(String, Credential)> {
        word.parts.iter().find_map(|part| match part {
            Part::Parameter(parameter) => {
                let whole = !matches!(
                    parameter.operation,
                    Operation::Length | Operation::Alternative { .. }
                );
                let credential = self.variables.get(&parameter.name).filter(|_| whole)?;
                Some((parameter.name.clone(), credential.clone()))
            }
            _ => None,
        })
    }
}

const BY_FILE: &str = "hand it over in a file or, where the program reads it there, in the environment";
const NO_LOG: &str = "write to a file that only its reader sees, and print the status alone";

/// The variables that the container gets from Secrets and that may be credentials.
fn variables(context: &RuleContext<'_>, container: &Container) -> BTreeMap<String, Credential> {
    let mut variables = BTreeMap::new();
    let namespace = context.workload.object.namespace.as_deref();
    for source in &container.env_from_sources {
        let EnvFromSource::Secret { name, .. } = source else {
            continue;
        };
        let Some(secret) = context.access.inventory.secret(namespace, name) else {
            continue;
        };
        for key in secret.keys.keys() {
            if let Some(confidence) = judged_by_name(key) {
                let origin = format!("`envFrom` makes variable `{key}` from Secret `{}`", name.value);
                let credential = Credential {
                    origin,
                    span: Some(name.span),
                    confidence,
                    answer: false,
                };
                variables.insert(key.clone(), credential);
            }
        }
    }
    for variable in &container.env {
        let name = &variable.name.value;
        // `env` wins over `envFrom`.
        variables.remove(name);
        let EnvSource::SecretKey {
            name: secret, key, ..
        } = &variable.source
        else {
            continue;
        };
        if let (Some(confidence), Some(_)) = (judged_by_name(name), judged_by_name(key)) {
            let credential = Credential {
                origin: format!(
                    "variable `{name}` is key `{}` of Secret `{}`",
                    key.value, secret.value
                ),
                span: Some(key.span),
                confidence,
                answer: false,
            };
            variables.insert(name.clone(), credential);
        }
    }
    variables
}

/// The variables that kubelet replaces in a word: `$(NAME)`, but not `$$(NAME)`.
fn expansions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("$(").filter_map(move |(at, _)| {
        let dollars = text[..at].bytes().rev().take_while(|byte| *byte == b'$').count();
        let name = text[at + 2..].split_once(')')?.0;
        (dollars % 2 == 0).then_some(name)
    })
}

/// The token endpoint that a command asks and whose answer it prints.
fn token_request(command: &Invocation) -> Option<String> {
    let request = HttpRequest::of(command)?;
    let address = request.address();
    let asks = matches!(request.method.as_str(), "POST" | "PUT")
        && TOKEN_PATHS.iter().any(|end| address.ends_with(end));
    (asks && !request.keeps_answer).then(|| request.url.part(address).shown())
}
