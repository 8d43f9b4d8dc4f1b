// SPDX-License-Identifier: Apache-2.0
//! kubectl and helm.

use std::time::Duration;

use super::arguments::{Arguments, Valued};
use super::{Call, Effect, Role};
use crate::bound::Bound;
use crate::duration::{self, Negative};

const KUBECTL: Valued = Valued {
    letters: "nflopcs",
    names: &[
        "namespace",
        "filename",
        "selector",
        "output",
        "patch",
        "container",
        "server",
        "kubeconfig",
        "context",
        "cluster",
        "user",
        "token",
        "as",
        "as-group",
        "for",
        "timeout",
        "request-timeout",
        "type",
        "template",
        "field-selector",
        "image",
        "from-literal",
        "from-file",
        "kustomize",
        "field-manager",
        "subresource",
        "chunk-size",
        "sort-by",
        "replicas",
        "tail",
        "since",
        "cache-dir",
        "certificate-authority",
        "client-certificate",
        "client-key",
        "label-columns",
        "jsonpath",
    ],
};

const HELM: Valued = Valued {
    letters: "nfo",
    names: &[
        "namespace",
        "values",
        "set",
        "set-string",
        "set-file",
        "version",
        "timeout",
        "output",
        "kubeconfig",
        "kube-context",
        "history-max",
        "repo",
        "username",
        "password",
    ],
};

/// `kubectl wait --timeout`, when it is not given (pkg/cmd/wait/wait.go, NewWaitFlags).
const WAIT_DEFAULT: Duration = Duration::from_secs(30);
/// What a negative one means ("negative means wait for a week").
const WAIT_NEGATIVE: Duration = Duration::from_secs(7 * 24 * 3600);
/// `helm --timeout`, when it is not given (pkg/cmd/install.go).
const HELM_DEFAULT: Duration = Duration::from_secs(300);

/// Subcommands that only ask.
const LOOKS: [&str; 11] = [
    "api-resources",
    "api-versions",
    "auth",
    "cluster-info",
    "describe",
    "explain",
    "get",
    "logs",
    "top",
    "version",
    "wait",
];

pub(super) fn kubectl(call: &Call<'_>) -> Effect {
    let arguments = Arguments::sort(call.arguments, KUBECTL);
    let verb = arguments.operand(0);
    let rollout_status = verb == Some("rollout") && arguments.operand(1) == Some("status");
    let looks = verb.is_some_and(|verb| LOOKS.contains(&verb)) || rollout_status;
    let role = if looks { Role::Look } else { Role::Act };
    if call.open {
        return Effect::answers(
            role,
            call.name,
            Bound::unknown("the options of `kubectl` are not known"),
        );
    }
    match verb {
        Some("wait") => Effect::waits(role, call.name, wait(&arguments)),
        Some("rollout") if rollout_status => Effect::waits(role, call.name, rollout(&arguments)),
        Some("logs" | "get") if follows(&arguments) => Effect::answers(
            role,
            call.name,
            Bound::unbounded("`kubectl` follows until it is ended"),
        ),
        Some("version") if arguments.has(&["client"]) => Effect::answers(Role::Local, call.name, Bound::ZERO),
        Some("config" | "kustomize" | "completion") => Effect::answers(Role::Local, call.name, Bound::ZERO),
        _ => Effect::answers(role, call.name, request(&arguments)),
    }
}

fn follows(arguments: &Arguments<'_>) -> bool {
    arguments.has(&["follow", "w", "watch", "watch-only"])
}

/// From v1.27 on, `--timeout` of `kubectl wait` is for all objects together, before that for each of them, one after the
/// other (kubernetes/kubernetes#114574).
fn wait(arguments: &Arguments<'_>) -> Bound {
    let limit = match timeout(arguments, "timeout") {
        Ok(None) => WAIT_DEFAULT,
        Ok(Some(Ok(limit))) => limit,
        Ok(Some(Err(Negative))) => WAIT_NEGATIVE,
        Err(unknown) => return unknown,
    };
    let selected = arguments.has(&[
        "l",
        "selector",
        "all",
        "f",
        "filename",
        "A",
        "all-namespaces",
        "field-selector",
    ]);
    // `wait pod/a pod/b`, or `wait pod a b`.
    let operands = arguments.operands.get(1..).unwrap_or_default();
    let slashes = operands
        .first()
        .and_then(|first| first.as_text())
        .is_none_or(|first| first.contains('/'));
    let objects = operands.len().saturating_sub(usize::from(!slashes));
    if selected || objects > 1 {
        return Bound::Unknown {
            at_least: limit,
            why: "`kubectl wait --timeout` counts for each object before v1.27, and which version it is is not known"
                .into(),
        };
    }
    Bound::Finite(limit)
}

fn rollout(arguments: &Arguments<'_>) -> Bound {
    match timeout(arguments, "timeout") {
        Ok(Some(Ok(limit))) if !limit.is_zero() => Bound::Finite(limit),
        Ok(_) => Bound::unbounded("`kubectl rollout status` without `--timeout` waits for ever"),
        Err(unknown) => unknown,
    }
}

/// `--request-timeout` limits each request, and a command makes several.
fn request(arguments: &Arguments<'_>) -> Bound {
    match arguments.value(&["request-timeout"]).map(|value| value.as_text()) {
        None => Bound::unbounded("`kubectl` without `--request-timeout` may wait for an answer for ever"),
        Some(None) => Bound::unknown("the value of `kubectl --request-timeout` is not known"),
        Some(Some(text)) => {
            // A bare number is in seconds (client-go, clientcmd.ParseTimeout).
            let limit = duration::seconds(text).or_else(|| duration::go(text).and_then(Result::ok));
            match limit {
                Some(limit) if limit.is_zero() => {
                    Bound::unbounded("`kubectl --request-timeout=0` is no limit")
                }
                Some(limit) => Bound::Unknown {
                    at_least: limit,
                    why:
                        "`kubectl --request-timeout` limits each request, and how many it makes is not known"
                            .into(),
                },
                None => Bound::unknown("the value of `kubectl --request-timeout` is not known"),
            }
        }
    }
}

pub(super) fn helm(call: &Call<'_>) -> Effect {
    let arguments = Arguments::sort(call.arguments, HELM);
    match arguments.operand(0) {
        Some("template" | "lint" | "version" | "package") => {
            Effect::answers(Role::Local, call.name, Bound::ZERO)
        }
        Some("get" | "history" | "list" | "ls" | "status" | "search" | "show") => Effect::answers(
            Role::Look,
            call.name,
            Bound::unbounded("`helm` has no limit for its requests"),
        ),
        Some("install" | "upgrade" | "rollback" | "uninstall" | "test") => {
            let limit = match timeout(&arguments, "timeout") {
                Ok(None) => HELM_DEFAULT,
                Ok(Some(Ok(limit))) => limit,
                Ok(Some(Err(Negative))) | Err(_) => Duration::ZERO,
            };
            let worst = Bound::Unknown {
                at_least: if arguments.has(&["wait", "atomic", "wait-for-jobs", "rollback-on-failure"]) {
                    limit
                } else {
                    Duration::ZERO
                },
                why: "`helm --timeout` limits each wait (every hook, then the resources), not the whole"
                    .into(),
            };
            Effect::waits(Role::Act, call.name, worst)
        }
        _ => Effect::answers(
            Role::Act,
            call.name,
            Bound::unbounded("`helm` has no limit for its requests"),
        ),
    }
}

fn timeout(arguments: &Arguments<'_>, name: &str) -> Result<Option<Result<Duration, Negative>>, Bound> {
    let Some(value) = arguments.value(&[name]) else {
        return Ok(None);
    };
    let known = value.as_text().and_then(|text| duration::go(text));
    known
        .map(Some)
        .ok_or_else(|| Bound::unknown(format!("the value of `--{name}` is not known")))
}
