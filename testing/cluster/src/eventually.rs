// SPDX-License-Identifier: Apache-2.0
//! What the server does a moment later, and tells nobody.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(10);

/// Returns when something holds.
///
/// # Errors
/// When it cannot be asked, or does not hold in time.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let asked = Instant::now();
    while !holds()? {
        if asked.elapsed() > PATIENCE {
            bail!("{what}: not so after {} s", PATIENCE.as_secs());
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}
