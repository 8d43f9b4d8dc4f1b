// SPDX-License-Identifier: Apache-2.0
//! What init containers change before the main containers run.
use crate::runtime::Running;
use crate::volume::Setup;
pub(crate) fn run_init(_setup: &mut Setup<'_>, _running: &Running<'_>) {}
pub(crate) fn run_sidecar(_setup: &mut Setup<'_>, _running: &Running<'_>) {}
