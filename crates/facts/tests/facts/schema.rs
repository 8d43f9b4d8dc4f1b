// SPDX-License-Identifier: Apache-2.0
//! The published schema accepts what the reader accepts.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::Value;
use writeway_facts::{Facts, SCHEMA, read, to_json};

use crate::arbitrary::facts;
use crate::reading::everything;

/// The schema, compiled; it is itself valid.
pub(crate) fn validator() -> &'static jsonschema::Validator {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

fn problems(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn samples_are_valid() {
    let validator = validator();
    for facts in [everything(), Facts::default()] {
        let value = serde_json::from_str(&to_json(&facts)).unwrap();
        assert_eq!(problems(validator, &value), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator();
    for text in [
        r#"{"image": {}}"#,
        r#"{"images": {"a": {"workingdir": "/"}}}"#,
        r#"{"images": {"a": {"workingDir": "opt"}}}"#,
        r#"{"images": {"a": {"paths": {"/tmp/": {}}}}}"#,
        r#"{"images": {"a": {"paths": {"/a/../b": {}}}}}"#,
        r#"{"images": {"a": {"paths": {"/a": {"type": "link"}}}}}"#,
        r#"{"images": {"a": {"paths": {"/a": {"to": "/b"}}}}}"#,
        r#"{"images": {"a": {"users": {"u": {"uid": 1}}}}}"#,
        r#"{"images": {"a": {"tools": {"commands": []}}}}"#,
        r#"{"images": {"a": {"volumes": ["data"]}}}"#,
        r#"{"hostPaths": {"srv": {}}}"#,
        r#"{"hostPaths": {"/srv": {"owner": "root:root"}}}"#,
        r#"{"hostPaths": {"/srv": {"mode": "0888"}}}"#,
        r#"{"storageClasses": {"c": {"source": "rbd"}}}"#,
        r#"{"storageClasses": {"c": {"contents": {"/a": {}}}}}"#,
        r#"{"claims": {"c": {}}}"#,
        r#"{"kubernetes": {"version": "latest"}}"#,
        r#"{"node": {"umask": "1022"}}"#,
        r#"{"node": {"sysctls": {"a": "b"}}}"#,
        "[]",
    ] {
        assert!(read(text).is_err(), "the reader takes {text}");
        assert!(
            !validator.is_valid(&serde_json::from_str(text).unwrap()),
            "the schema takes {text}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_valid(facts in facts()) {
        let validator = validator();
        let value: Value = serde_json::from_str(&to_json(&facts)).unwrap();
        prop_assert_eq!(problems(validator, &value), Vec::<String>::new());
    }
}
