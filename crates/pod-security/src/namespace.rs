// SPDX-License-Identifier: Apache-2.0
//! The labels of a namespace that choose policies (k8s.io/pod-security-admission, api/helpers.go, PolicyToEvaluate).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use writeway_manifest::{Span, Spanned};

use crate::{Level, Policy, PolicyVersion};

/// What is done with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Pods that it refuses are not created.
    Enforce,
    /// What it refuses is written into the audit log.
    Audit,
    /// Whoever creates what it refuses is warned.
    Warn,
}

impl Mode {
    /// The mode's name in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
            Self::Warn => "warn",
        }
    }
}

/// The policy of one mode, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModePolicy {
    /// The policy.
    pub policy: Policy,
    /// The label that says the level.
    pub level_label: Option<Span>,
    /// The label that says the version.
    pub version_label: Option<Span>,
}

/// A label whose value is no level or no version. The API server refuses to create such a namespace, or to change it so;
/// where it is there already, [`NamespacePolicy`] says what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMistake {
    /// The label's name.
    pub label: String,
    /// The value's place.
    pub span: Span,
    /// What it should be.
    pub expected: &'static str,
    /// What counts instead.
    pub counts_as: String,
}

/// What the labels of a namespace ask for. What no label says is privileged and latest, the admission controller's own
/// default, which a cluster may configure otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespacePolicy {
    /// Which pods are refused. An invalid level is restricted, an invalid version is latest.
    pub enforce: ModePolicy,
    /// What is written into the audit log. An invalid level is privileged.
    pub audit: ModePolicy,
    /// What is warned of. An invalid level is privileged; without a label it is that of `enforce`, if that is stricter.
    pub warn: ModePolicy,
    /// Values that are invalid.
    pub mistakes: Vec<LabelMistake>,
}

impl NamespacePolicy {
    /// Reads the labels of a namespace.
    pub fn from_labels(labels: &BTreeMap<String, Spanned<String>>) -> Self {
        let mut mistakes = Vec::new();
        let mut mode = |mode: Mode, fallback: Level| {
            let level = Label::find(labels, mode, "");
            let version = Label::find(labels, mode, "-version");
            ModePolicy {
                policy: Policy {
                    level: level.as_ref().map_or(Level::Privileged, |label| {
                        label.read(fallback, "privileged, baseline or restricted", &mut mistakes)
                    }),
                    version: version.as_ref().map_or(PolicyVersion::Latest, |label| {
                        label.read(PolicyVersion::Latest, "latest or v1.N", &mut mistakes)
                    }),
                },
                level_label: level.map(|label| label.value.span),
                version_label: version.map(|label| label.value.span),
            }
        };
        let enforce = mode(Mode::Enforce, Level::Restricted);
        let audit = mode(Mode::Audit, Level::Privileged);
        let mut warn = mode(Mode::Warn, Level::Privileged);
        // kubernetes/kubernetes#113491
        if warn.level_label.is_none()
            && enforce.level_label.is_some()
            && enforce.policy.level > warn.policy.level
        {
            warn.policy.level = enforce.policy.level;
            if warn.version_label.is_none() {
                warn.policy.version = enforce.policy.version;
            }
        }
        Self {
            enforce,
            audit,
            warn,
            mistakes,
        }
    }
}

/// A label that is there.
struct Label<'a> {
    name: String,
    value: &'a Spanned<String>,
}

impl<'a> Label<'a> {
    fn find(labels: &'a BTreeMap<String, Spanned<String>>, mode: Mode, suffix: &str) -> Option<Self> {
        let name = format!("pod-security.kubernetes.io/{}{suffix}", mode.as_str());
        let value = labels.get(&name)?;
        Some(Self { name, value })
    }

    /// The value, or what counts instead of an invalid one.
    fn read<T: FromStr + fmt::Display>(
        &self,
        fallback: T,
        expected: &'static str,
        mistakes: &mut Vec<LabelMistake>,
    ) -> T {
        self.value.parse().unwrap_or_else(|_| {
            mistakes.push(LabelMistake {
                label: self.name.clone(),
                span: self.value.span,
                expected,
                counts_as: fallback.to_string(),
            });
            fallback
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policies of labels, each `KEY=VALUE` below pod-security.kubernetes.io/.
    fn policies(labels: &[(&str, &str)]) -> (String, String, String, usize) {
        let labels = labels
            .iter()
            .map(|(key, value)| {
                (
                    format!("pod-security.kubernetes.io/{key}"),
                    Spanned::new((*value).to_owned(), Span::default()),
                )
            })
            .collect();
        let read = NamespacePolicy::from_labels(&labels);
        let show = |mode: ModePolicy| mode.policy.to_string();
        (
            show(read.enforce),
            show(read.audit),
            show(read.warn),
            read.mistakes.len(),
        )
    }

    /// After the cases of api/helpers_test.go, TestPolicyToEvaluate.
    #[test]
    fn labels_choose_policies() {
        const DEFAULT: &str = "privileged:latest";
        for (labels, enforce, audit, warn, mistakes) in [
            (&[][..], DEFAULT, DEFAULT, DEFAULT, 0),
            (
                &[("enforce", "baseline")],
                "baseline:latest",
                DEFAULT,
                "baseline:latest",
                0,
            ),
            (
                &[("enforce", "restricted"), ("enforce-version", "v1.22")],
                "restricted:v1.22",
                DEFAULT,
                "restricted:v1.22",
                0,
            ),
            (
                &[
                    ("enforce", "restricted"),
                    ("enforce-version", "v1.22"),
                    ("warn-version", "v1.30"),
                ],
                "restricted:v1.22",
                DEFAULT,
                "restricted:v1.30",
                0,
            ),
            (
                &[("enforce", "restricted"), ("warn", "baseline")],
                "restricted:latest",
                DEFAULT,
                "baseline:latest",
                0,
            ),
            (
                &[("enforce", "restricted"), ("warn", "privileged")],
                "restricted:latest",
                DEFAULT,
                DEFAULT,
                0,
            ),
            (
                &[("enforce", "privileged"), ("enforce-version", "v1.22")],
                "privileged:v1.22",
                DEFAULT,
                DEFAULT,
                0,
            ),
            (
                &[("enforce-version", "v1.22")],
                "privileged:v1.22",
                DEFAULT,
                DEFAULT,
                0,
            ),
            (
                &[
                    ("audit", "restricted"),
                    ("audit-version", "v1.30"),
                    ("warn", "baseline"),
                ],
                DEFAULT,
                "restricted:v1.30",
                "baseline:latest",
                0,
            ),
            // Invalid values are closed for enforce and open for the others.
            (
                &[("enforce", "strict")],
                "restricted:latest",
                DEFAULT,
                "restricted:latest",
                1,
            ),
            (
                &[("enforce", "baseline"), ("enforce-version", "1.22")],
                "baseline:latest",
                DEFAULT,
                "baseline:latest",
                1,
            ),
            (
                &[("audit", "Baseline"), ("warn", ""), ("audit-version", "v2.0")],
                DEFAULT,
                DEFAULT,
                DEFAULT,
                3,
            ),
            (
                &[("enforce", "baseline"), ("warn", "typo")],
                "baseline:latest",
                DEFAULT,
                DEFAULT,
                1,
            ),
        ] {
            let expected = (enforce.to_owned(), audit.to_owned(), warn.to_owned(), mistakes);
            assert_eq!(policies(labels), expected, "{labels:?}");
        }
    }

    #[test]
    fn a_mistake_names_its_label() {
        let key = "pod-security.kubernetes.io/enforce-version".to_owned();
        let span = Span { start: 3, end: 9 };
        let labels = BTreeMap::from([(key.clone(), Spanned::new("newest".to_owned(), span))]);
        let mistakes = NamespacePolicy::from_labels(&labels).mistakes;
        assert_eq!(
            mistakes,
            [LabelMistake {
                label: key,
                span,
                expected: "latest or v1.N",
                counts_as: "latest".to_owned()
            }]
        );
    }
}
