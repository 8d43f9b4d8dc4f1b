// SPDX-License-Identifier: Apache-2.0
//! # WW505 token-name-changes
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds scripts that mint an access token under a name that is another one at each run: with a timestamp, a random number
//! or the pod's name in it, or without a name where the server makes one up. Requests with `curl` and `wget` to the token
//! endpoints of Gitea, Forgejo, GitLab, Grafana, Harbor, Argo CD and SonarQube are known, and the programs `gitea`,
//! `forgejo` and `argocd`.
//!
//! A script that revokes tokens of that server, too, is left out. The confidence is medium where only the pod's name
//! changes.
//!
//! ## Why is this bad
//!
//! A server shows a token once. A run that ends between minting and storing it (a restart, a deadline, a node that goes
//! away, a Secret that cannot be written) leaves a token that is valid, that nobody has, and that no later run can find
//! again, since it asks for another name. Each further try leaves one more. A name that stays lets the next run revoke what
//! has it, or be refused.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         curl -sS --netrc-file /gitea-user/netrc -o /work/answer --json "{\"name\": \"portal-$(date +%s)\"}" \
//!           http://gitea-http.gitea:3000/api/v1/users/portal/tokens
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         curl -sS --netrc-file /gitea-user/netrc -X DELETE http://gitea-http.gitea:3000/api/v1/users/portal/tokens/portal
//!         curl -sS --netrc-file /gitea-user/netrc -o /work/answer --json '{"name": "portal"}' \
//!           http://gitea-http.gitea:3000/api/v1/users/portal/tokens
//! ```
//!
//! ## References
//!
//! - Gitea: `routers/api/v1/user/app.go`, CreateAccessToken and DeleteAccessToken
//! - Argo CD: "argocd account generate-token", `--id`
//! - External Secrets Operator: "Generators", on generators that make a new value each time

use writeway_manifest::{Container, EnvSource, Which};
use writeway_shell::Part;

use crate::evidence::minting::{Change, Field, Mint, changing, mints, revokes};
use crate::evidence::word_text::WordText;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww505_token_name_changes.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let commands = context.commands(container);
        for mint in mints(commands) {
            let cleans_up = commands.iter().any(|command| revokes(command, mint.server));
            if !cleans_up {
                findings.extend(judge(context, container, &mint));
            }
        }
    }
    findings
}

fn judge(context: &RuleContext<'_>, container: &Container, mint: &Mint<'_>) -> Option<Finding> {
    let (change, what) = match &mint.name {
        Field::Is(name) => changing(name).or_else(|| pod_field(container, name))?,
        Field::Absent if mint.unnamed_is_random => (Change::EachRun, "a random one".to_owned()),
        Field::Absent | Field::Unknown => return None,
    };
    // The pods of a StatefulSet keep their names.
    if change == Change::EachPod && context.workload.object.kind == "StatefulSet" {
        return None;
    }
    let (often, confidence) = match change {
        Change::EachRun => ("each run", Confidence::High),
        Change::EachPod => ("each pod", Confidence::Medium),
    };
    let named = match &mint.name {
        Field::Is(name) => format!("with name `{}`", name.shown()),
        Field::Absent | Field::Unknown => "without a name".to_owned(),
    };
    let message = format!(
        "container `{}` mints {} {named}, which is another one at {often}",
        container.name.value,
        mint.what()
    );
    let object = &context.workload.object;
    let finding = Finding::about(&RULE, Some(object), message, mint.command.place, "minted here")
        .in_container(&container.name)
        .with_confidence(confidence)
        .because([
            format!("the name is made with {}", quoted(&what)),
            "a run that ends between minting and storing leaves a token that no later run can find by its name".to_owned(),
        ])
        .with_help("choose a name that stays, and revoke what has it before minting");
    Some(finding)
}

/// A variable with the pod's name or uid in the text.
fn pod_field(container: &Container, text: &WordText<'_>) -> Option<(Change, String)> {
    text.expansions().find_map(|part| {
        let Part::Parameter(parameter) = part else {
            return None;
        };
        let mut variables = container.env.iter();
        let variable = variables.find(|variable| *variable.name == parameter.name)?;
        let EnvSource::Field(field) = &variable.source else {
            return None;
        };
        matches!(field.as_str(), "metadata.name" | "metadata.uid")
            .then(|| (Change::EachPod, format!("${}", parameter.name)))
    })
}

fn quoted(what: &str) -> String {
    if what.contains(' ') && what.starts_with("a ") {
        what.to_owned()
    } else {
        format!("`{what}`")
    }
}
