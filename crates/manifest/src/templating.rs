// SPDX-License-Identifier: Apache-2.0
//! Tells a template, which has to be rendered before it is YAML, from YAML that carries templates as text.
//!
//! Helm and Jinja templates put their braces where YAML expects structure: `replicas: {{ .Values.replicas }}` is a
//! flow mapping to YAML, `{{- if .Values.tls }}` on a line of its own an error. Alert rules, dashboards and workflows
//! carry `{{ $value }}` for somebody else inside quotes or block scalars, and mean exactly what they say. What stands
//! in quotes counts only when it names an object that Helm alone has.

use std::ops::Range;

use writeway_yaml::{Kind, Node, Span, Stream, Style};

/// The API group whose kinds resolve braces in their scalars themselves, after Kubernetes has read them.
const SELF_RESOLVING_GROUP: &str = "argoproj.io/";

/// Kinds whose scalars are somebody else's text.
const TEXT_KINDS: &[&str] = &["ConfigMap", "Secret"];

/// Helm's built-in objects (helm.sh/docs/chart_template_guide/builtin_objects).
const HELM_OBJECTS: &[&str] = &[".Values.", ".Release.", ".Chart."];

/// Where a stream shows that it is a template; none when it is YAML as it stands.
pub(crate) fn template_marker(stream: &Stream) -> Option<Span> {
    find_marker(stream.text())?;
    let in_tree = stream
        .documents()
        .find_map(|document| marker_in_tree(document.root()));
    in_tree.or_else(|| marker_at_error(stream))
}

/// A marker in a document: a flow mapping whose key is a flow mapping (`{{ x }}`), braces in a plain scalar, or one of
/// Helm's objects in quotes.
fn marker_in_tree(root: Node<'_>) -> Option<Span> {
    let text = |field| root.get(field).and_then(Node::as_str).unwrap_or_default();
    let resolves_itself = text("apiVersion").starts_with(SELF_RESOLVING_GROUP);
    let holds_text = TEXT_KINDS.contains(&text("kind"));
    let is_template = |node: Node<'_>| match node.style() {
        Some(_) if resolves_itself => false,
        Some(Style::Plain) => find_marker(node.raw()).is_some(),
        Some(Style::SingleQuoted | Style::DoubleQuoted) => !holds_text && names_helm_object(node.raw()),
        Some(Style::Literal | Style::Folded) => false,
        None => node.kind() == Kind::Mapping && node.raw().starts_with("{{"),
    };
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        // What an alias names is looked at where it stands.
        if node.is_alias() {
            continue;
        }
        if is_template(node) {
            return Some(node.span());
        }
        rest.extend(node.items());
        rest.extend(node.entries().flat_map(|(key, value)| [key, value]));
    }
    None
}

/// A marker that explains why a document does not parse: around the error, or outside of comments and quotes on its
/// line or on the last one before it that is not blank; or at the very start of any line, where only a template has
/// one.
fn marker_at_error(stream: &Stream) -> Option<Span> {
    let text = stream.text();
    let near = stream.errors().iter().find_map(|error| {
        let at = text.floor_char_boundary(error.span.start as usize);
        let line = line_at(text, at);
        let before = line_at(text, text[..line.start].trim_end().len());
        let explains =
            in_braces(&text[line.clone()], at - line.start) || marker_in_structure(&text[line.clone()]);
        if explains {
            Some(line)
        } else {
            Some(before).filter(|before| marker_in_structure(&text[before.clone()]))
        }
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
fn line_at(text: &str, offset: usize) -> Range<usize> {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    start..start + text[start..end].trim_end().len()
}

/// Whether an offset of a line stands between braces that are not closed before it, as in
/// `"{{ include "name" . }}"`, whose inner quotes end the outer ones for YAML.
fn in_braces(line: &str, offset: usize) -> bool {
    let before = &line[..offset.min(line.len())];
    let opened = before.rfind("{{").max(before.rfind("{%"));
    let closed = before.rfind("}}").max(before.rfind("%}"));
    opened > closed
}

/// Whether a line has a marker outside of quotes and comments.
fn marker_in_structure(line: &str) -> bool {
    let Some(at) = find_marker(line) else { return false };
    let before = &line[..at];
    let open = |quote: char| before.matches(quote).count() % 2 == 1;
    !before.trim_start().starts_with('#') && !before.contains(" #") && !open('"') && !open('\'')
}

/// Whether braces begin with one of Helm's objects.
fn names_helm_object(text: &str) -> bool {
    text.split("{{").skip(1).any(|inside| {
        let expression = inside.strip_prefix('-').unwrap_or(inside).trim_start();
        HELM_OBJECTS.iter().any(|object| expression.starts_with(object))
    })
}

/// Where the first `{{` or `{%` stands.
fn find_marker(text: &str) -> Option<usize> {
    let mut braces = text.match_indices('{').map(|(at, _)| at);
    braces.find(|at| text[at + 1..].starts_with(['{', '%']))
}
