// SPDX-License-Identifier: Apache-2.0
//! JSON that may be shown as it is: in a terminal, in the log of a CI job.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::printable::is_unprintable;

/// Writes a value over several lines, and a line end.
///
/// # Errors
/// When the writer fails.
pub(crate) fn write_document(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, PrettyFormatter::new(), is_unprintable)
}

/// Writes a value on one line, and a line end.
///
/// # Errors
/// When the writer fails.
pub(crate) fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, CompactFormatter, is_unprintable)
}

/// Writes a value on one line for a `script` element of HTML, which no text in it can end: `</script`, `<!--` and
/// `<script` mean something there (HTML Standard, 4.12.1.3, "Restrictions for contents of script elements").
///
/// # Errors
/// When the writer fails.
pub(crate) fn write_in_script(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, CompactFormatter, |character| {
        matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') || is_unprintable(character)
    })
}

fn write(
    out: &mut dyn Write,
    value: &impl Serialize,
    layout: impl Formatter,
    is_escaped: fn(char) -> bool,
) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaping { layout, is_escaped });
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// A layout in which some characters are `\u` escapes, such as those that [`printable`](crate::printable) replaces,
/// beside those below U+0020 that are so in all JSON. A parser reads the same text.
struct Escaping<F> {
    layout: F,
    is_escaped: fn(char) -> bool,
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) = rest
            .char_indices()
            .find(|(_, character)| (self.is_escaped)(*character))
        {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        write_document(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn characters_that_move_the_cursor_or_turn_the_text_are_escaped() {
        let text = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}é\u{1f600}\"\n";
        let shown = document(&text);
        assert_eq!(
            shown,
            "\"a\\u001b[2J\\u009b31m\\u007f\\u202eé\u{1f600}\\\"\\n\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }

    #[test]
    fn no_text_ends_a_script_element() {
        let text = "</script><!--<script>&amp;\u{2028}\u{2029}\u{202e}\u{0}'\"";
        let mut out = Vec::new();
        write_in_script(&mut out, &[text]).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert!(
            !shown.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}']),
            "{shown}"
        );
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
    }

    #[test]
    fn the_layout_is_that_of_serde_json() {
        let value = serde_json::json!({"a": [1, {"b": []}, {}], "c": {"d": null}});
        assert_eq!(
            document(&value),
            serde_json::to_string_pretty(&value).unwrap() + "\n"
        );
        let mut line = Vec::new();
        write_line(&mut line, &value).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            serde_json::to_string(&value).unwrap() + "\n"
        );
    }
}
