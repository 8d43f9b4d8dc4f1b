// SPDX-License-Identifier: Apache-2.0
//! Values as text: what is written reads back as what it was.

#[path = "support/random_value.rs"]
mod random_value;

use random_value::Random;
use writeway_yaml::{Stream, Value};

fn read(text: &str) -> Option<Value> {
    let stream = Stream::parse(text);
    assert_eq!(stream.errors(), &[], "{text:?}");
    stream
        .documents()
        .next()
        .and_then(|document| Value::read(document.root()))
}

#[test]
fn values_are_written_as_manifests_are() {
    let value = Value::map([
        ("kind", Value::from("Pod")),
        (
            "spec",
            Value::map([
                (
                    "containers",
                    Value::list([Value::map([
                        ("name", Value::from("app")),
                        ("args", Value::list(["-c", "a: b"])),
                        ("tty", Value::from(true)),
                        ("script", Value::from("set -e\nexec app\n")),
                        ("empty", Value::Map(Vec::new())),
                    ])]),
                ),
                ("matrix", Value::list([Value::list([1, 2]), Value::list([3])])),
                ("fsGroup", Value::from(2000)),
            ]),
        ),
    ]);
    let expected = "\
kind: Pod
spec:
  containers:
    - name: app
      args:
        - -c
        - \"a: b\"
      tty: true
      script: |
        set -e
        exec app
      empty: {}
  matrix:
    - - 1
      - 2
    - - 3
  fsGroup: 2000
";
    assert_eq!(value.to_yaml(), expected);
    assert_eq!(read(expected), Some(value));
}

#[test]
fn texts_are_in_quotes_where_kubernetes_would_read_something_else() {
    for (text, expected) in [
        ("yes", "\"yes\""),
        ("y", "\"y\""),
        ("off", "\"off\""),
        ("null", "\"null\""),
        ("~", "\"~\""),
        ("", "\"\""),
        ("0400", "\"0400\""),
        ("0o17", "\"0o17\""),
        ("1_000", "\"1_000\""),
        ("1e3", "\"1e3\""),
        (".5", "\".5\""),
        (".inf", "\".inf\""),
        ("0x1F", "\"0x1F\""),
        ("0b11", "\"0b11\""),
        ("12:30:45", "\"12:30:45\""),
        ("2001-12-14", "\"2001-12-14\""),
        ("=", "\"=\""),
        ("a: b", "\"a: b\""),
        ("a:", "\"a:\""),
        ("a #b", "\"a #b\""),
        ("*x", "\"*x\""),
        ("{{ x }}", "\"{{ x }}\""),
        ("it's", "it's"),
        ("- x", "\"- x\""),
        ("-x", "-x"),
        ("--port=80", "--port=80"),
        ("---", "\"---\""),
        ("a\tb", "\"a\\tb\""),
        ("a\\b \"c\"", "a\\b \"c\""),
        ("\u{7}", "\"\\u0007\""),
        ("\u{2028}", "\"\\u2028\""),
        ("http://x:80/a#b", "http://x:80/a#b"),
        ("64Mi", "64Mi"),
        ("10.0.0.1", "10.0.0.1"),
        ("1000:1000", "\"1000:1000\""),
        ("é", "é"),
        ("/tmp", "/tmp"),
        ("a, b", "a, b"),
    ] {
        assert_eq!(Value::from(text).to_yaml(), format!("{expected}\n"), "{text:?}");
    }
}

#[test]
fn any_value_reads_back_as_itself() {
    let mut random = Random(6);
    for _ in 0..20_000 {
        let value = random_value::value(&mut random, 4);
        let text = value.to_yaml();
        assert_eq!(read(&text), Some(value), "{text}");
    }
}
