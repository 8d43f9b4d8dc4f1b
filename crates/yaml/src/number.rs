// SPDX-License-Identifier: Apache-2.0
//! Go's number syntax (`strconv`), as far as go-yaml v2 relies on it.

/// An integer in the widths that go-yaml v2 tries in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Integer {
    Signed(i64),
    Unsigned(u64),
}

/// `strconv.ParseInt` and then `ParseUint` with base 0: a prefix `0x`, `0o`, `0b` or a leading zero (octal) chooses
/// the base. `None` also when the value does not fit in 64 bits. Underscores must already be gone.
pub(crate) fn parse_integer(text: &str) -> Option<Integer> {
    let (negative, signed, magnitude) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let value = parse_magnitude(magnitude)?;
    match i64::try_from(value) {
        Ok(value) => Some(Integer::Signed(if negative { -value } else { value })),
        Err(_) if negative && value == i64::MIN.unsigned_abs() => Some(Integer::Signed(i64::MIN)),
        Err(_) if signed => None,
        Err(_) => Some(Integer::Unsigned(value)),
    }
}

fn parse_magnitude(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (radix, digits) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &bytes[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &bytes[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &bytes[2..]),
        [b'0', _, ..] => (8, &bytes[1..]),
        _ => (10, bytes),
    };
    digits_to_u64(digits, radix)
}

fn digits_to_u64(digits: &[u8], radix: u32) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        value.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))
    })
}

/// The second chance that `resolve.go` gives to `0b…`: what follows the prefix is read as a signed binary number, so
/// that `0b-11` is −3. Anything that [`parse_integer`] takes never gets here.
pub(crate) fn parse_prefixed_binary(text: &str) -> Option<i64> {
    let rest = text.strip_prefix("0b")?;
    let (negative, digits) = match rest.as_bytes().first()? {
        b'-' => (true, rest.get(1..)?),
        b'+' => (false, rest.get(1..)?),
        _ => (false, rest),
    };
    let value = i64::try_from(digits_to_u64(digits.as_bytes(), 2)?).ok()?;
    Some(if negative { -value } else { value })
}

/// A decimal float in the form of `resolve.go`'s `yamlStyleFloat`, rounded to the nearest `f64`. Out of range is
/// `None`, since Go reports an error there; too small is zero.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    if !is_yaml_float(text.as_bytes()) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// What `strconv.ParseFloat` accepts of a text that starts with a dot: a float whose underscores stand between
/// digits.
pub(crate) fn parse_dotted_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| index.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'_' && !(digit(index.checked_sub(1)) && digit(Some(index + 1))) {
            return None;
        }
    }
    parse_float(&text.replace('_', ""))
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(bytes: &[u8]) -> bool {
    let rest = skip_sign(bytes);
    let (whole, rest) = split_digits(rest);
    let rest = match rest.split_first() {
        Some((b'.', fraction)) => {
            let (digits, rest) = split_digits(fraction);
            if whole == 0 && digits == 0 {
                return false;
            }
            rest
        }
        _ if whole == 0 => return false,
        _ => rest,
    };
    match rest.split_first() {
        None => true,
        Some((b'e' | b'E', exponent)) => {
            let (digits, rest) = split_digits(skip_sign(exponent));
            digits > 0 && rest.is_empty()
        }
        Some(_) => false,
    }
}

fn skip_sign(bytes: &[u8]) -> &[u8] {
    match bytes.split_first() {
        Some((b'+' | b'-', rest)) => rest,
        _ => bytes,
    }
}

fn split_digits(bytes: &[u8]) -> (usize, &[u8]) {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, bytes.get(count..).unwrap_or_default())
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`, with which `sigs.k8s.io/yaml` writes a float where a string is wanted:
/// the shortest digits that give the same `f32`, exponents below −4 and from 6 on as in `1e+06`.
pub(crate) fn format_float(value: f64) -> String {
    // The cast rounds like Go's float32 conversion; the loss is Kubernetes', not ours.
    #[expect(clippy::cast_possible_truncation, reason = "Kubernetes formats with 32 bits")]
    let value = value as f32;
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // `strconv/ftoa.go`, case 'g': the shortest precision decides as if it were 6 digits.
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
