// SPDX-License-Identifier: Apache-2.0
//! # WW507 readiness-by-one-status
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds scripts that wait in a loop for a server to answer with status 200 where a server that is up and well answers
//! with another one: `curl --fail`, `wget`, or a comparison of the status with 200 alone, without a credential in the request.
//!
//! | address | a server that is up answers | when |
//! |---|---|---|
//! | Gitea and Forgejo, `/api/v1/version` | 403 | `REQUIRE_SIGNIN_VIEW` is set |
//! | GitLab, `/api/v4/version` | 401 | always, without a token |
//! | a container registry, `/v2/` | 401 | it asks for a login |
//! | Vault and OpenBao, `/v1/sys/health` | 429, 473 | the Service has reached a standby |
//! | SonarQube, `/api/system/health` | 401, 403 | always, without an administrator or the passcode |
//!
//! The confidence is high where the address never answers 200 without a credential, and low for registries and Vault, of
//! which many ask for no login and have no standby. A script that has one of these statuses in it, or compares with 000, which
//! curl prints without an answer, is left out.
//!
//! ## Why is this bad
//!
//! The loop waits to its end for a server that is there. Somebody turns on sign-in for the whole instance, or adds a replica,
//! and every installation and upgrade of everything that waits for it fails with a timeout from that day on.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: wait
//!     image: docker.io/curlimages/curl:8.17.0
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         until curl -sSf --max-time 3 http://gitea-http.gitea:3000/api/v1/version; do
//!           sleep 5
//!         done
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//! ```
//!
//! ## Use instead
//!
//! An address that needs no login (`/api/healthz` of Gitea, `standbyok=true&perfstandbyok=true` of Vault), or every status that
//! proves life.
//!
//! ```yaml
//! initContainers:
//!   - name: wait
//!     image: docker.io/curlimages/curl:8.17.0
//!     command:
//!       - sh
//!       - -ec
//!       - |
//!         until curl -sSf --max-time 3 http://gitea-http.gitea:3000/api/healthz; do
//!           sleep 5
//!         done
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//! ```
//!
//! ## References
//!
//! - Gitea: "Configuration Cheat Sheet", `REQUIRE_SIGNIN_VIEW`; cooperspencer/gickup#120 (403 of `/api/v1/version`)
//! - GitLab: "Version API"; SonarQube: Web API, `api/system/health`
//! - OCI Distribution Specification, "Determining support"; HashiCorp Vault: `/sys/health`

use writeway_access::container_script;
use writeway_manifest::{Container, Which};

use crate::evidence::commands::Invocation;
use crate::evidence::http_request::{HttpRequest, is_at};
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww507_readiness_by_one_status.rs"), run);

/// An address where another status than 200 is a sign of life.
struct Address {
    server: &'static str,
    prefix: &'static str,
    path: &'static str,
    /// The statuses.
    alive: &'static [&'static str],
    /// When the server answers so.
    when: &'static str,
    /// Parameters of the query by which it answers 200 nevertheless.
    unless: &'static [&'static str],
    /// With a credential it answers 200.
    login_helps: bool,
    /// What to ask instead.
    instead: &'static str,
    confidence: Confidence,
}

/// The table of the documentation above; its sources are there.
const ADDRESSES: &[Address] = &[
    Address {
        server: "Gitea",
        prefix: "api",
        path: "v1/version",
        alive: &["403"],
        when: "with `REQUIRE_SIGNIN_VIEW`",
        unless: &[],
        login_helps: true,
        instead: "ask `/api/healthz`, or take 401 and 403 for a sign of life, too",
        confidence: Confidence::Medium,
    },
    Address {
        server: "GitLab",
        prefix: "api",
        path: "v4/version",
        alive: &["401"],
        when: "to every request without a token",
        unless: &[],
        login_helps: true,
        instead: "take 401 for a sign of life, too",
        confidence: Confidence::High,
    },
    Address {
        server: "a container registry",
        prefix: "",
        path: "v2",
        alive: &["401"],
        when: "where it asks for a login",
        unless: &[],
        login_helps: true,
        instead: "take 401 for a sign of life, too",
        confidence: Confidence::Low,
    },
    Address {
        server: "Vault",
        prefix: "v1",
        path: "sys/health",
        alive: &["429", "473"],
        when: "where a standby answers",
        unless: &["standbyok", "perfstandbyok", "standbycode"],
        login_helps: false,
        instead: "add `?standbyok=true&perfstandbyok=true`",
        confidence: Confidence::Low,
    },
    Address {
        server: "SonarQube",
        prefix: "api",
        path: "system/health",
        alive: &["401", "403"],
        when: "to every request without an administrator's login or the passcode",
        unless: &[],
        login_helps: true,
        instead: "ask `/api/system/status`",
        confidence: Confidence::High,
    },
];

impl Address {
    fn is_asked_by(&self, request: &HttpRequest<'_>) -> bool {
        let address = request.address();
        let there = if self.prefix.is_empty() {
            let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
            behind_scheme
                .split_once('/')
                .is_some_and(|(_, path)| path == self.path)
        } else {
            is_at(address, self.prefix, self.path)
        };
        let answered = self
            .unless
            .iter()
            .any(|parameter| request.query().contains(parameter));
        there && !answered && !(self.login_helps && request.authenticated)
    }
}

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let script = container_script(context.access.inventory, context.workload, container);
        let script = script.map_or(String::new(), |found| found.script.text.into_owned());
        for command in context.commands(container) {
            findings.extend(judge(context, container, &script, command));
        }
    }
    findings
}

fn judge(
    context: &RuleContext<'_>,
    container: &Container,
    script: &str,
    command: &Invocation,
) -> Option<Finding> {
    let request = HttpRequest::of(command)?;
    let address = ADDRESSES.iter().find(|address| address.is_asked_by(&request))?;
    let waits = command.looped || request.retries;
    let says = |status: &str| {
        let mut words = script.split(|character: char| !character.is_ascii_alphanumeric());
        words.any(|word| word == status)
    };
    let only_200 = request.fails_on_status || (request.prints_status && says("200"));
    // `000` is what curl prints without an answer: whoever compares with it takes every answer.
    let any = context.commands(container).iter().any(|test| {
        matches!(test.name.as_str(), "[" | "[[" | "test") && test.texts().any(|text| text == "000")
    });
    let mut others = ["401", "403"].iter().chain(address.alive);
    if !waits || !only_200 || any || others.any(|status| says(status)) {
        return None;
    }
    let alive = address.alive.join(" or ");
    let message = format!(
        "container `{}` waits for status 200 of `{}`, where {} is up with {alive}, too",
        container.name.value,
        request.url.part(request.address()).shown(),
        address.server,
    );
    let object = &context.workload.object;
    let finding = Finding::about(&RULE, Some(object), message, command.place, "takes 200 alone")
        .in_container(&container.name)
        .with_confidence(address.confidence)
        .because([format!("{} answers {alive} {}", address.server, address.when)])
        .with_help(address.instead);
    Some(finding)
}
