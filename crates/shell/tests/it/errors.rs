// SPDX-License-Identifier: Apache-2.0
//! What is refused, with the place and what was expected.

use writeway_shell::{MAX_NESTING, MAX_SCRIPT_BYTES, parse};

#[test]
fn syntax_errors_name_place_and_expectation() {
    let table = [
        ("if a; then b", "1:13: the script ends where `fi` was expected"),
        ("a\nfi", "2:1: found `fi` where a command was expected"),
        ("a &&", "1:5: the script ends where a command was expected"),
        ("a;;b", "1:2: found `;` where a command was expected"),
        ("( a", "1:4: the script ends where `)` was expected"),
        ("a )", "1:3: found `)` where a command was expected"),
        ("{ a }", "1:6: the script ends where `}` was expected"),
        (
            "if a; then fi",
            "1:12: found `fi` where a command after `then` was expected",
        ),
        (
            "for 1 in a; do b; done",
            "1:5: found `1` where the name of the loop variable was expected",
        ),
        (
            "for i in a b do c; done",
            "1:20: found `done` where `do` was expected",
        ),
        ("a > ; b", "1:5: found `;` where a target for `>` was expected"),
        (
            "a (b)",
            "1:4: found `b` where `)` after the function name was expected",
        ),
        (
            "a b (c)",
            "1:5: found `(` where the end of the command was expected",
        ),
        ("case a b) c;; esac", "1:8: found `b` where `in` was expected"),
        ("é \"ü", "1:3: this double quote is never closed"),
        ("a\n  'b", "2:3: this single quote is never closed"),
        ("a $(b", "1:3: this `$(` is never closed"),
        ("a ${b", "1:3: this `${` is never closed"),
        ("a `b", "1:3: this backquote is never closed"),
        ("x\na `fi`", "2:3: found `fi` where a command was expected"),
        (
            "a 99999999999>b",
            "1:3: `99999999999>` names no file descriptor; use a small number",
        ),
        (
            "a <<",
            "1:5: the script ends where the word that ends the here-document was expected",
        ),
        ("a=(b", "1:3: this `(` is never closed"),
        (
            "echo $a\\\nb",
            "1:8: this expansion goes on in the next line; write it in one",
        ),
    ];
    for (text, expected) in table {
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text:?}");
    }
}

#[test]
fn carriage_returns_are_ordinary_characters_as_in_shells() {
    let error = parse("if a; then\r\nb\r\nfi\r\n").expect_err("then\\r is no reserved word");
    assert_eq!(error.line, 4);
}

#[test]
fn a_nul_byte_is_refused() {
    assert_eq!(
        parse("a \0").expect_err("NUL").to_string(),
        "1:3: a NUL byte cannot be passed to a shell; remove it"
    );
}

#[test]
fn scripts_beyond_the_size_limit_are_refused() {
    let longest = "a;".repeat(MAX_SCRIPT_BYTES / 2);
    assert!(parse(&longest).is_ok());
    let error = parse(&format!("{longest}a")).expect_err("too long");
    assert_eq!(
        error.message,
        "the script is longer than 65536 bytes; move it into a file of the image"
    );
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let nested = |depth: usize| format!("{}a{}", "( ".repeat(depth), " )".repeat(depth));
    assert!(parse(&nested(MAX_NESTING)).is_ok());
    let error = parse(&nested(MAX_NESTING + 1)).expect_err("too deep");
    assert_eq!(
        error.message,
        "commands nest deeper than 40 levels; split the script"
    );
}
