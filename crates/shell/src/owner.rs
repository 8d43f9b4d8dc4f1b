// SPDX-License-Identifier: Apache-2.0
//! The arguments of `chown` and `chgrp`: their options, what an owner operand says, and what becomes of links.

use crate::options::{Arguments, OptionSpec, Value};

/// The options that coreutils and BusyBox share, with coreutils' names for them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag('R', "recursive"),
    OptionSpec::flag('h', "no-dereference"),
    OptionSpec::name("dereference", Value::None),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('c', "changes"),
    OptionSpec::flag('f', "silent"),
    OptionSpec::letter('H', Value::None),
    OptionSpec::letter('L', Value::None),
    OptionSpec::letter('P', Value::None),
];

/// Whom `chown` gives files to: `user`, `user:group`, `user:`, `:group`; a dot separates like a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'t> {
    /// Name or number of the user, when it changes.
    pub user: Option<&'t str>,
    /// The group, when it changes.
    pub group: Option<Group<'t>>,
}

/// A group in an owner operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group<'t> {
    /// By name or number.
    Named(&'t str),
    /// `user:`: the primary group of the user.
    Login,
}

impl<'t> Owner<'t> {
    /// Reads `chown`'s first operand.
    #[must_use]
    pub fn read(text: &'t str) -> Self {
        let (user, group) = match text.split_once([':', '.']) {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Self {
            user: Some(user).filter(|user| !user.is_empty()),
            group: match group {
                Some("") if !user.is_empty() => Some(Group::Login),
                Some("") | None => None,
                Some(group) => Some(Group::Named(group)),
            },
        }
    }
}

/// The links that a recursive change goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// None: not even an operand that is a link.
    None,
    /// Operands (`-H`).
    Operands,
    /// Every one (`-L`).
    All,
}

impl Through {
    /// What the options say; `None` without `-R`, where nothing is gone through. The last of them counts.
    #[must_use]
    pub fn of(arguments: &Arguments) -> Option<Self> {
        arguments
            .has('R')
            .then(|| match arguments.last_of(&['H', 'L', 'P']) {
                Some('H') => Self::Operands,
                Some('L') => Self::All,
                _ => Self::None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Order, Spec, parse_options};

    #[test]
    fn an_owner_has_a_user_a_group_or_both() {
        let named = |group| Some(Group::Named(group));
        for (text, user, group) in [
            ("app", Some("app"), None),
            ("1000:2000", Some("1000"), named("2000")),
            ("app.staff", Some("app"), named("staff")),
            ("app:", Some("app"), Some(Group::Login)),
            (":2000", None, named("2000")),
            (":", None, None),
        ] {
            assert_eq!(Owner::read(text), Owner { user, group }, "{text}");
        }
    }

    #[test]
    fn the_last_option_about_links_counts_and_only_with_recursion() {
        for (words, expected) in [
            ("-R 1 /a", Some(Through::None)),
            ("-RL 1 /a", Some(Through::All)),
            ("-R -L -P 1 /a", Some(Through::None)),
            ("--recursive -H 1 /a", Some(Through::Operands)),
            ("-L 1 /a", None),
        ] {
            let spec = Spec {
                options: OPTIONS,
                order: Order::Mixed,
                modes: None,
            };
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let arguments = parse_options(&words, &spec).unwrap();
            assert_eq!(Through::of(&arguments), expected, "{words:?}");
        }
    }
}
