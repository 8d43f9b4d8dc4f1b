// SPDX-License-Identifier: Apache-2.0
//! Words that a shell reads as they are.

use std::borrow::Cow;

/// Characters that no shell does anything with, wherever they stand in a word. `~`, `=` and `{` are none: what they do
/// depends on where they stand.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'.' | b'_' | b'-' | b':' | b'@' | b'%' | b'+' | b',')
}

/// The word that every POSIX shell reads as this text: as it stands where it has nothing that a shell looks at, else in
/// single quotes, between which all characters mean themselves (POSIX XCU 2.2.2).
///
/// A word that begins with `-` is an option to most programs, quoted or not: `--` has to stand before it.
///
/// ```
/// use writeway_shell::quote;
///
/// assert_eq!(quote("/srv/data"), "/srv/data");
/// assert_eq!(quote("/srv/it's $HOME"), r"'/srv/it'\''s $HOME'");
/// assert_eq!(quote(""), "''");
/// ```
#[must_use]
pub fn quote(text: &str) -> Cow<'_, str> {
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}
