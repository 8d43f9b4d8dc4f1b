// SPDX-License-Identifier: Apache-2.0
//! Custom resources from which a controller deploys a chart or a folder of manifests.

use std::time::Duration;

use writeway_yaml::Span;

use crate::Spanned;

/// Flux's `HelmRelease` (helm.toolkit.fluxcd.io; helm-controller api/v2/helmrelease_types.go).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HelmRelease {
    /// The whole mapping.
    pub span: Span,
    /// `spec.releaseName`.
    pub release_name: Option<Spanned<String>>,
    /// `spec.targetNamespace`.
    pub target_namespace: Option<Spanned<String>>,
    /// `spec.timeout`, of every single operation, e.g. a hook; [`Self::DEFAULT_TIMEOUT`] without.
    pub timeout: Option<Spanned<Duration>>,
    /// `spec.interval`: how often it is looked at again.
    pub interval: Option<Spanned<Duration>>,
    /// `spec.install`.
    pub install: HelmAction,
    /// `spec.upgrade`.
    pub upgrade: HelmAction,
}

impl HelmRelease {
    /// The timeout without one in the resource (helmrelease_types.go, GetTimeout).
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

    /// The timeout of an action, with the place where it is written.
    pub fn timeout_of(&self, action: &HelmAction) -> (Duration, Option<Span>) {
        let written = action.timeout.as_ref().or(self.timeout.as_ref());
        written.map_or((Self::DEFAULT_TIMEOUT, None), |timeout| {
            (timeout.value, Some(timeout.span))
        })
    }
}

/// `spec.install` or `spec.upgrade` of a [`HelmRelease`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HelmAction {
    /// `timeout`, instead of the release's.
    pub timeout: Option<Spanned<Duration>>,
    /// `remediation.retries`: further attempts after one that failed; -1 for no end of them.
    pub retries: Option<Spanned<i64>>,
    /// `disableWait`: nothing is waited for, but hooks.
    pub disable_wait: Option<Spanned<bool>>,
    /// `disableHooks`: no hook runs.
    pub disable_hooks: Option<Spanned<bool>>,
}

/// Argo CD's `Application` (argoproj.io; argo-cd pkg/apis/application/v1alpha1/types.go).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Application {
    /// The whole mapping.
    pub span: Span,
    /// `spec.source`, or those of `spec.sources`.
    pub sources: Vec<ApplicationSource>,
    /// `spec.destination.namespace`.
    pub destination_namespace: Option<Spanned<String>>,
    /// `spec.syncPolicy.automated` is there: it syncs by itself.
    pub automated: Option<Span>,
}

/// A source of an [`Application`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApplicationSource {
    /// The whole mapping.
    pub span: Span,
    /// `repoURL`.
    pub repo_url: Option<Spanned<String>>,
    /// `path` in the repository.
    pub path: Option<Spanned<String>>,
    /// `chart` in a Helm repository.
    pub chart: Option<Spanned<String>>,
    /// `helm` is there: the source is a chart.
    pub helm: Option<Span>,
    /// `helm.releaseName`.
    pub release_name: Option<Spanned<String>>,
}
