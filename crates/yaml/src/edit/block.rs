// SPDX-License-Identifier: Apache-2.0
//! Values as lines of block style.

use super::quote::{self, Quote, Within};
use super::value::Value;

/// How new text of block style is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockStyle {
    /// Blanks by which a nested mapping is indented.
    pub(super) step: usize,
    /// Blanks by which a list is indented against the key that it belongs to.
    pub(super) list: usize,
    /// Blanks from the dash to its item, the dash included.
    pub(super) dash: usize,
    /// The quotes of texts that need some.
    pub(super) quote: Quote,
}

impl Default for BlockStyle {
    fn default() -> Self {
        Self {
            step: 2,
            list: 2,
            dash: 2,
            quote: Quote::Double,
        }
    }
}

/// A value in lines: `head` goes on the line of its key or dash, `body` below, with its indentation. Lines end in `\n`,
/// the last one in nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) head: String,
    pub(super) body: Vec<String>,
}

impl Lines {
    fn of(head: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            body: Vec::new(),
        }
    }

    /// With `prefix` in front of the head.
    fn behind(mut self, prefix: &str) -> Self {
        self.head.insert_str(0, prefix);
        self
    }

    /// Puts `other` below; its head starts at `column`.
    fn append(&mut self, other: Self, column: usize) {
        self.body.push(format!("{}{}", " ".repeat(column), other.head));
        self.body.extend(other.body);
    }

    /// The lines in one text; the head stands where it is put.
    pub(super) fn joined(&self) -> String {
        let mut text = self.head.clone();
        for line in &self.body {
            text.push('\n');
            text.push_str(line);
        }
        text
    }
}

impl Value {
    /// The value in block style with a line break at the end, as a document of its own: two blanks a level, lists
    /// indented, texts of several lines as block scalars. Texts that Kubernetes would read as something else are in
    /// double quotes.
    pub fn to_yaml(&self) -> String {
        let mut text = BlockStyle::default().value(self, 0).joined();
        text.push('\n');
        text
    }
}

impl BlockStyle {
    /// `key: value`; the key stands at `column`.
    pub(super) fn entry(&self, key: &str, value: &Value, column: usize) -> Lines {
        let value = self.value_of_key(value, column);
        let blank = if value.head.is_empty() { "" } else { " " };
        let key = quote::scalar_text(key, self.quote, Within::Block);
        value.behind(&format!("{key}:{blank}"))
    }

    /// `- value`; the dash stands at `column`.
    pub(super) fn item(&self, value: &Value, column: usize) -> Lines {
        let dash = format!("-{}", " ".repeat(self.dash.saturating_sub(1)));
        self.value_of_dash(value, column).behind(&dash)
    }

    /// What stands behind the colon of a key at `column`, and below it. The head of a collection is empty.
    pub(super) fn value_of_key(&self, value: &Value, column: usize) -> Lines {
        let mut lines = Lines::default();
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                let column = column + self.step;
                for (key, value) in entries {
                    lines.append(self.entry(key, value, column), column);
                }
                lines
            }
            Value::List(items) if !items.is_empty() => {
                let column = column + self.list;
                for item in items {
                    lines.append(self.item(item, column), column);
                }
                lines
            }
            _ => self.scalar(value, column + self.step),
        }
    }

    /// What stands behind a dash at `column`, and below it.
    pub(super) fn value_of_dash(&self, value: &Value, column: usize) -> Lines {
        self.value(value, column + self.dash)
    }

    /// A value whose first line already stands at `column`.
    pub(super) fn value(&self, value: &Value, column: usize) -> Lines {
        let all: Vec<Lines> = match value {
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| self.entry(key, value, column))
                .collect(),
            Value::List(items) => items.iter().map(|item| self.item(item, column)).collect(),
            _ => Vec::new(),
        };
        let mut all = all.into_iter();
        let Some(mut lines) = all.next() else {
            return self.scalar(value, column);
        };
        for next in all {
            lines.append(next, column);
        }
        lines
    }

    /// A scalar or an empty collection; a text of several lines goes on at `column`.
    fn scalar(&self, value: &Value, column: usize) -> Lines {
        match value {
            Value::Str(text) => match literal_header(text) {
                Some(header) if column > 0 => Lines {
                    head: header.to_owned(),
                    body: literal_lines(text, column),
                },
                _ => Lines::of(quote::scalar_text(text, self.quote, Within::Block)),
            },
            _ => Lines::of(plain_text(value)),
        }
    }
}

/// The header of the block scalar that a text of several lines is written as; `None` if it is none, or cannot be.
pub(super) fn literal_header(text: &str) -> Option<&'static str> {
    let content = text.trim_end_matches('\n');
    let fits = content.contains('\n')
        && !content.starts_with([' ', '\t', '\n'])
        && content.chars().all(|character| matches!(character, '\n' | '\t') || quote::is_printable(character))
        // Nobody sees blanks at the end of a line, and editors remove them.
        && !content.split('\n').any(|line| line.ends_with([' ', '\t']));
    match text.len() - content.len() {
        _ if !fits => None,
        0 => Some("|-"),
        1 => Some("|"),
        // Lines that are kept (`|+`) would grow by the empty lines that follow.
        _ => None,
    }
}

fn literal_lines(text: &str, column: usize) -> Vec<String> {
    let indent = " ".repeat(column);
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    lines
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("{indent}{line}")
            }
        })
        .collect()
}

/// A scalar that is no text, or an empty collection.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_nan() => ".nan".to_owned(),
        Value::Float(value) if value.is_infinite() => if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        Value::Float(value) => format!("{value:?}"),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
        Value::Null | Value::Str(_) => "null".to_owned(),
    }
}
