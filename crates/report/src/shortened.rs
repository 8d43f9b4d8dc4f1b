// SPDX-License-Identifier: Apache-2.0
//! Texts that are cut to a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text, with `…` in place of its middle where it is wider than that: both ends of a path tell more than its middle.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = prefix(text.chars(), room / 2);
    let tail = prefix(text.chars().rev(), room - room / 2);
    let tail: String = tail.chars().rev().collect();
    format!("{head}…{tail}")
}

/// As many characters as fit.
fn prefix(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= width
    };
    characters.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_stays_and_a_longer_one_loses_its_middle() {
        for (text, width, expected) in [
            ("/tmp", 4, "/tmp"),
            ("/var/lib/data", 9, "/var…data"),
            ("/データ/データ", 9, "/デ…ータ"),
            ("abc", 1, "…"),
        ] {
            let short = shortened(text, width);
            assert_eq!(short, expected);
            assert!(short.width() <= width);
        }
    }
}
