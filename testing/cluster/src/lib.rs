// SPDX-License-Identifier: Apache-2.0
//! For tests alone: a real kube-apiserver with its etcd, on 127.0.0.1, for as long as the tests run.
//!
//! One cluster serves all tests of a program, each in a namespace of its own:
//!
//! ```no_run
//! use serde_json::json;
//! use writeway_test_cluster::Cluster;
//!
//! let cluster = Cluster::shared();
//! let namespace = cluster.namespace().unwrap();
//! let token = namespace.service_account("reader").unwrap();
//! namespace.grant("reader", &json!({ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] })).unwrap();
//! let answer = cluster.client(&token).get(&namespace.path("secrets/token")).unwrap();
//! assert_eq!(answer.status, 404);
//! ```
//!
//! There are no nodes, no controllers and no scheduler: a Pod stays as it was written, and what a controller would do,
//! a test does.

mod certificates;
mod client;
mod cluster;
mod eventually;
mod guarded;
mod namespace;
mod programs;
mod setup;

pub use certificates::Authority;
pub use client::{Answer, Client};
pub use cluster::Cluster;
pub use namespace::Namespace;
