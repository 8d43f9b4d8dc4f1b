// SPDX-License-Identifier: Apache-2.0
//! Whether the pod starts: what forbids it, and what may.

use writeway_manifest::Span;

use crate::Tri;
use crate::map::Starts;

/// What was found on the way to a running pod.
#[derive(Debug, Clone, Default)]
pub(crate) struct Startup {
    forbidden: Option<(String, Span)>,
    doubts: Vec<(String, Span)>,
}

impl Startup {
    /// The pod does not start. The first cause stays.
    pub(crate) fn forbid(&mut self, why: impl Into<String>, span: Span) {
        self.forbidden.get_or_insert_with(|| (why.into(), span));
    }

    /// Whether the pod starts is not known.
    pub(crate) fn doubt(&mut self, why: impl Into<String>, span: Span) {
        let why = why.into();
        if !self.doubts.iter().any(|(known, _)| *known == why) {
            self.doubts.push((why, span));
        }
    }

    pub(crate) fn is_forbidden(&self) -> bool {
        self.forbidden.is_some()
    }

    pub(crate) fn answer(self) -> Starts {
        if let Some((why, span)) = self.forbidden {
            return Starts {
                verdict: Tri::No,
                why: vec![why],
                span: Some(span),
            };
        }
        match self.doubts.first() {
            None => Starts {
                verdict: Tri::Yes,
                why: Vec::new(),
                span: None,
            },
            Some((_, span)) => {
                let span = Some(*span);
                Starts {
                    verdict: Tri::Unknown,
                    why: self.doubts.into_iter().map(|(why, _)| why).collect(),
                    span,
                }
            }
        }
    }
}
