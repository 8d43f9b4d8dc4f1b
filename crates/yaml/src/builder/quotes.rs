// SPDX-License-Identifier: Apache-2.0
//! Quoted scalars that the parser refuses.

use std::ops::Range;

use super::skip_until;

/// The quoted scalar that reaches from before `at` to behind it, quotes included, looked for from `from` on. `None` if
/// it does not end, or has a line in it that starts like a document marker, which libyaml refuses as well.
pub(super) fn quoted_around(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
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
