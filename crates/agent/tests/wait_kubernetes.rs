// SPDX-License-Identifier: Apache-2.0
//! `wait k8s://…`, the built program, with a real API server. What a misbehaving one does to it is in `wait/kubernetes.rs`.
//!
//! The program has the token of a service account that may `get` one object, and nothing more.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

#[path = "wait/agent.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod agent;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use writeway_test_cluster::{Authority, Client, Cluster, Namespace};

use agent::{Running, run, start, wait};

/// A namespace with a service account, and what a pod of it has.
struct Pod {
    admin: Client,
    namespace: Namespace,
    folder: TempDir,
}

/// Longer than anything takes on a busy machine.
const BUDGET: &str = "--budget=60s";

impl Pod {
    /// One that may do nothing yet.
    fn new() -> Self {
        let cluster = Cluster::shared();
        let pod = Self {
            admin: cluster.admin(),
            namespace: cluster.namespace().unwrap(),
            folder: TempDir::new().unwrap(),
        };
        fs::write(pod.file("ca.crt"), cluster.ca()).unwrap();
        fs::write(
            pod.file("token"),
            pod.namespace.service_account("waiter").unwrap(),
        )
        .unwrap();
        pod
    }

    /// One that may get one object.
    fn that_gets(group: &str, resource: &str, name: &str) -> Self {
        let pod = Self::new();
        pod.may_get(group, resource, name);
        pod
    }

    fn may_get(&self, group: &str, resource: &str, name: &str) {
        let rule = json!({
            "apiGroups": [group],
            "resources": [resource],
            "resourceNames": [name],
            "verbs": ["get"],
        });
        self.namespace.grant("waiter", &rule).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `wait` for an object in the namespace.
    fn wait(&self, target: &str) -> Command {
        let mut command = wait();
        command
            .arg(format!("k8s://{}/{target}", self.namespace.name()))
            .args(["--interval=10ms", "--max-interval=100ms", "--per-probe=30s"])
            .args(["--kube-api-server", Cluster::shared().url()])
            .arg("--kube-ca")
            .arg(self.file("ca.crt"))
            .arg("--kube-token-file")
            .arg(self.file("token"));
        command
    }

    /// The same, with a reason that it has to tell first.
    fn wait_until_told(&self, target: &str, reason: &str) -> Running {
        let mut agent = start(self.wait(target).arg(BUDGET));
        self.told(&mut agent, reason);
        agent
    }

    /// Reads the next line, which has to tell a reason.
    fn told(&self, agent: &mut Running, reason: &str) {
        let line = agent.line();
        let expected = format!(": {}\n", reason.replace("NAMESPACE", self.namespace.name()));
        assert!(line.ends_with(&expected), "{line}");
    }

    fn create(&self, collection: &str, object: &Value) {
        let path = self.namespace.path(collection);
        self.admin.create(&path, object).unwrap().object().unwrap();
    }

    fn merge(&self, object: &str, patch: &Value) {
        let path = self.namespace.path(object);
        self.admin.merge(&path, patch).unwrap().object().unwrap();
    }
}

/// Waits for the end, which has to be that the target is ready.
fn ends_ready(agent: Running) {
    let outcome = agent.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let last = *outcome.lines().last().unwrap();
    assert!(last.contains(": ready after "), "{last}");
}

fn config_map() -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings" } })
}

#[test]
fn an_object_that_is_created_later() {
    let pod = Pod::that_gets("", "configmaps", "settings");
    let missing = "404: configmaps/settings in NAMESPACE is not there";
    let agent = pod.wait_until_told("configmap/settings", missing);
    pod.create("configmaps", &config_map());
    ends_ready(agent);
}

#[test]
fn a_condition_that_turns_true_later() {
    let pod = Pod::that_gets("", "pods", "web");
    pod.create(
        "pods",
        &json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": "web" },
            "spec": { "containers": [{ "name": "web", "image": "web" }] },
        }),
    );
    let mut agent = pod.wait_until_told("pod/web?condition=Ready", "it has no condition Ready yet");
    let ready = |status: &str, reason: &str| {
        let condition = json!({ "type": "Ready", "status": status, "reason": reason });
        pod.merge(
            "pods/web/status",
            &json!({ "status": { "conditions": [condition] } }),
        );
    };
    ready("False", "ContainersNotReady");
    pod.told(&mut agent, "its condition Ready is False (ContainersNotReady)");
    ready("True", "");
    ends_ready(agent);
}

#[test]
fn a_key_of_a_secret_that_is_filled_later() {
    let pod = Pod::that_gets("", "secrets", "minted");
    pod.create(
        "secrets",
        &json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "minted" } }),
    );
    let mut agent = pod.wait_until_told("secret/minted?key=token", "it has no key token");
    pod.merge("secrets/minted", &json!({ "stringData": { "token": "\n" } }));
    pod.told(&mut agent, "its key token is empty");
    pod.merge("secrets/minted", &json!({ "stringData": { "token": "s3cr3t" } }));
    let outcome = agent.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for value in ["s3cr3t", "czNjcjN0"] {
        assert!(!outcome.stderr.contains(value), "{}", outcome.stderr);
    }
}

#[test]
fn a_custom_resource_whose_kind_comes_later() {
    let pod = Pod::that_gets("test.writeway.dev", "ledgers", "main");
    let target = "test.writeway.dev/v1/ledgers/main?condition=Balanced";
    let agent = pod.wait_until_told(target, "404: ledgers/main in NAMESPACE is not there");
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "ledgers.test.writeway.dev" },
        "spec": {
            "group": "test.writeway.dev",
            "scope": "Namespaced",
            "names": { "kind": "Ledger", "plural": "ledgers" },
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                } },
            }],
        },
    });
    Cluster::shared().define(&definition).unwrap();
    let ledger = json!({
        "apiVersion": "test.writeway.dev/v1",
        "kind": "Ledger",
        "metadata": { "name": "main" },
        "status": { "conditions": [{ "type": "Balanced", "status": "True" }] },
    });
    let ledgers = pod.namespace.path_in("test.writeway.dev/v1", "ledgers");
    pod.admin.create(&ledgers, &ledger).unwrap().object().unwrap();
    ends_ready(agent);
}

#[test]
fn a_role_that_is_bound_later() {
    let pod = Pod::new();
    pod.create("configmaps", &config_map());
    let refused = "403: `get` on configmaps/settings in NAMESPACE is not allowed: bind a Role that allows it";
    let agent = pod.wait_until_told("configmap/settings", refused);
    pod.may_get("", "configmaps", "settings");
    ends_ready(agent);
}

#[test]
fn a_token_that_is_renewed_later() {
    let pod = Pod::that_gets("", "configmaps", "settings");
    pod.create("configmaps", &config_map());
    let good = fs::read(pod.file("token")).unwrap();
    fs::write(pod.file("token"), "of-another-cluster").unwrap();
    let refused = "401: the API server does not take the token";
    let agent = pod.wait_until_told("configmap/settings", refused);
    // As kubelet does it: never half of a token.
    fs::write(pod.file("renewed"), good).unwrap();
    fs::rename(pod.file("renewed"), pod.file("token")).unwrap();
    ends_ready(agent);
}

#[test]
fn what_does_not_come_exhausts_the_budget() {
    let pod = Pod::that_gets("", "configmaps", "settings");
    let outcome = run(pod.wait("configmap/settings").arg("--budget=3s"));
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("404: configmaps/settings in "),
        "{}",
        outcome.stderr
    );
    outcome.within(Duration::from_secs(3), "an object that does not come");
}

#[test]
fn another_authority_is_not_trusted() {
    let pod = Pod::that_gets("", "configmaps", "settings");
    pod.create("configmaps", &config_map());
    fs::write(pod.file("ca.crt"), Authority::new().unwrap().pem()).unwrap();
    let outcome = run(pod.wait("configmap/settings").arg("--budget=3s"));
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    let reason = "an authority that is not trusted";
    assert!(outcome.stderr.contains(reason), "{}", outcome.stderr);
}
