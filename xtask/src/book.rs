// SPDX-License-Identifier: Apache-2.0
//! The manual: built by mdBook from `docs/`, every link in it and in the other pages of the repository followed.

mod html;
mod sources;

use std::io::Write;
use std::process::Command;

use anyhow::Context as _;

use crate::{process, tools};

/// Builds the manual into `target/book`, and follows the links; whether all of them lead somewhere.
///
/// # Errors
/// When mdBook cannot be had or refuses the manual, or a page cannot be read.
pub fn run(out: &mut dyn Write) -> anyhow::Result<bool> {
    let root = crate::workspace();
    let book = root.join("target/book");
    let mdbook = tools::MDBOOK.path_or_named()?;
    process::output(Command::new(mdbook).arg("build").arg(root)).context("the manual does not build")?;

    let mut good = true;
    for (what, links) in [
        ("Markdown files", sources::follow(root)?),
        ("pages of the manual", html::follow(&book)?),
    ] {
        writeln!(
            out,
            "{}: {what}, {} links, {} broken",
            links.pages,
            links.followed,
            links.broken.len()
        )?;
        for broken in &links.broken {
            writeln!(out, "  {broken}")?;
        }
        good &= links.broken.is_empty() && links.followed > 0;
    }
    writeln!(out, "the manual is {}", book.join("index.html").display())?;
    Ok(good)
}

/// What came of following links.
#[derive(Debug, Default)]
struct Links {
    /// How many pages were read.
    pages: usize,
    /// How many links within the repository or the manual were followed.
    followed: usize,
    /// The others: page, line, target, and what is wrong.
    broken: Vec<String>,
}
