// SPDX-License-Identifier: Apache-2.0
//! Scalars as Kubernetes reads them. The expected values were measured with `sigs.k8s.io/yaml` on go-yaml v2.4.

#[path = "support/json.rs"]
mod json;

use proptest::prelude::*;
use serde_json::{Value, json};
use writeway_yaml::{ErrorKind, Node, Scalar, Stream, Style};

/// The value of `a: TEXT`, or the kind of the error.
fn value(text: &str) -> Result<Value, ErrorKind> {
    let stream = Stream::parse(format!("a: {text}\n"));
    match stream.errors().first() {
        Some(error) => Err(error.kind),
        None => Ok(stream
            .documents()
            .next()
            .and_then(|document| document.root().get("a"))
            .map_or(Value::Null, json::to_json)),
    }
}

/// The JSON name of the key in `TEXT: v`.
fn key(text: &str) -> Option<String> {
    let stream = Stream::parse(format!("? {text}\n: v\n"));
    let root = stream.documents().next()?.root();
    root.entries().next().map(|(key, _)| key.key_text().into_owned())
}

/// What a Go string receives from `a: TEXT`.
fn text_value(text: &str) -> Option<String> {
    let stream = Stream::parse(format!("a: {text}\n"));
    let value = stream.documents().next()?.root().get("a")?;
    value.text_value().map(String::from)
}

#[test]
fn booleans_are_those_of_yaml_1_1_in_three_spellings_each() {
    for word in [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
    ] {
        assert_eq!(value(word), Ok(json!(true)), "{word}");
    }
    for word in [
        "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
    ] {
        assert_eq!(value(word), Ok(json!(false)), "{word}");
    }
    for word in ["yEs", "tRUE", "oN", "nO", "oFF", "yess", "t", "f", "1yes"] {
        assert_eq!(value(word), Ok(json!(word)), "{word}");
    }
}

#[test]
fn null_is_a_word_a_tilde_or_nothing() {
    for word in ["~", "null", "Null", "NULL", "", "# comment"] {
        assert_eq!(value(word), Ok(Value::Null), "{word:?}");
    }
    assert_eq!(value("nULL"), Ok(json!("nULL")));
    assert_eq!(value("nil"), Ok(json!("nil")));
}

#[test]
fn integers_follow_go_prefixes() {
    let table = [
        ("0", 0),
        ("-0", 0),
        ("+0", 0),
        ("00", 0),
        ("400", 400),
        ("0400", 256),
        ("0o400", 256),
        ("0O17", 15),
        ("007", 7),
        ("-0400", -256),
        ("0x1F", 31),
        ("0X1f", 31),
        ("-0x1F", -31),
        ("0b11", 3),
        ("0B11", 3),
        ("-0b11", -3),
        ("0b-11", -3),
        ("0b+11", 3),
        ("1_000", 1000),
        ("1__0", 10),
        ("1_", 1),
        ("+_1", 1),
        ("0_7", 7),
        ("0x_1f", 31),
        ("0b_1", 1),
        ("+12", 12),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), Ok(json!(expected)), "{text}");
    }
    assert_eq!(
        value("9223372036854775808"),
        Ok(json!(9_223_372_036_854_775_808_u64))
    );
    assert_eq!(value("0xffffffffffffffff"), Ok(json!(u64::MAX)));
}

#[test]
fn floats_take_what_is_no_integer() {
    let table = [
        ("08", 8.0),
        ("09.5", 9.5),
        ("0400.5", 400.5),
        ("1.", 1.0),
        ("0.", 0.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("1e+3", 1000.0),
        ("1.e3", 1000.0),
        (".5e1", 5.0),
        ("6e5", 600_000.0),
        ("1e1_0", 1e10),
        ("1_0.5_0", 10.5),
        (".5_0", 0.5),
        ("1e-999", 0.0),
        ("18446744073709551616", 18_446_744_073_709_551_616.0),
        ("-9223372036854775809", -9_223_372_036_854_775_809.0),
        ("+18446744073709551615", 18_446_744_073_709_551_615.0),
        ("0777777777777777777777777", 777_777_777_777_777_777_777_777.0),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), Ok(json!(expected)), "{text}");
    }
    for text in [".inf", ".Inf", ".INF", "+.inf", "-.inf", ".nan", ".NaN", ".NAN"] {
        let stream = Stream::parse(format!("a: {text}"));
        let scalar = stream
            .documents()
            .next()
            .and_then(|document| document.root().get("a")?.scalar());
        assert!(
            matches!(scalar, Some(Scalar::Float(value)) if !value.is_finite()),
            "{text}: {scalar:?}"
        );
    }
}

#[test]
fn what_only_looks_like_a_number_is_a_string() {
    let words = [
        "_1",
        "+",
        "-_",
        ".",
        "..",
        ".e5",
        "._5",
        ".5_",
        ".5__0",
        "1e",
        "1e+",
        "1.5.2",
        "1,000",
        "0x",
        "0o",
        "0b",
        "0xg",
        "0b12",
        "-0b-11",
        "0x1p3",
        "0x1ffffffffffffffff",
        "1e999",
        "-1e999",
        ".1e999",
        "123abc",
        "inf",
        "Infinity",
        "nan",
        "NaN",
        "1:30",
        "190:20:30",
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "<<",
        "=",
        "10Gi",
        "1.2.3.4",
    ];
    for word in words {
        assert_eq!(value(word), Ok(json!(word)), "{word}");
    }
}

#[test]
fn quotes_and_blocks_make_strings() {
    for text in [
        "'0400'",
        "\"0400\"",
        "|-\n  0400",
        ">-\n  0400",
        "!!str 0400",
        "! 0400",
        "!mine 0400",
    ] {
        assert_eq!(value(text), Ok(json!("0400")), "{text}");
    }
    assert_eq!(value("''"), Ok(json!("")));
    assert_eq!(value("!!str"), Ok(json!("")));
    assert_eq!(value("|"), Ok(json!("")));
}

#[test]
fn tags_choose_the_type_even_of_quoted_text() {
    let table = [
        ("!!int '0x10'", json!(16)),
        ("!!int 7", json!(7)),
        ("!!float 1", json!(1.0)),
        ("!!float '1.5'", json!(1.5)),
        ("!!bool \"yes\"", json!(true)),
        ("!!null ''", Value::Null),
        ("!!null", Value::Null),
        ("!<tag:yaml.org,2002:int> 3", json!(3)),
        ("!!timestamp 2001-01-01", json!("2001-01-01")),
        ("!!binary aGVsbG8=", json!("hello")),
        ("!!binary |\n  aGVs\n  bG8=\n", json!("hello")),
        ("!!binary '/w=='", json!("\u{fffd}")),
        ("!!binary 1e+3", json!("\u{fffd}\u{fffd}\u{fffd}")),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_tag_that_does_not_fit_breaks_the_document() {
    let words = [
        "!!int abc",
        "!!int 1.5",
        "!!int",
        "!!bool 1",
        "!!float yes",
        "!!float 18446744073709551615",
        "!!null x",
        "!!binary aGVsbG8",
        "!!binary a",
        "!!binary =aGV",
    ];
    for text in words {
        assert_eq!(value(text), Err(ErrorKind::InvalidTag), "{text}");
    }
    let stream = Stream::parse("a: 1\nb: !!int x\n");
    let error = &stream.errors()[0];
    assert_eq!(stream.position(error.span.start).line, 2);
    assert_eq!(
        error.to_string(),
        "the tag `!!int` does not fit the value, which reads as a string; correct the value or drop the tag"
    );
}

#[test]
fn keys_become_text_as_in_json() {
    let table = [
        ("on", "true"),
        ("n", "false"),
        ("1", "1"),
        ("0x10", "16"),
        ("0400", "256"),
        ("1.5", "1.5"),
        ("1e6", "1e+06"),
        (".inf", ".inf"),
        ("-.inf", "-.inf"),
        ("1e300", ".inf"),
        (".nan", ".nan"),
        ("'on'", "on"),
        ("!!str 1", "1"),
        ("name", "name"),
        ("!!binary aGk=", "hi"),
        ("2001-01-01", "2001-01-01"),
    ];
    for (text, expected) in table {
        assert_eq!(key(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_string_field_receives_numbers_and_booleans_in_canonical_text() {
    let table = [
        ("yes", Some("true")),
        ("off", Some("false")),
        ("0400", Some("256")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("1.50", Some("1.5")),
        ("08", Some("8")),
        ("1e5", Some("100000")),
        ("1e6", Some("1e+06")),
        ("1234567.0", Some("1.234567e+06")),
        ("0.0001", Some("0.0001")),
        ("0.00001", Some("1e-05")),
        ("-1.5e-7", Some("-1.5e-07")),
        ("3.14159265358979", Some("3.1415927")),
        ("1e300", Some("+Inf")),
        ("-.inf", Some("-Inf")),
        (".nan", Some("NaN")),
        ("text", Some("text")),
        ("~", None),
        ("[]", None),
    ];
    for (text, expected) in table {
        assert_eq!(text_value(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn both_readings_stay_available() {
    let stream = Stream::parse("a: 0o400\nb: \"x\\ty\"\nc: >-\n  one\n  two\n");
    let root = stream.documents().next().map(|document| document.root());
    let field = |name: &str| root.and_then(|root| root.get(name));
    assert_eq!(field("a").map(Node::raw), Some("0o400"));
    assert_eq!(field("a").and_then(Node::content), Some("0o400"));
    assert_eq!(field("a").and_then(Node::as_i64), Some(256));
    assert_eq!(field("b").map(Node::raw), Some("\"x\\ty\""));
    assert_eq!(field("b").and_then(Node::content), Some("x\ty"));
    assert_eq!(field("b").and_then(Node::style), Some(Style::DoubleQuoted));
    assert_eq!(field("c").map(Node::raw), Some(">-\n  one\n  two"));
    assert_eq!(field("c").and_then(Node::as_str), Some("one two"));
    assert_eq!(field("c").and_then(Node::style), Some(Style::Folded));
}

/// The independent reader with the option that brings it to go-yaml v2's integers.
fn saphyr(text: &str) -> Option<Value> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    serde_saphyr::from_str_with_options(text, options).ok()
}

fn same_number(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_scalars_agree_with_an_independent_reader(text in "[-+]?(0[xob]?)?[0-9a-fA-F.]{1,8}|[1-9][0-9]{0,2}(_[0-9]{3}){0,2}|[0-9]{1,3}(\\.[0-9]{0,3})?([eE][-+]?[0-9]{1,2})?|[ynYNtfoTFO~][a-z]{0,4}") {
        let ours = value(&text).ok();
        if let Some(Value::Object(theirs)) = saphyr(&format!("a: {text}\n")) {
            let theirs = &theirs["a"];
            prop_assert!(
                ours.as_ref().is_some_and(|ours| same_number(ours, theirs)),
                "{text}: {ours:?} here, {theirs:?} there"
            );
        }
    }
}
