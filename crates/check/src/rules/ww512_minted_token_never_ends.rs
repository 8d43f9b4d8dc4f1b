// SPDX-License-Identifier: Apache-2.0
//! # WW512 minted-token-never-ends
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds scripts that mint an access token that is valid for ever, and that nothing replaces.
//!
//! - The server knows an expiry, and the request does not ask for one, or asks for none: `secondsToLive` of Grafana,
//!   `duration: -1` of Harbor, `expiresIn` of Argo CD, `expires_at` of GitLab's deploy tokens, `expirationDate` of SonarQube.
//! - The server knows no expiry, as Gitea and Forgejo. This is an info of medium confidence: something that is not
//!   among the inputs may rotate the token.
//!
//! Where a CronJob of the namespace mints and revokes tokens of the same server, they are taken to be rotated.
//!
//! ## Why is this bad
//!
//! A token that was copied from a log, a backup or a laptop years ago opens the server today. Nobody notices that it is
//! used, and nobody dares to revoke it, for nothing was ever made that replaces it.
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
//!         curl -sS --netrc-file /grafana/netrc -o /work/answer --json '{"name": "portal"}' \
//!           http://grafana.monitoring/api/serviceaccounts/3/tokens
//! ```
//!
//! ## Use instead
//!
//! An expiry, and a CronJob that mints the next token before. For a server without expiry the CronJob revokes the token
//! before the last.
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         curl -sS --netrc-file /grafana/netrc -o /work/answer --json '{"name": "portal", "secondsToLive": 1209600}' \
//!           http://grafana.monitoring/api/serviceaccounts/3/tokens
//! ```
//!
//! ## References
//!
//! - Grafana: HTTP API, "Create service account tokens"; Harbor: `api/v2.0/swagger.yaml`, RobotCreate
//! - Argo CD: "argocd account generate-token"; GitLab: "Deploy tokens API"
//! - Gitea: `modules/structs/user_app.go`, CreateAccessTokenOption

use writeway_manifest::{Container, Which, Workload};

use crate::evidence::commands::commands;
use crate::evidence::minting::{Lifetime, Mint, mints, revokes};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww512_minted_token_never_ends.rs"), run);

/// CronJobs that are searched for one that rotates.
const MAX_SEARCHED: usize = 1_000;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let mut endless = mints(context.commands(container));
        endless.retain(Mint::never_ends);
        for mint in endless {
            if !is_rotated(context, mint.server) {
                findings.push(report(context, container, &mint));
            }
        }
    }
    findings
}

fn is_rotated(context: &RuleContext<'_>, server: &str) -> bool {
    let inventory = context.access.inventory;
    let cron_jobs = inventory.workloads().iter().filter(|it| {
        it.object.kind == "CronJob"
            && it.object.effective_namespace() == context.workload.object.effective_namespace()
    });
    cron_jobs.take(MAX_SEARCHED).any(|workload: &Workload| {
        workload.pod.containers(Which::Regular).any(|container| {
            let found = commands(inventory, workload, container);
            mints(&found).iter().any(|mint| mint.server == server)
                && found.iter().any(|command| revokes(command, server))
        })
    })
}

fn report(context: &RuleContext<'_>, container: &Container, mint: &Mint<'_>) -> Finding {
    let (why, help, severity, confidence) = match mint.lifetime {
        Lifetime::Unless(field) => (
            format!("without `{field}` {} is valid for ever", mint.what()),
            format!("set `{field}`, and let a CronJob mint the next token before"),
            Severity::Warning,
            Confidence::High,
        ),
        Lifetime::MinusOne(field) => (
            format!("`{field}: -1` of {} is for ever", mint.server),
            format!("set `{field}` to a number of days, and let a CronJob mint the next token before"),
            Severity::Warning,
            Confidence::High,
        ),
        Lifetime::Endless | Lifetime::Bounded => (
            format!("{} knows no expiry of tokens", mint.server),
            "let a CronJob mint a new token under a second name, store it, and revoke the token before the last".to_owned(),
            Severity::Info,
            Confidence::Medium,
        ),
    };
    let message = format!(
        "container `{}` mints {} that never expires and that nothing rotates",
        container.name.value,
        mint.what()
    );
    let object = &context.workload.object;
    Finding::about(&RULE, Some(object), message, mint.command.place, "valid for ever")
        .in_container(&container.name)
        .with_severity(severity)
        .with_confidence(confidence)
        .because([
            why,
            format!(
                "no CronJob of the namespace mints and revokes tokens of {}",
                mint.server
            ),
        ])
        .with_help(help)
}
