// SPDX-License-Identifier: Apache-2.0
//! Text from manifests on a terminal.

use std::borrow::Cow;

/// The text with every control character replaced by its escape, so that a name in a manifest can neither colour nor
/// move anything on the terminal, nor break a line.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that change the direction of text (Unicode Standard Annex #9).
pub(crate) fn is_unprintable(character: char) -> bool {
    let changes_direction =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || changes_direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_line_breaks_lose_their_effect() {
        assert_eq!(printable("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        assert!(matches!(printable("données-データ"), Cow::Borrowed(_)));
    }
}
