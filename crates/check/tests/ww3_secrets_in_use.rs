// SPDX-License-Identifier: Apache-2.0
//! WW304 to WW308 and WW406: what is said of Secrets that are read, written and handed on, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, only, pair};
use writeway_check::{Confidence, Finding, Severity};

fn fixture(code: &str, name: &str) -> (Case, Finding) {
    only(code, name)
}

#[test]
fn what_is_known_of_secrets_decides_how_bad_and_how_sure_it_is() {
    use Confidence::{High, Low, Medium};
    use Severity::{Error, Info, Warning};
    for (code, name, severity, confidence, place, message) in [
        (
            "WW304",
            "bad",
            Warning,
            Medium,
            "gitea-token",
            "into variable `GITEA_TOKEN` when it starts, and its key `token` is empty",
        ),
        (
            "WW304",
            "bad-filled-by-a-job",
            Warning,
            High,
            "gitea-token",
            "key `token` is empty",
        ),
        (
            "WW304",
            "bad-env-from-without-keys",
            Warning,
            Medium,
            "gitea-token",
            "it has no keys",
        ),
        (
            "WW304",
            "bad-sub-path-in-an-init-container",
            Warning,
            Medium,
            "/etc/token",
            "at `/etc/token`",
        ),
        (
            "WW304",
            "bad-empty-key-in-a-volume",
            Warning,
            Medium,
            "/etc/token",
            "its key `token` is empty",
        ),
        (
            "WW304",
            "bad-waits-for-the-file",
            Warning,
            Low,
            "/etc/token",
            "its key `token` is empty",
        ),
        (
            "WW305",
            "bad-cat-in-an-argument",
            Warning,
            High,
            "curl -fsS -u \"admin:$(cat /etc/api/password)\" https://api.example.org/users -o /tmp/users",
            "has credential `/etc/api/password` in the arguments of `curl`",
        ),
        (
            "WW308",
            "bad-sub-path-of-an-absent-secret",
            Warning,
            Medium,
            "token",
            "is `optional` and not among the inputs",
        ),
        (
            "WW304",
            "bad-whole-volume",
            Warning,
            Low,
            "/etc/token",
            "at `/etc/token`",
        ),
        (
            "WW304",
            "bad-filled-by-a-controller",
            Warning,
            Low,
            "copied",
            "key `token` is empty",
        ),
        (
            "WW305",
            "bad",
            Warning,
            High,
            "curl ",
            "credential `PASSWORD` in the arguments of `curl`",
        ),
        (
            "WW305",
            "bad-replaced-by-kubelet",
            Warning,
            High,
            "\"--password",
            "credential `PASSWORD` in its arguments",
        ),
        (
            "WW305",
            "bad-header-in-a-function",
            Warning,
            High,
            "curl ",
            "credential `TOKEN` in the arguments of `curl`",
        ),
        (
            "WW305",
            "bad-answer-printed-when-it-is-strange",
            Warning,
            Medium,
            "echo \"FATAL",
            "prints variable `RESPONSE` to the log",
        ),
        (
            "WW305",
            "bad-answer-to-the-log",
            Warning,
            Medium,
            "curl ",
            "prints what `curl` reads to the log",
        ),
        (
            "WW305",
            "bad-minted-token-as-an-argument",
            Warning,
            Medium,
            "kubectl patch",
            "credential `TOKEN` in the arguments of `kubectl`",
        ),
        (
            "WW305",
            "bad-printed",
            Warning,
            High,
            "echo ",
            "prints credential `PASSWORD` to the log",
        ),
        (
            "WW305",
            "bad-trace",
            Warning,
            High,
            "set -eux",
            "traces its commands to the log",
        ),
        (
            "WW305",
            "bad-cat-of-a-file",
            Warning,
            High,
            "cat /secret/token",
            "prints what `cat` reads",
        ),
        (
            "WW305",
            "bad-env-from",
            Warning,
            High,
            "mysql ",
            "credential `MYSQL_ROOT_PASSWORD` in the arguments of `mysql`",
        ),
        (
            "WW305",
            "bad-read-through-the-api",
            Warning,
            High,
            "curl ",
            "credential `PASS` in the arguments of `curl`",
        ),
        (
            "WW306",
            "bad",
            Warning,
            High,
            "tls.crt",
            "mounted with `subPath` at `/etc/app/tls.crt`",
        ),
        (
            "WW306",
            "bad-nothing-known",
            Warning,
            Low,
            "tls.crt",
            "never gets a renewed Secret `app-tls`",
        ),
        (
            "WW306",
            "bad-variable",
            Info,
            High,
            "app-db",
            "it has it in variables",
        ),
        (
            "WW306",
            "bad-env-from-in-a-sidecar",
            Info,
            High,
            "app-db",
            "container `proxy`",
        ),
        (
            "WW306",
            "bad-service-account-token",
            Warning,
            High,
            "token",
            "renewed service account token",
        ),
        (
            "WW307",
            "bad",
            Warning,
            High,
            "kubectl patch",
            "restored from SealedSecret `gitea-token`",
        ),
        (
            "WW307",
            "bad-external-secret",
            Warning,
            High,
            "kubectl patch",
            "renewed from ExternalSecret `app`",
        ),
        (
            "WW307",
            "bad-immutable",
            Error,
            High,
            "kubectl patch",
            "the API server refuses every change",
        ),
        (
            "WW307",
            "bad-owner",
            Warning,
            High,
            "kubectl patch",
            "belongs to a SealedSecret",
        ),
        (
            "WW307",
            "bad-applied-by-flux",
            Warning,
            Medium,
            "kubectl patch",
            "which Flux applies",
        ),
        (
            "WW307",
            "bad-installed-by-helm",
            Warning,
            Low,
            "kubectl patch",
            "which Helm applies",
        ),
        (
            "WW307",
            "bad-in-an-init-container",
            Warning,
            High,
            "kubectl apply",
            "container `mint`",
        ),
        (
            "WW308",
            "bad",
            Warning,
            High,
            "token",
            "runs without variable `API_TOKEN`",
        ),
        (
            "WW308",
            "bad-item",
            Warning,
            High,
            "token",
            "runs without file `token` of volume `api`",
        ),
        (
            "WW308",
            "bad-sub-path",
            Warning,
            High,
            "token",
            "gets an empty directory at `/etc/api/token`",
        ),
        (
            "WW308",
            "bad-absent-secret-that-is-read",
            Warning,
            Low,
            "api",
            "may run without what it reads at `/etc/api`",
        ),
        (
            "WW308",
            "bad-projected-in-an-init-container",
            Warning,
            High,
            "token",
            "container `wait`",
        ),
        (
            "WW406",
            "bad",
            Error,
            High,
            "kubectl create",
            "it is to create Secret `api-token`",
        ),
        (
            "WW406",
            "bad-guarded-and-applied",
            Error,
            High,
            "kubectl create",
            "for which its own pod waits",
        ),
        (
            "WW406",
            "bad-projected",
            Error,
            High,
            "kubectl create",
            "can never run",
        ),
        (
            "WW406",
            "bad-variable-of-its-own",
            Error,
            High,
            "kubectl create",
            "can never run",
        ),
        (
            "WW406",
            "bad-through-a-here-document",
            Error,
            High,
            "kubectl create",
            "can never run",
        ),
    ] {
        let (case, finding) = fixture(code, name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{code} {name}"
        );
        let text = case.text(&finding.primary);
        assert!(text.starts_with(place), "{code} {name}: {text}");
        assert!(
            finding.message.contains(message),
            "{code} {name}: {}",
            finding.message
        );
    }
}

#[test]
fn whoever_fills_an_empty_secret_is_shown() {
    let (case, finding) = fixture("WW304", "bad-filled-by-a-job");
    let places: Vec<_> = finding
        .related
        .iter()
        .map(|place| (case.text(place), place.label.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("token", "empty"),
            (
                "kubectl patch secret gitea-token --patch-file /work/patch.json",
                "fills it"
            )
        ]
    );
    assert_eq!(
        finding.why[1..],
        [
            "Job `mint` fills it with `kubectl patch`",
            "Job `mint` is a hook: post-install,post-upgrade"
        ]
    );
}

#[test]
fn what_waits_for_the_secret_is_shown() {
    let (case, finding) = fixture("WW406", "bad");
    let places: Vec<_> = finding.related.iter().map(|place| case.text(place)).collect();
    assert_eq!(places, ["api-token"]);
    assert_eq!(finding.subject.container.as_deref(), Some("mint"));
}

/// The script of a hook that mints a token, after its description: the token's answer is searched for a text without a
/// blank, and printed when it is not found; the password and the token go through arguments.
#[test]
fn a_minting_script_leaks_in_three_places() {
    let manifest = r#"
apiVersion: batch/v1
kind: Job
metadata: {name: mint}
spec:
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: mint
          image: docker.io/alpine/k8s:1.31.4
          command: [sh, -c]
          args:
            - |
              set -eu
              USERNAME=$(kubectl -n gitea get secret gitea-admin-secret -o jsonpath='{.data.username}' | base64 -d)
              PASSWORD=$(kubectl -n gitea get secret gitea-admin-secret -o jsonpath='{.data.password}' | base64 -d)
              RESPONSE=$(curl -sS -u "$USERNAME:$PASSWORD" -X POST -H 'Content-Type: application/json' \
                -d "{\"name\":\"catalyst-api-$(date +%s)\",\"scopes\":[\"all\"]}" \
                "$GITEA_URL/api/v1/users/$USERNAME/tokens")
              TOKEN=$(echo "$RESPONSE" | grep -o '"sha1":"[^"]*"' | cut -d'"' -f4)
              if [ -z "$TOKEN" ]; then echo "FATAL: no token: $RESPONSE" >&2; exit 1; fi
              kubectl patch secret catalyst-gitea-token --type=merge -p "{\"stringData\":{\"token\":\"$TOKEN\"}}"
"#;
    let case = Case::new(manifest, "");
    let findings = case.of("WW305");
    let found: Vec<_> = findings
        .iter()
        .map(|finding| finding.message.trim_start_matches("container `mint` "))
        .collect();
    assert_eq!(
        found,
        [
            "has credential `PASSWORD` in the arguments of `curl`",
            "prints variable `RESPONSE` to the log, with the credential in it",
            "has credential `TOKEN` in the arguments of `kubectl`",
        ]
    );
}

/// The script is found in the ConfigMap's file, and the finding says which container runs it.
#[test]
fn ww305_points_into_the_config_map_with_the_script() {
    let (case, finding) = only("WW305", "bad-mounted-script");
    assert_eq!(
        case.text(&finding.primary),
        "pg_dump \"postgresql://shop:$DB_PASSWORD@shop-db/shop\" > \"/backup/$1.sql\""
    );
    assert_eq!(case.related(&finding), [pair("the credential", "password")]);
}
