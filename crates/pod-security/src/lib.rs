// SPDX-License-Identifier: Apache-2.0
//! Floor 1: the Pod Security Standards, as the admission controller of Kubernetes 1.37 applies them.
//!
//! A [`Policy`] is a level and a version. [`evaluate`] says which of its checks refuse a pod, in Kubernetes' own words
//! and order, and which fields are the cause; [`NamespacePolicy`] reads the labels that choose a policy. The checks are
//! those of k8s.io/pod-security-admission, `policy/check_*.go`, each with the revisions that its versions have.
//!
//! What Kubernetes changed without a new version (image volumes are allowed at level restricted since 1.33, AppArmor
//! fields are judged since 1.30) is so in every version here, as it is in a cluster of today whose namespace pins an old
//! one.
//!
//! ```
//! use writeway_manifest::{Inventory, ParsedFile};
//! use writeway_pod_security::{Policy, evaluate};
//!
//! let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostPID: true\n  containers: [{name: app}]\n";
//! let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
//! let baseline = Policy { level: "baseline".parse()?, version: "v1.31".parse()? };
//! let verdict = evaluate(&inventory.workloads()[0], baseline);
//! assert_eq!(verdict.admitted(), Some(false));
//! assert_eq!(verdict.refusals[0].check, "hostNamespaces");
//! # Ok::<(), writeway_pod_security::PolicyError>(())
//! ```

mod admission;
mod checks;
mod evaluate;
mod namespace;
mod policy;
mod setters;
mod subject;
mod verdict;
mod wording;

pub use admission::{Admission, Request};
pub use checks::{BASELINE, Check, RESTRICTED};
pub use evaluate::evaluate;
pub use namespace::{LabelMistake, Mode, ModePolicy, NamespacePolicy};
pub use policy::{Level, NEWEST_MINOR, Policy, PolicyError, PolicyVersion};
pub use verdict::{Culprit, CulpritContainer, Fault, Refusal, Verdict};
