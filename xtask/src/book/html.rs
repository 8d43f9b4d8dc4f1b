// SPDX-License-Identifier: Apache-2.0
//! The links in the pages that mdBook made: what a reader of the manual clicks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Links;

/// Follows the links of every page below a folder.
///
/// # Errors
/// When a page cannot be read.
pub(super) fn follow(book: &Path) -> anyhow::Result<Links> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                let text =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                pages.insert(path, Page::read(&text));
            }
        }
    }
    let mut links = Links {
        pages: pages.len(),
        ..Links::default()
    };
    for (path, page) in &pages {
        // This page has all others in it, with the links that they have: relative to where they were.
        if path.ends_with("print.html") {
            continue;
        }
        for link in &page.links {
            // What a server serves for any address begins at its root.
            if link.contains(':') || link.starts_with('/') {
                continue;
            }
            match wrong(&pages, path, link) {
                None => links.followed += 1,
                Some(why) => links
                    .broken
                    .push(format!("{}: {link}: {why}", path.strip_prefix(book)?.display())),
            }
        }
    }
    Ok(links)
}

fn wrong(pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> Option<&'static str> {
    let (place, fragment) = link.split_once('#').unwrap_or((link, ""));
    let to = match place {
        "" => from.to_owned(),
        place => from
            .parent()?
            .join(place)
            .canonicalize()
            .ok()
            .filter(|file| file.is_file())
            .unwrap_or_default(),
    };
    match pages.get(&to) {
        _ if !to.is_file() => Some("no such file"),
        Some(page) if !fragment.is_empty() && !page.anchors.contains(fragment) => Some("no such heading"),
        _ => None,
    }
}

/// What can be linked to in a page, and what it links to.
#[derive(Debug, Default)]
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

impl Page {
    /// Reads the tags of a page of mdBook's, whose attributes have double quotes.
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut rest = text;
        while let Some((_, behind)) = rest.split_once('<') {
            let (tag, behind) = match behind.strip_prefix("!--") {
                Some(comment) => ("", comment.split_once("-->").unwrap_or_default().1),
                None => behind.split_once('>').unwrap_or_default(),
            };
            rest = behind;
            if tag.starts_with("script") {
                rest = rest.split_once("</script>").unwrap_or_default().1;
            }
            page.anchors.extend(attribute(tag, "id"));
            page.links.extend(attribute(tag, "href"));
            page.links.extend(attribute(tag, "src"));
        }
        page
    }
}

/// The value of an attribute, with the characters that HTML escapes in it.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = value.split_once('"')?;
    Some(
        value
            .replace("&#39;", "'")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_anchors_are_those_of_tags() {
        let page = Page::read(
            r##"<!-- <a href="no.html"> --><script>if (a < b) x = '<a href="no">'</script>
            <h1 id="top"><a class="header" href="#top">A</a></h1><p>&lt;a href="no"&gt; <a href="b.html#c&amp;d">b</a>
            <img src="p.svg" alt="p"> a href="no" "##,
        );
        assert_eq!(page.links, ["#top", "b.html#c&d", "p.svg"]);
        assert_eq!(page.anchors, BTreeSet::from(["top".to_owned()]));
    }

    #[test]
    fn links_lead_to_files_and_headings_or_are_broken() {
        let root = crate::workspace().canonicalize().unwrap();
        let page = root.join("Cargo.toml");
        let pages = BTreeMap::from([(page.clone(), Page::read(r#"<a id="a">"#))]);
        for (link, expected) in [
            ("#a", None),
            ("Cargo.toml#a", None),
            ("docs/../deny.toml", None),
            ("#b", Some("no such heading")),
            ("Cargo.toml#b", Some("no such heading")),
            ("nothing.html", Some("no such file")),
            ("docs/", Some("no such file")),
        ] {
            assert_eq!(wrong(&pages, &page, link), expected, "{link}");
        }
    }
}
