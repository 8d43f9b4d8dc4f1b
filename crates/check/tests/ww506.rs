// SPDX-License-Identifier: Apache-2.0
//! WW506: what is allowed, held against what is done.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::only;
use writeway_check::{Confidence, Severity};

#[test]
fn the_word_that_allows_too_much_is_the_place() {
    use Confidence::{High, Medium};
    use Severity::{Error, Info, Warning};
    let rows = [
        (
            "bad",
            "`create` in Role `minter` allows nothing: it cannot be limited by name, as `resourceNames` says",
            "create",
            (Warning, Medium),
        ),
        (
            "bad-create-that-is-needed",
            "`kubectl apply` of Job `mint` is forbidden: `create` cannot be limited by name",
            "create",
            (Error, High),
        ),
        (
            "bad-list-that-is-needed",
            "`kubectl get` of Job `mint` is forbidden: `list` cannot be limited by name",
            "list",
            (Error, High),
        ),
        (
            "bad-every-secret",
            "Role `minter` allows Job `mint`, which touches `token` alone, to get, patch and update every Secret of the \
             namespace",
            "secrets",
            (Warning, Medium),
        ),
        (
            "bad-every-secret-of-the-cluster",
            "ClusterRole `minter` allows Job `mint`, which touches `token` alone, to get and patch every Secret of the \
             cluster",
            "secrets",
            (Warning, Medium),
        ),
        (
            "bad-no-secret-touched",
            "Role `minter` allows Job `mint`, which touches no Secret, to get every Secret of the namespace",
            "secrets",
            (Warning, Medium),
        ),
        (
            "bad-everything",
            "Role `minter` allows Job `mint` every verb",
            "\"*\"",
            (Warning, Medium),
        ),
        (
            "bad-verb-not-used",
            "Role `minter` allows Job `mint` to `update` and `delete` Secrets, which none of its commands does",
            "update",
            (Info, Medium),
        ),
    ];
    for (name, message, place, told) in rows {
        let (case, finding) = only("WW506", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(case.text(&finding.primary), place, "{name}");
        assert_eq!((finding.severity, finding.confidence), told, "{name}");
    }
}

#[test]
fn the_help_names_what_is_touched_and_splits_create_off() {
    let (_, finding) = only("WW506", "bad-every-secret");
    assert_eq!(
        finding.help.unwrap(),
        "add `resourceNames` with `token`; `create`, which cannot be limited by name, needs a rule of its own"
    );
    let (_, finding) = only("WW506", "bad-no-secret-touched");
    assert_eq!(finding.help.unwrap(), "leave the rule away");
}

#[test]
fn a_token_for_everything_is_found_where_it_is_minted() {
    for (name, begins) in [
        ("bad-token-for-all", "curl -sS --netrc-file"),
        (
            "bad-token-by-the-program",
            "gitea admin user generate-access-token",
        ),
    ] {
        let (case, finding) = only("WW506", name);
        assert_eq!(
            finding.message,
            "container `mint` mints a token of Gitea with the scope `all`"
        );
        assert!(case.text(&finding.primary).starts_with(begins), "{name}");
        assert_eq!(finding.subject.container.as_deref(), Some("mint"));
    }
}
