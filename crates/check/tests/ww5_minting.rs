// SPDX-License-Identifier: Apache-2.0
//! WW505, WW507, WW508, WW510, WW512: what is said of scripts that wait and mint, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, only, pair};
use writeway_check::{Confidence, Severity};

#[test]
fn what_a_script_does_decides_how_bad_and_how_sure_it_is() {
    use Confidence::{High, Low, Medium};
    use Severity::{Info, Warning};
    for (code, name, severity, confidence, place, message) in [
        (
            "WW505",
            "bad",
            Warning,
            High,
            "curl -sS",
            "a Gitea token with name `portal-…`, which is another one at each run",
        ),
        (
            "WW505",
            "bad-by-jq",
            Warning,
            High,
            "curl -sS",
            "with name `portal-…`",
        ),
        (
            "WW505",
            "bad-name-in-a-variable",
            Warning,
            High,
            "curl -sS",
            "with name `portal-…`",
        ),
        (
            "WW505",
            "bad-function",
            Warning,
            High,
            "api -X POST",
            "with name `portal-…`",
        ),
        (
            "WW505",
            "bad-pod-name",
            Warning,
            Medium,
            "curl -sS",
            "a GitLab token with name `portal-…`, which is another one at each pod",
        ),
        (
            "WW505",
            "bad-argocd-without-id",
            Warning,
            High,
            "argocd account",
            "an Argo CD token without a name",
        ),
        (
            "WW507",
            "bad",
            Warning,
            Medium,
            "curl -sSf",
            "where Gitea is up with 403, too",
        ),
        (
            "WW507",
            "bad-status-compared",
            Warning,
            High,
            "curl -s",
            "where GitLab is up with 401, too",
        ),
        (
            "WW507",
            "bad-registry",
            Warning,
            Low,
            "curl --silent",
            "`…/v2`, where a container registry is up with 401, too",
        ),
        (
            "WW507",
            "bad-vault-standby",
            Warning,
            Low,
            "wget -q",
            "where Vault is up with 429 or 473, too",
        ),
        (
            "WW508",
            "bad",
            Warning,
            Medium,
            "kubectl patch",
            "the GitLab token that it minted into Secret `portal` with `kubectl patch`",
        ),
        (
            "WW508",
            "bad-overlapping-cron-job",
            Warning,
            High,
            "kubectl create",
            "with `kubectl create`",
        ),
        (
            "WW508",
            "bad-parallel",
            Warning,
            High,
            "kubectl apply",
            "with `kubectl apply`",
        ),
        (
            "WW508",
            "bad-revoke-and-mint",
            Warning,
            Medium,
            "curl -sS --cacert",
            "with `curl -X PATCH`",
        ),
        (
            "WW510",
            "bad",
            Warning,
            High,
            "kubectl -n db",
            "goes on with an empty `password` when `kubectl` fails: `base64` behind the pipe succeeds",
        ),
        (
            "WW510",
            "bad-three-commands",
            Warning,
            High,
            "vault kv",
            "empty `API_KEY` when `vault` fails: `tr`",
        ),
        (
            "WW510",
            "bad-in-a-config-map",
            Warning,
            High,
            "aws secretsmanager",
            "empty `secret` when `aws` fails: `cut`",
        ),
        (
            "WW512",
            "bad",
            Warning,
            High,
            "curl -sS",
            "a Grafana token that never expires and that nothing rotates",
        ),
        (
            "WW512",
            "bad-gitea",
            Info,
            Medium,
            "curl -sS",
            "a Gitea token that never expires",
        ),
        (
            "WW512",
            "bad-cron-job-that-only-mints",
            Info,
            Medium,
            "curl -sS",
            "a Gitea token that never expires",
        ),
        (
            "WW512",
            "bad-argocd",
            Warning,
            High,
            "argocd account",
            "an Argo CD token that never expires",
        ),
    ] {
        let (case, finding) = only(code, name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{code} {name}"
        );
        assert!(
            case.text(&finding.primary).starts_with(place),
            "{code} {name}: {}",
            case.text(&finding.primary)
        );
        assert!(
            finding.message.contains(message),
            "{code} {name}: {}",
            finding.message
        );
    }
    // A pod by itself runs once: that it overlaps with another one is a hint.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: mint}\nspec:\n  containers:\n    - name: mint\n      image: a:1\n      command: [sh, -c, 'curl -d name=a https://gitlab/api/v4/projects/7/access_tokens > /a; kubectl patch secret a -p \"{}\"']\n";
    let found = Case::new(pod, "").of("WW508");
    assert_eq!(
        found.iter().map(|finding| finding.confidence).collect::<Vec<_>>(),
        [Low]
    );
}

#[test]
fn ww508_points_at_the_mint_and_ww510_at_the_other_pipelines() {
    let (case, finding) = only("WW508", "bad-parallel");
    let related = case.related(&finding);
    assert_eq!(related.len(), 1);
    assert!(
        related[0].0 == "minted here" && related[0].1.starts_with("curl -sS"),
        "{related:?}"
    );

    let script = "set -e\n        a_token=$(kubectl get secret a | base64 -d)\n        b_token=$(kubectl get secret b | base64 -d)";
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: c\n      image: a:1\n      command:\n      - sh\n      - -c\n      - |\n        {script}\n"
    );
    let case = Case::new(&pod, "");
    let found = case.of("WW510");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(case.text(&found[0].primary), "kubectl get secret a");
    assert_eq!(
        case.related(&found[0]),
        [pair("so is this one, of `b_token`", "kubectl get secret b")]
    );
}

/// What mounts the script is a container of the workload, which the finding names.
#[test]
fn a_finding_in_a_config_map_names_the_container_that_runs_the_script() {
    let (case, finding) = only("WW510", "bad-in-a-config-map");
    assert_eq!(finding.subject.container.as_deref(), Some("mint"));
    assert_eq!(case.related(&finding), [pair("runs it", "mint")]);
}
