// SPDX-License-Identifier: Apache-2.0
//! Compound commands (POSIX XCU 2.9.4), loops apart.

use std::collections::BTreeSet;

use writeway_shell::pattern::{self, Piece};
use writeway_shell::{Arm, Branch, Command, Compound, List, Part, Word};

use crate::arithmetic;
use crate::condition::{self, Answer, Condition, Operand, learn};
use crate::interpreter::Interpreter;
use crate::loops::Loop;
use crate::state::{Decision, SUCCESS, State, States, Status};
use crate::value::{By, Value};
use crate::words::Field;

impl Interpreter<'_> {
    pub(crate) fn compound(&mut self, compound: &Compound, command: &Command, state: State) -> States {
        let site = self.site(command.span);
        match compound {
            Compound::Subshell(list) => {
                let after = self.subshell(state, |shell, states| shell.list(list, states));
                self.fail_if_told_to(after)
            }
            Compound::Group(list) => self.list(list, States::from_iter([state])),
            Compound::If { branches, otherwise } => {
                self.branches(branches, otherwise.as_ref(), States::from_iter([state]))
            }
            Compound::For {
                variable,
                words,
                body,
            } => match words {
                Some(words) => {
                    let mut ends = States::default();
                    for (state, fields) in self.fields(words, state) {
                        if state.runs() {
                            let what = Loop::For {
                                variable,
                                fields: &fields,
                            };
                            ends.extend(self.run_loop(site, &what, body, state));
                        } else {
                            ends.insert(state);
                        }
                    }
                    ends
                }
                None => {
                    let values = state.key.positional.get(1..).unwrap_or_default().iter();
                    let fields: Vec<Field> = values
                        .map(|value| Field {
                            value: value.clone(),
                            many: false,
                            origin: None,
                        })
                        .collect();
                    let what = Loop::For {
                        variable,
                        fields: &fields,
                    };
                    self.run_loop(site, &what, body, state)
                }
            },
            Compound::While { condition, body } => {
                let what = Loop::While {
                    condition,
                    wanted: true,
                };
                self.run_loop(site, &what, body, state)
            }
            Compound::Until { condition, body } => {
                let what = Loop::While {
                    condition,
                    wanted: false,
                };
                self.run_loop(site, &what, body, state)
            }
            Compound::Case { word, arms } => {
                let mut ends = States::default();
                for (state, fields) in self.fields(std::slice::from_ref(word), state) {
                    let field = match fields.as_slice() {
                        [field] => field.clone(),
                        _ => Field {
                            value: fields
                                .iter()
                                .fold(Value::text(""), |value, field| value.concat(&field.value)),
                            many: false,
                            origin: None,
                        },
                    };
                    ends.extend(self.case(&field, arms, 0, command, state));
                }
                ends
            }
            Compound::Test(words) => {
                let after = self.double_brackets(words, command, state);
                self.fail_if_told_to(after)
            }
            Compound::Unsupported(text) => {
                let after = self.unsupported(text, command, state);
                self.fail_if_told_to(after)
            }
        }
    }

    fn branches(&mut self, branches: &[Branch], otherwise: Option<&List>, states: States) -> States {
        let Some((branch, rest)) = branches.split_first() else {
            return match otherwise {
                Some(list) => self.list(list, states),
                None => states.into_iter().map(|state| state.with(SUCCESS)).collect(),
            };
        };
        let decided = self.conditional(true, |shell| shell.list(&branch.condition, states));
        let last = branch.condition.last().map(|and_or| {
            let last = and_or.rest.last().map_or(&and_or.first, |(_, pipeline)| pipeline);
            last.commands.last()
        });
        let decided = self.note(decided, last.flatten());
        self.next(decided, |shell, states| {
            let (holds, others) = states.split(|key| key.status.succeeded());
            let mut ends = States::default();
            if !holds.is_empty() {
                ends.extend(shell.list(&branch.body, holds));
            }
            if !others.is_empty() {
                ends.extend(shell.branches(rest, otherwise, others));
            }
            ends.reduce()
        })
    }

    fn case(&mut self, field: &Field, arms: &[Arm], index: u8, command: &Command, state: State) -> States {
        let Some((arm, rest)) = arms.split_first() else {
            return States::from_iter([state.with(SUCCESS)]);
        };
        let site = self.site(command.span);
        let mut ends = States::default();
        for (state, matched) in self.matches(field, arm, state) {
            let decide = |mut state: State, outcome: u8, by: Option<By>| {
                let decision = Decision {
                    site,
                    outcome,
                    by: by.unwrap_or(By::World),
                    related: false,
                };
                match by {
                    Some(_) => state.decide(decision, |_| false),
                    None => state.note(decision, |_| false),
                }
                state
            };
            let enter = |shell: &mut Self, state: State| {
                let state = state.with(SUCCESS);
                shell.list(&arm.body, States::from_iter([state]))
            };
            match matched {
                Some(true) => {
                    let state = decide(state, index, None);
                    ends.extend(enter(self, state));
                }
                Some(false) => ends.extend(self.case(field, rest, index.saturating_add(1), command, state)),
                None => {
                    let by = condition::doubt(&[&field.value]);
                    let mut taken = decide(state.clone(), index, Some(by));
                    let mut other = decide(state, u8::MAX - index.min(100), Some(by));
                    if let [pattern] = arm.patterns.as_slice()
                        && let Some(text) = pattern.literal()
                    {
                        let text = text.as_str().into();
                        learn(&mut taken, field, &text, true);
                        learn(&mut other, field, &text, false);
                    }
                    ends.extend(enter(self, taken));
                    ends.extend(self.case(field, rest, index.saturating_add(1), command, other));
                }
            }
        }
        ends.reduce()
    }

    /// Whether a pattern of the arm matches; `None` when that is not known.
    fn matches(&mut self, field: &Field, arm: &Arm, state: State) -> Vec<(State, Option<bool>)> {
        let mut ways = vec![(state, Some(false))];
        for word in &arm.patterns {
            let mut next = Vec::new();
            for (state, matched) in ways {
                for (state, pieces) in self.pattern(word, state) {
                    let one = pieces.and_then(|pieces| match (&field.value, pieces.as_slice()) {
                        (Value::Text(text), pieces) => Some(pattern::matches(pieces, text)),
                        (_, [Piece::Glob(glob)]) if glob.chars().all(|letter| letter == '*') => Some(true),
                        (value, [Piece::Literal(text)]) => value.is(text),
                        _ => None,
                    });
                    let matched = match (matched, one) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    };
                    next.push((state, matched));
                }
            }
            ways = next;
        }
        ways
    }

    /// `[[ … ]]`: words are neither split nor matched against files.
    fn double_brackets(&mut self, words: &[Word], command: &Command, state: State) -> States {
        let mut ways = vec![(state, Vec::<Operand>::new())];
        for (index, word) in words.iter().enumerate() {
            let is_pattern = index > 0
                && word.has_glob()
                && words[index - 1]
                    .text()
                    .is_some_and(|operator| matches!(operator.as_str(), "=" | "==" | "!="));
            let origin = match word.parts.as_slice() {
                [Part::Parameter(parameter)] => Some(parameter.name.as_str().into()),
                _ => None,
            };
            let mut next = Vec::new();
            for (state, operands) in ways {
                if is_pattern {
                    for (state, pattern) in self.pattern(word, state) {
                        let mut operands = operands.clone();
                        let value = match &pattern {
                            Some(_) => Value::text("*"),
                            None => Value::unknown(By::Script, "a pattern is not known"),
                        };
                        operands.push(Operand {
                            field: Field {
                                value,
                                many: false,
                                origin: None,
                            },
                            pattern,
                        });
                        next.push((state, operands));
                    }
                    continue;
                }
                for (state, value) in self.value(word, state) {
                    let mut operands = operands.clone();
                    operands.push(Operand {
                        field: Field {
                            value,
                            many: false,
                            origin: origin.clone(),
                        },
                        pattern: None,
                    });
                    next.push((state, operands));
                }
            }
            ways = next;
        }
        let mut ends = States::default();
        for (state, operands) in ways {
            ends.extend(self.condition(&operands, true, command.span, state));
        }
        ends
    }

    /// Evaluates a condition, and notes how it was decided.
    pub(crate) fn condition(
        &mut self,
        operands: &[Operand],
        double: bool,
        span: writeway_shell::Span,
        state: State,
    ) -> States {
        let site = self.site(span);
        let mut condition = Condition {
            operands,
            double,
            site,
            files: Vec::new(),
        };
        let answers = condition.evaluate(state);
        let files = condition.files.into_iter().collect();
        if answers.iter().any(|answer| answer.by == Some(By::World)) {
            self.waits.ask_files(&files);
        }
        self.answered(answers, span, &files)
    }

    /// The ways in which a condition at that place turned out, which asked for these files.
    fn answered(&self, answers: Vec<Answer>, span: writeway_shell::Span, files: &BTreeSet<String>) -> States {
        let site = self.site(span);
        let mut ends = States::default();
        for answer in answers {
            let mut state = answer.state;
            let decision = Decision {
                site,
                outcome: u8::from(!answer.holds),
                by: answer.by.unwrap_or(By::World),
                related: false,
            };
            let waits = &self.waits;
            let is_related = |wait| waits.asks_one_of(wait, files);
            match answer.by {
                Some(_) => state.decide(decision, is_related),
                None => state.note(decision, is_related),
            }
            ends.insert(state.with(Status::of(answer.holds)));
        }
        ends
    }

    /// `((…))` is arithmetic in bash; anything else is not followed.
    fn unsupported(&mut self, text: &str, command: &Command, mut state: State) -> States {
        let inside = text.strip_prefix("((").and_then(|text| text.strip_suffix("))"));
        match inside {
            Some(expression) if self.is_bash() => {
                if let Some((one, operator, two)) = arithmetic::comparison(self, expression, &mut state) {
                    let site = self.site(command.span);
                    let answers = condition::compare(&one, operator, &two, state, site);
                    return self.answered(answers, command.span, &BTreeSet::new());
                }
                let value = arithmetic::text(self, expression, &mut state);
                self.arithmetic_status(&value, command.span, state)
            }
            _ => {
                self.give_up(&format!(
                    "`{}` is not followed",
                    text.chars().take(30).collect::<String>()
                ));
                States::from_iter([state])
            }
        }
    }

    /// The status of `((…))` and `let`: success when the value is not 0.
    pub(crate) fn arithmetic_status(
        &self,
        value: &Value,
        span: writeway_shell::Span,
        state: State,
    ) -> States {
        let site = self.site(span);
        let way = |mut state: State, holds: bool, by: Option<By>| {
            let decision = Decision {
                site,
                outcome: u8::from(!holds),
                by: by.unwrap_or(By::World),
                related: false,
            };
            match by {
                Some(_) => state.decide(decision, |_| false),
                None => state.note(decision, |_| false),
            }
            state.with(Status::of(holds))
        };
        match value.as_number() {
            Some(number) => States::from_iter([way(state, number != 0, None)]),
            None => {
                let by = Some(value.doubt().0);
                States::from_iter([way(state.clone(), true, by), way(state, false, by)])
            }
        }
    }
}
