// SPDX-License-Identifier: Apache-2.0
//! Commands that copy files: from where, to where, and how.

use std::borrow::Cow;

use writeway_manifest::Place;

use crate::evidence::agent_call::{agent_call, argument};
use crate::evidence::commands::{Argument, Invocation};

/// Copies of one container that are looked at.
const MAX_COPIES: usize = 256;

/// What `cp`, `install`, `mv`, `rsync` or `writeway-agent seed` does, or a redirected `cat`.
#[derive(Debug, Clone)]
pub(crate) struct Copy<'a> {
    /// The command.
    pub(crate) command: &'a Invocation,
    /// What is copied.
    pub(crate) sources: Vec<Cow<'a, Argument>>,
    /// Where to.
    pub(crate) target: Cow<'a, Argument>,
    /// Whether directories are copied with what is in them.
    pub(crate) recursive: bool,
    /// Whether links in the source are copied as links.
    pub(crate) keeps_links: bool,
    /// Whether what is at the target may stay as it is (`-n`, `-u`).
    pub(crate) keeps_newer: bool,
}

impl<'a> Copy<'a> {
    /// The copy that a command makes; `None` when it makes none, or when not all of its words are understood.
    fn of(command: &'a Invocation) -> Option<Self> {
        let copy = |sources: Vec<&'a Argument>, target: &'a Argument| Self {
            command,
            sources: sources.into_iter().map(Cow::Borrowed).collect(),
            target: Cow::Borrowed(target),
            recursive: false,
            keeps_links: false,
            keeps_newer: false,
        };
        match command.name.as_str() {
            "cp" | "install" | "mv" | "rsync" => {
                let words = Words::of(command)?;
                let (target, sources) = match words.target {
                    Some(target) => (target, words.operands),
                    None => {
                        let (last, sources) = words.operands.split_last()?;
                        (*last, sources.to_vec())
                    }
                };
                let has = |letters: &[char]| words.flags.chars().any(|flag| letters.contains(&flag));
                let link_flag = words.flags.chars().rfind(|flag| "LHPda".contains(*flag));
                let recursive = has(&['r', 'R', 'a']);
                // cp follows links only without -r, or when told to; the last of the flags counts.
                let keeps_links = match (command.name.as_str(), link_flag) {
                    ("mv", _) => true,
                    ("cp", Some(flag)) => {
                        flag == 'P' || flag == 'd' || flag == 'a' || (flag == 'H' && recursive)
                    }
                    ("cp", None) => recursive,
                    ("rsync", Some(flag)) => flag != 'L',
                    _ => false,
                };
                (!sources.is_empty()).then_some(Self {
                    recursive: recursive || command.name == "mv",
                    keeps_links,
                    keeps_newer: has(&['n', 'u']),
                    ..copy(sources, target)
                })
            }
            "cat" | "jq" | "sed" | "envsubst" | "base64" => {
                let target = command.file.as_ref()?;
                let sources: Vec<_> = command
                    .arguments
                    .iter()
                    .filter(|argument| argument.start.starts_with('/'))
                    .collect();
                (!sources.is_empty()).then_some(copy(sources, target))
            }
            _ => Self::seed(command),
        }
    }

    /// `writeway-agent seed` copies files, and keeps what was refreshed since, unless it is told not to.
    fn seed(command: &'a Invocation) -> Option<Self> {
        let call = agent_call(command).filter(|call| call.verb == "seed")?;
        let operands = call.arguments.operands.iter();
        Some(Self {
            command,
            sources: operands.filter_map(|source| argument(command, source)).collect(),
            target: argument(command, call.arguments.value_long("to")?)?,
            recursive: true,
            keeps_links: false,
            keeps_newer: call.arguments.value_long("on-conflict") != Some("source"),
        })
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        self.command.place
    }
}

/// The arguments of a copying command.
struct Words<'a> {
    /// Letters of options; those of long ones are their short forms.
    flags: String,
    /// The value of `-t`.
    target: Option<&'a Argument>,
    operands: Vec<&'a Argument>,
}

impl<'a> Words<'a> {
    fn of(command: &'a Invocation) -> Option<Self> {
        let mut words = Self {
            flags: String::new(),
            target: None,
            operands: Vec::new(),
        };
        let mut arguments = command.arguments.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.text.as_deref().unwrap_or_default();
            if text == "--" {
                words.operands.extend(arguments);
                break;
            }
            if let Some(long) = text.strip_prefix("--") {
                words.flags.push(short_form(long));
            } else if text.len() > 1 && text.starts_with('-') {
                let letters = &text[1..];
                if command.name == "install" && letters.contains('d') {
                    return None;
                }
                words.flags.push_str(letters);
                if letters.ends_with('t') && command.name != "rsync" {
                    words.target = Some(arguments.next()?);
                } else if command.name == "install" && letters.ends_with(['m', 'o', 'g']) {
                    arguments.next();
                }
            } else {
                words.operands.push(argument);
            }
        }
        Some(words)
    }
}

fn short_form(long: &str) -> char {
    match long {
        "recursive" => 'r',
        "archive" => 'a',
        "dereference" | "copy-links" => 'L',
        "no-dereference" => 'P',
        "no-clobber" | "ignore-existing" => 'n',
        "update" => 'u',
        _ => '-',
    }
}

/// The copies among commands; of the many thousands that only an attacker writes the first ones.
pub(crate) fn copies(commands: &[Invocation]) -> impl Iterator<Item = Copy<'_>> {
    commands.iter().filter_map(Copy::of).take(MAX_COPIES)
}

/// The path that a word names; that of the directory above when its last part is a pattern or not known.
pub(crate) fn known_path(argument: &Argument) -> Option<&str> {
    match &argument.text {
        Some(text) => Some(text),
        None => argument.start.rfind('/').map(|slash| &argument.start[..=slash]),
    }
}
