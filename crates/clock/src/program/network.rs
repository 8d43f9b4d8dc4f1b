// SPDX-License-Identifier: Apache-2.0
//! Programs that ask others, except those with a file of their own.

use std::time::Duration;

use super::arguments::{Arguments, Valued};
use super::{Call, Effect, Role};
use crate::bound::Bound;
use crate::duration;
use crate::evaluation::Timing;
use crate::value::Value;

/// `pg_isready -t`, when it is not given.
const PG_DEFAULT: Duration = Duration::from_secs(3);
/// What GNU wget and BusyBox wait for the next byte at least, when they are not told otherwise.
const WGET_DEFAULT: Duration = Duration::from_secs(900);
/// `ping -W`, when it is not given: iputils and BusyBox agree.
const PING_DEFAULT: Duration = Duration::from_secs(10);

/// A program that asks and has no limit of its own.
pub(super) fn looks(call: &Call<'_>) -> Effect {
    Effect::answers(Role::Look, call.name, without_limit(call.name))
}

/// A program that may change something and has no limit of its own.
pub(super) fn acts(call: &Call<'_>) -> Effect {
    Effect::answers(Role::Act, call.name, without_limit(call.name))
}

fn without_limit(name: &str) -> Bound {
    Bound::unbounded(format!("`{name}` may wait for an answer for ever"))
}

/// The value of an option in seconds; `Ok(None)` when it is not given.
fn limit(call: &Call<'_>, arguments: &Arguments<'_>, names: &[&str]) -> Result<Option<Duration>, Bound> {
    if call.open {
        return Err(Bound::unknown(format!(
            "the options of `{}` are not known",
            call.name
        )));
    }
    let Some(value) = arguments.value(names) else {
        return Ok(None);
    };
    let known = value.as_text().and_then(|text| duration::seconds(text));
    known
        .map(Some)
        .ok_or_else(|| Bound::unknown(format!("the limit given to `{}` is not known", call.name)))
}

/// `nc -w` limits connecting, for each port.
pub(super) fn nc(call: &Call<'_>) -> Effect {
    let valued = Valued {
        letters: "wipsqXxIOTPVbe",
        names: &["wait", "idle-timeout"],
    };
    let arguments = Arguments::sort(call.arguments, valued);
    let listens = arguments.has(&["l", "listen"]);
    let only_looks = arguments.has(&["z", "zero"]);
    let range = arguments
        .operands
        .get(1)
        .and_then(|port| port.as_text())
        .is_some_and(|port| port.contains('-'));
    let worst = match limit(call, &arguments, &["w", "wait"]) {
        Err(unknown) => unknown,
        Ok(Some(limit)) if !listens && only_looks && !range && arguments.operands.len() <= 2 => {
            Bound::Finite(limit)
        }
        Ok(Some(limit)) if !listens => Bound::Unknown {
            at_least: limit,
            why: "`nc -w` limits connecting, and silence, but not the whole".into(),
        },
        Ok(_) => without_limit("nc"),
    };
    let role = if only_looks { Role::Look } else { Role::Act };
    Effect::answers(role, call.name, worst)
}

/// `pg_isready -t SECS`: 3 by default, 0 for no limit (PostgreSQL, src/bin/scripts/pg_isready.c).
pub(super) fn pg_isready(call: &Call<'_>) -> Effect {
    let valued = Valued {
        letters: "dhptU",
        names: &["dbname", "host", "port", "timeout", "username"],
    };
    let arguments = Arguments::sort(call.arguments, valued);
    let worst = match limit(call, &arguments, &["t", "timeout"]) {
        Err(unknown) => unknown,
        Ok(None) => Bound::Finite(PG_DEFAULT),
        Ok(Some(limit)) if limit.is_zero() => without_limit("pg_isready -t 0"),
        Ok(Some(limit)) => Bound::Finite(limit),
    };
    Effect::answers(Role::Look, call.name, worst)
}

/// `ping -c COUNT`: a second between two of them, and at the end the wait for the last answer.
pub(super) fn ping(call: &Call<'_>) -> Effect {
    let valued = Valued {
        letters: "cIiWwstpQMSlmFT",
        names: &[],
    };
    let arguments = Arguments::sort(call.arguments, valued);
    let option = |name: &str| limit(call, &arguments, &[name]);
    let (count, interval, wait, deadline) = match (option("c"), option("i"), option("W"), option("w")) {
        (Ok(count), Ok(interval), Ok(wait), Ok(deadline)) => (count, interval, wait, deadline),
        _ => {
            let unknown = Bound::unknown("the options of `ping` are not known");
            return Effect::answers(Role::Look, call.name, unknown);
        }
    };
    let between = interval.unwrap_or(Duration::from_secs(1));
    let sent = count.map(|count| {
        let pauses = count.as_secs().saturating_sub(1);
        Bound::Finite(between).times(pauses).at_least()
    });
    let worst = sent.map(|sent| sent.saturating_add(wait.unwrap_or(PING_DEFAULT)));
    let worst = match (worst, deadline) {
        (Some(worst), Some(deadline)) => Bound::Finite(worst.min(deadline)),
        (Some(worst), None) => Bound::Finite(worst),
        (None, Some(deadline)) => Bound::Finite(deadline),
        (None, None) => Bound::unbounded("`ping` without `-c` never ends by itself"),
    };
    let best = sent.map_or(Duration::ZERO, |sent| {
        deadline.map_or(sent, |deadline| sent.min(deadline))
    });
    let answered = Timing {
        best: Bound::Finite(best),
        worst: worst.clone(),
    };
    Effect {
        success: Some(answered),
        ..Effect::answers(Role::Look, call.name, worst)
    }
}

/// wget: `-T` limits each phase, and how often it tries depends on which wget it is.
pub(super) fn wget(call: &Call<'_>) -> Effect {
    let valued = Valued {
        letters: "TtOPUwQaioe",
        names: &[
            "timeout",
            "tries",
            "waitretry",
            "output-document",
            "directory-prefix",
            "user-agent",
            "header",
            "post-data",
            "post-file",
            "method",
            "body-data",
            "connect-timeout",
            "read-timeout",
            "dns-timeout",
        ],
    };
    let arguments = Arguments::sort(call.arguments, valued);
    let sends = arguments.has(&["post-data", "post-file", "body-data", "method"]);
    let at_least = match limit(call, &arguments, &["T", "timeout"]) {
        Ok(None) => WGET_DEFAULT,
        Ok(Some(limit)) => limit,
        Err(_) => Duration::ZERO,
    };
    let worst = Bound::Unknown {
        at_least,
        why: "`wget -T` limits each phase and not the whole, and GNU wget tries 20 times, BusyBox once"
            .into(),
    };
    Effect::answers(if sends { Role::Act } else { Role::Look }, call.name, worst)
}

/// `mysqladmin --connect-timeout` limits connecting; `--wait` tries again.
pub(super) fn mysqladmin(call: &Call<'_>) -> Effect {
    let valued = Valued {
        letters: "hPuSi",
        names: &[
            "host",
            "port",
            "user",
            "socket",
            "connect-timeout",
            "connect_timeout",
            "sleep",
            "count",
        ],
    };
    let arguments = Arguments::sort(call.arguments, valued);
    let worst = match limit(call, &arguments, &["connect-timeout", "connect_timeout"]) {
        Err(unknown) => unknown,
        Ok(Some(limit)) => Bound::Unknown {
            at_least: limit,
            why: "`mysqladmin --connect-timeout` limits connecting and not the whole".into(),
        },
        // 43200 s (MySQL, client/mysqladmin.cc, opt_connect_timeout).
        Ok(None) => Bound::Unknown {
            at_least: Duration::from_secs(43_200),
            why: "`mysqladmin` without `--connect-timeout` waits half a day for a connection".into(),
        },
    };
    let looks = arguments.operands.iter().any(|operand| {
        operand
            .as_text()
            .is_some_and(|text| matches!(&**text, "ping" | "status" | "version" | "variables"))
    });
    Effect {
        waits: arguments.has(&["w", "wait"]),
        ..Effect::answers(if looks { Role::Look } else { Role::Act }, call.name, worst)
    }
}

/// `redis-cli`: asks as long as its command only asks.
pub(super) fn redis_cli(call: &Call<'_>) -> Effect {
    let looks = call.arguments.iter().any(|argument| {
        let text = argument.as_text().map(|text| text.to_ascii_lowercase());
        matches!(
            text.as_deref(),
            Some("ping" | "info" | "get" | "exists" | "cluster" | "role")
        )
    });
    let role = if looks { Role::Look } else { Role::Act };
    Effect::answers(role, call.name, without_limit("redis-cli"))
}

/// A SQL client: it only looks when the statement it is given starts with `select` or `show`, or it lists.
pub(super) fn sql(call: &Call<'_>) -> Effect {
    let statement = |value: &Value| {
        let text = value.as_text().map(|text| text.trim_start().to_ascii_lowercase());
        text.is_some_and(|text| {
            text.starts_with("select") || text.starts_with("show") || text.starts_with('\\')
        })
    };
    let looks = call.arguments.iter().any(statement);
    let role = if looks { Role::Look } else { Role::Act };
    Effect::answers(role, call.name, without_limit(call.name))
}
