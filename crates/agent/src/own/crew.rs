// SPDX-License-Identifier: Apache-2.0
//! Work that threads share. Whoever has work goes on with it alone; only when others wait does he give some away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The threads at one piece of work.
#[derive(Debug)]
pub(super) struct Crew<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
    hungry: AtomicBool,
}

#[derive(Debug)]
struct State<J> {
    jobs: Vec<J>,
    members: usize,
    waiting: usize,
    over: bool,
}

impl<J> Crew<J> {
    /// One thread with one job.
    pub(super) fn new(job: J) -> Self {
        let state = State {
            jobs: vec![job],
            members: 1,
            waiting: 0,
            over: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            hungry: AtomicBool::new(false),
        }
    }

    /// One more thread, which will [`Self::take`] jobs.
    pub(super) fn join(&self) {
        self.state().members += 1;
    }

    /// One thread less, which was not to be had.
    pub(super) fn leave(&self) {
        self.state().members -= 1;
    }

    /// Whether somebody waits for a job.
    pub(super) fn is_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed)
    }

    /// A job for who waits.
    pub(super) fn give(&self, job: J) {
        let mut state = self.state();
        state.jobs.push(job);
        self.note(&state);
        self.changed.notify_one();
    }

    /// The next job; waits for one as long as somebody works who may give one away. `None` when all is done.
    pub(super) fn take(&self) -> Option<J> {
        let mut state = self.state();
        state.waiting += 1;
        loop {
            if let Some(job) = state.jobs.pop() {
                state.waiting -= 1;
                self.note(&state);
                return Some(job);
            }
            if state.over || state.waiting == state.members {
                state.over = true;
                self.changed.notify_all();
                return None;
            }
            self.note(&state);
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn note(&self, state: &State<J>) {
        self.hungry
            .store(state.waiting > state.jobs.len(), Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
