// SPDX-License-Identifier: Apache-2.0
//! WW204: what a process may write to, but not change as its owner could.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW204", name)
}

#[test]
fn the_command_is_the_place_and_the_mount_is_shown() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "chmod 1777 /scratch");
    assert_eq!(
        finding.message,
        "container `prepare` runs `chmod` on `/scratch`, which it may write to, but which belongs to uid 0"
    );
    let labels: Vec<_> = finding
        .related
        .iter()
        .map(|location| {
            (
                location.label.as_str(),
                case.text(location).lines().next().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        labels,
        [("mounted here", "name: scratch"), ("runs as uid 991", "991")]
    );
}

#[test]
fn how_sure_and_how_bad_it_is_depends_on_the_command_and_on_the_script() {
    use Confidence::{High, Low, Medium};
    use Severity::{Error, Info, Warning};
    for (name, severity, confidence) in [
        ("bad", Error, High),
        ("bad-known-tools", Error, High),
        ("bad-exec", Error, High),
        ("bad-main-container", Warning, High),
        ("bad-install", Error, High),
        ("bad-touch", Error, High),
        ("bad-copied-attributes", Error, Medium),
        ("bad-rsync", Error, Medium),
        ("bad-archive", Error, Low),
        ("bad-postgres-in-an-empty-dir", Error, High),
        ("bad-file-of-another-user", Info, Low),
    ] {
        let (_, finding) = fixture(name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
    }
}

#[test]
fn what_is_proposed_fits_the_command() {
    for (name, help) in [
        ("bad", "leave `chmod` out, or use a directory below it"),
        ("bad-below-the-mount", "leave `chmod` out, or use a new file"),
        ("bad-copied-attributes", "copy without attributes (`cp -r`)"),
        ("bad-rsync", "copy without attributes (`rsync -r`)"),
        ("bad-archive", "extract into a directory below it"),
        (
            "bad-postgres-in-an-empty-dir",
            "keep the data in a directory below the mount",
        ),
    ] {
        let (_, finding) = fixture(name);
        let proposed = finding.help.unwrap();
        assert!(proposed.starts_with(help), "{name}: {proposed}");
    }
}
