// SPDX-License-Identifier: Apache-2.0
//! Which rules run.

use std::fmt;
use std::str::FromStr;

use writeway_facts::closest;

use crate::{RULES, Rule, find};

/// Some rules, as people name them: a code, the beginning of codes (`WW1`, `WW10`), a readable name, or `ALL`; in any
/// letter case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// What the codes begin with; empty for all.
    prefix: String,
}

impl Selector {
    /// Whether a rule is meant.
    pub fn includes(&self, rule: &Rule) -> bool {
        rule.code.starts_with(&self.prefix)
    }

    /// Of two selectors the longer one counts: `WW101` beats `WW10` beats `WW1` beats `ALL`. A name is its code.
    fn specificity(&self) -> usize {
        self.prefix.len()
    }
}

impl FromStr for Selector {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let upper = text.to_ascii_uppercase();
        let prefix = match find(text) {
            Some(rule) => rule.code.to_owned(),
            None if upper == "ALL" => String::new(),
            None if upper.starts_with("WW") && RULES.iter().any(|rule| rule.code.starts_with(&upper)) => {
                upper
            }
            None => return Err(UnknownRule::new(text)),
        };
        Ok(Self { prefix })
    }
}

/// A name that no rule has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    written: String,
    meant: Option<&'static str>,
}

impl UnknownRule {
    /// The name, and the code or name that was probably meant.
    pub fn new(written: &str) -> Self {
        let names = RULES.iter().flat_map(|rule| [rule.code, rule.name]);
        Self {
            written: written.to_owned(),
            meant: closest(written, names),
        }
    }
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no rule `{}`; ", self.written)?;
        if let Some(meant) = self.meant {
            write!(f, "did you mean `{meant}`? ")?;
        }
        f.write_str("`writeway rule` lists the codes and names there are")
    }
}

impl std::error::Error for UnknownRule {}

/// What one source of configuration says about which rules run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// These alone, in the place of what was selected before; empty to go on with that.
    pub select: Vec<Selector>,
    /// These too.
    pub extend_select: Vec<Selector>,
    /// Not these.
    pub ignore: Vec<Selector>,
}

impl Selection {
    /// Whether the selection turns a rule on or off; `None` when it does not mention it. The most specific selector that
    /// includes the rule decides; of equals, `ignore`.
    fn decides(&self, rule: &Rule) -> Option<bool> {
        let most_specific = |selectors: &[Selector]| {
            let including = selectors.iter().filter(|selector| selector.includes(rule));
            including.map(Selector::specificity).max()
        };
        let on = most_specific(&self.select).max(most_specific(&self.extend_select));
        let off = most_specific(&self.ignore);
        (on.is_some() || off.is_some()).then_some(on > off)
    }
}

/// The rules that run.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet(Vec<&'static Rule>);

impl RuleSet {
    /// The rules that are left when selections are applied one after the other to those that run by default: the file's
    /// first, then that of the command line.
    pub fn resolve(selections: &[Selection]) -> Self {
        let runs = |rule: &Rule| {
            selections.iter().fold(rule.by_default, |runs, selection| {
                let before = runs && selection.select.is_empty();
                selection.decides(rule).unwrap_or(before)
            })
        };
        Self(RULES.iter().copied().filter(|rule| runs(rule)).collect())
    }

    /// The rules, by code.
    pub fn iter(&self) -> impl Iterator<Item = &'static Rule> {
        self.0.iter().copied()
    }

    /// Whether a rule is one of them.
    pub fn contains(&self, rule: &Rule) -> bool {
        self.0.iter().any(|one| one.code == rule.code)
    }
}

/// The rules that run by default.
impl Default for RuleSet {
    fn default() -> Self {
        Self::resolve(&[])
    }
}
