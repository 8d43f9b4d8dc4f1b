// SPDX-License-Identifier: Apache-2.0
//! `$(VAR)` as kubelet expands it in commands, arguments and `subPathExpr`
//! (third_party/forked/golang/expansion/expand.go).

use writeway_manifest::{Container, EnvVar};

/// Replaces references to variables; `$$` becomes `$`. A reference that `value` answers with `None` stays as written.
pub(crate) fn expand<E>(
    text: &str,
    mut value: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<String, E> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = after;
        if let Some(escaped) = after.strip_prefix('$') {
            expanded.push('$');
            rest = escaped;
            continue;
        }
        let reference = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        let Some((name, behind)) = reference else {
            expanded.push('$');
            continue;
        };
        match value(name)? {
            Some(value) => {
                expanded.push_str(&value);
                rest = behind;
            }
            None => expanded.push('$'),
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::expand;

    #[test]
    fn references_are_replaced_escapes_undone_and_the_unknown_left_alone() {
        let rows = [
            ("plain", "plain"),
            ("$(A)/x", "1/x"),
            ("$$(A)", "$(A)"),
            ("$(B)$(A)", "$(B)1"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
            ("$$$(A)", "$1"),
        ];
        for (text, expected) in rows {
            let expanded: Result<_, Infallible> =
                expand(text, |name| Ok((name == "A").then(|| "1".to_owned())));
            assert_eq!(expanded, Ok(expected.to_owned()), "{text}");
        }
    }
}
