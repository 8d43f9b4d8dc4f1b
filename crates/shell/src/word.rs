// SPDX-License-Identifier: Apache-2.0
//! Words: what is left of quotes, and the expansions that are still to come (POSIX XCU 2.2, 2.6).

use crate::script::List;

/// A word before expansion. No part at all is the empty value of `a=`; an empty quoted literal is `""`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Word {
    /// Its pieces from left to right; neighbouring literals of the same kind are one.
    pub parts: Vec<Part>,
}

/// A piece of a word. `quoted` pieces are neither split into fields nor matched against file names.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text as it stands, quotes removed.
    Literal {
        /// The text.
        text: String,
        /// It stood in quotes or behind a backslash.
        quoted: bool,
    },
    /// An unquoted `*`, `?` or bracket expression, matched against file names (in `case`: against the word).
    Glob(String),
    /// `~` or `~user` at the start of the word (in an assignment also after `:`): a home directory.
    Tilde(Option<String>),
    /// `$name`, `${name…}`.
    Parameter(Parameter),
    /// `$(…)` or backquotes: the output of the commands, without trailing newlines.
    CommandSubstitution {
        /// The commands; they run in a subshell.
        list: List,
        /// Inside double quotes.
        quoted: bool,
    },
    /// `$((…))`, expansions inside it resolved.
    Arithmetic {
        /// The text between the parentheses.
        expression: Word,
        /// Inside double quotes.
        quoted: bool,
    },
    /// Syntax that shells read differently, as written: `$'…'`, the `$` of `$"…"`, the `$[` of `$[…]`, `<(…)`, the
    /// `(…)` of `name=(…)`. It may run commands.
    ShellSpecific(String),
}

/// A parameter expansion.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// A variable name, a positional parameter (`1`) or a special one (`@ * # ? - $ !`).
    pub name: String,
    /// What is done with the value.
    pub operation: Operation,
    /// Inside double quotes.
    pub quoted: bool,
}

/// What `${name…}` does with the value. `null_too` stands for the colon: an empty value counts as unset.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// `$name`, `${name}`.
    Value,
    /// `${name:-word}`: `word` if unset.
    Default {
        /// Used instead.
        word: Word,
        /// With the colon.
        null_too: bool,
    },
    /// `${name:=word}`: assigns `word` first if unset.
    Assign {
        /// Assigned and used.
        word: Word,
        /// With the colon.
        null_too: bool,
    },
    /// `${name:?word}`: ends the shell with a failure if unset.
    Error {
        /// The message.
        word: Word,
        /// With the colon.
        null_too: bool,
    },
    /// `${name:+word}`: `word` if set, else nothing.
    Alternative {
        /// Used instead.
        word: Word,
        /// With the colon.
        null_too: bool,
    },
    /// `${#name}`: the length in characters.
    Length,
    /// `${name#pattern}`, `${name##pattern}`: without the shortest or longest prefix that matches.
    TrimPrefix {
        /// What to match.
        pattern: Word,
        /// `##`.
        longest: bool,
    },
    /// `${name%pattern}`, `${name%%pattern}`: without the shortest or longest suffix that matches.
    TrimSuffix {
        /// What to match.
        pattern: Word,
        /// `%%`.
        longest: bool,
    },
    /// An extension (`${name/a/b}`, `${name:1:2}`, `${!name}`, `${name[0]}`): what stands between the braces.
    Other(String),
}

impl Word {
    /// The word's value if no expansion of any shell can change it.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let text = self.text()?;
        (!self.has_braces()).then_some(text)
    }

    /// The text if the word has no part but literals, whether or not a shell expands braces in it.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Whether bash would expand braces (`{a,b}`, `{1..3}`) where dash and BusyBox ash take them as they are.
    #[must_use]
    pub fn has_braces(&self) -> bool {
        let mut depth = 0_u32;
        let mut separated = false;
        let mut after_dot = false;
        for part in &self.parts {
            let Part::Literal { text, quoted: false } = part else {
                after_dot = false;
                continue;
            };
            for character in text.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth > 0 && separated => return true,
                    '}' => depth = depth.saturating_sub(1),
                    ',' if depth > 0 => separated = true,
                    '.' if depth > 0 && after_dot => separated = true,
                    _ => {}
                }
                after_dot = character == '.';
            }
        }
        false
    }

    /// Whether it has an unquoted `*`, `?` or bracket expression.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Glob(_)))
    }
}
