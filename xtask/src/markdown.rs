// SPDX-License-Identifier: Apache-2.0
//! The Markdown files of the repository: which there are, and what is linked and can be linked to in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What matters of a page for its links.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The fragments that lead to a heading, as forges and mdBook make them.
    pub(crate) anchors: BTreeSet<String>,
    /// Target and line of each link and picture.
    pub(crate) links: Vec<(String, usize)>,
}

impl Page {
    /// Reads a page.
    pub(crate) fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        let mut seen = BTreeMap::<String, u32>::new();
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
        for (event, place) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap_or_default());
                    let count = seen.entry(slug.clone()).or_default();
                    page.anchors.insert(match count {
                        0 => slug,
                        _ => format!("{slug}-{count}"),
                    });
                    *count += 1;
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push((dest_url.to_string(), line(text, &place)));
                }
                _ => {}
            }
        }
        page
    }
}

/// The fragment of a heading: lower case, without punctuation, blanks as hyphens.
fn slug(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The line, counted from 1, on which a place begins.
fn line(text: &str, place: &Range<usize>) -> usize {
    text.bytes()
        .take(place.start)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// All Markdown files below a folder, without what is hidden or built, in order.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                if name != "target" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fragments were seen in a book of mdBook 0.5.4, and are those of GitHub.
    #[test]
    fn fragments_are_those_of_mdbook() {
        let page = Page::read("# A & B `c`\n## Ünï_code — x.y (z)\n## json\ntext\n\n## json\n");
        let expected = ["a--b-c", "json", "json-1", "ünï_code--xy-z"];
        assert_eq!(page.anchors, expected.map(str::to_owned).into());
    }

    #[test]
    fn links_have_their_lines_and_code_has_none() {
        let page = Page::read(
            "[a](x.md)\n\n| t |\n|---|\n| [b](#c) |\n\n```text\n[d](e)\n```\n![f](g.svg) `[h](i)`\n",
        );
        let expected = [("x.md", 1), ("#c", 5), ("g.svg", 10)];
        assert_eq!(page.links, expected.map(|(link, line)| (link.to_owned(), line)));
    }
}
