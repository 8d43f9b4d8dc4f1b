// SPDX-License-Identifier: Apache-2.0
//! `# writeway: ignore[WW301, WW302] reason`.

use writeway_manifest::Span;

/// What a comment for Writeway looks like.
const FORM: &str = "`# writeway: ignore[CODE] reason`";

/// What a comment says to Writeway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive<'t> {
    /// The codes and names of rules, as written, each with its place in the comment; never empty.
    pub(super) rules: Vec<(&'t str, Span)>,
    /// Why.
    pub(super) reason: Option<&'t str>,
}

/// Reads a comment, from its `#` on. `None` for one that is not for Writeway; an error for one that is, but cannot be
/// understood. It may follow another comment on the line: `# keep # writeway: ignore[WW301]`.
pub(super) fn directive(comment: &str) -> Option<Result<Directive<'_>, String>> {
    let body = comment.match_indices('#').find_map(|(at, _)| {
        let begins = comment[..at]
            .chars()
            .next_back()
            .is_none_or(|before| before.is_whitespace() || before == '#');
        let body = comment[at + 1..].trim_start().strip_prefix("writeway:")?;
        begins.then_some(body)
    })?;
    Some(ignore(comment, body.trim()))
}

fn ignore<'t>(comment: &'t str, body: &'t str) -> Result<Directive<'t>, String> {
    let Some(list) = body.strip_prefix("ignore") else {
        return Err(format!("a comment for Writeway is {FORM}"));
    };
    let Some(list) = list.trim_start().strip_prefix('[') else {
        return Err(format!("the rules to ignore are missing: {FORM}"));
    };
    let Some((list, rest)) = list.split_once(']') else {
        return Err(format!("`]` is missing behind the rules to ignore: {FORM}"));
    };
    let rules: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if rules.is_empty() {
        return Err(format!("the rules to ignore are missing: {FORM}"));
    }
    let reason = rest.trim_start_matches([':', '-', ' ', '\t']);
    Ok(Directive {
        rules: rules
            .into_iter()
            .map(|name| (name, span_in(comment, name)))
            .collect(),
        reason: Some(reason).filter(|reason| !reason.is_empty()),
    })
}

/// Where a part of a text stands in it.
fn span_in(text: &str, part: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(narrow(start), narrow(start + part.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_reason_are_read() {
        for (comment, rules, reason) in [
            ("# writeway: ignore[WW301]", &["WW301"][..], None),
            ("#writeway:ignore[WW301]why", &["WW301"], Some("why")),
            (
                "# writeway: ignore[WW301, WW302] the SDK  never writes ",
                &["WW301", "WW302"],
                Some("the SDK  never writes"),
            ),
            (
                "# writeway: ignore[ mount-not-writable ,]: because",
                &["mount-not-writable"],
                Some("because"),
            ),
            (
                "# writeway: ignore [WW301] - because",
                &["WW301"],
                Some("because"),
            ),
            ("## writeway: ignore[WW301]", &["WW301"], None),
            (
                "# keep this # writeway: ignore[WW301] # why",
                &["WW301"],
                Some("# why"),
            ),
            ("# writeway: ignore[WW301] see [1]", &["WW301"], Some("see [1]")),
        ] {
            let directive = directive(comment).unwrap().unwrap();
            let names: Vec<_> = directive.rules.iter().map(|(name, _)| *name).collect();
            assert_eq!((names.as_slice(), directive.reason), (rules, reason), "{comment}");
            for (name, span) in directive.rules {
                assert_eq!(&comment[span.range()], name);
            }
        }
    }

    #[test]
    fn other_comments_are_nothing_to_us() {
        for comment in [
            "# ignore[WW301]",
            "# see writeway: it ignores",
            "#",
            "# `# writeway: ignore[X]`",
            "# Writeway: x",
        ] {
            assert_eq!(directive(comment), None, "{comment}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        for (comment, why) in [
            ("# writeway: ignor[WW301]", "a comment for Writeway is"),
            ("# writeway:", "a comment for Writeway is"),
            ("# writeway: ignore", "the rules to ignore are missing"),
            ("# writeway: ignore WW301", "the rules to ignore are missing"),
            ("# writeway: ignore[]", "the rules to ignore are missing"),
            ("# writeway: ignore[WW301", "`]` is missing"),
        ] {
            let error = directive(comment).unwrap().unwrap_err();
            assert!(error.starts_with(why), "{comment}: {error}");
        }
    }
}
