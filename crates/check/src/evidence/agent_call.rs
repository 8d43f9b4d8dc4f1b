// SPDX-License-Identifier: Apache-2.0
//! What a command asks `writeway-agent` for.

use std::borrow::Cow;

use writeway_shell::agent::{self, Call, PROGRAM, Request};

use crate::evidence::commands::{Argument, Invocation};

/// Stands for an argument that is not known. No argument of a process has it.
pub(crate) const UNKNOWN: &str = "\0";

/// The verb with its arguments; `None` of another program, and of what the agent refuses or does not know.
pub(crate) fn agent_call(command: &Invocation) -> Option<Call> {
    if command.name != PROGRAM {
        return None;
    }
    let words: Vec<String> = command
        .arguments
        .iter()
        .map(|argument| argument.text.clone().unwrap_or_else(|| UNKNOWN.to_owned()))
        .collect();
    match agent::read(&words) {
        Ok(Request::Verb(call)) => Some(call),
        Ok(Request::Print) | Err(_) => None,
    }
}

/// The argument that holds a value or an operand of the call: a word of its own, or the part of one behind `=`.
pub(crate) fn argument<'a>(command: &'a Invocation, value: &str) -> Option<Cow<'a, Argument>> {
    if value == UNKNOWN {
        return None;
    }
    let own = |argument: &&Argument| argument.text.as_deref() == Some(value);
    if let Some(argument) = command.arguments.iter().find(own) {
        return Some(Cow::Borrowed(argument));
    }
    let attached = |argument: &&Argument| {
        let text = argument.text.as_deref().unwrap_or_default();
        text.split_once('=')
            .is_some_and(|(_, attached)| attached == value)
    };
    let argument = command.arguments.iter().find(attached)?;
    Some(Cow::Owned(Argument {
        text: Some(value.to_owned()),
        start: value.to_owned(),
        ..argument.clone()
    }))
}
