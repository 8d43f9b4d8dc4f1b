// SPDX-License-Identifier: Apache-2.0
//! YAML that reads back as the same values under YAML 1.1 and 1.2 alike.

use std::fmt::Write as _;

use super::value::Value;

/// The longest key that may stand before its colon (YAML 1.1, section 9.3.2: 1024 characters), with room for escapes.
const IMPLICIT_KEY_MAX: usize = 1000;

/// The document for a mapping.
pub(super) fn render(value: &Value<'_>) -> String {
    let mut text = String::new();
    match value {
        Value::Block(entries) if !entries.is_empty() => block(&mut text, entries, 0),
        other => {
            flow(&mut text, other);
            text.push('\n');
        }
    }
    text
}

fn block(text: &mut String, entries: &[(&str, Value<'_>)], indent: usize) {
    for (key, value) in entries {
        text.extend(std::iter::repeat_n(' ', indent));
        let key = scalar(key);
        if key.len() > IMPLICIT_KEY_MAX {
            text.push_str("? ");
            text.push_str(&key);
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
        } else {
            text.push_str(&key);
        }
        text.push(':');
        match value {
            Value::Block(entries) if !entries.is_empty() => {
                text.push('\n');
                block(text, entries, indent + 2);
            }
            other => {
                text.push(' ');
                flow(text, other);
                text.push('\n');
            }
        }
    }
}

fn flow(text: &mut String, value: &Value<'_>) {
    match value {
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        // Writing to a String cannot fail.
        Value::Number(value) => write!(text, "{value}").unwrap_or_default(),
        Value::Text(value) => text.push_str(&scalar(value)),
        Value::List(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                text.push_str(if number > 0 { ", " } else { "" });
                flow(text, item);
            }
            text.push(']');
        }
        Value::Block(entries) | Value::Flow(entries) if entries.is_empty() => text.push_str("{}"),
        Value::Block(entries) | Value::Flow(entries) => {
            for (number, (key, value)) in entries.iter().enumerate() {
                text.push_str(if number > 0 { ", " } else { "{ " });
                text.push_str(&scalar(key));
                text.push_str(": ");
                flow(text, value);
            }
            text.push_str(" }");
        }
    }
}

/// A text, quoted unless no reader can take it for anything else.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        quote(text)
    }
}

fn is_plain(text: &str) -> bool {
    const RESERVED: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_special(c) => escape(&mut quoted, c),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters above ASCII's control characters that YAML does not take as they are: it counts them as line breaks or
/// as not printable.
pub(super) fn is_special(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Writes `c` as both JSON and YAML escape it.
pub(super) fn escape(text: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_texts_go_without_quotes() {
        for plain in [
            "/tmp",
            "app",
            "local-path",
            "containerd",
            "a.b_c-d/e",
            "docker.io/acme/app",
        ] {
            assert_eq!(scalar(plain), plain);
        }
        for quoted in [
            "", "0755", "1.36", "yes", "NO", "Null", "0:0", "a b", "~", "-", ".inf", "<<", "a:", "#", "é",
            "a,b",
        ] {
            assert_eq!(scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(
            scalar("a\n\"\\\u{7f}\u{85}\u{2028}"),
            r#""a\n\"\\\u007f\u0085\u2028""#
        );
    }
}
