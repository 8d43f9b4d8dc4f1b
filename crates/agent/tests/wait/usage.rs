// SPDX-License-Identifier: Apache-2.0
//! Wrong usage is code 2, at once.

use std::time::Duration;

use super::agent::run_wait;

#[test]
fn wrong_usage_is_refused_at_once() {
    for words in [
        &[][..],
        &["127.0.0.1:80"],
        &["ftp://host/"],
        &["http:/host"],
        &["http://"],
        &["http://:80/"],
        &["http://host:0/"],
        &["http://host:99999/"],
        &["http://host:/"],
        &["http://ho st/"],
        &["tcp://host"],
        &["tcp://host:0"],
        &["tcp://host:http"],
        &["tcp://::1:80"],
        &["tcp://host:80/path"],
        &["unix:socket"],
        &["file:"],
        &["file:relative"],
        &["non-empty:relative"],
        &["dns://"],
        &["dns://name:53"],
        &["k8s://apps/thing/x"],
        &["k8s://apps/secret/x?key=a/b"],
        &["k8s://apps/pod/x?key=a"],
        // Not in a pod.
        &["k8s://apps/pod/x"],
        &["k8s://apps/pod/x", "--kube-api-server=10.0.0.1"],
        &["k8s://apps/pod/x", "--kube-api-server=https://u:p@h/"],
        &["k8s://apps/pod/x", "--kube-api-server=https://h/?q"],
        &[
            "k8s://apps/pod/x",
            "--kube-api-server=https://h/",
            "--kube-ca=/nothing/there",
        ],
        &[
            "k8s://apps/pod/x",
            "--kube-api-server=https://h/",
            "--insecure-skip-tls-verify",
        ],
        &["file:/", "--budget=0"],
        &["file:/", "--budget=5"],
        &["file:/", "--budget=99999999h", "--budget=1s"],
        &["file:/", "--per-probe=0"],
        &["file:/", "--interval=2s", "--max-interval=1s"],
        &["file:/", "--accept=2xx"],
        &["http://h/", "--content-type=json"],
        &["https://h/", "--insecure-skip-tls-verify", "--ca=/etc/hosts"],
    ] {
        let outcome = run_wait(words);
        assert_eq!(outcome.code, Some(2), "{words:?}: {}", outcome.stderr);
        assert_eq!(outcome.lines().len(), 1, "{words:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains("see `writeway-agent wait --help`"),
            "{words:?}: {}",
            outcome.stderr
        );
        outcome.within(Duration::from_millis(500), "wrong usage");
    }
}

#[test]
fn the_help_names_each_kind_of_target() {
    let verb = writeway_agent::VERBS
        .iter()
        .find(|verb| verb.name == "wait")
        .unwrap();
    for word in [
        "http:",
        "https:",
        "tcp:",
        "unix:",
        "file:",
        "non-empty:",
        "dns:",
        "k8s:",
    ] {
        assert!(verb.details.contains(&format!("{word}/")), "{word}");
    }
    // The message for a target that is none has all of them; it is made from the table.
    let outcome = run_wait(&["none"]);
    assert_eq!(outcome.stderr.matches(":`").count(), 8, "{}", outcome.stderr);
}

#[test]
fn a_budget_may_be_longer_than_anybody_lives() {
    let outcome = run_wait(&["file:/", "--budget=876000h"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}
