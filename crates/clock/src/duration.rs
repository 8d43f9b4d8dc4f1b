// SPDX-License-Identifier: Apache-2.0
//! Durations as programs read them.

use std::time::Duration;

/// The longest that a program is told to wait: beyond it a number is not taken for a duration.
const LONGEST: f64 = 1e15;

/// A decimal number of seconds, with a fraction or without: what curl, nc and ping take.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = text.parse().ok().filter(|_| digits && !text.is_empty())?;
    (number <= LONGEST).then(|| from_seconds(number))
}

/// What `sleep` and `timeout` take: a number with `s`, `m`, `h`, `d` or nothing behind it (coreutils, BusyBox).
pub(crate) fn sleep(text: &str) -> Option<Duration> {
    let (number, unit) = match text.char_indices().last()? {
        (at, 's') => (text.get(..at)?, 1.0),
        (at, 'm') => (text.get(..at)?, 60.0),
        (at, 'h') => (text.get(..at)?, 3_600.0),
        (at, 'd') => (text.get(..at)?, 86_400.0),
        _ => (text, 1.0),
    };
    scaled(number, unit)
}

/// What Go's `time.ParseDuration` takes (`1m30s`), and a negative one as `None` inside; a bare number is none but `0`.
pub(crate) fn go(text: &str) -> Option<Result<Duration, Negative>> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() && rest != "0" {
        let digits = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (number, unit) = rest.split_at_checked(digits)?;
        let letters = unit
            .bytes()
            .take_while(|byte| !byte.is_ascii_digit() && *byte != b'.')
            .count();
        let (unit, after) = unit.split_at_checked(letters)?;
        let scale = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        sum = sum.saturating_add(scaled(number, scale)?);
        rest = after;
    }
    Some(if negative && !sum.is_zero() {
        Err(Negative)
    } else {
        Ok(sum)
    })
}

/// A duration below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Negative;

fn scaled(number: &str, unit: f64) -> Option<Duration> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| digits && !number.is_empty())?;
    let seconds = number * unit;
    (seconds <= LONGEST).then(|| from_seconds(seconds))
}

/// Rounded to microseconds, so that decimal fractions are what was written.
fn from_seconds(seconds: f64) -> Duration {
    let whole = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let nanos = whole.subsec_nanos();
    let rounded = Duration::from_nanos(u64::from(nanos.saturating_add(500) / 1_000 * 1_000));
    Duration::from_secs(whole.as_secs()).saturating_add(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_the_programs_read_them() {
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(sleep("5"), millis(5_000));
        assert_eq!(sleep("0.1"), millis(100));
        assert_eq!(sleep("2m"), millis(120_000));
        assert_eq!(sleep("1.5h"), millis(5_400_000));
        assert_eq!(sleep("infinity"), None);
        assert_eq!(sleep("5x"), None);
        assert_eq!(sleep(""), None);
        assert_eq!(seconds("2.5"), millis(2_500));
        assert_eq!(seconds("-1"), None);
        assert_eq!(go("1m30s"), millis(90_000).map(Ok));
        assert_eq!(go("500ms"), millis(500).map(Ok));
        assert_eq!(go("0"), millis(0).map(Ok));
        assert_eq!(go("-1s"), Some(Err(Negative)));
        assert_eq!(go("60"), None);
        assert_eq!(go(""), None);
        assert_eq!(go("99999999999999999999h"), None);
    }
}
