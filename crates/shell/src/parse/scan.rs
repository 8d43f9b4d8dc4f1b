// SPDX-License-Identifier: Apache-2.0
//! Looking ahead over raw text: where something ends, quotes respected.

/// Characters that end an unquoted word (POSIX XCU 2.3).
pub(super) const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'
    )
}

/// The length of the variable name at the start of `text`; 0 if there is none (POSIX XBD 3.216).
pub(super) fn name(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.bytes().take_while(name).count()
}

/// The offset after the quoted piece or escape that starts at `start`; just after one byte if none does.
/// An unterminated piece ends with the text.
fn after_quotes(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(&quote) = bytes.get(start) else {
        return text.len();
    };
    let mut position = start + 1;
    match quote {
        b'\\' => position += 1,
        b'\'' | b'"' | b'`' => {
            while let Some(&byte) = bytes.get(position) {
                position += 1;
                if byte == quote {
                    break;
                }
                if byte == b'\\' && quote != b'\'' {
                    position += 1;
                }
            }
        }
        _ => {}
    }
    position.min(text.len())
}

/// The offset after the parenthesis that closes the one at `open`.
pub(super) fn parenthesis(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut position = open;
    while let Some(&byte) = text.as_bytes().get(position) {
        position = after_quotes(text, position);
        match byte {
            b'(' => depth += 1,
            b')' if depth <= 1 => return Some(position),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The offset after the `))` that closes the `((` at `open`, if the two close together. Otherwise the
/// parentheses are subshells that happen to start next to each other.
pub(super) fn double_parenthesis(text: &str, open: usize) -> Option<usize> {
    let outer = parenthesis(text, open)?;
    let inner = parenthesis(text, open + 1)?;
    (inner + 1 == outer).then_some(outer)
}

/// The offset of the newline that ends the line at `start`; the length of the text if none does.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut position = start;
    let mut in_comment = false;
    let mut between_words = false;
    while let Some(&byte) = bytes.get(position) {
        if byte == b'\n' {
            return position;
        }
        in_comment |= byte == b'#' && between_words;
        between_words = is_delimiter(byte);
        position = if in_comment {
            position + 1
        } else {
            after_quotes(text, position)
        };
    }
    text.len()
}
