// SPDX-License-Identifier: Apache-2.0
//! A finding in words, for formats that have one text for it.

use writeway_check::{Finding, ObjectName, Subject};

use crate::fix_text::fix_lines;
use crate::printable;

/// What is wrong, each step that proves it, what to do, and the fixes, a line for each; no line has control characters.
pub(crate) fn explanation(finding: &Finding) -> String {
    let message = printable(&finding.message).into_owned();
    let why = finding.why.iter().map(|step| format!("why: {}", printable(step)));
    let help = finding
        .help
        .iter()
        .map(|help| format!("help: {}", printable(help)));
    let lines = std::iter::once(message).chain(why).chain(help);
    let lines: Vec<_> = lines.chain(fix_lines(finding)).collect();
    lines.join("\n")
}

/// An object: `Deployment shop/web`.
pub(crate) fn object_name(object: &ObjectName) -> String {
    let ObjectName {
        kind,
        namespace,
        name,
    } = object;
    let namespace = namespace
        .as_ref()
        .map_or(String::new(), |namespace| format!("{namespace}/"));
    printable(&format!("{kind} {namespace}{name}")).into_owned()
}

/// What a finding is about, as far as it is known: `Deployment shop/web, container app`.
pub(crate) fn subject_name(subject: &Subject) -> String {
    let object = subject.object.as_ref().map(object_name);
    let container = subject.container.as_ref();
    let container = container.map(|container| format!("container {}", printable(container)));
    let known: Vec<_> = [object, container].into_iter().flatten().collect();
    known.join(", ")
}
