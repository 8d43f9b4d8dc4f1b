// SPDX-License-Identifier: Apache-2.0
//! What changes in a text, as a unified diff (POSIX, "diff", "Diff -u Output Format") that `git apply` takes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// Lines around a change, as git has them.
const CONTEXT: usize = 3;

/// Writes what changes in a file of that name; nothing when nothing does. A path goes from the folder in which the
/// diff is applied.
///
/// # Errors
/// When the writer fails.
pub fn write_unified_diff(out: &mut dyn Write, name: &str, old: &str, new: &str) -> io::Result<()> {
    let old: Vec<_> = old.split_inclusive('\n').collect();
    let new: Vec<_> = new.split_inclusive('\n').collect();
    let changes = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut header = Some(header(name));
    for hunk in group_diff_ops(changes, CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        if let Some(header) = header.take() {
            out.write_all(header.as_bytes())?;
        }
        let before = lines_of(first.old_range().start..last.old_range().end);
        let after = lines_of(first.new_range().start..last.new_range().end);
        writeln!(out, "@@ -{before} +{after} @@")?;
        for change in hunk {
            write_change(out, &change, &old, &new)?;
        }
    }
    Ok(())
}

fn write_change(out: &mut dyn Write, change: &DiffOp, old: &[&str], new: &[&str]) -> io::Result<()> {
    if change.tag() == DiffTag::Equal {
        return write_lines(out, ' ', &old[change.old_range()]);
    }
    write_lines(out, '-', &old[change.old_range()])?;
    write_lines(out, '+', &new[change.new_range()])
}

fn write_lines(out: &mut dyn Write, sign: char, lines: &[&str]) -> io::Result<()> {
    for line in lines {
        write!(out, "{sign}{line}")?;
        if !line.ends_with('\n') {
            writeln!(out, "\n\\ No newline at end of file")?;
        }
    }
    Ok(())
}

/// The number of the first line and how many there are; of none, the number of the line before.
fn lines_of(range: Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        length => format!("{},{length}", range.start + 1),
    }
}

fn header(name: &str) -> String {
    let name = name.trim_start_matches('/');
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    // Behind a name with blanks git writes a tab, where others have a time.
    let end = if name.contains(' ') { "\t" } else { "" };
    format!("--- {}{end}\n+++ {}{end}\n", quoted(&old), quoted(&new))
}

/// A name as git writes it: between quotes, with escapes as in C, when it has characters that would end it.
fn quoted(name: &str) -> Cow<'_, str> {
    let plain = |character: char| !character.is_ascii_control() && !matches!(character, '"' | '\\');
    if name.chars().all(plain) {
        return name.into();
    }
    let mut quoted = String::from("\"");
    for character in name.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            other if plain(other) => quoted.push(other),
            // A String takes everything.
            control => drop(write!(quoted, "\\{:03o}", u32::from(control))),
        }
    }
    quoted.push('"');
    quoted.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(name: &str, old: &str, new: &str) -> String {
        let mut out = Vec::new();
        write_unified_diff(&mut out, name, old, new).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hunks_have_three_lines_around_and_say_where_newlines_are_missing() {
        let old: String = (1..=20).map(|line| format!("{line}\n")).collect();
        let new = old.replace("2\n3\n", "2\r\n3\n") + "end";
        assert_eq!(
            diff("a.yaml", &old, &new),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,5 +1,5 @@\n 1\n-2\n+2\r\n 3\n 4\n 5\n\
             @@ -18,3 +18,4 @@\n 18\n 19\n 20\n+end\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("a.yaml", &old, &old), "");
        assert_eq!(
            diff("a.yaml", "a", "b"),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
        );
        assert!(diff("a.yaml", "", "b\n").contains("@@ -0,0 +1 @@"));
    }

    #[test]
    fn names_are_written_as_git_does() {
        for (name, written) in [
            ("k8s/pod.yaml", "--- a/k8s/pod.yaml\n"),
            ("/srv/pod.yaml", "--- a/srv/pod.yaml\n"),
            ("my pod.yaml", "--- a/my pod.yaml\t\n"),
            ("a\"b\n.yaml", "--- \"a/a\\\"b\\n.yaml\"\n"),
            ("\u{1}é", "--- \"a/\\001é\"\n"),
        ] {
            assert!(diff(name, "a\n", "b\n").starts_with(written), "{name:?}");
        }
    }
}
