// SPDX-License-Identifier: Apache-2.0
//! `$(VAR)` as kubelet expands it in commands, arguments, variables and `subPathExpr`
//! (third_party/forked/golang/expansion/expand.go).

/// Replaces references to variables; `$$` becomes `$`. A reference that `value` answers with `None` stays as written.
///
/// # Errors
/// The first that `value` gives.
pub fn expand<E>(text: &str, mut value: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<String, E> {
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
