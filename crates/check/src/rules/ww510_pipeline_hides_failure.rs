// SPDX-License-Identifier: Apache-2.0
//! # WW510 pipeline-hides-failure
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds credentials that a script takes out of a pipeline whose first command may fail without anybody noticing:
//! `password=$(kubectl get secret … | base64 -d)` with `set -e`, but without `set -o pipefail`.
//!
//! The status of a pipeline is that of its last command, and `base64`, `jq`, `cut`, `sed` and their like succeed with an empty
//! input. Variables that the script tests, with `[ -z … ]` or `${VAR:?}`, are left out, and so are scripts without `set -e`,
//! which go on after any failure.
//!
//! ## Why is this bad
//!
//! `set -e` says that the script ends with the first failure. Here it goes on with an empty credential: it logs in with an
//! empty password until the account is locked, stores an empty token over a good one, or takes an API server that did not answer
//! for a Secret that is not there.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: login
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -c
//!       - |
//!         set -eu
//!         kubectl get secret db -o jsonpath='{.data.user}' | base64 -d > /work/user
//!         password=$(kubectl get secret db -o jsonpath='{.data.password}' | base64 -d)
//!         printf '*:*:*:*:%s\n' "$password" > /work/pgpass
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: login
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -c
//!       - |
//!         set -euo pipefail
//!         password=$(kubectl get secret db -o jsonpath='{.data.password}' | base64 -d)
//!         printf '*:*:*:*:%s\n' "$password" > /work/pgpass
//! ```
//!
//! bash and BusyBox ash know `pipefail`; dash of Debian does since 0.5.12-7 (Debian 13), and refuses it before. Where the
//! shell is not known, write the first command's output to a file of an `emptyDir` first.
//!
//! ## References
//!
//! - POSIX.1-2024, XCU 2.9.2 "Pipelines" and `set -o pipefail`
//! - Kubernetes: "Define a Command and Arguments for a Container"

use writeway_access::container_script;
use writeway_manifest::{Container, Which};
use writeway_shell::{Operation, Part};

use crate::evidence::commands::{Invocation, Output};
use crate::evidence::credential_name::judged_by_name;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww510_pipeline_hides_failure.rs"), run);

/// Programs that ask somebody who may not answer.
const FETCHERS: &[&str] = &[
    "argocd", "aws", "az", "bao", "curl", "doppler", "gcloud", "gh", "gitea", "glab", "kubectl", "mysql",
    "oc", "op", "psql", "vault", "wget",
];

/// Programs that succeed with an empty input.
const TOLERANT: &[&str] = &[
    "awk", "base64", "cat", "cut", "head", "jq", "sed", "sort", "tail", "tr", "uniq", "xargs", "yq",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::All);
    containers
        .filter_map(|container| judge(context, container))
        .collect()
}

/// The pipelines of a container that hide a failure, as one finding.
fn judge(context: &RuleContext<'_>, container: &Container) -> Option<Finding> {
    let script = container_script(context.access.inventory, context.workload, container)?;
    let commands = context.commands(container);
    let ends_on_failure =
        script.exit_on_error || commands.iter().any(|command| sets(command, "errexit", Some('e')));
    let pipefail = script.pipefail || commands.iter().any(|command| sets(command, "pipefail", None));
    if !ends_on_failure || pipefail {
        return None;
    }
    let mut hiding = commands.iter().filter_map(|last| {
        let (variable, first) = hides(commands, last)?;
        (!is_tested(commands, variable)).then_some((variable, first, last))
    });
    let (variable, first, last) = hiding.next()?;
    let message = format!(
        "container `{}` goes on with an empty `{variable}` when `{}` fails: `{}` behind the pipe succeeds",
        container.name.value, first.name, last.name
    );
    let object = &context.workload.object;
    let mut finding = Finding::about(&RULE, Some(object), message, first.place, "its failure is lost")
        .in_container(&container.name)
        .because([
            "the status of a pipeline is that of its last command".to_owned(),
            "the script sets `-e`, but not `pipefail`".to_owned(),
        ])
        .with_help("`set -o pipefail` (bash, BusyBox ash, dash from Debian 13 on), or test the variable");
    for (variable, first, _) in hiding {
        finding = finding.related(first.place, format!("so is this one, of `{variable}`"));
    }
    Some(finding)
}

/// The credential that a command is the last one of a pipeline to make, and the first command of that pipeline.
fn hides<'a>(commands: &'a [Invocation], last: &'a Invocation) -> Option<(&'a str, &'a Invocation)> {
    let variable = last.variable.as_deref()?;
    let strict = last.name == "jq"
        && last
            .texts()
            .any(|text| text == "--exit-status" || is_flag(text, 'e'));
    if last.output != Output::Captured || strict || !TOLERANT.contains(&last.name.as_str()) {
        return None;
    }
    let mut pipeline = commands
        .iter()
        .filter(|command| command.pipeline == last.pipeline && !command.function);
    let first = pipeline.next()?;
    let fetches = FETCHERS.contains(&first.name.as_str()) && first.output == Output::Piped;
    let credential = judged_by_name(variable)? == Confidence::High || reads_secret(first);
    (fetches && credential).then_some((variable, first))
}

fn reads_secret(command: &Invocation) -> bool {
    let kubectl = matches!(command.name.as_str(), "kubectl" | "oc");
    kubectl
        && command.texts().any(|text| {
            matches!(text, "secret" | "secrets")
                || text.starts_with("secret/")
                || text.starts_with("secrets/")
        })
}

/// Whether the script looks whether a variable has a value.
fn is_tested(commands: &[Invocation], variable: &str) -> bool {
    let names = |part: &Part| matches!(part, Part::Parameter(parameter) if parameter.name == variable);
    let demands = |part: &Part| {
        matches!(part, Part::Parameter(parameter)
            if parameter.name == variable && matches!(parameter.operation, Operation::Error { .. }))
    };
    commands.iter().any(|command| {
        let tests = matches!(command.name.as_str(), "[" | "[[" | "test");
        let mut parts = command.arguments.iter().flat_map(|argument| &argument.word.parts);
        parts.any(|part| demands(part) || (tests && names(part)))
    })
}

/// Whether a command is `set` with an option, by its word or its letter.
fn sets(command: &Invocation, word: &str, letter: Option<char>) -> bool {
    command.name == "set"
        && command
            .texts()
            .any(|text| text == word || letter.is_some_and(|letter| is_flag(text, letter)))
}

/// Whether a word is a group of options of one letter with that one in it.
fn is_flag(text: &str, letter: char) -> bool {
    text.strip_prefix('-')
        .is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
}
