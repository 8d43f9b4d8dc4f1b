// SPDX-License-Identifier: Apache-2.0
//! Words that several checks share (k8s.io/pod-security-admission, policy/helpers.go).

/// Names in quotes, with commas between them.
pub(crate) fn quoted<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("\"{}\"", name.as_ref()))
        .collect();
    quoted.join(", ")
}

/// The form of a word for so many things.
pub(crate) fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
