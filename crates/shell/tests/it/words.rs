// SPDX-License-Identifier: Apache-2.0
//! Words: POSIX XCU 2.2 (quoting) and 2.6 (expansions).

use crate::render::{simple, words};

/// Scripts of one command and its words after the first.
fn check(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        assert_eq!(&words(&format!("x {text}"))[1..], *expected, "{text:?}");
    }
}

#[test]
fn quotes_are_removed_and_remembered() {
    check(&[
        ("a'b c'd", &["a'b c'd"]),
        (r#"a"b c"d"#, &["a'b c'd"]),
        (r"a\ b", &["a' 'b"]),
        (r#""" ''"#, &["''", "''"]),
        (r#""a"'b'"#, &["'ab'"]),
        (r"'a\'", &[r"'a\'"]),
        ("a\\\nb", &["ab"]),
        ("'a\\\nb'", &["'a\\\nb'"]),
        ("é\"ü\"\\ß", &["é'üß'"]),
    ]);
}

#[test]
fn backslashes_in_double_quotes_escape_only_some_characters() {
    check(&[
        (r#""a\"b""#, &[r#"'a"b'"#]),
        (r#""a\$b\`c\\d""#, &[r"'a$b`c\d'"]),
        (r#""a\nb""#, &[r"'a\nb'"]),
        (r#""it's""#, &["'it's'"]),
        ("\"a\\\nb\"", &["'ab'"]),
        (r#""\é""#, &[r"'\é'"]),
    ]);
}

#[test]
fn parameters_have_a_name_an_operation_and_quotes() {
    check(&[
        ("$a ${a} \"$a\"", &["${a}", "${a}", "\"${a}\""]),
        ("$a_1-b $1x $10 ${10}", &["${a_1}-b", "${1}x", "${1}0", "${10}"]),
        (
            "$@ \"$@\" $* $# $? $- $$ $!",
            &["${@}", "\"${@}\"", "${*}", "${#}", "${?}", "${-}", "${$}", "${!}"],
        ),
        ("$ a$ \"$\" $% $=", &["$", "a$", "'$'", "$%", "$="]),
        (
            "${a:-b} ${a-b} ${a:=b} ${a=b}",
            &["${a:-b}", "${a-b}", "${a:=b}", "${a=b}"],
        ),
        (
            "${a:?b c} ${a?} ${a:+b} ${a+b}",
            &["${a:?b c}", "${a?}", "${a:+b}", "${a+b}"],
        ),
        (
            "${#a} ${#} ${#@} ${#-x} ${##}",
            &["${#a}", "${#}", "${#@}", "${#-x}", "${##}"],
        ),
        (
            "${a#b} ${a##*/} ${a%.*} ${a%%b}",
            &["${a#b}", "${a##<*>/}", "${a%.<*>}", "${a%%b}"],
        ),
        ("\"${a%\"*\"}\" \"${a#'*'}\"", &["\"${a%'*'}\"", "\"${a#'*'}\""]),
        ("${a:-${b:-$c}}", &["${a:-${b:-${c}}}"]),
        ("${a:-\"}\"} ${a:-\\}}", &["${a:-'}'}", "${a:-'}'}"]),
        (
            "\"${a:-b c}\" \"${a:-'b'}\"",
            &["\"${a:-'b c'}\"", "\"${a:-''b''}\""],
        ),
        ("${a:-$(b)}", &["${a:-$(b)}"]),
    ]);
}

#[test]
fn operations_beyond_posix_are_kept_as_written() {
    check(&[
        ("${a/b/c}", &["${?a/b/c?}"]),
        ("${a:1:2}", &["${?a:1:2?}"]),
        ("${!a}", &["${?!a?}"]),
        ("${a[0]}", &["${?a[0]?}"]),
        ("${a^^}", &["${?a^^?}"]),
        ("${}", &["${??}"]),
        ("${a/\"}\"/}", &["${?a/\"}\"/?}"]),
    ]);
}

#[test]
fn substitutions_are_parsed_as_commands() {
    check(&[
        ("$(a | b)", &["$(a | b)"]),
        ("\"$(a \"b c\")\"", &["\"$(a 'b c')\""]),
        ("$( )", &["$()"]),
        ("$(a # not the end)\n)", &["$(a)"]),
        ("$( (a) )", &["$((subshell a))"]),
        ("$((a); b)", &["$((subshell a); b)"]),
        ("`a \\`b\\` \\$c`", &["$(a $(b) ${c})"]),
        ("\"`a \\\"b\\\"`\"", &["\"$(a 'b')\""]),
        ("`a '\\n'`", &["$(a '\\n')"]),
    ]);
}

#[test]
fn arithmetic_keeps_its_expression() {
    check(&[
        ("$((1 + 2))", &["$(('1 + 2'))"]),
        ("\"$((a << 2))\"", &["\"$(('a << 2'))\""]),
        ("$(( $(b) * (c) ))", &["$((' '\"$(b)\"' * (c) '))"]),
    ]);
}

#[test]
fn globs_are_what_is_unquoted() {
    check(&[
        ("a*b? '*' \\* \"?\"", &["a<*>b<?>", "'*'", "'*'", "'?'"]),
        (
            "[ab] [!a-c]x [^]] []a]",
            &["<[ab]>", "<[!a-c]>x", "<[^]]>", "<[]a]>"],
        ),
        ("[[:alpha:]_] [", &["<[[:alpha:]_]>", "["]),
        ("[ab [] a]", &["[ab", "[]", "a]"]),
    ]);
    assert_eq!(words("[ -f /x ]"), ["[", "-f", "/x", "]"]);
}

#[test]
fn tildes_stand_at_the_start_and_unquoted() {
    check(&[
        ("~ ~/a ~user/b", &["<~>", "<~>/a", "<~user>/b"]),
        (
            "a~ \\~ '~'/a ~\"/a\" ~$a",
            &["a~", "'~'", "'~'/a", "~'/a'", "~${a}"],
        ),
        ("a=~ ~:b", &["a=~", "~:b"]),
    ]);
    let assignment = simple("a=~/b:~c:d~ e");
    assert_eq!(
        crate::render::word(&assignment.assignments[0].value),
        "<~>/b:<~c>:d~"
    );
}

#[test]
fn assigned_values_are_not_matched_against_file_names() {
    assert_eq!(
        crate::render::word(&simple("a=*[b]").assignments[0].value),
        "*[b]"
    );
    assert_eq!(
        crate::render::word(&simple("a='b c'$d").assignments[0].value),
        "'b c'${d}"
    );
}

#[test]
fn what_shells_read_differently_is_marked() {
    check(&[
        ("$'a\\'b'c", &["?$'a\\'b'?c"]),
        ("$\"a\"", &["?$?'a'"]),
        ("<(a b) >(c)", &["?<(a b)?", "?>(c)?"]),
        ("$[1]", &["?$[?1]"]),
        ("\"a$'b'\"", &["'a$'b''"]),
    ]);
    assert_eq!(
        crate::render::word(&simple("a=(b 'c)' d)").assignments[0].value),
        "?(b 'c)' d)?"
    );
    assert_eq!(words("local a=(b c)"), ["local", "a=?(b c)?"]);
}

#[test]
fn a_literal_is_what_no_expansion_can_change() {
    let literals = |text: &str| simple(&format!("x {text}")).words[1].literal();
    assert_eq!(literals("/a/'b c'\"d\"\\*"), Some("/a/b cd*".to_owned()));
    assert_eq!(literals("''"), Some(String::new()));
    for text in [
        "$a", "a*", "~", "`a`", "$((1))", "a{b,c}", "{1..3}", "$'a'", "[ab]",
    ] {
        assert_eq!(literals(text), None, "{text}");
    }
    assert_eq!(literals("{}"), Some("{}".to_owned()), "as in find -exec");
    assert_eq!(literals("a{b}"), Some("a{b}".to_owned()));
}

#[test]
fn braces_are_noticed_because_only_bash_expands_them() {
    let braces = |text: &str| simple(&format!("x {text}")).words[1].has_braces();
    for text in [
        "{a,b}",
        "/v/{a,b}/c",
        "{a,$b}",
        "{1..3}",
        "{,x}",
        "{a,{b,c}}",
        "a{b,\"c\"}",
    ] {
        assert!(braces(text), "{text}");
    }
    for text in [
        "{}",
        "{a}",
        "{a.b}",
        "'{a,b}'",
        "\\{a,b}",
        "a,b",
        "}a,b{",
        "${a:-b,c}",
        "{a,b",
    ] {
        assert!(!braces(text), "{text}");
    }
    assert_eq!(simple("x {a,b}").words[1].text(), Some("{a,b}".to_owned()));
    assert!(simple("x a*b").words[1].has_glob());
    assert!(!simple("x 'a*b'").words[1].has_glob());
}
