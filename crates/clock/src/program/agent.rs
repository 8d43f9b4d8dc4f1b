// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent`: its waits have one deadline for everything they wait for.

use std::time::Duration;

use writeway_shell::agent::{self, Request, RequestError};
use writeway_shell::options::Arguments;

use super::{Call, Effect, Role, exactly, local};
use crate::bound::Bound;
use crate::evaluation::Timing;

/// Stands for an argument that is not known. No argument of a process has it.
const UNKNOWN: &str = "\0";

/// `wait --budget`, when it is not given.
const BUDGET: Duration = Duration::from_secs(30);

pub(super) fn agent(call: &Call<'_>) -> Effect {
    let words = call.arguments.iter().map(|argument| match argument.as_text() {
        Some(text) => text.to_string(),
        None => UNKNOWN.to_owned(),
    });
    let words: Vec<String> = words.collect();
    let request = match agent::read(&words) {
        Ok(Request::Verb(request)) => request,
        Ok(Request::Print) => return local::file_tool(call),
        Err(RequestError::Refused(_)) if !call.open && !words.iter().any(|word| word == UNKNOWN) => {
            return local::fails();
        }
        Err(_) => return Effect::unknown(call.name),
    };
    let arguments = &request.arguments;
    match request.verb {
        "wait" => match limit(call, arguments.value_long("budget")) {
            Some(limit) => limit.map_or_else(local::fails, |budget| {
                Effect::waits(Role::Look, call.name, budget)
            }),
            None => Effect::waits(Role::Look, call.name, Bound::Finite(BUDGET)),
        },
        "sleep" => sleep(call, arguments),
        "own" => match limit(call, arguments.value_long("timeout")) {
            Some(Some(limit)) => Effect::answers(Role::Local, call.name, limit),
            Some(None) => local::fails(),
            None => local::heavy(call),
        },
        _ => local::file_tool(call),
    }
}

/// The duration of an option; `Some(None)` when the agent refuses it.
fn limit(call: &Call<'_>, value: Option<&str>) -> Option<Option<Bound>> {
    match value {
        None if call.open => Some(Some(not_known(call))),
        None => None,
        Some(UNKNOWN) => Some(Some(not_known(call))),
        Some(text) => Some(writeway_shell::parse_go_duration(text).map(Bound::Finite)),
    }
}

fn not_known(call: &Call<'_>) -> Bound {
    Bound::unknown(format!("the limit given to `{}` is not known", call.name))
}

fn sleep(call: &Call<'_>, arguments: &Arguments) -> Effect {
    let timing = match arguments.operands.as_slice() {
        [operand] if operand == UNKNOWN => Timing::unknown("how long `sleep` sleeps is not known"),
        [operand] if !call.open => match writeway_shell::parse_go_duration(operand) {
            Some(duration) => exactly(duration),
            None => return local::fails(),
        },
        _ if call.open => Timing::unknown("how long `sleep` sleeps is not known"),
        _ => return local::fails(),
    };
    Effect {
        success: Some(timing),
        ..Effect::silent()
    }
}
