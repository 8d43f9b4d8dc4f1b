// SPDX-License-Identifier: Apache-2.0
//! Keys of a Secret or a ConfigMap. Of a value nothing is kept but whether there is something in it; all else of the
//! object is passed over as it comes in.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::kind;

/// A Secret or a ConfigMap.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Object {
    data: Option<BTreeMap<String, Content>>,
    binary_data: Option<BTreeMap<String, Content>>,
}

impl Object {
    /// Whether it has the key, and more in it than white space.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn has(&self, key: &str, content: kind::Content) -> Result<(), String> {
        let of = |data: &Option<BTreeMap<String, Content>>| data.as_ref()?.get(key).copied();
        let filled = match content {
            kind::Content::Base64 => of(&self.data).map(|content| content.as_base64),
            kind::Content::Text => of(&self.data)
                .map(|content| content.as_text)
                .or_else(|| of(&self.binary_data).map(|content| content.as_base64)),
        };
        match filled {
            Some(true) => Ok(()),
            Some(false) => Err(format!("its key {key} is empty")),
            None => Err(format!("it has no key {key}")),
        }
    }
}

/// Whether a value has more than white space: as it is, and read as base64.
#[derive(Clone, Copy, Debug)]
struct Content {
    as_text: bool,
    as_base64: bool,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ContentVisitor)
    }
}

struct ContentVisitor;

impl Visitor<'_> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
        Ok(Content {
            as_text: !text.trim().is_empty(),
            as_base64: base64_has_content(text),
        })
    }
}

/// Whether a byte that is not white space is in what base64 (RFC 4648, section 4) stands for; nothing decoded is kept.
fn base64_has_content(text: &str) -> bool {
    let mut bits = 0_u32;
    let mut count = 0;
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xfff;
        count += 6;
        if count >= 8 {
            count -= 8;
            let byte = u8::try_from(bits >> count & 0xff).unwrap_or_default();
            if !byte.is_ascii_whitespace() {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(json: &str, content: kind::Content) -> Result<(), String> {
        let object: Object = serde_json::from_str(json).unwrap();
        object.has("token", content)
    }

    #[test]
    fn h4_3_white_space_and_another_key_are_no_content() {
        use kind::Content::{Base64, Text};
        // Each value with what it is as a Secret's and as a ConfigMap's.
        for (value, secret, config_map) in [
            ("", false, false),
            ("Cg==", false, true),     // "\n"
            ("ICAg", false, true),     // three spaces
            ("ICAgCQ==", false, true), // spaces and a tab
            ("IA==", false, true),     // one space
            ("YQ==", true, true),      // "a"
            ("ICAgYQ==", true, true),  // three spaces and "a"
            ("AA==", true, true),      // a zero byte
            ("  \\n", false, false),
            ("/w==", true, true),
        ] {
            let json =
                format!(r#"{{"kind":"X","data":{{"token":"{value}","other":"YQ=="}},"spec":{{"a":[1]}}}}"#);
            assert_eq!(has(&json, Base64).is_ok(), secret, "{value:?}");
            assert_eq!(has(&json, Text).is_ok(), config_map, "{value:?}");
        }
        for json in [r#"{"data":{"Token":"YQ=="}}"#, r#"{"data":null}"#, "{}"] {
            assert_eq!(has(json, Base64), Err("it has no key token".to_owned()));
        }
        assert_eq!(has(r#"{"binaryData":{"token":"/w=="}}"#, Text), Ok(()));
    }
}
