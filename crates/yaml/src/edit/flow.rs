// SPDX-License-Identifier: Apache-2.0
//! Values in brackets and braces.

use super::block::plain_text;
use super::quote::{self, Quote, Within};
use super::value::Value;

/// How new text of flow style is to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlowStyle {
    /// Quotes around every key, as JSON has them.
    pub(super) key_quotes: Option<Quote>,
    /// Quotes around every text.
    pub(super) text_quotes: Option<Quote>,
    /// The quotes of texts that need some.
    pub(super) quote: Quote,
    /// What stands between a key and its value: `: `, or `:` behind a quoted key.
    pub(super) colon: &'static str,
    /// What stands between two items on one line: `, ` or `,`.
    pub(super) comma: &'static str,
    /// What stands inside of brackets and braces on one line: nothing, or a blank.
    pub(super) pad: &'static str,
    /// The indentation of a level, if each item stands on a line of its own.
    pub(super) lines: Option<String>,
}

impl FlowStyle {
    /// `key: value`. `indent` is the indentation of the line on which it stands.
    pub(super) fn entry(&self, key: &str, value: &Value, indent: &str) -> String {
        let key = self.text(key, self.key_quotes);
        format!("{key}{}{}", self.colon, self.value(value, indent))
    }

    /// A value. `indent` is the indentation of the line on which it stands.
    pub(super) fn value(&self, value: &Value, indent: &str) -> String {
        let inner = self.lines.as_ref().map(|step| format!("{indent}{step}"));
        let inner_indent = inner.as_deref().unwrap_or(indent);
        match value {
            Value::Str(text) => self.text(text, self.text_quotes),
            Value::List(items) if !items.is_empty() => {
                let items = items.iter().map(|item| self.value(item, inner_indent)).collect();
                self.enclosed(['[', ']'], items, indent, inner.as_deref())
            }
            Value::Map(entries) if !entries.is_empty() => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| self.entry(key, value, inner_indent))
                    .collect();
                self.enclosed(['{', '}'], entries, indent, inner.as_deref())
            }
            _ => plain_text(value),
        }
    }

    /// A collection; `inner` is the indentation of its items if each has a line of its own.
    pub(super) fn enclosed(
        &self,
        [open, close]: [char; 2],
        items: Vec<String>,
        indent: &str,
        inner: Option<&str>,
    ) -> String {
        match inner {
            Some(inner) => {
                let items = items.join(&format!(",\n{inner}"));
                format!("{open}\n{inner}{items}\n{indent}{close}")
            }
            None => format!(
                "{open}{pad}{}{pad}{close}",
                items.join(self.comma),
                pad = self.pad
            ),
        }
    }

    fn text(&self, text: &str, quotes: Option<Quote>) -> String {
        match quotes {
            Some(quotes) => quote::quoted(text, quotes),
            None => quote::scalar_text(text, self.quote, Within::Flow),
        }
    }
}
