// SPDX-License-Identifier: Apache-2.0
//! A namespace of one test, and who may do what there.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::client::Client;
use crate::eventually::eventually;

const RBAC: &str = "rbac.authorization.k8s.io/v1";

/// A namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    admin: Client,
    name: String,
}

impl Namespace {
    pub(crate) fn create(admin: Client, name: String) -> anyhow::Result<Self> {
        let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        admin.create("/api/v1/namespaces", &object)?.object()?;
        Ok(Self { admin, name })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path of something of the core group in it: of `secrets/token`, say.
    #[must_use]
    pub fn path(&self, object: &str) -> String {
        format!("/api/v1/namespaces/{}/{object}", self.name)
    }

    /// The path of something of a named group in it: of `apps/v1` and `deployments/web`, say.
    #[must_use]
    pub fn path_in(&self, group: &str, object: &str) -> String {
        format!("/apis/{group}/namespaces/{}/{object}", self.name)
    }

    /// Makes a service account, and returns a token of it as kubelet gets one for a pod (`TokenRequest`). It may do
    /// nothing yet.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn service_account(&self, account: &str) -> anyhow::Result<String> {
        let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": account } });
        self.admin
            .create(&self.path("serviceaccounts"), &object)?
            .object()?;
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": { "expirationSeconds": 3600 },
        });
        let path = self.path(&format!("serviceaccounts/{account}/token"));
        let answer = self.admin.create(&path, &request)?.object()?;
        let token = answer["status"]["token"].as_str();
        Ok(token
            .context("the answer to a TokenRequest has no token")?
            .to_owned())
    }

    /// Lets a service account do what a rule of RBAC says, and returns when the server knows.
    ///
    /// # Errors
    /// When the server refuses, or the rule has no verb, group or resource.
    pub fn grant(&self, account: &str, rule: &Value) -> anyhow::Result<()> {
        let first = |field: &str| {
            let value = rule[field][0].as_str();
            value.with_context(|| format!("the rule has no {field}"))
        };
        let (resource, subresource) = match first("resources")?.split_once('/') {
            Some((resource, subresource)) => (resource, subresource),
            None => (first("resources")?, ""),
        };
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": format!("system:serviceaccount:{}:{account}", self.name),
                "resourceAttributes": {
                    "namespace": self.name,
                    "verb": first("verbs")?,
                    "group": first("apiGroups")?,
                    "resource": resource,
                    "subresource": subresource,
                    "name": rule["resourceNames"][0].as_str().unwrap_or_default(),
                },
            },
        });
        let metadata = json!({ "generateName": "test-" });
        let role = json!({
            "apiVersion": RBAC,
            "kind": "Role",
            "metadata": metadata,
            "rules": [rule],
        });
        let role = self.admin.create(&self.path_in(RBAC, "roles"), &role)?.object()?;
        let binding = json!({
            "apiVersion": RBAC,
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"] },
            "subjects": [{ "kind": "ServiceAccount", "namespace": self.name, "name": account }],
        });
        self.admin
            .create(&self.path_in(RBAC, "rolebindings"), &binding)?
            .object()?;

        eventually(&format!("{account} may do what was granted"), || {
            let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
            let answer = self.admin.create(path, &review)?.object()?;
            Ok(answer["status"]["allowed"] == true)
        })
    }
}
