// SPDX-License-Identifier: Apache-2.0
//! File names as URIs (RFC 3986).

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is escaped in a path: all but unreserved characters (section 2.3) and `/`. A `:` is escaped, too, since it would
/// end a scheme in the first segment of a relative reference (section 4.2).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The URI of a path with `/` between its parts, and whether it is relative: `file:` with an absolute path, or the
/// relative path.
pub(super) fn file_uri(path: &str) -> (String, bool) {
    let escaped = utf8_percent_encode(path, ESCAPED);
    if path.starts_with('/') {
        (format!("file://{escaped}"), false)
    } else if Path::new(path).is_absolute() {
        (format!("file:///{escaped}"), false)
    } else {
        (escaped.to_string(), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_path_of_a_uri() {
        for (name, uri, relative) in [
            ("k8s/web-1.yaml", "k8s/web-1.yaml", true),
            (
                "a b/%41?#é:\u{1f600}",
                "a%20b/%2541%3F%23%C3%A9%3A%F0%9F%98%80",
                true,
            ),
            (
                "charts/web (helm template)",
                "charts/web%20%28helm%20template%29",
                true,
            ),
            ("-", "-", true),
            ("/srv/a b.yaml", "file:///srv/a%20b.yaml", false),
        ] {
            assert_eq!(file_uri(name), (uri.to_owned(), relative));
        }
    }
}
