// SPDX-License-Identifier: Apache-2.0
//! `resource.Quantity`: an amount with a suffix, such as `64Mi` or `500m`
//! (staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go, ParseQuantity; suffix.go).

/// Nanos in one unit, the finest that a quantity tells apart.
const NANOS: i128 = 1_000_000_000;
/// What a quantity with a binary suffix is capped at (`maxAllowed`). Others have no cap.
const BINARY_MAX: i128 = i64::MAX as i128 * NANOS;
/// A decimal number of more digits than this is beyond `i128`.
const MAX_DIGITS: i64 = 38;

/// The value of a quantity, exactly, in units of 10⁻⁹. What is finer is rounded away from zero, as Kubernetes does.
/// Values beyond 10²⁹ units, which no machine has, are all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    nanos: i128,
}

/// What a suffix multiplies by.
#[derive(Clone, Copy)]
enum Suffix {
    /// 2 to the power of this.
    Binary(u32),
    /// 10 to the power of this.
    Decimal(i64),
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0 };

    /// Reads a quantity; `None` when the API server refuses it.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, rest) = digits(unsigned);
        let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
        let nanos = match suffix(rest)? {
            Suffix::Decimal(exponent) => decimal(whole, fraction, exponent),
            Suffix::Binary(exponent) => binary(whole, fraction, exponent),
        };
        Some(Self {
            nanos: if negative { -nanos } else { nanos },
        })
    }

    /// The sum, or the greatest value.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_add(other.nanos),
        }
    }

    /// The quantity as it may be written where another was: with the same kind of suffix, in whole numbers, rounded up to
    /// the next Mi or M where that is not exact. `None` for negative ones, and for those beyond what can be written.
    pub fn written_like(self, text: &str) -> Option<String> {
        const BINARY: [(&str, u32); 6] = [
            ("Ei", 60),
            ("Pi", 50),
            ("Ti", 40),
            ("Gi", 30),
            ("Mi", 20),
            ("Ki", 10),
        ];
        const DECIMAL: [(&str, u32); 6] = [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3)];
        /// Index of `Mi` and `M`.
        const MEGA: usize = 4;
        if self.nanos < 0 || self.nanos >= i128::MAX / 2 {
            return None;
        }
        let rounded = |unit: i128, suffix: &str| format!("{}{suffix}", (self.nanos + unit - 1) / unit);
        let units: [(&str, i128); 6] = if text.ends_with('i') {
            BINARY.map(|(suffix, exponent)| (suffix, NANOS << exponent))
        } else {
            DECIMAL.map(|(suffix, exponent)| (suffix, NANOS * 10_i128.pow(exponent)))
        };
        let of_text = |(suffix, _): &(&str, i128)| text.ends_with(suffix);
        let Some(index) = units.iter().position(of_text) else {
            return Some(rounded(NANOS, ""));
        };
        let (suffix, unit) = units[index];
        if self.nanos % unit == 0 || index >= MEGA {
            return Some(rounded(unit, suffix));
        }
        let (suffix, unit) = units[MEGA];
        Some(rounded(unit, suffix))
    }
}

/// The digits that a text begins with, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn suffix(text: &str) -> Option<Suffix> {
    Some(match text {
        "" => Suffix::Decimal(0),
        "n" => Suffix::Decimal(-9),
        "u" => Suffix::Decimal(-6),
        "m" => Suffix::Decimal(-3),
        "k" => Suffix::Decimal(3),
        "M" => Suffix::Decimal(6),
        "G" => Suffix::Decimal(9),
        "T" => Suffix::Decimal(12),
        "P" => Suffix::Decimal(15),
        "E" => Suffix::Decimal(18),
        "Ki" => Suffix::Binary(10),
        "Mi" => Suffix::Binary(20),
        "Gi" => Suffix::Binary(30),
        "Ti" => Suffix::Binary(40),
        "Pi" => Suffix::Binary(50),
        "Ei" => Suffix::Binary(60),
        _ => return text.strip_prefix(['e', 'E'])?.parse().ok().map(Suffix::Decimal),
    })
}

/// The nanos of a decimal number times a power of ten: the digits, with the point moved.
fn decimal(whole: &str, fraction: &str, exponent: i64) -> i128 {
    let significant = || whole.bytes().chain(fraction.bytes());
    let Some(leading) = significant().position(|digit| digit != b'0') else {
        return 0;
    };
    let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let point = places(whole.len()).saturating_add(exponent).saturating_add(9);
    if point.saturating_sub(places(leading)) > MAX_DIGITS {
        return i128::MAX;
    }
    let mut nanos: i128 = 0;
    let before = usize::try_from(point).unwrap_or(0);
    for digit in significant()
        .chain(std::iter::repeat(b'0'))
        .take(before)
        .skip(leading)
    {
        nanos = nanos * 10 + i128::from(digit - b'0');
    }
    let remainder = significant().skip(before).any(|digit| digit != b'0');
    nanos + i128::from(remainder)
}

/// The nanos of a decimal number times a power of two of at most 60.
fn binary(whole: &str, fraction: &str, exponent: u32) -> i128 {
    let unit = NANOS << exponent;
    let mut nanos: i128 = 0;
    for digit in whole.bytes() {
        nanos = nanos * 10 + i128::from(digit - b'0') * unit;
        if nanos >= BINARY_MAX {
            return BINARY_MAX;
        }
    }
    // From the last digit to the first: a floor of a floor is the floor of the whole.
    let (mut part, mut remainder): (i128, bool) = (0, false);
    for digit in fraction.bytes().rev() {
        let sum = part + i128::from(digit - b'0') * unit;
        (part, remainder) = (sum / 10, remainder || sum % 10 != 0);
    }
    (nanos + part + i128::from(remainder)).min(BINARY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> i128 {
        Quantity::parse(text).unwrap().nanos
    }

    #[test]
    fn suffixes_multiply_exactly() {
        for (text, expected) in [
            ("0", 0),
            ("1", NANOS),
            ("64Mi", 64 * 1024 * 1024 * NANOS),
            ("0.5Ki", 512 * NANOS),
            ("1.5Gi", 1_610_612_736 * NANOS),
            ("100m", NANOS / 10),
            ("250u", 250_000),
            ("7n", 7),
            ("1k", 1_000 * NANOS),
            ("12M", 12_000_000 * NANOS),
            ("3G", 3_000_000_000 * NANOS),
            ("2T", 2_000_000_000_000 * NANOS),
            ("1P", 1_000_000_000_000_000 * NANOS),
            ("1E", 1_000_000_000_000_000_000 * NANOS),
            ("1e3", 1_000 * NANOS),
            ("1E3", 1_000 * NANOS),
            ("1e+3", 1_000 * NANOS),
            ("5e-3", 5_000_000),
            ("12.34e1", 123_400_000_000),
            ("-1.5", -1_500_000_000),
            ("+2", 2 * NANOS),
            ("007", 7 * NANOS),
            ("1.", NANOS),
            (".5", NANOS / 2),
            ("1.G", 1_000_000_000 * NANOS),
            // The API server takes a suffix alone for none of it (TestQuantityParseZero and the parser).
            ("Ki", 0),
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_a_nano_is_rounded_away_from_zero() {
        // Rows of TestQuantityParse in quantity_test.go.
        for (text, expected) in [
            ("0.1n", 1),
            ("1.1n", 2),
            ("0.0000000001", 1),
            ("-0.0000000001", -1),
            ("1e-1000000", 1),
            ("0.00000000000000000000000000001Ki", 1),
            ("1.0009765625Ki", 1025 * NANOS),
            ("0e9999999999999", 0),
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
    }

    #[test]
    fn only_binary_quantities_are_capped() {
        assert_eq!(nanos("9223372036854775807"), i128::from(i64::MAX) * NANOS);
        assert_eq!(nanos("9223372036854775808"), (i128::from(i64::MAX) + 1) * NANOS);
        assert_eq!(nanos("8Ei"), BINARY_MAX);
        assert_eq!(nanos("7.9999999Ei"), nanos("7.9999999Ei").min(BINARY_MAX - 1));
        assert_eq!(nanos("100000Ei"), BINARY_MAX);
        assert_eq!(nanos(&"9".repeat(100_000)), i128::MAX);
        assert_eq!(nanos(&format!("-{}Ki", "9".repeat(100_000))), -BINARY_MAX);
        assert!(nanos("10E") > BINARY_MAX);
        assert_eq!(nanos("1e1000000000"), i128::MAX);
    }

    #[test]
    fn what_the_api_server_refuses_is_none() {
        for text in [
            "",
            "1.1.M",
            "1+1.0M",
            "0.1mi",
            "0.1am",
            "aoeu",
            ".5i",
            "1i",
            "-3.01i",
            "-3.01e-",
            "1e",
            "1ki",
            "1K",
            "1 Mi",
            "1Mi ",
            "0x10",
            "1e1.5",
            "1e99999999999999999999",
            "½",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_sum_is_written_as_its_neighbour_was() {
        let of = |text: &str| Quantity::parse(text).unwrap();
        for (text, more, expected) in [
            ("512Mi", "64Mi", "576Mi"),
            ("1Gi", "64Mi", "1088Mi"),
            ("1Gi", "1Gi", "2Gi"),
            ("1.5Gi", "64Mi", "1600Mi"),
            ("1G", "64Mi", "1068M"),
            ("512M", "64Mi", "580M"),
            ("600000Ki", "64Mi", "665536Ki"),
            ("536870912", "64Mi", "603979776"),
            ("5e8", "64Mi", "567108864"),
            ("128974848000m", "64Mi", "196083712"),
        ] {
            let sum = of(text).saturating_add(of(more));
            let written = sum.written_like(text).unwrap();
            assert_eq!(written, expected, "{text} and {more}");
            assert!(of(&written) >= sum, "{text} and {more}");
        }
        assert_eq!(of("-1").written_like("1Mi"), None);
        assert_eq!(of("1e1000000000").written_like("1Mi"), None);
    }

    #[test]
    fn quantities_are_compared_and_added_by_value() {
        let of = |text| Quantity::parse(text).unwrap();
        assert_eq!(of("1Gi"), of("1024Mi"));
        assert!(of("1G") < of("1Gi"));
        assert!(of("999m") < of("1"));
        assert_eq!(of("512Mi").saturating_add(of("512Mi")), of("1Gi"));
        assert_eq!(Quantity::ZERO, of("0Ki"));
    }
}
