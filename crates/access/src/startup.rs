// SPDX-License-Identifier: Apache-2.0
//! Whether the pod starts: what keeps it from that, and what may.

use writeway_manifest::Span;

use crate::Tri;
use crate::map::{Cause, Starts, Stop};

/// What was found on the way to a running pod.
#[derive(Debug, Clone, Default)]
pub(crate) struct Startup {
    obstacles: Vec<Cause>,
    doubts: Vec<Cause>,
}

impl Startup {
    /// The API server refuses the pod.
    pub(crate) fn refuse(&mut self, why: impl Into<String>, span: Span) {
        self.stop(Stop::Refused, why.into(), span);
    }

    /// kubelet tries again and again, until something outside of the pod has changed.
    pub(crate) fn wait(&mut self, why: impl Into<String>, span: Span) {
        self.stop(Stop::Waits, why.into(), span);
    }

    /// kubelet or the runtime cannot start the pod, or a container that has to end well does not.
    pub(crate) fn fail(&mut self, why: impl Into<String>, span: Span) {
        self.stop(Stop::Fails, why.into(), span);
    }

    /// The first obstacle at a place stays: a field of the pod is at fault once, however many containers inherit it.
    fn stop(&mut self, stop: Stop, why: String, span: Span) {
        if !self.obstacles.iter().any(|known| known.span == span) {
            let stop = Some(stop);
            self.obstacles.push(Cause { why, span, stop });
        }
    }

    /// Whether the pod starts is not known.
    pub(crate) fn doubt(&mut self, why: impl Into<String>, span: Span) {
        let why = why.into();
        if !self.doubts.iter().any(|known| known.why == why) {
            let stop = None;
            self.doubts.push(Cause { why, span, stop });
        }
    }

    /// Whether it is certain by now that the pod does not start.
    pub(crate) fn is_stopped(&self) -> bool {
        !self.obstacles.is_empty()
    }

    pub(crate) fn answer(self) -> Starts {
        let (verdict, causes) = if !self.obstacles.is_empty() {
            (Tri::No, self.obstacles)
        } else if !self.doubts.is_empty() {
            (Tri::Unknown, self.doubts)
        } else {
            (Tri::Yes, Vec::new())
        };
        Starts { verdict, causes }
    }
}
