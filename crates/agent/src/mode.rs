// SPDX-License-Identifier: Apache-2.0
//! Modes in octal, exact: what is asked for is what a file or directory gets, whatever the umask and the parent are.

use rustix::fs::Mode;

/// Reads an octal mode of at most four digits after an optional leading zero: `700`, `0700`, `1777`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn octal(text: &str) -> Result<Mode, String> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let bits = octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten();
    match bits {
        Some(bits) if bits <= 0o7777 => Ok(Mode::from_raw_mode(bits)),
        _ => Err(format!(
            "`{text}` is no mode: write octal digits up to 7777, as `0700`"
        )),
    }
}
