// SPDX-License-Identifier: Apache-2.0
//! WW301, WW302 and WW303: what is said of refreshed and copied credentials, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(code: &str, name: &str) -> (Case, Finding) {
    common::only(code, name)
}

/// The manifest that a review of a real one described: an SDK that refreshes its token, on a Secret, with the usual
/// cure pasted in.
const MAILER: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: basketball-api
  namespace: basketball-api
spec:
  replicas: 1
  selector:
    matchLabels: {app: basketball-api}
  template:
    metadata:
      labels: {app: basketball-api}
    spec:
      initContainers:
        - name: copy-gmail-oauth
          image: busybox:1.36
          command:
            - sh
            - -c
            - cp /secrets-ro/google-oauth/* /secrets/google-oauth/
          volumeMounts:
            - name: gmail-oauth
              mountPath: /secrets-ro/google-oauth
              readOnly: true
            - name: gmail-oauth-writable
              mountPath: /secrets/google-oauth
      containers:
        - name: basketball-api
          image: registry.example.com/basketball-api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          env:
            - name: BASKETBALL_GMAIL_SECRETS_DIR
              value: /secrets/google-oauth
          resources:
            requests: {cpu: 50m, memory: 128Mi}
            limits: {memory: 256Mi}
          volumeMounts:
            - name: gmail-oauth-writable
              mountPath: /secrets/google-oauth
      volumes:
        - name: gmail-oauth
          secret:
            secretName: gmail-oauth-token
        - name: gmail-oauth-writable
          emptyDir: {}
"#;

fn codes(manifest: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> = Case::new(manifest, "")
        .findings()
        .iter()
        .map(|finding| finding.rule.code)
        .collect();
    codes.sort_unstable();
    codes
}

#[test]
fn the_pasted_init_container_has_its_real_flaw_and_the_nits_of_its_review() {
    let mut expected = vec!["WW302", "WW303"];
    expected.extend(
        ["WW402", "WW403"]
            .iter()
            .filter(|code| writeway_check::find(code).is_some()),
    );
    assert_eq!(codes(MAILER), expected);
    let case = Case::new(MAILER, "");
    let lost = &case.of("WW302")[0];
    assert_eq!(
        (lost.severity, lost.confidence),
        (Severity::Warning, Confidence::Medium)
    );
    assert_eq!(lost.subject.container.as_deref(), Some("copy-gmail-oauth"));
    assert_eq!(
        case.text(&lost.primary),
        "cp /secrets-ro/google-oauth/* /secrets/google-oauth/"
    );
    assert_eq!(
        lost.message,
        "container `copy-gmail-oauth` copies Secret `gmail-oauth-token` to `/secrets/google-oauth/` and nothing writes it \
         back: what is refreshed there is lost when the pod is replaced"
    );
    let places: Vec<_> = lost
        .related
        .iter()
        .map(|place| (case.text(place), place.label.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("gmail-oauth-token", "stays as it is"),
            ("gmail-oauth-writable", "ends with the pod"),
            ("/secrets/google-oauth", "says where the credential is"),
        ]
    );
    assert!(lost.why[0].contains("gmail_sdk"), "{:?}", lost.why);
    let glob = &case.of("WW303")[0];
    assert_eq!(
        (glob.severity, glob.confidence),
        (Severity::Warning, Confidence::Medium)
    );
}

#[test]
fn before_the_cure_the_read_only_mount_is_the_flaw() {
    let start = MAILER.find("      initContainers:").unwrap();
    let end = MAILER.find("      containers:").unwrap();
    let manifest = format!("{}{}", &MAILER[..start], &MAILER[end..]).replace(
        "name: gmail-oauth-writable\n              mountPath",
        "name: gmail-oauth\n              mountPath",
    );
    assert_eq!(codes(&manifest), ["WW301"]);
}

#[test]
fn the_corrected_manifest_is_clean() {
    let digest =
        "docker.io/library/busybox@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let manifest = MAILER
        .replace("image: busybox:1.36", &format!("image: {digest}"))
        .replace(
            "cp /secrets-ro/google-oauth/* /secrets/google-oauth/",
            "'[ -e /secrets/google-oauth/gmail-me.json ] || cp /secrets-ro/google-oauth/credentials.json \
             /secrets-ro/google-oauth/gmail-me.json /secrets/google-oauth/'",
        )
        .replace(
            "          volumeMounts:\n            - name: gmail-oauth\n",
            "          resources:\n            requests: {cpu: 10m, memory: 16Mi}\n            limits: {memory: 16Mi}\n          \
             volumeMounts:\n            - name: gmail-oauth\n",
        )
        .replace("emptyDir: {}", "persistentVolumeClaim: {claimName: gmail-token}");
    assert_eq!(codes(&manifest), [""; 0]);
}

#[test]
fn the_copy_is_good_beside_a_container_that_writes_the_token_back() {
    let keep = "        - name: keep\n          image: ghcr.io/acme/writeway-agent:0.1.0\n          args: [keep, --secret, gmail-state]\n          \
                volumeMounts:\n            - {name: gmail-oauth-writable, mountPath: /secrets}\n      volumes:\n";
    let manifest = MAILER.replace("      volumes:\n", keep);
    assert_eq!(Case::new(&manifest, "").of("WW302"), []);
}

#[test]
fn how_sure_a_refreshed_credential_is_depends_on_what_tells() {
    for (code, name, confidence, evidence) in [
        ("WW301", "bad", Confidence::High, "gmail_sdk"),
        (
            "WW301",
            "bad-token-file-without-secret",
            Confidence::Medium,
            "`/etc/google/token.json`",
        ),
        ("WW301", "bad-rclone-single-file", Confidence::Medium, "the image"),
        ("WW301", "bad-sidecar-and-projected", Confidence::Medium, "Codex"),
        ("WW301", "bad-names-only", Confidence::Low, "`google-oauth-token`"),
        ("WW302", "bad", Confidence::Medium, "token.json"),
        (
            "WW302",
            "bad-names-and-glob",
            Confidence::Medium,
            "`google-oauth-token`",
        ),
    ] {
        let (_, finding) = fixture(code, name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (Severity::Warning, confidence),
            "{code} {name}"
        );
        assert!(
            finding.why[0].contains(evidence),
            "{code} {name}: {:?}",
            finding.why
        );
    }
}

#[test]
fn a_copy_that_is_made_again_at_every_start_overwrites_what_lasted() {
    let (_, finding) = fixture("WW302", "bad-claim-overwritten-at-every-start");
    assert!(
        finding
            .message
            .ends_with("the next pod overwrites what was refreshed there"),
        "{}",
        finding.message
    );
    assert!(finding.help.unwrap().contains("[ -e TARGET ] || cp"));
}

#[test]
fn what_a_copy_comes_to_decides_how_bad_it_is() {
    use Confidence::{High, Medium};
    use Severity::{Error, Info, Warning};
    for (name, severity, confidence, what) in [
        ("bad", Error, High, "lead nowhere"),
        ("bad-one-file-as-a-link", Error, High, "lead nowhere"),
        ("bad-links-of-a-config-map", Error, High, "lead nowhere"),
        ("bad-ephemeral-container", Error, High, "lead nowhere"),
        (
            "bad-directory-without-recursion",
            Error,
            High,
            "nothing is copied",
        ),
        ("bad-directories-of-items", Error, High, "`sub` is a directory"),
        ("bad-hidden-key", Error, High, "nothing matches"),
        ("bad-empty-secret", Error, Medium, "nothing matches"),
        (
            "bad-unknown-secret",
            Warning,
            Medium,
            "fails when Secret `keys` has no keys",
        ),
        (
            "bad-optional-secret",
            Warning,
            Medium,
            "fails when Secret `keys` has no keys",
        ),
        (
            "bad-keys-of-today",
            Info,
            Medium,
            "fails when Secret `keys` has no keys",
        ),
        ("bad-three-times", Info, Medium, "three times"),
    ] {
        let (case, finding) = fixture("WW303", name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        assert!(finding.message.contains(what), "{name}: {}", finding.message);
        assert!(case.text(&finding.primary).starts_with("cp "), "{name}");
    }
}

#[test]
fn what_seed_copies_for_one_pod_is_a_hint_only_where_the_server_keeps_the_token_valid() {
    let path = common::fixtures().join("WW302/bad-seeded-for-one-pod.yaml");
    let seeded = std::fs::read_to_string(path).unwrap();
    let copied = seeded
        .replace("ghcr.io/writeway/agent:0.1.0", "docker.io/library/busybox:1.37.0")
        .replace(
            "args: [seed, /secret/token.json, --to, /work]",
            "command: [cp, /secret/token.json, /work/]",
        );
    let to_google = |manifest: &str| manifest.replace("xero", "google");
    for (manifest, expected) in [
        (seeded.clone(), Confidence::Medium),
        (to_google(&seeded), Confidence::Low),
        (to_google(&copied), Confidence::Medium),
    ] {
        let findings = Case::new(&manifest, "").findings();
        let found = findings.iter().find(|finding| finding.rule.code == "WW302");
        assert_eq!(
            found.map(|finding| finding.confidence),
            Some(expected),
            "{manifest}"
        );
    }
}
