// SPDX-License-Identifier: Apache-2.0
//! The header of a rule's doc comment, read by the compiler.
//!
//! A rule's file says everything about the rule once, in its own module documentation: a title with code and name, a
//! list of `key: value` lines, then prose. rustdoc cannot hand a doc comment to the program it documents, so the file
//! includes itself as text, and these functions take the header apart in constant evaluation: a header that is
//! missing a line or has a value nobody knows does not build.

use crate::{Confidence, FixAvailability, Severity};

const DOC: &str = "//! ";
const TITLE: &str = "//! # ";

/// The words of the title line: code and name.
pub(crate) const fn title(source: &'static str) -> (&'static str, &'static str) {
    let line = after(source, TITLE);
    let mut at = 0;
    while at < line.len() {
        if line.as_bytes()[at] == b' ' {
            return (line.split_at(at).0, line.split_at(at + 1).1);
        }
        at += 1;
    }
    malformed("the title of a rule is `# CODE name`")
}

/// The value of a `- key: value` line.
pub(crate) const fn value(source: &'static str, key: &'static str) -> &'static str {
    let mut rest = source;
    loop {
        let line = after(rest, "//! - ");
        if starts_with(line, key) && starts_with(line.split_at(key.len()).1, ": ") {
            return line.split_at(key.len() + 2).1;
        }
        rest = rest.split_at(offset(rest, "//! - ") + 1).1;
    }
}

pub(crate) const fn severity(name: &str) -> Severity {
    match name.as_bytes() {
        b"error" => Severity::Error,
        b"warning" => Severity::Warning,
        b"info" => Severity::Info,
        _ => malformed("a severity is error, warning or info"),
    }
}

pub(crate) const fn confidence(name: &str) -> Confidence {
    match name.as_bytes() {
        b"high" => Confidence::High,
        b"medium" => Confidence::Medium,
        b"low" => Confidence::Low,
        _ => malformed("a confidence is high, medium or low"),
    }
}

pub(crate) const fn fix_availability(name: &str) -> FixAvailability {
    match name.as_bytes() {
        b"none" => FixAvailability::None,
        b"sometimes" => FixAvailability::Sometimes,
        b"always" => FixAvailability::Always,
        _ => malformed("a fix is available none, sometimes or always"),
    }
}

/// The prose: what follows the header, without the comment marks.
pub(crate) fn prose(source: &str) -> String {
    let comment = source
        .lines()
        .skip_while(|line| !line.starts_with(TITLE))
        .take_while(|line| line.starts_with("//!"));
    let mut text = String::new();
    for line in comment.skip_while(|line| !line.starts_with("//! ## ")) {
        text.push_str(line.strip_prefix(DOC).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// The rest of the first line that begins with the mark.
const fn after(source: &'static str, mark: &str) -> &'static str {
    let line = source.split_at(offset(source, mark) + mark.len()).1;
    let mut end = 0;
    while end < line.len() && line.as_bytes()[end] != b'\n' {
        end += 1;
    }
    line.split_at(end).0
}

const fn offset(source: &str, mark: &str) -> usize {
    let mut at = 0;
    while at < source.len() {
        if (at == 0 || source.as_bytes()[at - 1] == b'\n') && starts_with(source.split_at(at).1, mark) {
            return at;
        }
        at += 1;
        while at < source.len() && !source.is_char_boundary(at) {
            at += 1;
        }
    }
    malformed("a line is missing in the header of a rule")
}

const fn starts_with(text: &str, prefix: &str) -> bool {
    let (text, prefix) = (text.as_bytes(), prefix.as_bytes());
    let mut at = 0;
    while at < prefix.len() {
        if at >= text.len() || text[at] != prefix[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[expect(
    clippy::panic,
    reason = "only evaluated by the compiler, for statics: it stops the build"
)]
const fn malformed(what: &'static str) -> ! {
    panic!("{}", what)
}
