// SPDX-License-Identifier: Apache-2.0
//! Tells a template, which has to be rendered before it is YAML, from YAML that carries templates as text.
//!
//! Helm and Jinja templates put their braces where YAML expects structure: `replicas: {{ .Values.replicas }}` is a
//! flow mapping to YAML, `{{- if .Values.tls }}` on a line of its own an error. Alert rules, dashboards and workflows
//! carry `{{ $value }}` for somebody else inside quotes or block scalars, and mean exactly what they say.

use writeway_yaml::{Kind, Node, Span, Stream, Style};

/// The API group whose kinds resolve `{{…}}` in plain scalars themselves, after Kubernetes has read them.
const SELF_RESOLVING_GROUP: &str = "argoproj.io/";

/// Where a stream shows that it is a template; none when it is YAML as it stands.
pub(crate) fn template_marker(stream: &Stream) -> Option<Span> {
    let text = stream.text();
    if !text.contains("{{") && !text.contains("{%") {
        return None;
    }
    let in_tree = stream.documents().find_map(|document| {
        let root = document.root();
        let resolves_itself = root
            .get("apiVersion")
            .and_then(|version| version.text_value())
            .is_some_and(|version| version.starts_with(SELF_RESOLVING_GROUP));
        structural_marker(root, !resolves_itself)
    });
    in_tree.or_else(|| broken_by_marker(stream))
}

/// A marker in a tree: a flow mapping whose key is a flow mapping (`{{ x }}`), or braces in a plain scalar.
fn structural_marker(root: Node<'_>, plain_counts: bool) -> Option<Span> {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match node.kind() {
            Kind::Scalar => {
                let marked =
                    plain_counts && node.style() == Some(Style::Plain) && find_marker(node.raw()).is_some();
                if marked {
                    return Some(node.span());
                }
            }
            Kind::Sequence => stack.extend(node.items()),
            Kind::Mapping => {
                if node.raw().starts_with("{{") {
                    return Some(node.span());
                }
                stack.extend(node.entries().flat_map(|(key, value)| [key, value]));
            }
        }
    }
    None
}

/// A marker that explains why the stream does not parse: on the line of an error or on the last one before it that
/// is not blank, outside of comments and quotes; or at the very start of any line, where only a template has one.
fn broken_by_marker(stream: &Stream) -> Option<Span> {
    let text = stream.text();
    if stream.errors().is_empty() {
        return None;
    }
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .scan(0, |start, line| {
            let at = *start;
            *start += line.len();
            Some((at, line))
        })
        .collect();
    let span = |start: usize, line: &str| {
        let end = start + line.trim_end().len();
        Some(Span {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
        })
    };
    for error in stream.errors() {
        let at = lines.partition_point(|(start, _)| *start <= error.span.start as usize);
        let marked = lines[..at]
            .iter()
            .rev()
            .enumerate()
            .filter(|(distance, (_, line))| *distance == 0 || !line.trim().is_empty())
            .map(|(_, line)| line)
            .take(2)
            .find(|(_, line)| marker_in_structure(line));
        if let Some((start, line)) = marked {
            return span(*start, line);
        }
    }
    lines
        .iter()
        .find(|(_, line)| line.starts_with("{{") || line.starts_with("{%"))
        .and_then(|(start, line)| span(*start, line))
}

/// Whether a line that stands outside of any block scalar has a marker outside of quotes and comments.
fn marker_in_structure(line: &str) -> bool {
    let Some(at) = find_marker(line) else { return false };
    let before = &line[..at];
    let quotes = |quote: char| before.matches(quote).count() % 2 == 1;
    !before.trim_start().starts_with('#') && !before.contains(" #") && !quotes('"') && !quotes('\'')
}

fn find_marker(text: &str) -> Option<usize> {
    let (go, jinja) = (text.find("{{"), text.find("{%"));
    go.into_iter().chain(jinja).min()
}
