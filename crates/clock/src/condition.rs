// SPDX-License-Identifier: Apache-2.0
//! `test`, `[` and `[[`: conditions on texts, numbers, times and files. What is not known turns out either way, and what
//! a way shows of a variable is kept.

use std::sync::Arc;
use std::time::Duration;

use writeway_shell::pattern::{self, Piece};

use crate::arithmetic;
use crate::clocks::Mark;
use crate::site::Site;
use crate::state::State;
use crate::value::{By, Value};
use crate::words::Field;

/// Words of a condition that is evaluated, and how deep it may nest.
const MAX_WORDS: usize = 64;
const MAX_DEPTH: u32 = 16;

/// A way in which a condition turns out.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) state: State,
    pub(crate) holds: bool,
    /// Who decided it, if it could have been otherwise.
    pub(crate) by: Option<By>,
}

/// An operand, or the pattern on the right side of `[[ … == … ]]`.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) field: Field,
    pub(crate) pattern: Option<Vec<Piece>>,
}

/// A condition that is evaluated.
pub(crate) struct Condition<'c> {
    pub(crate) operands: &'c [Operand],
    /// It stands in `[[`.
    pub(crate) double: bool,
    pub(crate) site: Site,
    /// The files it asks for.
    pub(crate) files: Vec<String>,
}

impl Condition<'_> {
    /// Every way in which it turns out.
    pub(crate) fn evaluate(&mut self, state: State) -> Vec<Answer> {
        if self.operands.len() > MAX_WORDS {
            return either(state, By::Script);
        }
        let operands = self.operands;
        self.or(operands, state, 0)
    }

    /// `-o` binds weaker than `-a`; both are decided from the left.
    fn or(&mut self, words: &[Operand], state: State, depth: u32) -> Vec<Answer> {
        let (or, and) = if self.double { ("||", "&&") } else { ("-o", "-a") };
        if depth > MAX_DEPTH {
            return either(state, By::Script);
        }
        if words.len() > 3 || self.double {
            for (operator, decided) in [(or, true), (and, false)] {
                let Some(at) = outside_of_parentheses(words, operator) else {
                    continue;
                };
                let (one, other) = (&words[..at], &words[at + 1..]);
                let mut answers = Vec::new();
                for answer in self.or(one, state, depth + 1) {
                    if answer.holds == decided {
                        answers.push(answer);
                        continue;
                    }
                    let before = answer.by;
                    let more = self.or(other, answer.state, depth + 1).into_iter();
                    answers.extend(more.map(|second| Answer {
                        by: before.max(second.by),
                        ..second
                    }));
                }
                return answers;
            }
        }
        self.primary(words, state, depth)
    }

    fn primary(&mut self, words: &[Operand], state: State, depth: u32) -> Vec<Answer> {
        let text = |index: usize| {
            words
                .get(index)
                .and_then(|word| word.field.value.as_text())
                .map(|text| &**text)
        };
        match words {
            [] => known(state, false),
            [_, rest @ ..] if text(0) == Some("!") && !rest.is_empty() => {
                let mut answers = self.or(rest, state, depth + 1);
                for answer in &mut answers {
                    answer.holds = !answer.holds;
                }
                answers
            }
            [_, inside @ .., _] if text(0) == Some("(") && text(words.len() - 1) == Some(")") => {
                self.or(inside, state, depth + 1)
            }
            [word] => is_empty(&word.field, state, false),
            [_, word] if text(0) == Some("-n") => is_empty(&word.field, state, false),
            [_, word] if text(0) == Some("-z") => is_empty(&word.field, state, true),
            [_, path] if text(0).is_some_and(|operator| operator.starts_with('-')) => {
                self.files
                    .extend(path.field.value.as_text().map(|path| path.to_string()));
                either(state, By::World)
            }
            [one, _, two] => match text(1) {
                Some("=" | "==") => equal(one, two, state, true),
                Some("!=") => equal(one, two, state, false),
                Some("-eq") => self.numbers(&one.field, "==", &two.field, state),
                Some("-ne") => self.numbers(&one.field, "!=", &two.field, state),
                Some("-lt") => self.numbers(&one.field, "<", &two.field, state),
                Some("-le") => self.numbers(&one.field, "<=", &two.field, state),
                Some("-gt") => self.numbers(&one.field, ">", &two.field, state),
                Some("-ge") => self.numbers(&one.field, ">=", &two.field, state),
                Some("=~") => either(state, doubt(&[&one.field.value])),
                Some("-nt" | "-ot" | "-ef") => either(state, By::World),
                _ => either(state, By::Script),
            },
            _ => either(state, By::Script),
        }
    }

    fn numbers(&self, one: &Field, operator: &'static str, two: &Field, state: State) -> Vec<Answer> {
        let answers = compare(&one.value, operator, &two.value, state, self.site);
        let (field, number) = match (one.value.as_number(), two.value.as_number()) {
            (None, Some(number)) => (one, number),
            (Some(number), None) => (two, number),
            _ => return answers,
        };
        let number: Arc<str> = number.to_string().into();
        answers
            .into_iter()
            .map(|mut answer| {
                let is_it = match operator {
                    "==" => answer.holds,
                    "!=" => !answer.holds,
                    _ => return answer,
                };
                learn(&mut answer.state, field, &number, is_it);
                answer
            })
            .collect()
    }
}

/// How two values compare as numbers; `operator` is that of C.
pub(crate) fn compare(
    one: &Value,
    operator: &'static str,
    two: &Value,
    state: State,
    site: Site,
) -> Vec<Answer> {
    if let (Some(first), Some(second)) = (one.as_number(), two.as_number()) {
        let holds = match operator {
            "==" => first == second,
            "!=" => first != second,
            "<" => first < second,
            "<=" => first <= second,
            ">" => first > second,
            _ => first >= second,
        };
        return known(state, holds);
    }
    for (one, other) in [(one, two), (two, one)] {
        if let (Some(number), Value::Unknown(_)) = (one.as_number(), other)
            && other.is(&number.to_string()) == Some(false)
            && matches!(operator, "==" | "!=")
        {
            return known(state, operator == "!=");
        }
    }
    match (one, two) {
        (Value::Instant { .. }, Value::Instant { .. }) | (Value::Elapsed { .. }, Value::Text(_)) => {
            match arithmetic::operate(one, "-", two) {
                Value::Elapsed { from, to, plus } => {
                    elapsed(from, to, operator, plus.checked_neg(), state, site)
                }
                difference if difference.as_number().is_some() => {
                    compare(&difference, operator, &Value::number(0), state, site)
                }
                _ => either(state, By::Script),
            }
        }
        (Value::Text(_), Value::Elapsed { .. }) => compare(two, mirrored(operator), one, state, site),
        _ => either(state, doubt(&[one, two])),
    }
}

/// The operator with its sides exchanged.
fn mirrored(operator: &'static str) -> &'static str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// How the whole seconds from one mark to the other compare with a number.
fn elapsed(
    from: Mark,
    to: Mark,
    operator: &'static str,
    than: Option<i64>,
    state: State,
    site: Site,
) -> Vec<Answer> {
    let Some(than) = than else {
        return either(state, By::Script);
    };
    // One of them is now; the other's age is what counts.
    let (mark, operator, than) = if state.clocks.is_now(to) {
        (from, operator, than)
    } else if state.clocks.is_now(from) {
        (to, mirrored(operator), than.saturating_neg())
    } else {
        return either(state, By::Script);
    };
    match operator {
        "<" => younger(mark, than, true, state, site),
        "<=" => younger(mark, than.saturating_add(1), true, state, site),
        ">=" => younger(mark, than, false, state, site),
        ">" => younger(mark, than.saturating_add(1), false, state, site),
        _ => {
            // Exactly so many seconds: it may have been missed.
            either(state, By::Script)
        }
    }
}

/// Whether fewer than `limit` whole seconds have passed since `mark`; `holds` is what is answered if so.
///
/// The clock is read in whole seconds: `n` of them have passed on the clock when more than `n - 1` have passed, and fewer
/// than `n + 1`.
fn younger(mark: Mark, limit: i64, holds: bool, state: State, site: Site) -> Vec<Answer> {
    let Some(age) = state.clocks.age(mark) else {
        return either(state, By::Script);
    };
    let Ok(limit) = u64::try_from(limit) else {
        return known(state, !holds);
    };
    let (least, most) = (age.least.at_least(), age.most.bound.at_least());
    let most = if age.most.bound.finite().is_none() {
        Duration::MAX
    } else {
        most
    };
    let late = limit.saturating_sub(1);
    let mut answers = Vec::new();
    let may_be_over = limit == 0 || most > Duration::from_secs(late);
    if limit > 0 && least < Duration::from_secs(limit) {
        let mut state = state.clone();
        state
            .clocks
            .is_younger(mark, Duration::from_secs(limit), site, &"deadline".into());
        answers.push(Answer {
            state,
            holds,
            by: None,
        });
    }
    if may_be_over {
        let mut state = state;
        state.clocks.is_older(mark, Duration::from_secs(late));
        answers.push(Answer {
            state,
            holds: !holds,
            by: None,
        });
    }
    answers
}

fn known(state: State, holds: bool) -> Vec<Answer> {
    vec![Answer {
        state,
        holds,
        by: None,
    }]
}

pub(crate) fn either(state: State, by: By) -> Vec<Answer> {
    let answer = |state, holds| Answer {
        state,
        holds,
        by: Some(by),
    };
    vec![answer(state.clone(), true), answer(state, false)]
}

/// Who decides what comes of these values.
pub(crate) fn doubt(values: &[&Value]) -> By {
    let unknown = values.iter().filter(|value| value.as_text().is_none());
    unknown.map(|value| value.doubt().0).max().unwrap_or(By::Script)
}

fn is_empty(field: &Field, state: State, wanted: bool) -> Vec<Answer> {
    match field.value.is("") {
        Some(empty) => known(state, empty == wanted),
        None => {
            let mut answers = either(state, doubt(&[&field.value]));
            for answer in &mut answers {
                learn(&mut answer.state, field, &"".into(), answer.holds == wanted);
            }
            answers
        }
    }
}

fn equal(one: &Operand, two: &Operand, state: State, wanted: bool) -> Vec<Answer> {
    if let Some(pieces) = &two.pattern {
        return match one.field.value.as_text() {
            Some(text) => known(state, pattern::matches(pieces, text) == wanted),
            None => either(state, doubt(&[&one.field.value])),
        };
    }
    let (field, text) = match (one.field.value.as_text(), two.field.value.as_text()) {
        (Some(one), Some(two)) => return known(state, (one == two) == wanted),
        (None, Some(text)) => (&one.field, text.clone()),
        (Some(text), None) => (&two.field, text.clone()),
        (None, None) => return either(state, doubt(&[&one.field.value, &two.field.value])),
    };
    match field.value.is(&text) {
        Some(same) => known(state, same == wanted),
        None => {
            let mut answers = either(state, doubt(&[&field.value]));
            for answer in &mut answers {
                learn(&mut answer.state, field, &text, answer.holds == wanted);
            }
            answers
        }
    }
}

/// Keeps what an answer shows of the variable that was asked for.
pub(crate) fn learn(state: &mut State, field: &Field, text: &Arc<str>, is_it: bool) {
    let Some(name) = &field.origin else { return };
    if !state.key.variables.contains_key(name) || !matches!(field.value, Value::Unknown(_)) {
        return;
    }
    let value = if is_it {
        Value::Text(text.clone())
    } else {
        field.value.without(text)
    };
    state.set(name, value);
}

fn outside_of_parentheses(words: &[Operand], operator: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (index, word) in words.iter().enumerate() {
        match word.field.value.as_text().map(|text| &**text) {
            Some("(") => depth += 1,
            Some(")") => depth = depth.saturating_sub(1),
            Some(text) if text == operator && depth == 0 && index > 0 && index + 1 < words.len() => {
                return Some(index);
            }
            _ => {}
        }
    }
    None
}
