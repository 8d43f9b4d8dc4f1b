// SPDX-License-Identifier: Apache-2.0
//! The arguments of a utility: which are options, which belong to one, which are operands (POSIX XBD 12.2 with
//! the habits of GNU `getopt_long`, which BusyBox shares).

use crate::mode::Flavour;

/// The options that a utility knows.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'s> {
    /// All of them.
    pub options: &'s [OptionSpec],
    /// Whether options may stand between and after operands.
    pub order: Order,
    /// Set for `chmod` only: by whose rules a word such as `-w` or `-rwx` is a mode and not an option.
    pub modes: Option<Flavour>,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// The letter after `-`.
    pub short: Option<char>,
    /// The name after `--`.
    pub long: Option<&'static str>,
    /// Whether it takes a value.
    pub value: Value,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It takes none.
    None,
    /// The rest of the word, or the next word.
    Required,
    /// The rest of the word only (`-p0`, `--parents=0`).
    Optional,
}

/// How options and operands may be mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Options may follow operands, as with nearly every utility.
    Mixed,
    /// The first operand ends the options, as with `env`, `exec`, `su` and `timeout`.
    OptionsFirst,
}

impl OptionSpec {
    /// An option without a value that has a letter and a name.
    #[must_use]
    pub const fn flag(short: char, long: &'static str) -> Self {
        Self {
            short: Some(short),
            long: Some(long),
            value: Value::None,
        }
    }

    /// An option with a required value that has a letter and a name.
    #[must_use]
    pub const fn with_value(short: char, long: &'static str) -> Self {
        Self {
            short: Some(short),
            long: Some(long),
            value: Value::Required,
        }
    }

    /// An option that is only a letter.
    #[must_use]
    pub const fn letter(short: char, value: Value) -> Self {
        Self {
            short: Some(short),
            long: None,
            value,
        }
    }

    /// An option that is only a name.
    #[must_use]
    pub const fn name(long: &'static str, value: Value) -> Self {
        Self {
            short: None,
            long: Some(long),
            value,
        }
    }
}

/// The arguments, sorted out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The options in order, each with its value.
    pub options: Vec<(OptionSpec, Option<String>)>,
    /// What is no option, in order.
    pub operands: Vec<String>,
    /// With [`Spec::modes`]: the mode that was written like an option. It is not among the operands; without
    /// it the mode is the first operand.
    pub mode: Option<String>,
}

impl Arguments {
    /// Whether the option with this letter was given.
    #[must_use]
    pub fn has(&self, short: char) -> bool {
        self.options.iter().any(|(option, _)| option.short == Some(short))
    }

    /// Whether the option with this name was given.
    #[must_use]
    pub fn has_long(&self, long: &str) -> bool {
        self.options.iter().any(|(option, _)| option.long == Some(long))
    }

    /// The value of the last option with this letter that has one.
    #[must_use]
    pub fn value(&self, short: char) -> Option<&str> {
        let last = self
            .options
            .iter()
            .rev()
            .find(|(option, _)| option.short == Some(short));
        last.and_then(|(_, value)| value.as_deref())
    }

    /// The value of the last option with this name that has one.
    #[must_use]
    pub fn value_long(&self, long: &str) -> Option<&str> {
        let last = self
            .options
            .iter()
            .rev()
            .find(|(option, _)| option.long == Some(long));
        last.and_then(|(_, value)| value.as_deref())
    }

    /// Which of these letters was given last; what decides among options that exclude each other.
    #[must_use]
    pub fn last_of(&self, shorts: &[char]) -> Option<char> {
        self.options
            .iter()
            .rev()
            .filter_map(|(option, _)| option.short)
            .find(|short| shorts.contains(short))
    }
}

/// Arguments that the utility refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No such option in the [`Spec`]. A newer or another tool may know it.
    #[error("unknown option `{0}`")]
    Unknown(String),
    /// The last word is an option that needs a value.
    #[error("option `{0}` needs a value")]
    MissingValue(String),
    /// `--name=value` where the option takes none.
    #[error("option `{0}` takes no value")]
    UnexpectedValue(String),
}

/// Sorts the words after a utility's name into options and operands. Abbreviated long options are not resolved.
///
/// # Errors
///
/// [`OptionError`] for the first option that `spec` does not allow.
pub fn parse_options(words: &[String], spec: &Spec<'_>) -> Result<Arguments, OptionError> {
    let mut arguments = Arguments::default();
    let mut words = words.iter().map(String::as_str);
    let mut seen_operand = false;
    while let Some(word) = words.next() {
        if word == "--" {
            arguments.operands.extend(words.map(str::to_owned));
            break;
        }
        if is_mode(word, spec, &arguments, seen_operand) {
            arguments.add_mode(word);
        } else if let Some(long) = word.strip_prefix("--") {
            arguments.long(long, spec, &mut words)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            arguments.cluster(letters, spec, &mut words)?;
        } else {
            arguments.operands.push(word.to_owned());
            seen_operand = true;
            if spec.order == Order::OptionsFirst {
                arguments.operands.extend(words.map(str::to_owned));
                break;
            }
        }
    }
    Ok(arguments)
}

/// Whether `chmod` takes `word`, which is not `--`, for a mode although it looks like an option.
///
/// coreutils does so wherever the letter after the dash could start a mode, and joins several such words.
/// BusyBox does so for the first word whose letter it does not know, and only before any operand.
fn is_mode(word: &str, spec: &Spec<'_>, arguments: &Arguments, seen_operand: bool) -> bool {
    let Some(first) = word.strip_prefix('-').and_then(|letters| letters.chars().next()) else {
        return false;
    };
    match spec.modes {
        None => false,
        Some(Flavour::Coreutils) => "rwxXstugoa,+=01234567".contains(first),
        Some(Flavour::Busybox) => {
            first != '-' && !seen_operand && arguments.mode.is_none() && spec.short(first).is_none()
        }
    }
}

impl<'s> Spec<'s> {
    fn short(&self, letter: char) -> Option<&'s OptionSpec> {
        self.options.iter().find(|option| option.short == Some(letter))
    }
}

impl Arguments {
    fn add_mode(&mut self, word: &str) {
        match &mut self.mode {
            Some(mode) => {
                mode.push(',');
                mode.push_str(word);
            }
            None => self.mode = Some(word.to_owned()),
        }
    }

    /// `--name`, `--name=value` or `--name value`, without the dashes.
    fn long<'a>(
        &mut self,
        text: &str,
        spec: &Spec<'_>,
        following: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), OptionError> {
        let (name, attached) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let shown = || format!("--{name}");
        let option = spec.options.iter().find(|option| option.long == Some(name));
        let option = option.ok_or_else(|| OptionError::Unknown(shown()))?;
        let value = match (option.value, attached) {
            (Value::None, Some(_)) => return Err(OptionError::UnexpectedValue(shown())),
            (Value::Required, None) => Some(
                following
                    .next()
                    .ok_or_else(|| OptionError::MissingValue(shown()))?,
            ),
            (_, attached) => attached,
        };
        self.options.push((*option, value.map(str::to_owned)));
        Ok(())
    }

    /// Letters behind one dash; the first that takes a value takes the rest.
    fn cluster<'a>(
        &mut self,
        letters: &str,
        spec: &Spec<'_>,
        following: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), OptionError> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let shown = || format!("-{letter}");
            let option = spec.short(letter).ok_or_else(|| OptionError::Unknown(shown()))?;
            let attached = Some(rest.as_str()).filter(|attached| !attached.is_empty());
            let value = match option.value {
                Value::None => {
                    self.options.push((*option, None));
                    continue;
                }
                Value::Optional => attached,
                Value::Required => {
                    let value = attached.or_else(|| following.next());
                    Some(value.ok_or_else(|| OptionError::MissingValue(shown()))?)
                }
            };
            self.options.push((*option, value.map(str::to_owned)));
            break;
        }
        Ok(())
    }
}
