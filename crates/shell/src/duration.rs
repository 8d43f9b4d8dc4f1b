// SPDX-License-Identifier: Apache-2.0
//! Durations as Go writes them: in command lines of kubectl, helm and our own agent, and in fields of manifests.

use std::time::Duration;

/// A duration as Go's `time.ParseDuration` reads it, e.g. `1h30m` or `1.5s`: decimal numbers, each with a unit. `None` for
/// anything else, and for negative ones, which no field read here may have. Digits below a nanosecond are dropped.
pub fn parse_go_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let number = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (written, behind) = rest.split_at(number);
        let unit_end = behind
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let (_, nanoseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(written, *nanoseconds)?)?;
        rest = behind;
    }
    Some(Duration::from_nanos(total))
}

/// A decimal number times a unit.
fn scaled(written: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        place /= 10;
        total = total.checked_add(u64::from(digit - b'0') * place)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        let rows = [
            ("15m", seconds(900.0)),
            ("1h30m", seconds(5400.0)),
            ("1.5s", seconds(1.5)),
            (".5s", seconds(0.5)),
            ("2.s", seconds(2.0)),
            ("300ms", seconds(0.3)),
            ("0", seconds(0.0)),
            ("0s", seconds(0.0)),
            ("+5s", seconds(5.0)),
            ("", None),
            ("5", None),
            ("5 m", None),
            ("m", None),
            (".s", None),
            ("1..5s", None),
            ("-5s", None),
            ("5d", None),
            ("99999999999999h", None),
        ];
        for (written, expected) in rows {
            assert_eq!(parse_go_duration(written), expected, "{written}");
        }
    }
}
