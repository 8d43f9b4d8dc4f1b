// SPDX-License-Identifier: Apache-2.0
//! Programs that only spend time, print numbers, or work on text.

use std::fmt::Write;
use std::time::Duration;

use super::{Call, Effect, Role, exactly};
use crate::bound::Bound;
use crate::duration;
use crate::evaluation::Timing;
use crate::value::{By, Value};

/// Numbers that `seq` is followed for.
const MAX_NUMBERS: i64 = 50_000;

/// `sleep`: coreutils adds its operands up, as BusyBox does with its fancy option; POSIX has one.
pub(super) fn sleep(call: &Call<'_>) -> Effect {
    let mut sum = Duration::ZERO;
    for argument in call.arguments {
        let Some(text) = argument.as_text() else {
            return unknown_sleep();
        };
        if matches!(&**text, "infinity" | "inf") {
            return Effect::never("`sleep infinity` never ends");
        }
        match duration::sleep(text) {
            Some(duration) => sum = sum.saturating_add(duration),
            None => return fails(),
        }
    }
    if call.open {
        return unknown_sleep();
    }
    if call.arguments.is_empty() {
        return fails();
    }
    Effect {
        success: Some(exactly(sum)),
        ..Effect::silent()
    }
}

fn unknown_sleep() -> Effect {
    Effect {
        success: Some(Timing::unknown("how long `sleep` sleeps is not known")),
        ..Effect::silent()
    }
}

/// A program that was called wrongly.
pub(super) fn fails() -> Effect {
    Effect {
        success: None,
        failure: Some(Timing::ZERO),
        ..Effect::silent()
    }
}

/// `seq`: the numbers, when there are not too many.
pub(super) fn seq(call: &Call<'_>) -> Effect {
    let numbers: Option<Vec<i64>> = call.arguments.iter().map(Value::as_number).collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => return text_tool(call, By::Script),
    };
    let count = (i128::from(last) - i128::from(first)) / i128::from(step);
    if count >= i128::from(MAX_NUMBERS) {
        return text_tool(call, By::Script);
    }
    let mut output = String::new();
    let mut number = first;
    while if step > 0 { number <= last } else { number >= last } {
        let _ = writeln!(output, "{number}");
        match number.checked_add(step) {
            Some(next) => number = next,
            None => break,
        }
    }
    Effect {
        output: Value::text(output),
        ..Effect::silent()
    }
}

/// `expr`: one operation on integers, which prints its result and fails when that is 0 or empty.
pub(super) fn expr(call: &Call<'_>) -> Effect {
    let unknown = || Effect {
        failure: Some(Timing::ZERO),
        ..text_tool(call, By::Script)
    };
    let [one, operator, two] = call.arguments else {
        return unknown();
    };
    let (Some(one), Some(operator), Some(two)) = (one.as_number(), operator.as_text(), two.as_number())
    else {
        return unknown();
    };
    let result = match &**operator {
        "+" => one.checked_add(two),
        "-" => one.checked_sub(two),
        "*" => one.checked_mul(two),
        "/" => one.checked_div(two),
        "%" => one.checked_rem(two),
        "<" => Some(i64::from(one < two)),
        "<=" => Some(i64::from(one <= two)),
        "=" => Some(i64::from(one == two)),
        "!=" => Some(i64::from(one != two)),
        ">=" => Some(i64::from(one >= two)),
        ">" => Some(i64::from(one > two)),
        _ => return unknown(),
    };
    match result {
        None => unknown(),
        Some(0) => Effect {
            output: Value::number(0),
            ..fails()
        },
        Some(result) => Effect {
            output: Value::number(result),
            ..Effect::silent()
        },
    }
}

/// `echo` and the plainest `printf`.
pub(super) fn echo(call: &Call<'_>) -> Effect {
    let mut arguments = call.arguments;
    if let Some((first, rest)) = arguments.split_first()
        && first.as_text().is_some_and(|first| &**first == "-n")
    {
        arguments = rest;
    }
    let mut output = Value::text("");
    for (index, argument) in arguments.iter().enumerate() {
        if argument.as_text().is_some_and(|text| text.contains('\\')) {
            output = Value::unknown(
                By::Script,
                "what `echo` makes of a backslash depends on the shell",
            );
            break;
        }
        if index > 0 {
            output = output.concat(&Value::text(" "));
        }
        output = output.concat(argument);
    }
    Effect {
        output,
        ..Effect::silent()
    }
}

pub(super) fn printf(call: &Call<'_>) -> Effect {
    let output = match call.arguments {
        [format, argument] => match format.as_text().map(|format| &**format) {
            Some("%s" | "%s\\n") => argument.clone(),
            Some("%d" | "%d\\n") if argument.as_number().is_some() => argument.clone(),
            _ => return printed(call),
        },
        [text] if text.as_text().is_some_and(|text| !text.contains(['%', '\\'])) => text.clone(),
        _ => return printed(call),
    };
    Effect {
        output,
        ..Effect::silent()
    }
}

fn printed(call: &Call<'_>) -> Effect {
    Effect {
        failure: None,
        ..text_tool(call, By::Script)
    }
}

/// A tool that works on text and files: it takes no time worth counting, and may fail.
pub(super) fn text_tool(call: &Call<'_>, by: By) -> Effect {
    Effect {
        failure: Some(Timing::ZERO),
        output: Value::unknown(by, format!("what `{}` prints is not known", call.name)),
        ..Effect::silent()
    }
}

/// What only depends on what it is given, if it is given no file.
pub(super) fn pure_tool(call: &Call<'_>) -> Effect {
    text_tool(call, By::Script)
}

/// What reads files, which others may write.
pub(super) fn file_tool(call: &Call<'_>) -> Effect {
    text_tool(call, By::World)
}

/// `true`, `:` and what always succeeds without a word.
pub(super) fn succeeds(_: &Call<'_>) -> Effect {
    Effect::silent()
}

pub(super) fn fails_always(_: &Call<'_>) -> Effect {
    fails()
}

/// Programs that write until somebody ends them.
pub(super) fn endless(call: &Call<'_>) -> Effect {
    Effect::never(format!("`{}` never ends by itself", call.name))
}

/// `tail`: with `-f` it never ends.
pub(super) fn tail(call: &Call<'_>) -> Effect {
    let follows = call.arguments.iter().any(|argument| {
        argument
            .as_text()
            .is_some_and(|text| matches!(&**text, "-f" | "-F" | "--follow") || text.starts_with("--follow="))
    });
    if follows {
        return Effect::never("`tail -f` never ends by itself");
    }
    text_tool(call, By::World)
}

/// Programs that nothing is known of.
pub(super) fn unknown(call: &Call<'_>) -> Effect {
    Effect::unknown(call.name)
}

/// Work whose duration depends on what it works on.
pub(super) fn heavy(call: &Call<'_>) -> Effect {
    let timing = Timing {
        best: Bound::ZERO,
        worst: Bound::unknown(format!(
            "how long `{}` takes depends on what it works on",
            call.name
        )),
    };
    Effect {
        success: Some(timing.clone()),
        failure: Some(timing),
        role: Role::Local,
        ..text_tool(call, By::World)
    }
}
