// SPDX-License-Identifier: Apache-2.0
//! Here-documents: POSIX XCU 2.7.4.

use crate::render::script;

#[test]
fn contents_stand_after_the_line() {
    let table = [
        ("cat <<E\na\nb\nE\nc", "cat <<'a\nb\n'; c"),
        ("cat <<E >f && b\na\nE\n", "cat <<'a\n' >f && b"),
        ("cat <<E\nE\n", "cat <<"),
        ("cat <<A <<B\na\nA\nb\nB\nc", "cat <<'a\n' <<'b\n'; c"),
        (
            "cat <<A; cat <<B # <<C\na\nA\nb\nB\nc",
            "cat <<'a\n'; cat <<'b\n'; c",
        ),
        ("cat <<E \"x\ny\"\na\nE\n", "cat 'x\ny' <<'a\n'"),
        ("if a; then cat <<E; fi\nb\nE\n", "(if a then cat <<'b\n')"),
        ("(cat <<E\na\nE\n)", "(subshell cat <<'a\n')"),
        ("x=$(cat <<E\na)\nE\n)", "x=$(cat <<'a)\n')"),
        ("cat <<E |\na\nE\nb", "cat <<'a\n' | b"),
    ];
    for (text, expected) in table {
        assert_eq!(script(text), expected, "{text:?}");
    }
}

#[test]
fn a_quoted_delimiter_keeps_the_contents_as_they_are() {
    for delimiter in ["'E'", "\"E\"", "\\E", "E''"] {
        let text = format!("cat <<{delimiter}\n$a `b` \\$c\nE\n");
        assert_eq!(script(&text), "cat <<'$a `b` \\$c\n'", "{delimiter}");
    }
}

#[test]
fn an_unquoted_delimiter_leaves_expansions_but_no_quotes() {
    let text = "cat <<E\n$a \"b\" 'c' $(d \"e\") \\$f \\x \\\\ a\\\nb\nE\n";
    assert_eq!(
        script(text),
        "cat <<\"${a}\"' \"b\" 'c' '\"$(d 'e')\"' $f \\x \\ ab\n'"
    );
}

#[test]
fn a_dash_strips_leading_tabs_of_contents_and_delimiter() {
    assert_eq!(script("cat <<-E\n\t\ta\n \tb\n\tE\nc"), "cat <<'a\n \tb\n'; c");
    assert_eq!(script("cat <<E\n\tE\nE\n"), "cat <<'\tE\n'");
}

#[test]
fn a_missing_delimiter_ends_with_the_script_as_in_every_shell() {
    assert_eq!(script("cat <<E\na\nb"), "cat <<'a\nb'");
    assert_eq!(script("cat <<E"), "cat <<");
}
