// SPDX-License-Identifier: Apache-2.0
//! Variables of the container in its commands and arguments.

use writeway_manifest::{Container, EnvVar};

/// Whether a word of `command` or `args`, expanded as far as it can be, still has a variable of the container: one whose
/// value comes from elsewhere. Other references stay as they are written.
#[must_use]
pub fn has_unknown_variable(container: &Container, word: &str) -> bool {
    let more = !container.env_from_sources.is_empty();
    word.split("$(").skip(1).any(|behind| {
        let name = behind.split_once(')').map(|(name, _)| name);
        name.is_some_and(|name| variable(container, name).is_some() || more && is_variable_name(name))
    })
}

/// Whether environments take the name (relaxed names with blanks and the like aside).
fn is_variable_name(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()) && name.bytes().all(part)
}

/// The container's own variable of that name; the last one counts.
pub(crate) fn variable<'a>(container: &'a Container, name: &str) -> Option<&'a EnvVar> {
    container
        .env
        .iter()
        .rev()
        .find(|variable| variable.name.as_str() == name)
}
