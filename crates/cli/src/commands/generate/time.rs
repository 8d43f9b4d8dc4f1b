// SPDX-License-Identifier: Apache-2.0
//! `--timeout` and `--budget`.

use std::time::Duration;

/// Reads a time as Go and the agent do, e.g. `90s` or `1h30m`.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    writeway_shell::parse_go_duration(text).ok_or_else(|| "write a time as 90s, 10m or 1h30m".to_owned())
}
