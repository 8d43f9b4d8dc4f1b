// SPDX-License-Identifier: Apache-2.0
//! Block scalars (`|`, `>`): what belongs to them in the text, and where go-yaml reads them differently than the parser.

use std::ops::Range;

use super::skip_until;

/// The end of a block scalar without the line break that ends it, and without trailing empty lines unless the header
/// keeps them (`|+`). `header` is the place of `|` or `>`, `end` where the parser saw the content end.
pub(super) fn written_end(text: &str, header: usize, end: usize, value: &str) -> usize {
    let indicators_end = skip_until(text.as_bytes(), header + 1, |byte| {
        !matches!(byte, b'+' | b'-' | b'0'..=b'9')
    });
    let keeps = text
        .get(header..indicators_end)
        .is_some_and(|indicators| indicators.contains('+'));
    let body = text.get(indicators_end..end).unwrap_or_default();
    let content = value.trim_end_matches('\n');
    let rest = if value.is_empty() || (content.is_empty() && !keeps) {
        ""
    } else if keeps {
        // The parser may have gone on to the first value of the next line.
        let lines = body.trim_end_matches([' ', '\t']);
        strip_line_break(if lines.ends_with('\n') { lines } else { body })
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
pub(super) fn starts_with_tab(text: &str, span: Range<usize>, value: &str) -> bool {
    let header = text
        .get(span)
        .and_then(|written| written.strip_prefix(['|', '>']))
        .unwrap_or("1");
    let guessed = !header
        .trim_start_matches(['+', '-'])
        .starts_with(|c: char| c.is_ascii_digit());
    guessed && value.trim_start_matches('\n').starts_with('\t')
}

fn strip_line_break(lines: &str) -> &str {
    let stripped = lines.strip_suffix('\n').unwrap_or(lines);
    stripped.strip_suffix('\r').unwrap_or(stripped)
}

/// Whether a text that does not end in a line break ends in the last line of `value`, so that the line break at the end
/// of `value` is not in the text. The parser adds it to block scalars, go-yaml does not.
pub(super) fn lacks_final_break(text: &str, value: &str) -> bool {
    let Some(content) = value.strip_suffix('\n') else {
        return false;
    };
    let last_line = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    let content_line = content.rsplit('\n').next().unwrap_or_default();
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    !last_line.is_empty() && (!is_blank(last_line) || (is_blank(content_line) && !content_line.is_empty()))
}
