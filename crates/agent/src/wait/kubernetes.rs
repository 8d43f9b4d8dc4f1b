// SPDX-License-Identifier: Apache-2.0
//! `k8s://…`: an object is there, has a condition, or a key with content.
//!
//! Each look is one GET of one object, so that `get` on that name is all the permission it takes. Whether an object is
//! there is asked by its metadata only: a Secret's values stay where they are.

mod cluster;
mod condition;
mod key;
mod kind;
mod reference;

use std::io::BufReader;
use std::time::Instant;

use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::header::{ACCEPT, HeaderValue};
use ureq::http::{Response, StatusCode, Uri};

use crate::exit::Failure;

use super::client;
use super::setup::Setup;
use super::target::Probe;

pub(super) use cluster::{CA_FILE, Cluster};
use reference::{Reference, Wanted};

/// The most that is read of an answer: an object has 1.5 MiB at most in etcd, and is longer in JSON.
const LARGEST: u64 = 8 << 20;

/// Asks for the metadata only (Kubernetes, API concepts, "Metadata-only fetches"; since 1.15).
const METADATA: HeaderValue =
    HeaderValue::from_static("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

struct Kubernetes {
    reference: Reference,
    cluster: Cluster,
    uri: Uri,
}

pub(super) fn read(text: &str, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let reference = Reference::read(text, cluster::own_namespace)
        .map_err(|why| Failure::usage(format_args!("a target `k8s:` cannot be read: {why}")))?;
    let cluster = setup.cluster()?;
    let uri = cluster
        .uri(&reference.path())
        .ok_or_else(|| Failure::usage("a target `k8s:` cannot be read: its name is too long"))?;
    Ok(Box::new(Kubernetes {
        reference,
        cluster,
        uri,
    }))
}

impl Probe for Kubernetes {
    fn shown(&self) -> String {
        self.reference.to_string()
    }

    fn look(&mut self, until: Instant) -> Result<(), String> {
        let accept = match self.reference.wanted {
            Wanted::Existence => METADATA,
            Wanted::Condition { .. } | Wanted::Key(..) => JSON,
        };
        let mut headers = self.cluster.credentials.headers()?;
        headers.push((ACCEPT, accept));
        let answer = self.cluster.client.get(&self.uri, headers, until)?;
        match answer.status() {
            StatusCode::OK => {}
            other => return Err(self.refused(other)),
        }
        match &self.reference.wanted {
            Wanted::Existence => Ok(()),
            Wanted::Condition { name, status } => object::<condition::Object>(answer)?.has(name, status),
            Wanted::Key(name, content) => object::<key::Object>(answer)?.has(name, *content),
        }
    }
}

/// What is needed of the object in an answer, read as it comes in.
fn object<T: DeserializeOwned>(mut answer: Response<Body>) -> Result<T, String> {
    let body = answer.body_mut().with_config().limit(LARGEST).reader();
    serde_json::from_reader(BufReader::new(body)).map_err(|error| {
        if error.is_io() {
            client::io_reason(&error.into())
        } else {
            "the answer is not such an object".to_owned()
        }
    })
}

impl Kubernetes {
    /// What a status of the API server means here.
    fn refused(&self, status: StatusCode) -> String {
        let object = self.reference.object();
        match status.as_u16() {
            401 => "401: the API server does not take the token".to_owned(),
            403 => format!("403: `get` on {object} is not allowed: bind a Role that allows it"),
            404 => format!("404: {object} is not there"),
            status => format!("{status} of the API server"),
        }
    }
}
