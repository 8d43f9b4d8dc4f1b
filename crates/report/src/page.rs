// SPDX-License-Identifier: Apache-2.0
//! One HTML file that needs nothing else: the data, the program that draws it, and what is read where no program runs.
//!
//! Manifests are hostile input. Of a manifest nothing becomes markup: the data are JSON in a `script` element that is
//! not run, and the program makes text nodes of them. A Content Security Policy (W3C, CSP Level 3) lets only this style
//! and this script be used, by their digests, and nothing be loaded.

pub(crate) mod data;
mod excerpt_lines;
pub(crate) mod fallback;

use std::borrow::Cow;
use std::io::{self, Write};

use data::PageData;
use data_encoding::BASE64;
use quick_xml::escape::escape;
use sha2::{Digest as _, Sha256};

use crate::json_text::write_in_script;
use crate::xml_text::xml_text;

const STYLE: &str = include_str!("../assets/page.css");

/// The program: its files share one scope, and each uses only what stands above it.
const SCRIPT: &str = concat!(
    "\"use strict\";\n",
    include_str!("../assets/dom.js"),
    include_str!("../assets/data.js"),
    include_str!("../assets/marks.js"),
    include_str!("../assets/theme.js"),
    include_str!("../assets/derivation.js"),
    include_str!("../assets/picture.js"),
    include_str!("../assets/findings.js"),
    include_str!("../assets/filters.js"),
    include_str!("../assets/sections.js"),
    include_str!("../assets/main.js"),
);

/// Writes the page.
///
/// # Errors
/// When the writer fails.
pub(crate) fn write_page(out: &mut dyn Write, data: &PageData<'_>) -> io::Result<()> {
    let title = markup(&data.title);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"writeway {}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n",
        digest(STYLE),
        digest(SCRIPT),
        env!("CARGO_PKG_VERSION"),
    )?;
    write!(
        out,
        "<body>\n<header class=\"top\">\n<div class=\"brand\"><h1>{title}</h1>\n<p>{}</p></div>\n</header>\n\
         <main id=\"results\" tabindex=\"-1\">\n",
        markup(&data.line)
    )?;
    fallback::write(out, data)?;
    write!(
        out,
        "</main>\n<footer>\n<p>Made by writeway {}. The file is complete: it loads nothing and sends nothing.</p>\n\
         </footer>\n<script type=\"application/json\" id=\"data\">",
        env!("CARGO_PKG_VERSION")
    )?;
    write_in_script(out, data)?;
    write!(
        out,
        "</script>\n<script type=\"module\">{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// How a policy names an inline style or script.
fn digest(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// Text from manifests as HTML shows it.
fn markup(text: &str) -> String {
    let text = xml_text(text);
    let escaped: Cow<'_, str> = escape(text.as_str());
    escaped.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Either would end its element, or hide the end of it (HTML Standard, 4.12.1.3).
    #[test]
    fn style_and_script_hold_nothing_that_ends_their_element() {
        for text in [STYLE, SCRIPT] {
            for end in ["</style", "</script", "<script", "<!--", "\r"] {
                assert!(!text.to_lowercase().contains(end), "{end}");
            }
        }
    }

    /// What the policy of the page does not stop is not done in the first place.
    #[test]
    fn the_script_makes_no_markup_of_text_and_loads_nothing() {
        for name in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
            "XMLHttpRequest",
            "localStorage",
            "sessionStorage",
            "cookie",
            "import(",
            "import ",
        ] {
            assert!(!SCRIPT.contains(name), "{name}");
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
