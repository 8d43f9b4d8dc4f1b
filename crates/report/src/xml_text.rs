// SPDX-License-Identifier: Apache-2.0
//! Text from manifests in XML.

use crate::printable;

/// A text without characters that XML cannot have (XML 1.0, production 2, Char), nor any that [`printable`] replaces.
/// Markup in it is not escaped.
pub(crate) fn xml_text(text: &str) -> String {
    let mut legal = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '\u{fffe}' | '\u{ffff}' => legal.extend(character.escape_default()),
            _ => legal.push(character),
        }
    }
    legal
}
