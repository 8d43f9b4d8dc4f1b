// SPDX-License-Identifier: Apache-2.0
//! Places in the text that the event parser does not report exactly: headers of block scalars, the first dash of
//! a list, the end of what is written, characters that YAML forbids.

/// The offset of the first of `wanted` behind `from`, across what may stand between two nodes: blanks, line breaks,
/// comments, properties (`&anchor`, `!tag`), the indicators `:`, `?` and `-`, the end of a document and a byte order
/// mark.
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
            b' ' | b'\t' | b'\n' | b'\r' | b':' | b'?' | b'-' | b'.' => offset + 1,
            0xef if text
                .get(offset..)
                .is_some_and(|rest| rest.starts_with('\u{feff}')) =>
            {
                offset + '\u{feff}'.len_utf8()
            }
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

/// Whether a block scalar leaves its indentation to be guessed from a line that goes on with a tab. go-yaml v2 refuses
/// that (`scannerc.go`, `yaml_parser_scan_block_scalar_breaks`), the parser counts the tab as content.
pub(crate) fn starts_with_tab(text: &str, span: std::ops::Range<usize>, value: &str) -> bool {
    let header = text
        .get(span)
        .and_then(|written| written.lines().next())
        .unwrap_or_default();
    let guessed = !header
        .trim_start_matches(['|', '>', '+', '-'])
        .starts_with(|c: char| c.is_ascii_digit());
    guessed && value.trim_start_matches('\n').starts_with('\t')
}

fn strip_line_break(lines: &str) -> &str {
    let stripped = lines.strip_suffix('\n').unwrap_or(lines);
    stripped.strip_suffix('\r').unwrap_or(stripped)
}

/// The quoted scalar that reaches from before `at` to behind it, quotes included, looked for from `from` on. `None` if
/// it does not end, or has a line in it that starts like a document marker, which libyaml refuses as well.
pub(crate) fn quoted_around(text: &str, from: usize, at: usize) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut offset = from;
    while offset < at {
        let blank_before = offset == 0 || bytes.get(offset - 1).is_some_and(u8::is_ascii_whitespace);
        offset = match *bytes.get(offset)? {
            b'#' if blank_before => skip_until(bytes, offset, |byte| matches!(byte, b'\n' | b'\r')),
            quote @ (b'"' | b'\'') => {
                let end = closing_quote(bytes, offset, quote)?;
                if end > at {
                    let lines = text.get(offset..end)?.split('\n').skip(1);
                    let is_marker = |line: &str| {
                        ["---", "..."].iter().any(|marker| {
                            line.strip_prefix(marker)
                                .is_some_and(|rest| rest.trim_start().len() < rest.len() || rest.is_empty())
                        })
                    };
                    return (!lines.into_iter().any(is_marker)).then_some(offset..end);
                }
                end
            }
            _ => offset + 1,
        };
    }
    None
}

/// The offset behind the quote that closes the one at `open`.
fn closing_quote(bytes: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut offset = open + 1;
    loop {
        let byte = *bytes.get(offset)?;
        offset += match byte {
            b'\\' if quote == b'"' => 2,
            b'\'' if quote == byte && bytes.get(offset + 1) == Some(&quote) => 2,
            _ if byte == quote => return Some(offset + 1),
            _ => 1,
        };
    }
}

/// Whether a text that does not end in a line break ends in the last line of `value`, so that the line break at the end
/// of `value` is not in the text. The parser adds it to block scalars, go-yaml does not.
pub(crate) fn lacks_final_break(text: &str, value: &str) -> bool {
    let Some(content) = value.strip_suffix('\n') else {
        return false;
    };
    let last_line = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    let content_line = content.rsplit('\n').next().unwrap_or_default();
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    !last_line.is_empty() && (!is_blank(last_line) || (is_blank(content_line) && !content_line.is_empty()))
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
