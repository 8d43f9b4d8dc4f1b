// SPDX-License-Identifier: Apache-2.0
//! What Kubernetes makes of a scalar: go-yaml v2's `resolve.go`, and `sigs.k8s.io/yaml`'s step to JSON.

use std::borrow::Cow;

use crate::number::{
    Integer, format_float, parse_dotted_float, parse_float, parse_integer, parse_prefixed_binary,
};

/// A resolved scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'t> {
    /// `~`, `null` or nothing at all.
    Null,
    /// One of the spellings of YAML 1.1, `yes` and `off` among them.
    Bool(bool),
    /// An integer; `0400` is octal.
    Int(i64),
    /// An integer above `i64::MAX`.
    Uint(u64),
    /// A float, which may be infinite or no number; `08` is one, since it is no octal integer.
    Float(f64),
    /// Everything else, timestamps included.
    Str(Cow<'t, str>),
}

/// The explicit tag of a scalar, as far as it changes the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// No tag is written.
    None,
    /// `!`, which makes a string even of a plain scalar.
    NonSpecific,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`
    Binary,
    /// `!!merge`
    Merge,
    /// Any other tag; the content is taken as a string.
    Other,
}

impl Tag {
    /// The tag with this full name; `!` is the non-specific one.
    pub(crate) fn from_name(prefix: &str, suffix: &str) -> Self {
        const CORE: &str = "tag:yaml.org,2002:";
        if prefix.is_empty() && suffix == "!" {
            return Self::NonSpecific;
        }
        let short = if prefix.is_empty() {
            suffix.strip_prefix(CORE)
        } else {
            (prefix == CORE).then_some(suffix)
        };
        match short {
            Some("str") => Self::Str,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }

    /// As written in messages.
    const fn short_name(self) -> &'static str {
        match self {
            Self::Str => "!!str",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Bool => "!!bool",
            Self::Null => "!!null",
            Self::Timestamp => "!!timestamp",
            Self::Binary => "!!binary",
            Self::Merge => "!!merge",
            Self::None | Self::NonSpecific | Self::Other => "!",
        }
    }
}

/// A content that contradicts its tag; go-yaml v2 refuses the whole document then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("the tag `{}` does not fit the value, which reads as {found}; correct the value or drop the tag", .tag.short_name())]
    Type { tag: Tag, found: &'static str },
    #[error(
        "the value of `!!binary` is no base64; correct it, or drop the tag as Kubernetes wants base64 untagged"
    )]
    Base64,
}

/// Resolves a scalar from its content (after unquoting), its style and its tag.
pub(crate) fn resolve(content: &str, plain: bool, tag: Tag) -> Result<Scalar<'_>, Mismatch> {
    let verbatim = Scalar::Str(Cow::Borrowed(content));
    match tag {
        Tag::None if !plain => Ok(verbatim),
        Tag::None => Ok(resolve_plain(content)),
        Tag::NonSpecific | Tag::Str | Tag::Merge | Tag::Other | Tag::Timestamp => Ok(verbatim),
        Tag::Binary => decode_base64(content)
            .map(|bytes| Scalar::Str(Cow::Owned(replace_invalid(&bytes))))
            .ok_or(Mismatch::Base64),
        Tag::Int | Tag::Float | Tag::Bool | Tag::Null => match (tag, resolve_plain(content)) {
            (Tag::Int, value @ (Scalar::Int(_) | Scalar::Uint(_)))
            | (Tag::Float, value @ Scalar::Float(_))
            | (Tag::Bool, value @ Scalar::Bool(_))
            | (Tag::Null, value @ Scalar::Null) => Ok(value),
            #[expect(clippy::cast_precision_loss, reason = "go-yaml converts with float64(v)")]
            (Tag::Float, Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
            (_, value) => Err(Mismatch::Type {
                tag,
                found: value.type_name(),
            }),
        },
    }
}

/// `resolve("", content)` of go-yaml v2.
fn resolve_plain(content: &str) -> Scalar<'_> {
    let string = || Scalar::Str(Cow::Borrowed(content));
    if let Some(word) = resolve_word(content) {
        return word;
    }
    match content.as_bytes().first() {
        Some(b'.') => parse_dotted_float(content).map_or_else(string, Scalar::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => resolve_number(content).unwrap_or_else(string),
        _ => string(),
    }
}

/// The words of `resolve.go`'s `resolveMapList`.
fn resolve_word(content: &str) -> Option<Scalar<'static>> {
    let value = match content {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    };
    Some(value)
}

fn resolve_number(content: &str) -> Option<Scalar<'static>> {
    let digits: Cow<'_, str> = if content.contains('_') {
        Cow::Owned(content.replace('_', ""))
    } else {
        Cow::Borrowed(content)
    };
    match parse_integer(&digits) {
        Some(Integer::Signed(value)) => Some(Scalar::Int(value)),
        Some(Integer::Unsigned(value)) => Some(Scalar::Uint(value)),
        None => parse_float(&digits)
            .map(Scalar::Float)
            .or_else(|| parse_prefixed_binary(&digits).map(Scalar::Int)),
    }
}

/// Whether a plain scalar that starts with this byte can be anything but a string; nothing at all counts as null.
pub(crate) const fn may_convert(first: Option<&u8>) -> bool {
    match first {
        None => true,
        Some(byte) => matches!(
            byte,
            b'+' | b'-' | b'.' | b'~' | b'0'
                ..=b'9' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O'
        ),
    }
}

/// Standard base64 with padding, line breaks ignored, as Go's `base64.StdEncoding`.
fn decode_base64(content: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(content.len() / 4 * 3);
    let (mut quantum, mut digits, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in content.bytes() {
        let value = match byte {
            b'\r' | b'\n' => continue,
            _ if padding > 0 && byte != b'=' => return None,
            b'=' => {
                padding += 1;
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        quantum = quantum << 6 | u32::from(value);
        digits += 1;
        if digits == 4 {
            bytes.extend_from_slice(&quantum.to_be_bytes()[1..]);
            (quantum, digits) = (0, 0);
        }
    }
    match (digits, padding) {
        (0, 0) => {}
        (2, 2) => bytes.extend_from_slice(&(quantum << 12).to_be_bytes()[1..2]),
        (3, 1) => bytes.extend_from_slice(&(quantum << 6).to_be_bytes()[1..3]),
        _ => return None,
    }
    Some(bytes)
}

/// Bytes as text the way Go's `encoding/json` writes them: one U+FFFD for each byte that is not UTF-8.
fn replace_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

impl<'t> Scalar<'t> {
    /// What a Go field of type string receives from `sigs.k8s.io/yaml` (`convertToJSONableObject` with a string
    /// target): numbers and booleans in their canonical text. `None` for null, which leaves the field untouched.
    pub fn into_text(self) -> Option<Cow<'t, str>> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Uint(value) => Some(Cow::Owned(value.to_string())),
            Self::Float(value) => Some(Cow::Owned(format_float(value))),
            Self::Str(value) => Some(value),
        }
    }

    /// The JSON name that a mapping key becomes (`convertToJSONableObject`, the key switch): as [`Self::into_text`],
    /// but infinities and not-a-number keep their YAML spelling. Null is not allowed there; it reads as `null`.
    pub(crate) fn into_key(self) -> Cow<'t, str> {
        match self {
            Self::Float(value) if value.is_nan() => Cow::Borrowed(".nan"),
            Self::Float(value) if format_float(value) == "+Inf" => Cow::Borrowed(".inf"),
            Self::Float(value) if format_float(value) == "-Inf" => Cow::Borrowed("-.inf"),
            other => other.into_text().unwrap_or(Cow::Borrowed("null")),
        }
    }

    /// The type in words, for messages.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Uint(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Str(_) => "a string",
        }
    }
}
