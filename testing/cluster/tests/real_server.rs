// SPDX-License-Identifier: Apache-2.0
//! What only a real API server does: whoever writes to it can rely on these answers in the tests.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use serde_json::{Value, json};
use writeway_test_cluster::{Authority, Client, Cluster, Namespace};

fn started() -> (Client, Namespace) {
    let cluster = Cluster::shared();
    (cluster.admin(), cluster.namespace().unwrap())
}

fn config_map(data: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "settings" }, "data": data })
}

#[test]
fn it_is_kubernetes_1_20() {
    let version = Cluster::shared().admin().get("/version").unwrap();
    let version = version.object().unwrap();
    assert_eq!(
        (&version["major"], &version["minor"]),
        (&json!("1"), &json!("20"))
    );
}

#[test]
fn server_side_apply_refuses_what_another_manager_owns() {
    let (admin, namespace) = started();
    let path = namespace.path("configmaps/settings");
    let apply = |manager: &str, force: bool, data: Value| {
        admin.apply(&path, manager, force, &config_map(&data)).unwrap()
    };
    assert_eq!(apply("one", false, json!({ "a": "1", "b": "1" })).status, 201);
    let refused = apply("two", false, json!({ "a": "2" }));
    assert_eq!(
        (refused.status, &refused.body["reason"]),
        (409, &json!("Conflict"))
    );
    assert!(
        refused.body["message"].as_str().unwrap().contains("\"one\""),
        "{refused:?}"
    );
    assert_eq!(apply("two", true, json!({ "a": "2" })).status, 200);
    // What a manager no longer applies goes, unless somebody else owns it.
    let object = apply("one", false, json!({})).object().unwrap();
    assert_eq!(object["data"], json!({ "a": "2" }));
}

#[test]
fn a_stale_resource_version_is_a_conflict() {
    let (admin, namespace) = started();
    let first = admin.create(&namespace.path("configmaps"), &config_map(&json!({ "a": "1" })));
    let mut object = first.unwrap().object().unwrap();
    let path = namespace.path("configmaps/settings");
    assert_eq!(
        admin
            .merge(&path, &json!({ "data": { "a": "2" } }))
            .unwrap()
            .status,
        200
    );
    object["data"]["a"] = json!("3");
    let refused = admin.replace(&path, &object).unwrap();
    assert_eq!(
        (refused.status, &refused.body["reason"]),
        (409, &json!("Conflict"))
    );
    assert_eq!(admin.get(&path).unwrap().body["data"]["a"], "2");
}

#[test]
fn an_immutable_secret_is_unprocessable() {
    let (admin, namespace) = started();
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": "token" },
        "immutable": true,
        "stringData": { "token": "one" },
    });
    assert_eq!(
        admin.create(&namespace.path("secrets"), &secret).unwrap().status,
        201
    );
    let path = namespace.path("secrets/token");
    let refused = admin
        .merge(&path, &json!({ "stringData": { "token": "two" } }))
        .unwrap();
    assert_eq!(
        (refused.status, &refused.body["reason"]),
        (422, &json!("Invalid"))
    );
    assert_eq!(admin.delete(&path).unwrap().status, 200);
}

#[test]
fn a_service_account_may_do_what_it_was_granted_and_no_more() {
    let (_, namespace) = started();
    let cluster = Cluster::shared();
    let reader = cluster.client(&namespace.service_account("reader").unwrap());
    let secret = namespace.path("secrets/token");
    assert_eq!(reader.get(&secret).unwrap().status, 403);
    let rule = json!({
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": ["token"],
        "verbs": ["get"],
    });
    namespace.grant("reader", &rule).unwrap();
    assert_eq!(reader.get(&secret).unwrap().status, 404);
    for (what, status) in [
        (
            "another of that kind",
            reader.get(&namespace.path("secrets/other")).unwrap().status,
        ),
        (
            "all of that kind",
            reader.get(&namespace.path("secrets")).unwrap().status,
        ),
        ("another verb", reader.delete(&secret).unwrap().status),
    ] {
        assert_eq!(status, 403, "{what}");
    }
    let stranger = cluster.client("no-such-token");
    assert_eq!(stranger.get(&secret).unwrap().status, 401);
}

#[test]
fn a_status_is_a_subresource() {
    let (admin, namespace) = started();
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "web" },
        "spec": { "containers": [{ "name": "web", "image": "web" }] },
    });
    assert_eq!(admin.create(&namespace.path("pods"), &pod).unwrap().status, 201);
    let ready = json!({ "status": { "conditions": [{ "type": "Ready", "status": "True" }] } });
    let conditions = |path: &str| {
        let pod = admin
            .merge(&namespace.path(path), &ready)
            .unwrap()
            .object()
            .unwrap();
        pod["status"]["conditions"][0]["status"].clone()
    };
    assert_eq!(conditions("pods/web"), Value::Null);
    assert_eq!(conditions("pods/web/status"), "True");
}

#[test]
fn a_custom_resource_is_validated_and_stored() {
    let (admin, namespace) = started();
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
                    "properties": { "spec": {
                        "type": "object",
                        "properties": { "pages": { "type": "integer" } },
                    } },
                } },
            }],
        },
    });
    Cluster::shared().define(&definition).unwrap();
    let ledger = |pages: Value| {
        json!({
            "apiVersion": "test.writeway.dev/v1",
            "kind": "Ledger",
            "metadata": { "name": "main" },
            "spec": { "pages": pages },
        })
    };
    let path = namespace.path_in("test.writeway.dev/v1", "ledgers/main");
    let created = admin.apply(&path, "test", false, &ledger(json!(3))).unwrap();
    assert_eq!(created.object().unwrap()["spec"]["pages"], 3);
    let ledgers = namespace.path_in("test.writeway.dev/v1", "ledgers");
    let refused = admin.create(&ledgers, &ledger(json!("three"))).unwrap();
    assert_eq!(
        (refused.status, &refused.body["reason"]),
        (422, &json!("Invalid")),
        "{refused:?}"
    );
}

#[test]
fn another_authority_is_not_trusted() {
    let cluster = Cluster::shared();
    let other = Authority::new().unwrap().pem();
    let client = cluster.client_trusting(&other, cluster.admin_token()).unwrap();
    let error = format!("{:#}", client.get("/version").unwrap_err());
    assert!(error.contains("certificate"), "{error}");
}
