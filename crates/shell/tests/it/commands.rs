// SPDX-License-Identifier: Apache-2.0
//! The command language: POSIX XCU 2.9, 2.7 and 2.10.

use writeway_shell::{CommandKind, Compound, parse};

use crate::render::script;

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(&script(text), expected, "{text:?}");
    }
}

#[test]
fn lists_end_at_semicolons_newlines_and_ampersands() {
    check(&[
        ("", ""),
        (" \t\n\n# only a comment", ""),
        ("a;b", "a; b"),
        ("a\nb\n\nc;\n", "a; b; c"),
        ("a & b", "a &; b"),
        ("a; # then\nb # c", "a; b"),
        ("a#b '#c' \\#d", "a#b '#c' '#'d"),
        ("a \\\n  b", "a b"),
    ]);
}

#[test]
fn and_or_lists_and_pipelines_keep_their_order() {
    check(&[
        ("a && b || c", "a && b || c"),
        ("a &&\n\n b ||# why\n c", "a && b || c"),
        ("a | b |\n c", "a | b | c"),
        ("! a | b && ! ! c", "! a | b && c"),
        ("a || b &", "a || b &"),
        ("a |& b", "a 2>&1 | b"),
    ]);
}

#[test]
fn simple_commands_have_assignments_words_and_redirections_in_any_mixture() {
    check(&[
        ("A=1 B= c d=e", "A=1 B= c d=e"),
        ("A=1", "A=1"),
        ("A+=x", "A+=x"),
        (">f a 2>&1 b <g", "a b >f 2>&1 <g"),
        (">f", ">f"),
        ("a=$(b) c", "a=$(b) c"),
        ("'A'=1 b", "'A'=1 b"),
        ("1A=x", "1A=x"),
    ]);
}

#[test]
fn redirections_take_a_number_only_if_it_touches_the_operator() {
    check(&[
        ("a 2>f", "a 2>f"),
        ("a 2 >f", "a 2 >f"),
        ("a x2>f", "a x2 >f"),
        ("a >>f >|g <>h <&3 >&-", "a >>f >|g <>h <&3 >&-"),
        ("a >&2; >&2 b", "a >&2; b >&2"),
        ("a 10</dev/null", "a 10</dev/null"),
    ]);
}

#[test]
fn what_only_bash_and_ash_redirect_is_told_apart() {
    check(&[("a &>f", "a &>f"), ("a &>>f", "a &>>f"), ("a <<<$b", "a <<<${b}")]);
}

#[test]
fn compound_commands_carry_their_redirections() {
    check(&[
        ("(a; b) >f", "(subshell a; b) >f"),
        ("{ a; } 2>/dev/null", "(group a) 2>/dev/null"),
        ("{ a\n}", "(group a)"),
        ("{(a)}", "(group (subshell a))"),
        ("for i in a b; do c; done <f", "(for i in a b do c) <f"),
    ]);
}

#[test]
fn conditions_have_branches_and_an_otherwise() {
    check(&[
        ("if a; then b; fi", "(if a then b)"),
        ("if a\nthen b\nelse c\nfi", "(if a then b else c)"),
        (
            "if a; b; then c; elif d; then e; elif f; then g; else h; fi",
            "(if a; b then c elif d then e elif f then g else h)",
        ),
        ("if ! [ -f x ]; then :; fi", "(if ! [ -f x ] then :)"),
    ]);
}

#[test]
fn loops_over_words_parameters_and_conditions() {
    check(&[
        ("for i in a 'b c' *; do d; done", "(for i in a 'b c' <*> do d)"),
        ("for i in a\ndo\nb\ndone", "(for i in a do b)"),
        ("for i\nin a; do b; done", "(for i in a do b)"),
        ("for i do a; done", "(for i do a)"),
        ("for i; do a; done", "(for i do a)"),
        ("for i in; do a; done", "(for i in  do a)"),
        ("while a; do b; done", "(while a do b)"),
        ("until a; do b; done", "(until a do b)"),
        ("while read -r l; do a; done <f", "(while read -r l do a) <f"),
    ]);
}

#[test]
fn case_arms_have_patterns_and_may_be_empty() {
    check(&[
        ("case $a in b) c;; esac", "(case ${a} [b: c])"),
        (
            "case a in\n(b|'c*'|d*) e\n;;\n*) ;; esac",
            "(case a [b or 'c*' or d<*>: e] [<*>: ])",
        ),
        ("case a in b) c; esac", "(case a [b: c])"),
        ("case a in esac", "(case a)"),
        ("case in in in) in=1;; esac", "(case in [in: in=1])"),
        (
            "case a in b) c;& d) e;; esac",
            "(unsupported case with ;& or ;;&)",
        ),
        ("x=$(case a in b) c;; esac)", "x=$((case a [b: c]))"),
    ]);
}

#[test]
fn functions_are_definitions() {
    check(&[
        ("f() { a; }", "(function f (group a))"),
        ("f ( )\n{ a; } >g; f", "(function f (group a) >g); f"),
        ("f() (a)", "(function f (subshell a))"),
        ("function f { a; }", "(function f (group a))"),
        ("function f() { a; }", "(function f (group a))"),
        ("f() if a; then b; fi", "(function f (if a then b))"),
    ]);
}

#[test]
fn reserved_words_are_words_elsewhere_and_when_quoted() {
    check(&[
        ("echo if then { } done", "echo if then { } done"),
        ("'if' a", "'if' a"),
        ("i\\f a", "i'f' a"),
        ("echo }; {echo", "echo }; {echo"),
        ("done\\\n_not", "done_not"),
        ("if\\\n a; then b; fi", "(if a then b)"),
    ]);
}

#[test]
fn bash_tests_are_words_between_brackets() {
    check(&[
        (
            "[[ -f /x && ! $a == b* ]] || c",
            "(test -f /x && ! ${a} == b<*>) || c",
        ),
        ("[[ $a =~ ^(b|c)$ ]]", "(test ${a} =~ ^ ( b | c ) $)"),
        ("if [[ a < b ]]; then c; fi", "(if (test a < b) then c)"),
        ("[ a ] && [ b ]]", "[ a ] && [ b ]]"),
    ]);
}

#[test]
fn double_parentheses_are_left_to_the_shell() {
    check(&[
        ("((a = 1))", "(unsupported ((a = 1)))"),
        ("((a) && (b))", "(subshell (subshell a) && (subshell b))"),
        ("((a) && (b); c)", "(subshell (subshell a) && (subshell b); c)"),
        ("( (a) )", "(subshell (subshell a))"),
    ]);
}

#[test]
fn spans_point_at_the_command() {
    let text = "set -e\n  chown -R 1:1 \"/v w\"   # why\n(mkdir a) >b\n";
    let script = parse(text).unwrap();
    let spans = script.list.iter().map(|and_or| and_or.first.commands[0].span);
    let texts: Vec<_> = spans.map(|span| &text[span.start..span.end]).collect();
    assert_eq!(texts, ["set -e", "chown -R 1:1 \"/v w\"", "(mkdir a) >b"]);
    let CommandKind::Compound(Compound::Subshell(inner)) = &script.list[2].first.commands[0].kind else {
        panic!("{script:?}")
    };
    let span = inner[0].first.commands[0].span;
    assert_eq!(&text[span.start..span.end], "mkdir a");
}

#[test]
fn commands_in_backquotes_have_the_span_of_the_substitution() {
    let text = "a `b c`";
    let script = parse(text).unwrap();
    let CommandKind::Simple(simple) = &script.list[0].first.commands[0].kind else {
        panic!("{script:?}")
    };
    let writeway_shell::Part::CommandSubstitution { list, .. } = &simple.words[1].parts[0] else {
        panic!("{simple:?}")
    };
    let span = list[0].first.commands[0].span;
    assert_eq!(&text[span.start..span.end], "`b c`");
}
