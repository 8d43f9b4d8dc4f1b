// SPDX-License-Identifier: Apache-2.0
//! Arithmetic (POSIX XCU 2.6.4, with the assignments and `++` that shells share), on numbers and on times.

use std::sync::Arc;

use writeway_shell::{Part, Word};

use crate::interpreter::Interpreter;
use crate::state::State;
use crate::value::{By, Value};

/// Tokens of one expression, and how deep it may nest.
const MAX_TOKENS: usize = 500;
const MAX_DEPTH: u32 = 30;

/// A token.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Operand(Value),
    Name(Arc<str>),
    Operator(&'static str),
}

/// Longer ones first.
const OPERATORS: &[&str] = &[
    "<<=", ">>=", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=",
    "&=", "|=", "^=", "+", "-", "*", "/", "%", "<", ">", "=", "!", "~", "&", "|", "^", "?", ":", "(", ")",
    ",",
];

/// Operators between two operands, by how tightly they bind.
const BINARY: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// The value of an expression whose expansions are still to come.
pub(crate) fn expand(shell: &mut Interpreter<'_>, expression: &Word, state: State) -> Vec<(State, Value)> {
    let mut ways = vec![(state, Some(Vec::new()))];
    for part in &expression.parts {
        let word = Word {
            parts: vec![part.clone()],
        };
        let mut next = Vec::new();
        for (state, tokens) in ways {
            if let Part::Literal { text, .. } = part {
                let more = tokenize(text);
                next.push((state, both(tokens, more)));
                continue;
            }
            for (state, value) in shell.value(&word, state) {
                let more = match value.as_text() {
                    Some(text) => tokenize(text),
                    None => Some(vec![Token::Operand(value)]),
                };
                next.push((state, both(tokens.clone(), more)));
            }
        }
        ways = next;
    }
    ways.into_iter()
        .map(|(mut state, tokens)| {
            let value = tokens.map_or_else(not_followed, |tokens| evaluate(shell, tokens, &mut state));
            (state, value)
        })
        .collect()
}

/// The value of an expression that has no expansions any more.
pub(crate) fn text(shell: &mut Interpreter<'_>, text: &str, state: &mut State) -> Value {
    tokenize(text).map_or_else(not_followed, |tokens| evaluate(shell, tokens, state))
}

/// The two sides of an expression that only compares, and how: times compare, but have no number.
pub(crate) fn comparison(
    shell: &mut Interpreter<'_>,
    text: &str,
    state: &mut State,
) -> Option<(Value, &'static str, Value)> {
    let mut one = tokenize(text)?;
    let compares = |token: &Token| matches!(token, Token::Operator("<" | "<=" | ">" | ">=" | "==" | "!="));
    let plain = |token: &Token| {
        compares(token)
            || matches!(
                token,
                Token::Operand(_) | Token::Name(_) | Token::Operator("+" | "-")
            )
    };
    let at = one.iter().position(compares)?;
    if !one.iter().all(plain) || one.iter().filter(|token| compares(token)).count() > 1 {
        return None;
    }
    let two = one.split_off(at + 1);
    let Some(Token::Operator(operator)) = one.pop() else {
        return None;
    };
    let one = evaluate(shell, one, state);
    Some((one, operator, evaluate(shell, two, state)))
}

fn both(one: Option<Vec<Token>>, two: Option<Vec<Token>>) -> Option<Vec<Token>> {
    let mut tokens = one?;
    tokens.extend(two?);
    (tokens.len() <= MAX_TOKENS).then_some(tokens)
}

fn not_followed() -> Value {
    Value::unknown(By::Script, "an arithmetic expression is not followed")
}

fn tokenize(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '$' {
            // `$` before a name means nothing here that the name alone does not.
            rest = rest.strip_prefix('$')?;
            continue;
        }
        let word = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let (token, after) = if word > 0 {
            let (word, after) = rest.split_at_checked(word)?;
            let token = if first.is_ascii_digit() {
                Token::Operand(Value::number(number(word)?))
            } else {
                Token::Name(word.into())
            };
            (token, after)
        } else {
            let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator))?;
            (Token::Operator(operator), rest.get(operator.len()..)?)
        };
        tokens.push(token);
        rest = after.trim_start();
        if tokens.len() > MAX_TOKENS {
            return None;
        }
    }
    Some(tokens)
}

fn number(text: &str) -> Option<i64> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(digits, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => i64::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}

fn evaluate(shell: &mut Interpreter<'_>, tokens: Vec<Token>, state: &mut State) -> Value {
    if tokens.is_empty() {
        return Value::number(0);
    }
    let mut parser = Parser {
        shell,
        tokens,
        at: 0,
        state,
        depth: 0,
        // Behind `&&`, `||` and `?` assignments may not happen.
        lazy: 0,
    };
    let value = parser.comma();
    match value {
        Some(value) if parser.at == parser.tokens.len() => value,
        _ => not_followed(),
    }
}

struct Parser<'p, 's> {
    shell: &'p mut Interpreter<'s>,
    tokens: Vec<Token>,
    at: usize,
    state: &'p mut State,
    depth: u32,
    lazy: u32,
}

impl Parser<'_, '_> {
    fn peek(&self) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Operator(operator)) => Some(operator),
            _ => None,
        }
    }

    fn take(&mut self, operators: &[&str]) -> Option<&'static str> {
        let found = self.peek().filter(|operator| operators.contains(operator))?;
        self.at += 1;
        Some(found)
    }

    fn comma(&mut self) -> Option<Value> {
        let mut value = self.assignment()?;
        while self.take(&[","]).is_some() {
            value = self.assignment()?;
        }
        Some(value)
    }

    fn assignment(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = self.assigned();
        self.depth -= 1;
        value
    }

    fn assigned(&mut self) -> Option<Value> {
        let name = match self.tokens.get(self.at) {
            Some(Token::Name(name)) => Some(name.clone()),
            _ => None,
        };
        if let (Some(name), Some(Token::Operator(operator))) = (name, self.tokens.get(self.at + 1)) {
            let operator = *operator;
            let binary = operator.strip_suffix('=');
            if operator == "="
                || binary.is_some_and(|binary| {
                    !matches!(operator, "==" | "!=" | "<=" | ">=") && !binary.is_empty()
                })
            {
                self.at += 2;
                let mut value = self.assignment()?;
                if let Some(binary) = binary.filter(|binary| !binary.is_empty()) {
                    let own = self.named(&name);
                    value = operate(&own, binary, &value);
                }
                self.set(&name, value.clone());
                return Some(value);
            }
        }
        self.choice()
    }

    fn choice(&mut self) -> Option<Value> {
        let condition = self.binary(0)?;
        if self.take(&["?"]).is_none() {
            return Some(condition);
        }
        self.lazy += 1;
        let one = self.assignment()?;
        self.take(&[":"])?;
        let other = self.assignment()?;
        self.lazy -= 1;
        match condition.as_number() {
            Some(0) => Some(other),
            Some(_) => Some(one),
            None => Some(not_followed()),
        }
    }

    fn binary(&mut self, level: usize) -> Option<Value> {
        let Some(operators) = BINARY.get(level) else {
            return self.unary();
        };
        let mut value = self.binary(level + 1)?;
        while let Some(operator) = self.take(operators) {
            let lazy = u32::from(matches!(operator, "&&" | "||"));
            self.lazy += lazy;
            let other = self.binary(level + 1)?;
            self.lazy -= lazy;
            value = operate(&value, operator, &other);
        }
        Some(value)
    }

    fn unary(&mut self) -> Option<Value> {
        if let Some(operator) = self.take(&["++", "--"]) {
            let Some(Token::Name(name)) = self.tokens.get(self.at).cloned() else {
                return None;
            };
            self.at += 1;
            let own = self.named(&name);
            let value = operate(&own, if operator == "++" { "+" } else { "-" }, &Value::number(1));
            self.set(&name, value.clone());
            return Some(value);
        }
        if let Some(operator) = self.take(&["-", "+", "!", "~"]) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return None;
            }
            let value = self.unary()?;
            self.depth -= 1;
            return Some(match (operator, value.as_number()) {
                ("+", _) => value,
                ("-", Some(number)) => Value::number(number.wrapping_neg()),
                ("!", Some(number)) => Value::number(i64::from(number == 0)),
                ("~", Some(number)) => Value::number(!number),
                _ => not_followed(),
            });
        }
        self.primary()
    }

    fn primary(&mut self) -> Option<Value> {
        if self.take(&["("]).is_some() {
            let value = self.comma()?;
            self.take(&[")"])?;
            return Some(value);
        }
        let token = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        match token {
            Token::Operand(value) => Some(value),
            Token::Name(name) => {
                let value = self.named(&name);
                if let Some(operator) = self.take(&["++", "--"]) {
                    let next = operate(
                        &value,
                        if operator == "++" { "+" } else { "-" },
                        &Value::number(1),
                    );
                    self.set(&name, next);
                }
                Some(value)
            }
            Token::Operator(_) => None,
        }
    }

    /// A variable; what is not set or empty is 0.
    fn named(&mut self, name: &str) -> Value {
        match self.shell.variable(name, self.state) {
            None => Value::number(0),
            Some(value) => match value.as_text() {
                Some(text) if text.trim().is_empty() => Value::number(0),
                Some(text) => number(text.trim()).map_or_else(not_followed, Value::number),
                None => value,
            },
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        let value = if self.lazy == 0 { value } else { not_followed() };
        self.state.set(name, value);
    }
}

/// One operation.
pub(crate) fn operate(one: &Value, operator: &str, two: &Value) -> Value {
    if let (Some(one), Some(two)) = (one.as_number(), two.as_number()) {
        return numbers(one, operator, two).map_or_else(not_followed, Value::number);
    }
    match (one, operator, two) {
        (Value::Instant { mark, plus }, "+", other) | (other, "+", Value::Instant { mark, plus }) => {
            match other.as_number().and_then(|number| plus.checked_add(number)) {
                Some(plus) => Value::Instant { mark: *mark, plus },
                None => not_followed(),
            }
        }
        (Value::Elapsed { from, to, plus }, "+", other) | (other, "+", Value::Elapsed { from, to, plus }) => {
            match other.as_number().and_then(|number| plus.checked_add(number)) {
                Some(plus) => Value::Elapsed {
                    from: *from,
                    to: *to,
                    plus,
                },
                None => not_followed(),
            }
        }
        (
            Value::Instant { mark: to, plus: one },
            "-",
            Value::Instant {
                mark: from,
                plus: two,
            },
        ) => match one.checked_sub(*two) {
            Some(plus) if from == to => Value::number(plus),
            Some(plus) => Value::Elapsed {
                from: *from,
                to: *to,
                plus,
            },
            None => not_followed(),
        },
        (Value::Instant { mark, plus }, "-", other) => {
            match other.as_number().and_then(|number| plus.checked_sub(number)) {
                Some(plus) => Value::Instant { mark: *mark, plus },
                None => not_followed(),
            }
        }
        (Value::Elapsed { from, to, plus }, "-", other) => {
            match other.as_number().and_then(|number| plus.checked_sub(number)) {
                Some(plus) => Value::Elapsed {
                    from: *from,
                    to: *to,
                    plus,
                },
                None => not_followed(),
            }
        }
        (Value::Unknown(unknown), ..) | (_, _, Value::Unknown(unknown)) => {
            Value::unknown(unknown.by, unknown.why.clone())
        }
        _ => not_followed(),
    }
}

fn numbers(one: i64, operator: &str, two: i64) -> Option<i64> {
    let shift = || u32::try_from(two).ok();
    match operator {
        "+" => Some(one.wrapping_add(two)),
        "-" => Some(one.wrapping_sub(two)),
        "*" => Some(one.wrapping_mul(two)),
        "/" => one.checked_div(two),
        "%" => one.checked_rem(two),
        "<<" => one.checked_shl(shift()?),
        ">>" => one.checked_shr(shift()?),
        "<" => Some(i64::from(one < two)),
        ">" => Some(i64::from(one > two)),
        "<=" => Some(i64::from(one <= two)),
        ">=" => Some(i64::from(one >= two)),
        "==" => Some(i64::from(one == two)),
        "!=" => Some(i64::from(one != two)),
        "&&" => Some(i64::from(one != 0 && two != 0)),
        "||" => Some(i64::from(one != 0 || two != 0)),
        "&" => Some(one & two),
        "|" => Some(one | two),
        "^" => Some(one ^ two),
        _ => None,
    }
}
