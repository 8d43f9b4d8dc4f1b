// SPDX-License-Identifier: Apache-2.0
//! Word expansion (POSIX XCU 2.6). A substitution may end in several ways, so that an expansion may, too.

use std::sync::Arc;

use writeway_shell::pattern::Piece as PatternPiece;
use writeway_shell::{List, Operation, Parameter, Part, Word};

use crate::arithmetic;
use crate::interpreter::Interpreter;
use crate::state::{Flow, State, States, Status};
use crate::value::{By, Value};

/// Ways in which one word may be expanded.
const MAX_WAYS: usize = 64;
/// Numbers in braces that are followed.
const MAX_NUMBERS: i64 = 50_000;
/// Length of one word, in bytes: the kernel takes no longer argument.
const MAX_WORD: usize = 128 * 1024;

/// A field after expansion.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) value: Value,
    /// It stands for any number of fields.
    pub(crate) many: bool,
    /// The variable that it is the value of.
    pub(crate) origin: Option<Arc<str>>,
}

impl From<Value> for Field {
    fn from(value: Value) -> Self {
        Self {
            value,
            many: false,
            origin: None,
        }
    }
}

/// A piece of an expanded word.
#[derive(Debug, Clone)]
enum Piece {
    /// Stays as it is.
    Quoted(Value),
    /// Is split into fields.
    Split(Value),
    /// An active pattern.
    Glob(String),
    /// Fields of their own (`"$@"`).
    Fields(Vec<Value>),
}

impl Interpreter<'_> {
    /// The fields of command words, in each way they may be expanded.
    pub(crate) fn fields(&mut self, words: &[Word], state: State) -> Vec<(State, Vec<Field>)> {
        let mut ways = vec![(state, Vec::new())];
        for word in words {
            let mut next = Vec::new();
            for (state, fields) in ways {
                if !state.runs() {
                    next.push((state, fields));
                    continue;
                }
                for (state, more) in self.word_fields(word, state) {
                    let mut fields: Vec<Field> = fields.clone();
                    fields.extend(more);
                    next.push((state, fields));
                }
            }
            if next.len() > MAX_WAYS {
                self.give_up("its words may be expanded in too many ways");
                next.truncate(1);
            }
            ways = next;
        }
        ways
    }

    /// One word as one value, as in assignments: neither split nor matched.
    pub(crate) fn value(&mut self, word: &Word, state: State) -> Vec<(State, Value)> {
        let join = |(state, pieces): (State, Vec<Piece>)| {
            let mut value = Value::text("");
            for piece in pieces {
                value = match piece {
                    Piece::Quoted(piece) | Piece::Split(piece) => value.concat(&piece),
                    Piece::Glob(text) => value.concat(&Value::text(text)),
                    Piece::Fields(fields) => joined(&value, &fields),
                };
            }
            (state, shortened(value))
        };
        self.expand(word, state).into_iter().map(join).collect()
    }

    /// A word as a pattern of `case`; `None` when it is not known.
    pub(crate) fn pattern(&mut self, word: &Word, state: State) -> Vec<(State, Option<Vec<PatternPiece>>)> {
        let convert = |piece: Piece| match piece {
            Piece::Quoted(value) | Piece::Split(value) => value
                .as_text()
                .map(|text| PatternPiece::Literal(text.to_string())),
            Piece::Glob(glob) => Some(PatternPiece::Glob(glob)),
            Piece::Fields(_) => None,
        };
        self.expand(word, state)
            .into_iter()
            .map(|(state, pieces)| (state, pieces.into_iter().map(convert).collect()))
            .collect()
    }

    fn word_fields(&mut self, word: &Word, state: State) -> Vec<(State, Vec<Field>)> {
        if word.has_braces() {
            let fields = match word.text() {
                Some(text) if self.is_bash() => braces(&text),
                _ => None,
            };
            let unknown = || {
                let why = "braces are expanded by some shells and not by others";
                vec![Field {
                    value: Value::unknown(By::Script, why),
                    many: true,
                    origin: None,
                }]
            };
            return vec![(state, fields.unwrap_or_else(unknown))];
        }
        let origin = match word.parts.as_slice() {
            [Part::Parameter(parameter)] if parameter.operation == Operation::Value => {
                Some(Arc::from(parameter.name.as_str()))
            }
            _ => None,
        };
        let split = |(state, pieces)| {
            let mut fields = split(pieces);
            if let [field] = fields.as_mut_slice() {
                field.origin.clone_from(&origin);
            }
            (state, fields)
        };
        self.expand(word, state).into_iter().map(split).collect()
    }

    fn expand(&mut self, word: &Word, state: State) -> Vec<(State, Vec<Piece>)> {
        let mut ways = vec![(state, Vec::new())];
        for part in &word.parts {
            let mut next = Vec::new();
            for (state, pieces) in ways {
                if !state.runs() {
                    next.push((state, pieces));
                    continue;
                }
                for (state, piece) in self.expand_part(part, state) {
                    let mut pieces: Vec<Piece> = pieces.clone();
                    pieces.push(piece);
                    next.push((state, pieces));
                }
            }
            if next.len() > MAX_WAYS {
                self.give_up("a word may be expanded in too many ways");
                next.truncate(1);
            }
            ways = next;
        }
        ways
    }

    fn expand_part(&mut self, part: &Part, state: State) -> Vec<(State, Piece)> {
        let one = |state, piece| vec![(state, piece)];
        match part {
            Part::Literal { text, .. } => one(state, Piece::Quoted(Value::text(text.as_str()))),
            Part::Glob(glob) => one(state, Piece::Glob(glob.clone())),
            Part::Tilde(_) => one(
                state,
                Piece::Quoted(Value::unknown(By::Script, "`~` is not known")),
            ),
            Part::Parameter(parameter) => self.parameter(parameter, state),
            Part::CommandSubstitution { list, quoted } => {
                let ways = self.substitution(list, state).into_iter();
                ways.map(|(state, value)| (state, wrap(value, *quoted))).collect()
            }
            Part::Arithmetic { expression, quoted } => {
                let ways = arithmetic::expand(self, expression, state).into_iter();
                ways.map(|(state, value)| (state, wrap(value, *quoted))).collect()
            }
            Part::ShellSpecific(what) => {
                let why = format!("`{what}` is read differently by different shells");
                one(state, Piece::Quoted(Value::unknown(By::Script, why)))
            }
        }
    }

    /// The value of a variable; `None` when it is not set.
    pub(crate) fn variable(&mut self, name: &str, state: &mut State) -> Option<Value> {
        if let Some(value) = state.key.variables.get(name) {
            return Some(value.clone());
        }
        match name {
            "SECONDS" if self.is_bash() => Some(Value::Elapsed {
                from: crate::clocks::Mark::Start,
                to: self.now(state),
                plus: 0,
            }),
            "EPOCHSECONDS" if self.is_bash() => Some(Value::Instant {
                mark: self.now(state),
                plus: 0,
            }),
            "RANDOM" | "HOSTNAME" | "HOME" | "PATH" | "PWD" | "USER" | "LINENO" | "IFS" | "PPID" => {
                Some(Value::unknown(By::Script, format!("`${name}` is not known")))
            }
            _ if !self.environment.complete => Some(Value::unknown(
                By::Script,
                format!("`${name}` may come from the environment, which is not known"),
            )),
            _ => None,
        }
    }

    fn parameter(&mut self, parameter: &Parameter, mut state: State) -> Vec<(State, Piece)> {
        let name = parameter.name.as_str();
        let unknown = |why: String| Value::unknown(By::Script, why);
        let value = match name {
            "@" | "*" => {
                let rest = state.key.positional.get(1..).unwrap_or_default().to_vec();
                let piece = if name == "@" && parameter.quoted {
                    Piece::Fields(rest)
                } else {
                    wrap(joined(&Value::text(""), &rest), parameter.quoted)
                };
                return vec![(state, piece)];
            }
            "#" => {
                let count = state.key.positional.len().saturating_sub(1);
                Some(Value::number(i64::try_from(count).unwrap_or(i64::MAX)))
            }
            "?" => Some(match state.key.status {
                Status::Known(status) => Value::number(i64::from(status)),
                Status::NotZero => Value::not_zero("which exit status it is is not known"),
            }),
            "$" | "!" | "-" => Some(unknown(format!("`${name}` is not known"))),
            _ => match name.parse::<usize>() {
                Ok(position) => state.key.positional.get(position).cloned(),
                Err(_) => self.variable(name, &mut state),
            },
        };
        let quoted = parameter.quoted;
        // Whether it counts as set; `None` when that is not known.
        let given = |null_too: bool| match &value {
            None => Some(false),
            Some(value) if null_too => value.is("").map(|empty| !empty),
            Some(_) => Some(true),
        };
        let own = |value: Option<Value>| wrap(value.unwrap_or_else(|| Value::text("")), quoted);
        match &parameter.operation {
            Operation::Value => {
                if value.is_none() && state.key.options.unset_is_error {
                    state.key.flow = Flow::Exit;
                    state.key.status = Status::Known(2);
                }
                vec![(state, own(value))]
            }
            Operation::Default { word, null_too } | Operation::Assign { word, null_too } => {
                match given(*null_too) {
                    Some(true) => vec![(state, own(value))],
                    Some(false) => {
                        let assigns = matches!(parameter.operation, Operation::Assign { .. });
                        let ways = self.nested_value(word, state).into_iter();
                        ways.map(|(mut state, value)| {
                            if assigns {
                                state.set(name, value.clone());
                            }
                            (state, wrap(value, quoted))
                        })
                        .collect()
                    }
                    None => vec![(state, own(value))],
                }
            }
            Operation::Error { null_too, .. } => {
                if given(*null_too) == Some(false) {
                    state.key.flow = Flow::Exit;
                    state.key.status = Status::Known(2);
                }
                vec![(state, own(value))]
            }
            Operation::Alternative { word, null_too } => match given(*null_too) {
                Some(true) => {
                    let ways = self.nested_value(word, state).into_iter();
                    ways.map(|(state, value)| (state, wrap(value, quoted))).collect()
                }
                Some(false) => vec![(state, own(None))],
                None => vec![(state, wrap(unknown(format!("`${name}` is not known")), quoted))],
            },
            Operation::Length => {
                let length = value
                    .as_ref()
                    .map_or(Some(0), |value| value.as_text().map(|text| text.chars().count()));
                let length = length.and_then(|length| i64::try_from(length).ok());
                let length = length.map_or_else(
                    || unknown(format!("the length of `${name}` is not known")),
                    Value::number,
                );
                vec![(state, wrap(length, quoted))]
            }
            Operation::TrimPrefix { .. } | Operation::TrimSuffix { .. } | Operation::Other(_) => {
                let by = value.as_ref().map_or(By::Script, |value| match value {
                    Value::Unknown(unknown) => unknown.by,
                    _ => By::Script,
                });
                let why = format!("what is left of `${name}` is not followed");
                vec![(state, wrap(Value::unknown(by, why), quoted))]
            }
        }
    }

    fn nested_value(&mut self, word: &Word, state: State) -> Vec<(State, Value)> {
        let kept = state.clone();
        self.nested(|shell| shell.value(word, state))
            .unwrap_or_else(|| vec![(kept, Value::unknown(By::Script, "expansions nest too deep"))])
    }

    /// The output of commands without the newlines at its end, in each way they may end.
    fn substitution(&mut self, list: &List, state: State) -> Vec<(State, Value)> {
        let outer = state.key.output.clone();
        let mut inner = state;
        inner.key.output = Some(Value::text(""));
        let kept = inner.clone();
        let ends = self
            .nested(|shell| shell.subshell(inner, |shell, states| shell.list(list, states)))
            .unwrap_or_else(|| States::from_iter([kept]));
        ends.into_iter()
            .map(|mut end| {
                let output = std::mem::replace(&mut end.key.output, outer.clone());
                let output = output.unwrap_or_else(|| Value::text(""));
                let output = match output.as_text() {
                    Some(text) => Value::text(text.trim_end_matches('\n')),
                    None => output,
                };
                end.substituted = Some(end.key.status);
                (end, output)
            })
            .collect()
    }
}

fn wrap(value: Value, quoted: bool) -> Piece {
    if quoted {
        Piece::Quoted(value)
    } else {
        Piece::Split(value)
    }
}

fn joined(before: &Value, fields: &[Value]) -> Value {
    let mut value = before.clone();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            value = value.concat(&Value::text(" "));
        }
        value = value.concat(field);
    }
    value
}

fn shortened(value: Value) -> Value {
    match value.as_text() {
        Some(text) if text.len() > MAX_WORD * 4 => {
            Value::unknown(By::Script, "a value is too long to follow")
        }
        _ => value,
    }
}

/// Pieces to fields.
fn split(pieces: Vec<Piece>) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut current: Option<Field> = None;
    let push = |current: &mut Option<Field>, value: Value| {
        let field = current.get_or_insert_with(|| Field::from(Value::text("")));
        field.value = field.value.concat(&value);
    };
    for piece in pieces {
        match piece {
            Piece::Quoted(value) => push(&mut current, value),
            Piece::Glob(glob) => {
                let why = format!("which files `{glob}` matches is not known");
                let field = current.get_or_insert_with(|| Field::from(Value::text("")));
                field.value = Value::unknown(By::World, why);
                field.many = true;
            }
            Piece::Fields(values) => {
                for (index, value) in values.into_iter().enumerate() {
                    if index > 0 {
                        fields.extend(current.take());
                    }
                    push(&mut current, value);
                }
            }
            Piece::Split(Value::Text(text)) => {
                if text.starts_with(char::is_whitespace) {
                    fields.extend(current.take());
                }
                let mut words = text.split_whitespace().peekable();
                while let Some(word) = words.next() {
                    push(&mut current, Value::text(word));
                    if words.peek().is_some() || text.ends_with(char::is_whitespace) {
                        fields.extend(current.take());
                    }
                }
            }
            Piece::Split(value) => {
                let many = matches!(value, Value::Unknown(_));
                push(&mut current, value);
                if let Some(field) = &mut current {
                    field.many |= many;
                }
            }
        }
    }
    fields.extend(current);
    fields
}

/// What bash makes of a word that is one pair of braces: `{1..60}`, `{a,b}`.
fn braces(text: &str) -> Option<Vec<Field>> {
    let (before, rest) = text.split_once('{')?;
    let (inside, after) = rest.rsplit_once('}')?;
    if inside.contains(['{', '}']) {
        return None;
    }
    let field = |inside: &str| Field::from(Value::text(format!("{before}{inside}{after}")));
    if inside.contains(',') {
        return Some(inside.split(',').map(field).collect());
    }
    let mut ends = inside.split("..");
    let first: i64 = ends.next()?.parse().ok()?;
    let last: i64 = ends.next()?.parse().ok()?;
    let step: i64 = ends.next().map_or(Some(1), |step| step.parse().ok())?;
    let step = i64::try_from(step.unsigned_abs().max(1)).ok()?;
    if ends.next().is_some() || (last.checked_sub(first)?.checked_abs()? / step) > MAX_NUMBERS {
        return None;
    }
    let mut fields = Vec::new();
    let mut number = first;
    while if first <= last {
        number <= last
    } else {
        number >= last
    } {
        fields.push(field(&number.to_string()));
        number = if first <= last {
            number + step
        } else {
            number - step
        };
    }
    Some(fields)
}
