// SPDX-License-Identifier: Apache-2.0
//! SIGTERM and SIGINT end the process at once, whatever it does.
//!
//! The first process of a container is not ended by a signal that it has no handler for (`pid_namespaces(7)`): without
//! one, Kubernetes would wait out the whole grace period and then kill it. No verb needs to tidy up: each leaves what a
//! killed one leaves, and the next run goes on from there.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;

/// Has both signals end the process: with 143 and 130, as a shell reports a process ended by them.
pub(crate) fn end_at_once() {
    for signal in [SIGTERM, SIGINT] {
        // It can only be refused for a signal that does not exist, or by a seccomp filter; then the default holds.
        let _ = register_conditional_shutdown(signal, 128 + signal, Arc::new(AtomicBool::new(true)));
    }
}
