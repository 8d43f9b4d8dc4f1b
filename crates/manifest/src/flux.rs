// SPDX-License-Identifier: Apache-2.0
//! Flux: where it reads manifests from, and what it writes back.

use crate::Spanned;

/// `GitRepository` (fluxcd/source-controller, api/v1/gitrepository_types.go).
#[derive(Debug, Clone, PartialEq)]
pub struct GitRepository {
    /// `spec.url`.
    pub url: Spanned<String>,
    /// `spec.secretRef.name`: the credential.
    pub secret: Option<Spanned<String>>,
    /// `spec.provider`, when it is not `generic`: the credential comes from a cloud or an App.
    pub provider: Option<Spanned<String>>,
    /// `spec.ref`, when one is given.
    pub reference: Option<GitReference>,
    /// `spec.suspend`.
    pub suspended: bool,
}

/// `GitRepositoryRef`: what is checked out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GitReference {
    /// `branch`.
    pub branch: Option<Spanned<String>>,
    /// The field that decides when there is no branch: `tag`, `semver`, `commit` or `name`, with its value.
    pub fixed: Option<(String, Spanned<String>)>,
}

/// `ImageUpdateAutomation` (fluxcd/image-automation-controller, api/v1/imageupdateautomation_types.go).
#[derive(Debug, Clone, PartialEq)]
pub struct ImageUpdateAutomation {
    /// Name of the GitRepository: `spec.sourceRef`, in v1alpha1 `spec.checkout.gitRepositoryRef`.
    pub source: Spanned<String>,
    /// The GitRepository's namespace when it is another one.
    pub source_namespace: Option<Spanned<String>>,
    /// What is checked out, when it is not what the GitRepository says.
    pub checkout: Option<GitReference>,
    /// The branch that commits are pushed to, when one is named.
    pub push_branch: Option<Spanned<String>>,
    /// `spec.suspend`.
    pub suspended: bool,
}
