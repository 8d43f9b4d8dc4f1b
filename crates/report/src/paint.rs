// SPDX-License-Identifier: Apache-2.0
//! Colour, where it is wanted.

use anstyle::{AnsiColor, Style};
use writeway_access::Tri;

/// What headings look like.
pub(crate) const HEADING: Style = Style::new().bold();
/// What column titles and explanations look like.
pub(crate) const FAINT: Style = Style::new().dimmed();

const YES: Style = AnsiColor::Green.on_default();
const NO: Style = AnsiColor::Red.on_default().bold();
const UNKNOWN: Style = AnsiColor::Yellow.on_default();

/// What an answer looks like.
pub(crate) fn answer_style(answer: Tri) -> Style {
    match answer {
        Tri::Yes => YES,
        Tri::No => NO,
        Tri::Unknown => UNKNOWN,
    }
}

/// The text in a style, when colour is wanted.
pub(crate) fn paint(text: &str, style: Style, color: bool) -> String {
    if color && style != Style::new() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
