// SPDX-License-Identifier: Apache-2.0
//! Mode operands of `chmod`, `mkdir -m` and `install -m`: what they say, and what becomes of a file's mode.
//!
//! coreutils and BusyBox read the same operands differently, above all for setuid and setgid on directories;
//! every function therefore takes a [`Flavour`]. Sources: the coreutils manual, "Changing Special Mode Bits" and
//! "Directory Setuid and Setgid", gnulib `lib/modechange.c`; BusyBox `libbb/parse_mode.c` and
//! `libbb/make_directory.c`. What the tests list was measured with coreutils 9.1 and BusyBox 1.35.

mod change;

pub use change::{ModeChange, apply, install_directory, install_file, make_directory, naive, umask};

/// Set user and group ID on execution.
const SET_IDS: u16 = 0o6000;
/// All bits that `chmod` can change.
const ALL: u16 = 0o7777;

/// Whose tools run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// BusyBox, as in Alpine and `busybox` images.
    Busybox,
    /// GNU coreutils, as in Debian, Ubuntu, Red Hat and SUSE images.
    Coreutils,
}

/// A mode operand that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeSpec {
    form: Form,
    /// The only tools that accept it, if not both do.
    only: Option<Flavour>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Octal { bits: u16, digits: usize },
    Symbolic(Vec<Change>),
}

/// One operator of a symbolic mode with what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    /// Letters before the operator; none means everyone, less what the umask holds back.
    who: Vec<Who>,
    operator: Operator,
    permissions: Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    User,
    Group,
    Other,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Remove,
    Set,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permissions {
    /// `rwxst`, for everyone at once, and `X`.
    Letters { bits: u16, execute_if_useful: bool },
    /// The permissions that user, group or others (the mask says who) have.
    CopyOf(u16),
    /// `+755`, a coreutils extension; stands for everyone whatever the umask is.
    Octal(u16),
}

/// A mode operand that neither coreutils nor BusyBox accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid mode `{0}`: use octal digits up to 7777 or clauses such as `u+rwx,go=rX`")]
pub struct InvalidMode(pub String);

impl std::str::FromStr for ModeSpec {
    type Err = InvalidMode;

    /// Reads an octal (`0750`) or symbolic (`u=rwx,go=rX`) mode.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = if text.starts_with(is_octal) {
            read_octal(text)
        } else {
            read_symbolic(text)
        };
        read.ok_or_else(|| InvalidMode(text.to_owned()))
    }
}

fn is_octal(character: char) -> bool {
    character.is_digit(8)
}

fn octal_bits(digits: &str) -> Option<u16> {
    digits.chars().try_fold(0_u16, |bits, digit| {
        let bits = (bits << 3) | u16::try_from(digit.to_digit(8)?).ok()?;
        (bits <= ALL).then_some(bits)
    })
}

fn read_octal(text: &str) -> Option<ModeSpec> {
    Some(ModeSpec {
        form: Form::Octal {
            bits: octal_bits(text)?,
            digits: text.len(),
        },
        only: None,
    })
}

fn read_symbolic(text: &str) -> Option<ModeSpec> {
    let mut changes = Vec::new();
    let mut only = None;
    for clause in text.split(',') {
        let special = if clause.is_empty() {
            // BusyBox lets empty clauses pass, even if there is no other.
            Some(Flavour::Busybox)
        } else {
            read_clause(clause, &mut changes)?
        };
        if special.is_some() && only.is_some_and(|only| Some(only) != special) {
            return None;
        }
        only = only.or(special);
    }
    Some(ModeSpec {
        form: Form::Symbolic(changes),
        only,
    })
}

/// Appends the changes of one clause; answers who alone accepts it, if not both do.
fn read_clause(clause: &str, changes: &mut Vec<Change>) -> Option<Option<Flavour>> {
    let mut only = None;
    let (who, mut rest) = clause.split_at(clause.find(OPERATORS)?);
    let who = who.chars().map(read_who).collect::<Option<Vec<_>>>()?;
    while let Some(first) = rest.chars().next() {
        let operator = match first {
            '+' => Operator::Add,
            '-' => Operator::Remove,
            '=' => Operator::Set,
            _ => return None,
        };
        rest = rest.get(1..)?;
        let (letters, next) = rest.split_at(rest.find(OPERATORS).unwrap_or(rest.len()));
        let permissions = read_permissions(letters)?;
        if matches!(permissions, Permissions::Octal(_)) {
            if !who.is_empty() || !next.is_empty() {
                return None;
            }
            only = Some(Flavour::Coreutils);
        }
        changes.push(Change {
            who: who.clone(),
            operator,
            permissions,
        });
        rest = next;
    }
    Some(only)
}

const OPERATORS: [char; 3] = ['+', '-', '='];

fn read_who(letter: char) -> Option<Who> {
    Some(match letter {
        'u' => Who::User,
        'g' => Who::Group,
        'o' => Who::Other,
        'a' => Who::All,
        _ => return None,
    })
}

fn read_permissions(letters: &str) -> Option<Permissions> {
    match letters {
        "u" => return Some(Permissions::CopyOf(0o700)),
        "g" => return Some(Permissions::CopyOf(0o070)),
        "o" => return Some(Permissions::CopyOf(0o007)),
        _ if letters.starts_with(is_octal) => return octal_bits(letters).map(Permissions::Octal),
        _ => {}
    }
    let mut bits = 0;
    let mut execute_if_useful = false;
    for letter in letters.chars() {
        match letter {
            'r' => bits |= 0o444,
            'w' => bits |= 0o222,
            'x' => bits |= 0o111,
            'X' => execute_if_useful = true,
            's' => bits |= SET_IDS,
            't' => bits |= 0o1000,
            _ => return None,
        }
    }
    Some(Permissions::Letters {
        bits,
        execute_if_useful,
    })
}
