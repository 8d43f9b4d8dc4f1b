// SPDX-License-Identifier: Apache-2.0
//! How a text is written so that Kubernetes, and other readers of YAML, read it back as that text.

use std::fmt::Write as _;

use crate::scalar::{self, Scalar, Tag};

/// The quotes that are taken where a text needs some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quote {
    /// `"…"`
    #[default]
    Double,
    /// `'…'`
    Single,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// A block collection.
    Block,
    /// Brackets or braces.
    Flow,
}

/// `text` as a scalar of one line: plain if it can be, else in quotes.
pub(super) fn scalar_text(text: &str, quote: Quote, within: Within) -> String {
    if is_plain(text, within) {
        text.to_owned()
    } else {
        quoted(text, quote)
    }
}

/// `text` in quotes. What cannot stand in single quotes on one line is written in double quotes.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    if quote == Quote::Single && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

/// Escapes as both YAML and JSON know them.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            character if is_printable(character) => quoted.push(character),
            // None of these has more than 16 bits. Writing to a string cannot fail.
            character => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether `text` reads as itself without quotes.
fn is_plain(text: &str, within: Within) -> bool {
    let bytes = text.as_bytes();
    let Some((&first, rest)) = bytes.split_first() else {
        return false;
    };
    let starts = match first {
        b'-' | b'?' | b':' => rest.first().is_some_and(|&next| {
            !next.is_ascii_whitespace() && (within == Within::Block || !is_flow_indicator(next))
        }),
        b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b' ' => false,
        byte => !is_flow_indicator(byte),
    };
    starts
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
        // Within brackets readers do not agree on what may follow these.
        && (within == Within::Block
            || !bytes.iter().any(|&byte| is_flow_indicator(byte) || matches!(byte, b'?' | b':')))
        && matches!(scalar::resolve(text, true, Tag::None), Ok(Scalar::Str(_)))
        && !is_value_elsewhere(text)
}

/// Texts that go-yaml v2 reads as such, and other readers of YAML 1.1 or 1.2 do not: `=`, the merge key, dates, numbers
/// in base 60.
fn is_value_elsewhere(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_date = digits == 4 && text.as_bytes().get(4) == Some(&b'-');
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_sexagesimal = unsigned.contains(':')
        && unsigned.starts_with(|first: char| first.is_ascii_digit())
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'_'));
    is_date || is_sexagesimal || matches!(text, "=" | "<<")
}

const fn is_flow_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

/// Whether a character can be written as it is, on one line.
pub(super) fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}
