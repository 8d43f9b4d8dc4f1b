// SPDX-License-Identifier: Apache-2.0
//! Pieces of syntax, and texts with one too many.

use proptest::sample::Index;

/// What syntax is made of.
pub(crate) const PIECES: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n- ",
    "\n---\n",
    "\n...\n",
    "\r\n",
    "\t",
    ": ",
    ":",
    "- ",
    "? ",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "# c",
    "#",
    "|\n",
    ">-\n",
    "|2",
    "&a ",
    "*a",
    "*b ",
    "<<: ",
    "!!str ",
    "!!int ",
    "! ",
    "%YAML 1.1\n",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "a",
    "b: 1",
    "é",
    "0400",
    "\\'",
    "\"x\ny\"",
    "'x\n\ty'",
    "~",
];

/// A text with a piece in it at any place.
pub(crate) fn mutilated(mut text: String, place: Index, piece: &str) -> String {
    let place = place.index(text.len() + 1);
    let place = (0..=place)
        .rev()
        .find(|&place| text.is_char_boundary(place))
        .unwrap_or(0);
    text.insert_str(place, piece);
    text
}
