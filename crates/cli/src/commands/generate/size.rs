// SPDX-License-Identifier: Apache-2.0
//! `--size` and `--mode`.

use writeway_generate::Size;

/// Reads a quantity of bytes.
pub(super) fn parse(text: &str) -> Result<Size, String> {
    Size::parse(text).map_err(|error| error.to_string())
}

/// Reads a mode in octal.
pub(super) fn parse_mode(text: &str) -> Result<u32, String> {
    let mode = writeway_shell::agent::octal_mode(text);
    mode.map(u32::from)
        .ok_or_else(|| "write a mode in octal, e.g. 0700".to_owned())
}
