// SPDX-License-Identifier: Apache-2.0
//! WW210: what is said of a mode, and how bad it is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW210", name)
}

#[test]
fn the_message_says_what_the_mode_is_and_the_help_how_to_write_it() {
    let rows = [
        (
            "bad",
            "400",
            Severity::Error,
            "0620 and not 0400",
            "`0400` (in JSON 256)",
        ),
        (
            "bad-group",
            "440",
            Severity::Warning,
            "0670 and not 0440",
            "`0440` (in JSON 288)",
        ),
        (
            "bad-refused",
            "755",
            Severity::Error,
            "01363 and not 0755",
            "`0755` (in JSON 493)",
        ),
        (
            "bad-projected-items",
            "400",
            Severity::Warning,
            "0620 and not 0400",
            "`0400`",
        ),
        (
            "bad-empty-dir",
            "1777",
            Severity::Warning,
            "03361 and not 01777",
            "`01777` (in JSON 1023)",
        ),
        (
            "bad-decimal-with-a-leading-zero",
            "0420",
            Severity::Error,
            "makes 0420 octal, and 420 (0644) was probably meant",
            "`0644` (in JSON 420)",
        ),
    ];
    for (name, written, severity, message, help) in rows {
        let (case, finding) = fixture(name);
        assert_eq!(case.text(&finding.primary), written, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, Confidence::High),
            "{name}"
        );
        assert!(finding.message.contains(message), "{name}: {}", finding.message);
        assert!(finding.help.unwrap().contains(help), "{name}");
    }
}

#[test]
fn who_cannot_read_is_shown_where_the_files_are_mounted() {
    let (case, finding) = fixture("bad");
    assert_eq!(finding.primary.label, "decimal: 0620, rw--w----");
    let mount = finding
        .related
        .iter()
        .find(|place| place.label.contains("uid 1000"))
        .unwrap();
    assert_eq!(case.text(mount), "/etc/key");
    assert!(finding.why[0].contains("container `app` runs as uid 1000 and cannot read them"));
}

#[test]
fn root_and_who_may_be_root_can_read() {
    for security in ["runAsUser: 0", "runAsGroup: 0"] {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: app\n    image: app\n    \
             securityContext: {{{security}}}\n    volumeMounts: [{{name: key, mountPath: /key}}]\n  \
             volumes: [{{name: key, secret: {{secretName: key, defaultMode: 400}}}}]\n"
        );
        let findings = Case::new(&manifest, "").findings();
        let found = findings
            .iter()
            .find(|finding| finding.rule.code == "WW210")
            .unwrap();
        assert_eq!(found.severity, Severity::Warning, "{security}");
    }
}
