// SPDX-License-Identifier: Apache-2.0
//! WW504, WW509 and WW513: what becomes of hooks, and of what hangs on them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::path::Path;

use common::{Case, only};
use writeway_check::{Confidence, Severity};
use writeway_manifest::{Inventory, ParsedFile};

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;
const INFO: Severity = Severity::Info;
const HIGH: Confidence = Confidence::High;
const MEDIUM: Confidence = Confidence::Medium;

/// Message, severity, confidence, and the places that explain it, with the texts there.
type Told<'a> = (&'a str, Severity, Confidence, &'a [(&'a str, &'a str)]);

#[test]
fn ww509_the_account_is_the_place_and_the_policies_lead_to_it() {
    let rows: [(&str, &str, Severity, Confidence, usize); 8] = [
        (
            "bad",
            "Job `mint` goes on without permissions when Helm gives up waiting for it",
            WARNING,
            MEDIUM,
            3,
        ),
        (
            "bad-without-a-write",
            "Job `mint` goes on without permissions when Helm gives up waiting for it",
            INFO,
            MEDIUM,
            1,
        ),
        (
            "bad-role-alone",
            "Job `mint` goes on without permissions when Helm gives up waiting for it",
            WARNING,
            MEDIUM,
            2,
        ),
        (
            "bad-deadline-beyond-the-timeout",
            "Job `mint` goes on without permissions when Helm gives up waiting for it",
            WARNING,
            MEDIUM,
            1,
        ),
        (
            "bad-later-event",
            "the pods of Job `mint` cannot be created at post-install: ServiceAccount `minter` is made and deleted at \
             pre-install and pre-upgrade only",
            ERROR,
            HIGH,
            1,
        ),
        (
            "bad-role-of-an-earlier-event",
            "the pods of Job `mint` lack the permissions of RoleBinding `minter` at post-install: RoleBinding `minter` is \
             made and deleted at pre-install only",
            ERROR,
            HIGH,
            1,
        ),
        (
            "bad-deployment",
            "the pods of Deployment `portal` cannot be created: ServiceAccount `minter` is deleted by then",
            ERROR,
            HIGH,
            1,
        ),
        (
            "bad-deployment-after-upgrades",
            "each upgrade revokes the tokens of the pods of Deployment `portal`: ServiceAccount `minter` is made anew",
            WARNING,
            MEDIUM,
            1,
        ),
    ];
    for (name, message, severity, confidence, related) in rows {
        let (case, finding) = only("WW509", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        assert_eq!(case.text(&finding.primary), "minter", "{name}");
        assert_eq!(finding.related.len(), related, "{name}");
        let object = finding.subject.object.unwrap();
        assert!(matches!(object.kind.as_str(), "Job" | "Deployment"), "{name}");
    }
}

#[test]
fn ww509_the_deadline_is_held_against_the_timeout_of_the_release() {
    let (_, finding) = only("WW509", "bad-deadline-beyond-the-timeout");
    assert_eq!(
        finding.why.last().unwrap(),
        "its `activeDeadlineSeconds` of 3600 s are more than the 900 s that Helm waits"
    );
}

#[test]
fn ww504_the_policy_is_the_place_and_leads_to_who_fills_and_who_reads() {
    let fills = (
        "`kubectl patch` fills it",
        "kubectl -n prod patch secret token --patch-file /tmp/patch.json",
    );
    let reads = ("Deployment `portal` reads it", "token");
    let rows: [(&str, Told<'_>); 8] = [
        (
            "bad",
            (
                "every upgrade blanks Secret `token`: what Job `mint` writes into it is lost",
                ERROR,
                HIGH,
                &[fills, reads, ("has no effect on a hook", "keep")],
            ),
        ),
        (
            "bad-without-a-policy",
            (
                "every upgrade blanks Secret `token`: what Job `mint` writes into it is lost",
                ERROR,
                HIGH,
                &[fills],
            ),
        ),
        (
            "bad-deleted-at-the-end",
            (
                "Secret `token` is deleted when the hooks have run: what Job `mint` writes into it is lost",
                ERROR,
                HIGH,
                &[fills, reads],
            ),
        ),
        (
            "bad-secret-gone",
            (
                "Deployment `portal` needs Secret `token`, which Helm deletes when the hooks have run",
                ERROR,
                HIGH,
                &[("needs what is gone by then", "token")],
            ),
        ),
        (
            "bad-config-gone",
            (
                "Deployment `portal` needs ConfigMap `settings`, which Helm deletes when the hooks have run",
                ERROR,
                HIGH,
                &[("needs what is gone by then", "settings")],
            ),
        ),
        (
            "bad-claim-made-anew",
            (
                "every upgrade deletes PersistentVolumeClaim `data` with its data, or waits for Deployment `portal` to let go \
             of it",
                ERROR,
                HIGH,
                &[("keeps its data there", "data")],
            ),
        ),
        (
            "bad-filled-by-hand",
            (
                "every upgrade empties Secret `token`, which Deployment `portal` reads",
                WARNING,
                MEDIUM,
                &[("reads what somebody has to fill", "token")],
            ),
        ),
        (
            "bad-install-hook-in-argo-cd",
            (
                "every sync blanks Secret `token`: what Job `mint` writes into it is lost",
                ERROR,
                HIGH,
                &[
                    ("Application `portal` deploys this chart", "portal"),
                    fills,
                    reads,
                ],
            ),
        ),
    ];
    for (name, (message, severity, confidence, related)) in rows {
        let (case, finding) = only("WW504", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        let related: Vec<_> = related
            .iter()
            .map(|(label, text)| common::pair(label, text))
            .collect();
        assert_eq!(case.related(&finding), related, "{name}");
        let object = finding.subject.object.as_ref().unwrap();
        assert!(!matches!(object.kind.as_str(), "Job" | "Deployment"), "{name}");
    }
}

#[test]
fn ww504_a_hook_without_a_policy_is_placed_where_it_is_made_one() {
    let (case, finding) = only("WW504", "bad-without-a-policy");
    assert_eq!(case.text(&finding.primary), "pre-install,pre-upgrade");
    assert_eq!(
        finding.primary.label,
        "a hook without a policy is deleted and made anew by every upgrade"
    );
    let (case, finding) = only("WW504", "bad");
    assert_eq!(case.text(&finding.primary), "before-hook-creation");
}

#[test]
fn ww513_the_events_are_the_place_and_the_application_leads_to_it() {
    let chart = ("Application `portal` deploys this chart", "portal");
    let rows: [(&str, Told<'_>); 6] = [
        (
            "bad",
            (
                "Job `mint` runs at every sync of Argo CD, not at installs alone",
                WARNING,
                HIGH,
                &[chart],
            ),
        ),
        (
            "bad-install-without-a-write",
            (
                "Job `mint` runs at every sync of Argo CD, not at installs alone",
                INFO,
                HIGH,
                &[chart],
            ),
        ),
        (
            "bad-upgrade-alone",
            (
                "Job `mint` runs at the first sync of Argo CD too, when there is nothing to upgrade",
                WARNING,
                HIGH,
                &[chart],
            ),
        ),
        (
            "bad-both-unguarded",
            (
                "Job `mint`, which writes Secrets, runs at every sync of Argo CD, not at installs and upgrades alone",
                INFO,
                MEDIUM,
                &[(
                    "Application `portal` deploys this release",
                    "repoURL: https://charts.example.com\n    path: charts/portal\n    helm:\n      releaseName: web",
                )],
            ),
        ),
        (
            "bad-rollback",
            (
                "Job `mint` never runs: Argo CD knows no hooks of rollbacks",
                INFO,
                HIGH,
                &[chart],
            ),
        ),
        (
            "bad-tracked",
            (
                "Job `mint` runs at every sync of Argo CD, not at installs alone",
                WARNING,
                HIGH,
                &[("applied by Argo CD", "portal:batch/Job:prod/mint")],
            ),
        ),
    ];
    for (name, (message, severity, confidence, related)) in rows {
        let (case, finding) = only("WW513", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        let found = case.related(&finding);
        let found: Vec<_> = found
            .iter()
            .map(|(label, text)| (label.as_str(), text.trim_end()))
            .collect();
        assert_eq!(found, related, "{name}");
    }
}

#[test]
fn ww513_lookup_is_found_in_the_templates_of_an_application() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: portal}\n\
                       spec: {source: {repoURL: r, path: charts/portal}}\n";
    let template = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n";
    let old = "  password: {{ (lookup \"v1\" \"Secret\" .Release.Namespace \"db\").data.password";
    let rows = [
        (
            "charts/portal/templates/secret.yaml",
            format!("{template}{old} | default (randAlphaNum 16 | b64enc) }}}}\n"),
            Some((WARNING, "`randAlphaNum` makes a new value each time")),
        ),
        (
            "charts/portal/templates/secret.yaml",
            format!("{template}{old} }}}}\n"),
            Some((INFO, "`lookup` finds nothing")),
        ),
        (
            "charts/other/templates/secret.yaml",
            format!("{template}{old} }}}}\n"),
            None,
        ),
        (
            "charts/portal/templates/secret.yaml",
            format!("{template}  password: {{{{ randAlphaNum 16 | b64enc }}}}\n"),
            None,
        ),
    ];
    for (file, text, expected) in rows {
        let files = [("apps/portal.yaml", application), (file, text.as_str())];
        let parsed = files.map(|(name, text)| ParsedFile::parse(name, text));
        let case = Case {
            inventory: Inventory::from_parsed(parsed.into()),
            facts: writeway_facts::read("").unwrap(),
        };
        let findings = case.of("WW513");
        let told = findings.first().map(|finding| {
            assert!(case.text(&finding.primary).starts_with("lookup \"v1\""));
            assert_eq!(case.related(finding)[0].1, "charts/portal");
            (finding.severity, finding.message.clone())
        });
        match (told, expected) {
            (Some((severity, message)), Some((expected, part))) => {
                assert_eq!(severity, expected, "{text}");
                assert!(message.contains(part), "{message}");
            }
            (told, expected) => assert!(told.is_none() && expected.is_none(), "{told:?} {text}"),
        }
    }
}

/// The flaw of the example that only shows where Argo CD deploys it.
#[test]
fn ww513_the_minting_hook_runs_at_every_sync_of_argo_cd() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/minted-token/hooks.yaml");
    let hooks = std::fs::read_to_string(example).unwrap();
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: portal}\n\
                       spec: {source: {repoURL: r, chart: portal}, destination: {namespace: minted-token}}\n";
    let files = [("apps/portal.yaml", application), ("hooks.yaml", hooks.as_str())];
    let parsed = files.map(|(name, text)| ParsedFile::parse(name, text));
    let case = Case {
        inventory: Inventory::from_parsed(parsed.into()),
        facts: writeway_facts::read("").unwrap(),
    };
    let messages: Vec<_> = case
        .of("WW513")
        .into_iter()
        .map(|finding| finding.message)
        .collect();
    assert_eq!(
        messages,
        [
            "Job `portal-gitea-token`, which writes Secrets, runs at every sync of Argo CD, not at installs and upgrades alone"
        ]
    );
}
