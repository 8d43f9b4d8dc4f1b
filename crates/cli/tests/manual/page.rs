// SPDX-License-Identifier: Apache-2.0
//! A page of Markdown: its blocks of code, and the commands that a terminal's transcript shows.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A block of code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// The word behind the fence; `None` for an indented block.
    pub(crate) language: Option<String>,
    /// What the comment `<!-- file: NAME -->` above it says.
    pub(crate) file: Option<String>,
    /// The content.
    pub(crate) text: String,
    /// The line of the page, counted from 1, on which the block begins.
    pub(crate) line: usize,
    /// Where the content is in the page; of no use when the block is indented with something around it.
    pub(crate) place: Range<usize>,
}

/// What a page has for its reader to see and for the test to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A block of code.
    Block(Block),
    /// The command of a comment `<!-- run: COMMAND -->`, and its line.
    Run(String, usize),
}

/// The items of a page, in order.
pub(crate) fn items(page: &str) -> Vec<Item> {
    let line = |at: usize| page[..at].matches('\n').count() + 1;
    let mut items = Vec::new();
    let mut block: Option<Block> = None;
    let mut file = None;
    for (event, place) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                block = Some(Block {
                    language,
                    file: file.take(),
                    line: line(place.start),
                    ..Block::default()
                });
            }
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    if block.text.is_empty() {
                        block.place.start = place.start;
                    }
                    block.place.end = place.end;
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => items.extend(block.take().map(Item::Block)),
            Event::Html(text) => {
                let comment = text.trim().strip_prefix("<!-- ");
                let comment = comment.and_then(|text| text.strip_suffix(" -->"));
                match comment.and_then(|text| text.split_once(": ")) {
                    Some(("file", name)) => file = Some(name.to_owned()),
                    Some(("run", command)) => items.push(Item::Run(command.to_owned(), line(place.start))),
                    _ => {}
                }
            }
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            _ => file = None,
        }
    }
    items
}

/// The code that sentences of a page quote, each with its line.
pub(crate) fn quoted(page: &str) -> Vec<(String, usize)> {
    let mut quoted = Vec::new();
    for (event, place) in Parser::new(page).into_offset_iter() {
        if let Event::Code(text) = event {
            quoted.push((text.to_string(), page[..place.start].matches('\n').count() + 1));
        }
    }
    quoted
}

/// A command as typed, and what is shown below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The command, of several lines when those behind the first begin with `> `.
    pub(crate) command: String,
    /// What it prints.
    pub(crate) shown: String,
}

/// The commands of a transcript: each begins with `$ `.
///
/// # Errors
/// With the text in front of the first command.
pub(crate) fn steps(transcript: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for line in transcript.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.trim_end().to_owned(),
                shown: String::new(),
            });
            continue;
        }
        let Some(step) = steps.last_mut() else {
            return Err(line.to_owned());
        };
        match line.strip_prefix("> ") {
            Some(more) if step.shown.is_empty() => {
                step.command.push('\n');
                step.command.push_str(more.trim_end());
            }
            _ => step.shown.push_str(line),
        }
    }
    Ok(steps)
}

/// The transcript of commands and what they printed.
pub(crate) fn transcript(steps: &[Step]) -> String {
    let typed = steps
        .iter()
        .map(|step| format!("$ {}\n{}", step.command.replace('\n', "\n> "), step.shown));
    typed.collect()
}

#[test]
fn blocks_know_their_language_file_and_place() {
    let page = "# T\n<!-- file: a/b.yaml -->\n```yaml\na: 1\n\nb: 2\n```\n<!-- file: c -->\n<!-- run: d -->\ntext\n\n```console\n$ x\n```\n\n    indented\n";
    let mut found = Vec::new();
    for item in items(page) {
        match item {
            Item::Block(block) => {
                assert_eq!(page[block.place.clone()], block.text);
                found.push((block.line, block.language, block.file, block.text));
            }
            Item::Run(command, line) => found.push((line, None, None, command)),
        }
    }
    let expected = [
        (3, Some("yaml"), Some("a/b.yaml"), "a: 1\n\nb: 2\n"),
        (9, None, None, "d"),
        (12, Some("console"), None, "$ x\n"),
        (16, None, None, "indented\n"),
    ];
    let expected = expected.map(|(line, language, file, text)| {
        (
            line,
            language.map(str::to_owned),
            file.map(str::to_owned),
            text.to_owned(),
        )
    });
    assert_eq!(found, expected);
}

#[test]
fn transcripts_are_commands_with_what_they_show() {
    let text = "$ a |\n> b\nout\n> more\n$ c\n";
    let expected = [("a |\nb", "out\n> more\n"), ("c", "")];
    let steps = steps(text).unwrap();
    let found = steps
        .iter()
        .map(|step| (step.command.as_str(), step.shown.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
    assert_eq!(transcript(&steps), text);
    assert_eq!(super::page::steps("out\n$ a\n"), Err("out\n".to_owned()));
}
