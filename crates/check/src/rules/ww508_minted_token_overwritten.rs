// SPDX-License-Identifier: Apache-2.0
//! # WW508 minted-token-overwritten
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds scripts that mint an access token and write it into a Secret without a `resourceVersion`, so that of two runs at the
//! same time the last one wins: `kubectl patch`, `kubectl create --dry-run | kubectl apply`, `kubectl apply` of a document in
//! the script, PATCH and PUT of the API.
//!
//! A token whose name stays, on a server that refuses a second one of a name, is left out: the second run fails before it
//! writes. The confidence is high where two runs are made on purpose: a CronJob that may overlap with itself, a Job with
//! `parallelism`. It is medium elsewhere: a Job may start its program twice, and two pods overlap in a rolling update.
//!
//! ## Why is this bad
//!
//! Both runs see that there is no token, both mint one, and both write it. The one that is overwritten stays valid, and nobody
//! has it. Programs that started in between keep using it.
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
//!         token=$(curl -sS --netrc-file /gitlab/netrc -d name=portal -d scopes=read_api \
//!           https://gitlab.example.com/api/v4/projects/7/access_tokens | jq -er .token)
//!         kubectl patch secret portal --type merge -p "{\"stringData\":{\"token\":\"$token\"}}"
//! ```
//!
//! ## Use instead
//!
//! `kubectl replace` of what was read before minting sends the `resourceVersion` that was read. Where another run was faster,
//! the API server refuses with a conflict.
//!
//! ```yaml
//! containers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.34.2
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         kubectl get secret portal -o json > /work/stored
//!         curl -sS --netrc-file /gitlab/netrc -o /work/answer -d name=portal -d scopes=read_api \
//!           https://gitlab.example.com/api/v4/projects/7/access_tokens
//!         jq --slurpfile answer /work/answer '.data.token = ($answer[0].token | @base64)' /work/stored > /work/next
//!         kubectl replace -f /work/next
//! ```
//!
//! ## References
//!
//! - Kubernetes: API conventions, "Concurrency Control and Consistency"; "Jobs" ("the same program may sometimes be started
//!   twice")
//! - Kubernetes: "CronJob", concurrency policy (`Allow` is the default)

use writeway_manifest::{Container, Which};

use crate::evidence::commands::Invocation;
use crate::evidence::minting::{Field, Mint, changing, mints, revokes};
use crate::evidence::secret_writes::{SecretWrite, secret_writes};
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww508_minted_token_overwritten.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::All);
    containers
        .filter_map(|container| judge(context, container))
        .collect()
}

fn judge(context: &RuleContext<'_>, container: &Container) -> Option<Finding> {
    let commands = context.commands(container);
    let mints = mints(commands);
    let mint = mints.iter().find(|mint| !is_exclusive(mint, commands))?;
    let writes = secret_writes(commands, context.workload, container);
    let write = writes.iter().find(|write| write.unconditional)?;
    let (why, confidence) = twice(context);
    Some(report(context, container, mint, write, why, confidence))
}

/// Whether the server lets only one of two runs mint.
fn is_exclusive(mint: &Mint<'_>, commands: &[Invocation]) -> bool {
    let stays = match &mint.name {
        Field::Is(name) => changing(name).is_none(),
        Field::Absent => !mint.unnamed_is_random,
        // What is sent is not known, so neither is whether it is refused.
        Field::Unknown => true,
    };
    mint.unique && stays && !commands.iter().any(|command| revokes(command, mint.server))
}

/// Why two runs may be at it at the same time, and how sure that is.
fn twice(context: &RuleContext<'_>) -> (String, Confidence) {
    let workload = context.workload;
    let parallelism = workload.job.as_ref().and_then(|job| job.parallelism);
    if let Some(parallelism) = parallelism.filter(|parallelism| parallelism.value > 1) {
        let why = format!(
            "`parallelism: {}` runs it several times at once",
            parallelism.value
        );
        return (why, Confidence::High);
    }
    match workload.object.kind.as_str() {
        "CronJob" if may_overlap(context) => (
            "the CronJob starts a run though the last one is not finished (`concurrencyPolicy: Allow`)"
                .to_owned(),
            Confidence::High,
        ),
        "Job" | "CronJob" => (
            "a Job may start its program twice, after a lost node for instance".to_owned(),
            Confidence::Medium,
        ),
        "Pod" => (
            "two of such pods may run at the same time".to_owned(),
            Confidence::Low,
        ),
        kind => (
            format!("a {kind} may have two pods, at least while one takes the other's place"),
            Confidence::Medium,
        ),
    }
}

/// Whether `concurrencyPolicy` of a CronJob is `Allow`, as it is when it is left out.
fn may_overlap(context: &RuleContext<'_>) -> bool {
    let object = &context.workload.object;
    let file = context.access.inventory.file(object.file);
    let policy = file
        .stream
        .value_at(object.span)
        .and_then(|root| root.get("spec")?.get("concurrencyPolicy"));
    policy.is_none_or(|policy| policy.as_str() == Some("Allow"))
}

fn report(
    context: &RuleContext<'_>,
    container: &Container,
    mint: &Mint<'_>,
    write: &SecretWrite,
    why: String,
    confidence: Confidence,
) -> Finding {
    let secret = write
        .secret
        .as_ref()
        .map_or("a Secret".to_owned(), |name| format!("Secret `{name}`"));
    let message = format!(
        "container `{}` writes the {} token that it minted into {secret} with `{}`, without a `resourceVersion`: of two \
         runs the last one wins",
        container.name.value, mint.server, write.verb
    );
    let object = &context.workload.object;
    Finding::about(
        &RULE,
        Some(object),
        message,
        write.place,
        "overwrites what another run has stored",
    )
    .in_container(&container.name)
    .with_confidence(confidence)
    .related(mint.command.place, "minted here")
    .because([
        why,
        "the token that is overwritten stays valid, and nobody has it".to_owned(),
    ])
    .with_help(
        "read the Secret before minting, and `kubectl replace` it with the `resourceVersion` that was read",
    )
}
