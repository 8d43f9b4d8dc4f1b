// SPDX-License-Identifier: Apache-2.0
//! Probes: how kubelet finds out whether a container works.

use std::time::Duration;

use writeway_yaml::Span;

use crate::Spanned;

/// The probes of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Probes {
    /// `startupProbe`: until it succeeds, the others do not run.
    pub startup: Option<Probe>,
    /// `readinessProbe`: whether the pod counts as ready.
    pub readiness: Option<Probe>,
    /// `livenessProbe`: whether the container is restarted.
    pub liveness: Option<Probe>,
}

/// When a probe runs; absent fields have Kubernetes' defaults (pkg/apis/core/v1/defaults.go, SetDefaults_Probe).
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The whole mapping.
    pub span: Span,
    /// `initialDelaySeconds`; 0 by default.
    pub initial_delay_seconds: Option<Spanned<i64>>,
    /// `periodSeconds`; 10 by default.
    pub period_seconds: Option<Spanned<i64>>,
    /// `timeoutSeconds`; 1 by default.
    pub timeout_seconds: Option<Spanned<i64>>,
    /// `failureThreshold`; 3 by default.
    pub failure_threshold: Option<Spanned<i64>>,
    /// `successThreshold`; 1 by default.
    pub success_threshold: Option<Spanned<i64>>,
}

impl Probe {
    /// How long after the container's start the first attempt is made, at the earliest.
    pub fn initial_delay(&self) -> Duration {
        seconds(self.initial_delay_seconds.as_ref(), 0)
    }

    /// Time between two attempts.
    pub fn period(&self) -> Duration {
        seconds(self.period_seconds.as_ref(), 10)
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Duration {
        seconds(self.timeout_seconds.as_ref(), 1)
    }

    /// Attempts that have to fail in a row until the probe has failed.
    pub fn failures(&self) -> u32 {
        count(self.failure_threshold.as_ref(), 3)
    }

    /// Attempts that have to succeed in a row until the probe has succeeded.
    pub fn successes(&self) -> u32 {
        count(self.success_threshold.as_ref(), 1)
    }
}

/// 0 means the default, as for the API server: the field has no pointer.
fn seconds(written: Option<&Spanned<i64>>, default: u64) -> Duration {
    let written = written.and_then(|written| u64::try_from(written.value).ok());
    Duration::from_secs(written.filter(|seconds| *seconds > 0).unwrap_or(default))
}

fn count(written: Option<&Spanned<i64>>, default: u32) -> u32 {
    let written = written.and_then(|written| u32::try_from(written.value).ok());
    written.filter(|count| *count > 0).unwrap_or(default)
}
