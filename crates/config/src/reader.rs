// SPDX-License-Identifier: Apache-2.0
//! Values of the file: each reports what is wrong with it and answers `None`, so that reading goes on.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use writeway_facts::closest;
use writeway_manifest::parse_go_duration;

use crate::ConfigError;

/// A key's or value's place, in bytes.
type Value<'t> = Spanned<DeValue<'t>>;

/// Collects mistakes.
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    pub(crate) errors: Vec<ConfigError>,
}

impl<'t> Reader<'t> {
    /// Reports a mistake at a byte offset.
    pub(crate) fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.errors
            .push(ConfigError::new(self.text, offset, message.into()));
    }

    fn expected(&mut self, value: &Value<'_>, expected: &str) {
        let found = value.get_ref().type_str();
        self.error(value.span().start, format!("expected {expected}, found {found}"));
    }

    /// Reports the keys of a table that it does not have.
    pub(crate) fn check_keys(&mut self, table: &DeTable<'_>, what: &str, known: &[&str]) {
        for (key, _) in table
            .iter()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
        {
            let name = key.get_ref();
            let hint = match closest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "it means nothing there".to_owned(),
            };
            let allowed = known.join(", ");
            self.error(
                key.span().start,
                format!("unknown key `{name}` in {what}: {hint} (allowed: {allowed})"),
            );
        }
    }

    pub(crate) fn table<'v>(&mut self, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(value, "a table");
        }
        table
    }

    pub(crate) fn text<'v>(&mut self, value: &'v Value<'t>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(value, "a string");
        }
        text
    }

    pub(crate) fn boolean(&mut self, value: &Value<'t>) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.expected(value, "true or false");
        }
        boolean
    }

    /// A string with a notation of its own.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, value: &Value<'t>) -> Option<T> {
        let text = self.text(value)?;
        let parsed = text.parse();
        parsed
            .map_err(|error: T::Err| self.error(value.span().start, error.to_string()))
            .ok()
    }

    /// A duration as Go and Helm write it.
    pub(crate) fn duration(&mut self, value: &Value<'t>) -> Option<Duration> {
        let text = self.text(value)?;
        let duration = parse_go_duration(text);
        if duration.is_none() {
            let message = format!("`{text}` is no duration: write numbers with units, e.g. `90s` or `1h30m`");
            self.error(value.span().start, message);
        }
        duration
    }

    /// One of some named values.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        value: &Value<'t>,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(value)?;
        let found = all.iter().copied().find(|one| name(*one) == text);
        if found.is_none() {
            let names: Vec<_> = all.iter().map(|one| name(*one)).collect();
            let hint = match closest(text, names.iter().copied()) {
                Some(meant) => format!("; did you mean `{meant}`?"),
                None => String::new(),
            };
            let message = format!("expected one of {}, found `{text}`{hint}", names.join(", "));
            self.error(value.span().start, message);
        }
        found
    }

    /// A list, without the items that `item` cannot read.
    pub(crate) fn list<T>(
        &mut self,
        value: &Value<'t>,
        mut item: impl FnMut(&mut Self, &Value<'t>) -> Option<T>,
    ) -> Vec<T> {
        let Some(items) = value.get_ref().as_array() else {
            self.expected(value, "a list");
            return Vec::new();
        };
        items.iter().filter_map(|value| item(self, value)).collect()
    }
}
