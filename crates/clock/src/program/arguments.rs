// SPDX-License-Identifier: Apache-2.0
//! The arguments of programs that have more options than anybody wants to list: those that matter are looked for, and
//! those that take a word are known, so that the word is not taken for an operand.

use crate::value::Value;

/// Which options take a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Valued {
    /// The letters.
    pub(crate) letters: &'static str,
    /// The names that take the next word as their value.
    pub(crate) names: &'static [&'static str],
}

/// The arguments, sorted out.
#[derive(Debug, Default)]
pub(crate) struct Arguments<'a> {
    options: Vec<(String, Option<&'a Value>, Option<Value>)>,
    /// What is no option.
    pub(crate) operands: Vec<&'a Value>,
}

impl<'a> Arguments<'a> {
    /// Sorts the words behind a program's name.
    pub(crate) fn sort(words: &'a [Value], valued: Valued) -> Self {
        let mut arguments = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(text) = word.as_text() else {
                arguments.operands.push(word);
                continue;
            };
            if &**text == "--" {
                arguments.operands.extend(words);
                break;
            }
            if let Some(long) = text.strip_prefix("--") {
                match long.split_once('=') {
                    Some((name, value)) => arguments.attached(name, value),
                    None if valued.names.contains(&long) => {
                        arguments.options.push((long.to_owned(), words.next(), None));
                    }
                    None => arguments.options.push((long.to_owned(), None, None)),
                }
            } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                for (at, letter) in letters.char_indices() {
                    if !valued.letters.contains(letter) {
                        arguments.options.push((letter.to_string(), None, None));
                        continue;
                    }
                    let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                    if rest.is_empty() {
                        arguments.options.push((letter.to_string(), words.next(), None));
                    } else {
                        arguments.attached(&letter.to_string(), rest);
                    }
                    break;
                }
            } else {
                arguments.operands.push(word);
            }
        }
        arguments
    }

    fn attached(&mut self, name: &str, value: &str) {
        self.options
            .push((name.to_owned(), None, Some(Value::text(value))));
    }

    /// Whether one of these options was given; letters and names alike.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(own, ..)| names.contains(&own.as_str()))
    }

    /// The value of the last of these options; `None` when none was given.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&Value> {
        let found = self
            .options
            .iter()
            .rev()
            .find(|(own, ..)| names.contains(&own.as_str()));
        found.and_then(|(_, word, attached)| attached.as_ref().or(*word))
    }

    /// The operand there, when it is known.
    pub(crate) fn operand(&self, index: usize) -> Option<&str> {
        self.operands.get(index)?.as_text().map(|text| &**text)
    }
}
