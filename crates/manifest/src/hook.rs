// SPDX-License-Identifier: Apache-2.0
//! Hooks: objects that Helm or Argo CD creates at a moment of a release instead of keeping them with it.

use crate::{Metadata, Spanned};

/// Annotation that makes an object a hook of Helm.
const HOOK: &str = "helm.sh/hook";
const WEIGHT: &str = "helm.sh/hook-weight";
const DELETE_POLICY: &str = "helm.sh/hook-delete-policy";

/// Annotation that makes an object a hook of Argo CD.
const ARGO_HOOK: &str = "argocd.argoproj.io/hook";

/// A moment of a release at which Helm runs hooks (helm pkg/release/v1/hook.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookEvent {
    /// Before the first install creates anything.
    PreInstall,
    /// When everything of an install is created, and ready when Helm waits for that.
    PostInstall,
    /// Before an upgrade changes anything.
    PreUpgrade,
    /// When everything of an upgrade is there.
    PostUpgrade,
    /// Before a rollback changes anything.
    PreRollback,
    /// After a rollback.
    PostRollback,
    /// Before an uninstall deletes anything.
    PreDelete,
    /// After an uninstall.
    PostDelete,
    /// `helm test`.
    Test,
}

impl HookEvent {
    /// Every event, those of an install first.
    pub const ALL: [Self; 9] = [
        Self::PreInstall,
        Self::PostInstall,
        Self::PreUpgrade,
        Self::PostUpgrade,
        Self::PreRollback,
        Self::PostRollback,
        Self::PreDelete,
        Self::PostDelete,
        Self::Test,
    ];

    /// The event's name in the annotation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostInstall => "post-install",
            Self::PreUpgrade => "pre-upgrade",
            Self::PostUpgrade => "post-upgrade",
            Self::PreRollback => "pre-rollback",
            Self::PostRollback => "post-rollback",
            Self::PreDelete => "pre-delete",
            Self::PostDelete => "post-delete",
            Self::Test => "test",
        }
    }

    /// The event of a name, as Helm reads it: any case; `test-success` is the name of Helm 2.
    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if name == "test-success" {
            return Some(Self::Test);
        }
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// When Helm deletes a hook (helm pkg/release/v1/hook.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookDeletePolicy {
    /// Before it is created again, at the next release. What Helm does when no policy is written.
    BeforeHookCreation,
    /// When all hooks of the event have succeeded; when a later one fails, too.
    HookSucceeded,
    /// When it has failed.
    HookFailed,
}

impl HookDeletePolicy {
    /// The policy's name in the annotation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeHookCreation => "before-hook-creation",
            Self::HookSucceeded => "hook-succeeded",
            Self::HookFailed => "hook-failed",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        [Self::BeforeHookCreation, Self::HookSucceeded, Self::HookFailed]
            .into_iter()
            .find(|policy| policy.as_str() == name)
    }
}

/// An object as a hook of Helm: not part of the release, created at its events in the order of weights
/// (helm pkg/release/v1/util/manifest_sorter.go; pkg/action/hooks.go, execHook).
#[derive(Debug, Clone, PartialEq)]
pub struct HelmHook {
    /// Its events in the order of the text; never empty. The span is the annotation's.
    pub events: Spanned<Vec<HookEvent>>,
    /// Lower weights come first; 0 when it is not written or no integer.
    pub weight: i64,
    /// When it is deleted, as written; `None` when nothing valid is: Helm then takes
    /// [`HookDeletePolicy::BeforeHookCreation`].
    pub written_policies: Option<Spanned<Vec<HookDeletePolicy>>>,
}

impl HelmHook {
    /// Whether it runs at an event.
    pub fn runs_at(&self, event: HookEvent) -> bool {
        self.events.contains(&event)
    }

    /// Whether Helm deletes it by a policy, that without any written included.
    pub fn is_deleted(&self, policy: HookDeletePolicy) -> bool {
        match &self.written_policies {
            Some(policies) => policies.contains(&policy),
            None => policy == HookDeletePolicy::BeforeHookCreation,
        }
    }
}

/// An object as a hook of Argo CD (argo-cd docs/user-guide/resource_hooks.md).
#[derive(Debug, Clone, PartialEq)]
pub struct ArgoHook {
    /// Its phases as written, e.g. `PreSync`.
    pub phases: Vec<Spanned<String>>,
}

impl Metadata {
    /// The object as a hook of Helm. `None` when it is none, and when no event is one that Helm knows: it then leaves the
    /// object out of the release altogether.
    pub fn helm_hook(&self) -> Option<HelmHook> {
        let written = self.annotation(HOOK)?;
        let events: Vec<_> = written.split(',').filter_map(HookEvent::named).collect();
        if events.is_empty() {
            return None;
        }
        let weight = self.annotation(WEIGHT);
        let policies = self.annotation(DELETE_POLICY).and_then(|written| {
            let policies: Vec<_> = written.split(',').filter_map(HookDeletePolicy::named).collect();
            (!policies.is_empty()).then(|| Spanned::new(policies, written.span))
        });
        Some(HelmHook {
            events: Spanned::new(events, written.span),
            weight: weight.and_then(|weight| weight.parse().ok()).unwrap_or(0),
            written_policies: policies,
        })
    }

    /// The object as a hook of Argo CD by Argo CD's own annotation. What Argo CD makes of Helm's is another question.
    pub fn argo_hook(&self) -> Option<ArgoHook> {
        let written = self.annotation(ARGO_HOOK)?;
        let phases = list(written).map(|phase| Spanned::new(phase, written.span));
        Some(ArgoHook {
            phases: phases.collect(),
        })
    }
}

/// The items of a list separated by commas.
fn list(written: &Spanned<String>) -> impl Iterator<Item = String> {
    written
        .split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use writeway_yaml::Span;

    fn metadata(annotations: &[(&str, &str)]) -> Metadata {
        let annotations = annotations.iter().map(|(key, value)| {
            let value = Spanned::new((*value).to_owned(), Span::default());
            ((*key).to_owned(), value)
        });
        Metadata {
            annotations: annotations.collect(),
            ..Metadata::default()
        }
    }

    #[test]
    fn events_are_read_as_helm_reads_them() {
        use HookEvent::{PostInstall, PreInstall, PreUpgrade, Test};
        let rows: [(&str, &[HookEvent]); 6] = [
            ("pre-install", &[PreInstall]),
            ("pre-install,pre-upgrade", &[PreInstall, PreUpgrade]),
            (" Post-Install , nonsense", &[PostInstall]),
            ("test-success", &[Test]),
            ("crd-install", &[]),
            ("", &[]),
        ];
        for (written, expected) in rows {
            let hook = metadata(&[(HOOK, written)]).helm_hook();
            let events = hook.map(|hook| hook.events.value).unwrap_or_default();
            assert_eq!(events, expected, "{written}");
        }
    }

    #[test]
    fn without_a_policy_a_hook_is_deleted_before_it_is_created_again() {
        use HookDeletePolicy::{BeforeHookCreation, HookFailed, HookSucceeded};
        let rows: [(Option<&str>, &[HookDeletePolicy]); 4] = [
            (None, &[BeforeHookCreation]),
            (Some("never"), &[BeforeHookCreation]),
            (Some("hook-succeeded"), &[HookSucceeded]),
            (Some("hook-succeeded, hook-failed"), &[HookSucceeded, HookFailed]),
        ];
        for (written, expected) in rows {
            let annotations: Vec<_> = [(HOOK, "pre-install")]
                .into_iter()
                .chain(written.map(|written| (DELETE_POLICY, written)))
                .collect();
            let hook = metadata(&annotations).helm_hook();
            let deleted: Vec<_> = [BeforeHookCreation, HookSucceeded, HookFailed]
                .into_iter()
                .filter(|policy| hook.as_ref().is_some_and(|hook| hook.is_deleted(*policy)))
                .collect();
            assert_eq!(deleted, expected, "{written:?}");
        }
    }

    #[test]
    fn a_weight_that_is_no_integer_is_0() {
        for (written, expected) in [("5", 5), ("-10", -10), ("+3", 3), ("first", 0), ("1.5", 0)] {
            let hook = metadata(&[(HOOK, "pre-install"), (WEIGHT, written)]).helm_hook();
            assert_eq!(hook.map(|hook| hook.weight), Some(expected), "{written}");
        }
    }
}
