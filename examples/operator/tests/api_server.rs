// SPDX-License-Identifier: Apache-2.0
//! The example, the built program, with a real API server.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use writeway_generate::{Mount, Own};
use writeway_test_cluster::{Cluster, Namespace};

fn operate(namespace: &Namespace) -> Output {
    Command::new(env!("CARGO_BIN_EXE_writeway-example-operator"))
        .args([namespace.name(), "ledger-data"])
        .env_clear()
        .env("KUBECONFIG", Cluster::shared().kubeconfig())
        .output()
        .unwrap()
}

fn pods(namespace: &Namespace) -> Vec<Value> {
    let list = Cluster::shared().admin().get(&namespace.path("pods")).unwrap();
    let list = list.object().unwrap();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn the_api_server_takes_a_pod_with_own_and_keeps_all_of_it() {
    let namespace = Cluster::shared().namespace().unwrap();
    let run = operate(&namespace);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let [pod] = pods(&namespace).try_into().unwrap();
    let name = pod["metadata"]["name"].as_str().unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap().trim(), name);

    let mounts = [Mount::new("data", "/var/lib/ledger").unwrap()];
    let expected = Own::new(1000, 1000, mounts).unwrap().render().to_json();
    let [expected] = expected.init_containers.try_into().unwrap();
    let kept = &pod["spec"]["initContainers"][0];
    for (field, value) in &expected {
        assert_eq!(&kept[field], value, "{field}");
    }
}

#[test]
fn a_namespace_that_enforces_restricted_gets_no_pod() {
    let namespace = Cluster::shared().namespace().unwrap();
    let labels = json!({ "metadata": { "labels": { "pod-security.kubernetes.io/enforce": "restricted" } } });
    let path = format!("/api/v1/namespaces/{}", namespace.name());
    let changed = Cluster::shared().admin().merge(&path, &labels).unwrap();
    assert_eq!(changed.status, 200, "{}", changed.body);
    let run = operate(&namespace);
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("restricted") && said.contains("fsGroup"), "{said}");
    assert_eq!(pods(&namespace), Vec::<Value>::new());
}
