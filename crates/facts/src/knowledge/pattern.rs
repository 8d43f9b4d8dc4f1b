// SPDX-License-Identifier: Apache-2.0
//! Patterns for names and tags.

use globset::{GlobBuilder, GlobMatcher};

/// A glob (`*`, `?`, `[0-9]`), or a text that has nothing special in it.
#[derive(Debug)]
pub(super) enum Pattern {
    Any,
    Literal(&'static str),
    Glob(GlobMatcher),
}

impl Pattern {
    /// `None` if the glob is not valid.
    pub(super) fn new(text: &'static str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if !text.contains(['*', '?', '[']) {
            return Some(Self::Literal(text));
        }
        // `*` stays inside one component of a repository; tags have no slash anyway.
        let glob = GlobBuilder::new(text).literal_separator(true).build().ok()?;
        Some(Self::Glob(glob.compile_matcher()))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => *literal == text,
            Self::Glob(glob) => glob.is_match(text),
        }
    }

    /// How many characters it fixes: the more, the more specific it is.
    pub(super) fn literals(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Literal(literal) => literal.len(),
            Self::Glob(glob) => {
                let mut in_class = false;
                let fixed = |c: &char| {
                    match c {
                        '[' => in_class = true,
                        ']' => in_class = false,
                        _ => return !in_class && !matches!(c, '*' | '?'),
                    }
                    false
                };
                glob.glob().glob().chars().filter(fixed).count()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_shells_do() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("*", "1.2-alpine", true),
            ("latest", "latest", true),
            ("latest", "latest-alpine", false),
            ("2*", "2.11", true),
            ("2*", "12", false),
            ("*-alpine*", "7-alpine3.22", true),
            ("*-alpine*", "alpine", false),
            ("1[0-7]*", "17.2", true),
            ("1[0-7]*", "18", false),
            ("[0-9]*", "6.8-apache", true),
            ("[0-9]*", "latest", false),
            ("RELEASE*", "RELEASE.2025", true),
            ("RELEASE*", "release.2025", false),
            ("docker.io/jupyter/*", "docker.io/jupyter/base-notebook", true),
            ("docker.io/jupyter/*", "docker.io/jupyter/a/b", false),
            (
                "docker.io/otel/opentelemetry-collector*",
                "docker.io/otel/opentelemetry-collector-contrib",
                true,
            ),
        ] {
            assert_eq!(
                Pattern::new(pattern).unwrap().matches(text),
                matches,
                "{pattern} {text}"
            );
        }
        assert!(Pattern::new("[").is_none());
    }

    #[test]
    fn the_more_literal_pattern_is_the_more_specific() {
        for (pattern, literals) in [
            ("*", 0),
            ("[0-9]*", 0),
            ("1[0-7]*", 1),
            ("18*-alpine*", 9),
            ("alpine", 6),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().literals(), literals, "{pattern}");
        }
    }
}
