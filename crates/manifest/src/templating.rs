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
    find_marker(stream.text())?;
    let in_tree = stream.documents().find_map(|document| {
        let root = document.root();
        let version = root.get("apiVersion").and_then(Node::as_str);
        let resolves_itself = version.is_some_and(|version| version.starts_with(SELF_RESOLVING_GROUP));
        structural_marker(root, !resolves_itself)
    });
    in_tree.or_else(|| marker_at_error(stream))
}

/// A marker in a tree: a flow mapping whose key is a flow mapping (`{{ x }}`), or braces in a plain scalar.
fn structural_marker(root: Node<'_>, plain_counts: bool) -> Option<Span> {
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        // What an alias names is looked at where it stands.
        if node.is_alias() {
            continue;
        }
        match node.kind() {
            Kind::Scalar if !plain_counts || node.style() != Some(Style::Plain) => {}
            Kind::Scalar if find_marker(node.raw()).is_none() => {}
            Kind::Mapping if !node.raw().starts_with("{{") => {
                rest.extend(node.entries().flat_map(|(key, value)| [key, value]));
            }
            Kind::Sequence => rest.extend(node.items()),
            Kind::Scalar | Kind::Mapping => return Some(node.span()),
        }
    }
    None
}

/// A marker that explains why a document does not parse: on the line of the error or on the last one before it that is
/// not blank, outside of comments and quotes; or at the very start of any line, where only a template has one.
fn marker_at_error(stream: &Stream) -> Option<Span> {
    let text = stream.text();
    let near = stream.errors().iter().find_map(|error| {
        let line = line_at(text, error.span.start as usize);
        let before = text[..line.start].trim_end();
        [line, line_at(text, before.len())]
            .into_iter()
            .find(|line| marker_in_structure(&text[line.clone()]))
    });
    let found = near.or_else(|| {
        let broken = !stream.errors().is_empty();
        let mut starts = broken
            .then(|| text.match_indices('\n').map(|(at, _)| at + 1))
            .into_iter()
            .flatten();
        let at = starts.find(|start| text[*start..].starts_with("{{") || text[*start..].starts_with("{%"))?;
        Some(line_at(text, at))
    })?;
    Some(Span {
        start: u32::try_from(found.start).ok()?,
        end: u32::try_from(found.end).ok()?,
    })
}

/// The line around an offset, without its end.
fn line_at(text: &str, offset: usize) -> std::ops::Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    start..start + text[start..end].trim_end().len()
}

/// Whether a line has a marker outside of quotes and comments.
fn marker_in_structure(line: &str) -> bool {
    let Some(at) = find_marker(line) else { return false };
    let before = &line[..at];
    let open = |quote: char| before.matches(quote).count() % 2 == 1;
    !before.trim_start().starts_with('#') && !before.contains(" #") && !open('"') && !open('\'')
}

/// Where the first `{{` or `{%` stands.
fn find_marker(text: &str) -> Option<usize> {
    let mut braces = text.match_indices('{').map(|(at, _)| at);
    braces.find(|at| text[at + 1..].starts_with(['{', '%']))
}
