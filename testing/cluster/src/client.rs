// SPDX-License-Identifier: Apache-2.0
//! What a test says to the API server, and what that answers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use ureq::http::{Method, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A user of the API.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

/// An answer with any status.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The object, list or `Status` in it; a string where it is no JSON.
    pub body: Value,
}

impl Client {
    /// Whoever a token belongs to.
    pub(crate) fn new(url: &str, agent: ureq::Agent, token: &str) -> Self {
        Self {
            agent,
            url: url.to_owned(),
            authorization: format!("Bearer {token}"),
        }
    }

    /// Connections to servers whose certificate that authority signed, where no answer takes longer than that.
    ///
    /// # Errors
    /// When the authority is no certificate.
    pub(crate) fn agent(ca: &str, longest: Duration) -> anyhow::Result<ureq::Agent> {
        let root = Certificate::from_pem(ca.as_bytes()).context("the authority is no certificate")?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[root]))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(longest))
            .build();
        Ok(config.into())
    }

    /// Reads an object or a list.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, None)
    }

    /// Writes a new object into a collection.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn create(&self, path: &str, object: &Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(("application/json", object)))
    }

    /// Writes an object in place of the one that is there.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn replace(&self, path: &str, object: &Value) -> anyhow::Result<Answer> {
        self.send(Method::PUT, path, Some(("application/json", object)))
    }

    /// Changes fields by a JSON merge patch (RFC 7386), of the status, too, where the path ends with `/status`.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn merge(&self, path: &str, patch: &Value) -> anyhow::Result<Answer> {
        self.send(Method::PATCH, path, Some(("application/merge-patch+json", patch)))
    }

    /// Applies fields that a manager owns from then on (server-side apply); with `force` those of other managers, too.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn apply(&self, path: &str, manager: &str, force: bool, object: &Value) -> anyhow::Result<Answer> {
        let path = format!("{path}?fieldManager={manager}&force={force}");
        self.send(
            Method::PATCH,
            &path,
            Some(("application/apply-patch+yaml", object)),
        )
    }

    /// Asks whether the server would take fields that a manager applies; it goes all the way but the last.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn would_apply(&self, path: &str, manager: &str, object: &Value) -> anyhow::Result<Answer> {
        let path = format!("{path}?fieldManager={manager}&dryRun=All");
        self.send(
            Method::PATCH,
            &path,
            Some(("application/apply-patch+yaml", object)),
        )
    }

    /// Removes an object.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::DELETE, path, None)
    }

    /// Sends any request. The path begins with `/api/` or `/apis/`; the body has a content type.
    ///
    /// # Errors
    /// When there is no answer. One of any status is no error.
    pub fn send(&self, method: Method, path: &str, body: Option<(&str, &Value)>) -> anyhow::Result<Answer> {
        let said = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", &self.authorization)
            .header("accept", "application/json");
        let answer = match body {
            Some((content_type, body)) => {
                let request = request.header("content-type", content_type);
                self.agent.run(request.body(body.to_string())?)
            }
            None => self.agent.run(request.body(())?),
        };
        let mut answer = answer.with_context(|| format!("no answer to {said}"))?;
        let text = answer.body_mut().read_to_string();
        let text = text.with_context(|| format!("no whole answer to {said}"))?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    }
}

impl Answer {
    /// The object, when it was read or written.
    ///
    /// # Errors
    /// With the status and the reason that the server gave, when it was not.
    pub fn object(self) -> anyhow::Result<Value> {
        match self.status {
            200..300 => Ok(self.body),
            status => anyhow::bail!(
                "{status}: {}",
                self.body["message"].as_str().unwrap_or("no reason")
            ),
        }
    }
}
