// SPDX-License-Identifier: Apache-2.0
//! What a rule reports.

use writeway_manifest::{ObjectRef, Place, Span, Workload};

use crate::{Correction, Need, Rule};

/// How much a finding matters when it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Writing fails.
    Error,
    /// Writing fails if the program does what most programs do.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The severity of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }

    /// The severity's name in machine formats and in the rules' headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// How sure it is that what a finding states is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Proven from manifests and facts.
    High,
    /// Proven but for something that is rarely otherwise.
    Medium,
    /// A hint.
    Low,
}

impl Confidence {
    /// Every confidence, the surest first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The confidence of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|confidence| confidence.as_str() == name)
    }

    /// The confidence's name in machine formats and in the rules' headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The object; none when it could not be read.
    pub object: Option<ObjectName>,
    /// The container, when the finding is about one.
    pub container: Option<String>,
    /// The volume of the pod, when the finding is about one.
    pub volume: Option<String>,
}

/// What an object is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// Its `kind`.
    pub kind: String,
    /// Its namespace, as written.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl From<&ObjectRef> for ObjectName {
    fn from(object: &ObjectRef) -> Self {
        Self {
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
        }
    }
}

/// A place that a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file and the range in it.
    pub place: Place,
    /// What is said about it there.
    pub label: String,
}

/// A change that would resolve a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// Applying it cannot change what works today.
    pub safe: bool,
    /// The files that it changes are inputs, and not made from others: those are repaired by patches.
    pub in_place: bool,
}

/// Something a rule reports about one object: one place where it is, any number of places that explain it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that reports it.
    pub rule: &'static Rule,
    /// How much it matters; the rule's default unless it knows better.
    pub severity: Severity,
    /// How sure it is; the rule's default unless it knows better.
    pub confidence: Confidence,
    /// What is wrong, on one line.
    pub message: String,
    /// The object and container.
    pub subject: Subject,
    /// Where it is.
    pub primary: Location,
    /// Places that explain it, possibly in other files.
    pub related: Vec<Location>,
    /// The steps that prove it.
    pub why: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// What has to become writable; none when it is about something else.
    pub needs: Vec<Need>,
    /// What has to be otherwise, where nothing has to become writable.
    pub correction: Option<Correction>,
    /// Changes that would resolve it.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// A finding of a rule about a workload, at a place in the workload's file. There is none without that place.
    pub fn new(
        rule: &'static Rule,
        workload: &Workload,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        let object = &workload.object;
        let place = Place {
            file: object.file,
            span,
        };
        Self::about(rule, Some(object), message, place, label)
    }

    /// A finding of a rule about any object, or about a document that is none.
    pub fn about(
        rule: &'static Rule,
        object: Option<&ObjectRef>,
        message: impl Into<String>,
        place: Place,
        label: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: rule.confidence,
            message: message.into(),
            subject: Subject {
                object: object.map(ObjectName::from),
                container: None,
                volume: None,
            },
            primary: Location {
                place,
                label: label.into(),
            },
            related: Vec::new(),
            why: Vec::new(),
            help: None,
            needs: Vec::new(),
            correction: None,
            fixes: Vec::new(),
        }
    }

    /// The finding, about one container.
    #[must_use]
    pub fn in_container(mut self, name: &str) -> Self {
        self.subject.container = Some(name.to_owned());
        self
    }

    /// The finding, about one volume of the pod.
    #[must_use]
    pub fn of_volume(mut self, name: &str) -> Self {
        self.subject.volume = Some(name.to_owned());
        self
    }

    /// The finding, as sure as that.
    #[must_use]
    pub fn with_confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The finding, mattering as much as that.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The finding, with a place that explains it.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Location {
            place,
            label: label.into(),
        });
        self
    }

    /// The finding, with these steps added to its proof.
    #[must_use]
    pub fn because(mut self, steps: impl IntoIterator<Item = String>) -> Self {
        self.why.extend(steps);
        self
    }

    /// The finding, with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The finding, with what has to be otherwise.
    #[must_use]
    pub(crate) fn asking(mut self, correction: Correction) -> Self {
        self.correction = Some(correction);
        self
    }

    /// The finding, with something that has to become writable.
    #[must_use]
    pub fn needing(mut self, needs: impl IntoIterator<Item = Need>) -> Self {
        self.needs.extend(needs);
        self
    }
}
