// SPDX-License-Identifier: Apache-2.0
//! Characters that no YAML stream may contain.

/// The first character at or behind `from` that no YAML stream may contain (YAML 1.1 §5.1, as go-yaml v2 checks it in
/// `readerc.go`): control characters other than tab, line feed, carriage return and NEL, and U+FFFE, U+FFFF.
pub(super) fn find_forbidden(text: &str, from: usize) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut offset = from;
    loop {
        offset = find_suspect(bytes, offset)?;
        let character = text.get(offset..)?.chars().next()?;
        if !matches!(character, '\u{85}' | '\u{a0}'..='\u{fffd}') {
            return Some((offset, character));
        }
        offset += character.len_utf8();
    }
}

/// The first byte at or behind `from` that is, or may start, a forbidden character. Blocks are scanned without branches,
/// which the compiler turns into vector instructions; the whole text is read here once more than it has to be.
fn find_suspect(bytes: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 64;
    let suspect = |byte: u8| {
        ((byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r'))
            | (byte == 0x7f)
            | (byte == 0xc2)
            | (byte == 0xef)
    };
    let rest = bytes.get(from..)?;
    let clean = rest
        .chunks(BLOCK)
        .take_while(|block| !block.iter().fold(false, |any, &byte| any | suspect(byte)));
    let start = clean.map(<[u8]>::len).sum::<usize>();
    let found = rest.get(start..)?.iter().position(|&byte| suspect(byte))?;
    Some(from + start + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_those_of_the_go_reader() {
        for text in [
            "\0", "a\u{7}", "ü\u{7f}", "\u{80}", "\u{9f}", "\u{fffe}", "\u{ffff}",
        ] {
            assert!(find_forbidden(text, 0).is_some(), "{text:?}");
        }
        for text in [
            "",
            "\t\r\n ~",
            "\u{85}\u{a0}",
            "\u{feff}",
            "\u{fffd}",
            "\u{10ffff}",
            "¿ïﬀ",
        ] {
            assert_eq!(find_forbidden(text, 0), None, "{text:?}");
        }
    }
}
