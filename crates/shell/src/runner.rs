// SPDX-License-Identifier: Apache-2.0
//! Programs that run the program behind their own options and operands.

/// Name, options that take a word, and the number of operands.
const RUNNERS: &[(&str, &[&str], usize)] = &[
    ("busybox", &[], 0),
    ("command", &[], 0),
    ("doas", &["-u"], 0),
    ("env", &["-u", "-C", "-S"], 0),
    ("exec", &["-a"], 0),
    ("gosu", &[], 1),
    ("nice", &["-n"], 0),
    ("nohup", &[], 0),
    ("setpriv", &[], 0),
    ("su-exec", &[], 1),
    ("sudo", &["-u", "-g"], 0),
    ("time", &[], 0),
    ("timeout", &["-k", "-s", "-t"], 1),
];

/// Which of the words is the program that the first one runs. `None` when the first one is no such program, runs
/// nothing, or when that is not known; words that are not known are `None`.
#[must_use]
pub fn behind_runner(words: &[Option<&str>]) -> Option<usize> {
    let (name, rest) = words.split_first()?;
    let name = (*name)?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let (_, with_word, operands) = RUNNERS.iter().find(|runner| runner.0 == name)?;
    let mut skipped = 0;
    while let Some(Some(text)) = rest.get(skipped) {
        if with_word.contains(text) {
            skipped += 2;
        } else if text.starts_with('-') || (name == "env" && text.contains('=')) {
            skipped += 1;
        } else {
            break;
        }
    }
    let behind = skipped + operands;
    (behind < rest.len()).then_some(1 + behind)
}
