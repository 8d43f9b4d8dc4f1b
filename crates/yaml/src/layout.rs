// SPDX-License-Identifier: Apache-2.0
//! Places in the text that the event parser does not report exactly: headers of block scalars, the first dash of
//! a list, the end of what is written, characters that YAML forbids.

/// The offset of the first of `wanted` behind `from`, across what may stand between two nodes: blanks, line breaks,
/// comments, properties (`&anchor`, `!tag`) and the indicators `:`, `?` and `-`.
pub(crate) fn find_indicator(text: &str, from: usize, wanted: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut offset = from;
    loop {
        let byte = *bytes.get(offset)?;
        if wanted.contains(&byte) {
            return Some(offset);
        }
        offset = match byte {
            b'#' => skip_until(bytes, offset, |byte| matches!(byte, b'\n' | b'\r')),
            b'&' | b'!' => skip_until(bytes, offset, |byte| byte.is_ascii_whitespace()),
            b' ' | b'\t' | b'\n' | b'\r' | b':' | b'?' | b'-' => offset + 1,
            _ => return None,
        };
    }
}

fn skip_until(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|&byte| stop(byte)).unwrap_or(rest.len())
}

/// Where the value of a key with nothing behind its colon belongs: after the colon, when that follows on the line.
pub(crate) fn after_colon(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let colon = skip_until(bytes, from, |byte| !matches!(byte, b' ' | b'\t'));
    (bytes.get(colon) == Some(&b':')).then_some(colon + 1)
}

/// The end of a block scalar without the line break that ends it, and without trailing empty lines unless the header
/// keeps them (`|+`). `header` is the place of `|` or `>`, `end` where the parser saw the content end.
pub(crate) fn block_scalar_end(text: &str, header: usize, end: usize, value: &str) -> usize {
    let indicators_end = skip_until(text.as_bytes(), header + 1, |byte| {
        !matches!(byte, b'+' | b'-' | b'0'..=b'9')
    });
    let keeps = text
        .get(header..indicators_end)
        .is_some_and(|indicators| indicators.contains('+'));
    let body = text.get(indicators_end..end).unwrap_or_default();
    let content = value.trim_end_matches('\n');
    let rest = if keeps {
        strip_line_break(body)
    } else if content.is_empty() {
        ""
    } else if content.ends_with([' ', '\t']) {
        // Blanks at the end of the last line are content, so only line breaks may go.
        body.trim_end_matches(['\n', '\r'])
    } else {
        body.trim_end_matches(['\n', '\r', ' ', '\t'])
    };
    indicators_end + rest.len()
}

fn strip_line_break(lines: &str) -> &str {
    let stripped = lines.strip_suffix('\n').unwrap_or(lines);
    stripped.strip_suffix('\r').unwrap_or(stripped)
}

/// The first character at or behind `from` that no YAML stream may contain (YAML 1.1 §5.1, as go-yaml v2 checks it in
/// `readerc.go`): control characters other than tab, line feed, carriage return and NEL, and U+FFFE, U+FFFF.
pub(crate) fn find_forbidden(text: &str, from: usize) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut offset = from;
    loop {
        let rest = bytes.get(offset..)?;
        let found = rest.iter().position(|&byte| {
            (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2 | 0xef)
        })?;
        offset += found;
        let character = text.get(offset..)?.chars().next()?;
        if !matches!(character, '\u{85}' | '\u{a0}'..='\u{fffd}') {
            return Some((offset, character));
        }
        offset += character.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_found_across_comments_and_properties() {
        let text = "key: &a|b !t # | not this\n  >-\n";
        assert_eq!(find_indicator(text, 3, b"|>"), Some(28));
        assert_eq!(find_indicator("key:\n# c\n- a", 3, b"-"), Some(9));
        assert_eq!(find_indicator("key: value |", 3, b"|"), None);
    }

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
