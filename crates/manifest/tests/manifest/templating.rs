// SPDX-License-Identifier: Apache-2.0
//! Templates to be rendered first, and YAML that only carries templates.

use writeway_manifest::{ParsedFile, SkipReason};

use crate::reading::{problems, read, slice};

/// A Deployment with something in the place of parts of it.
fn manifest(parts: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n{parts}\n")
}

#[test]
fn templates_are_skipped_whole() {
    for (what, parts) in [
        ("a value", "spec:\n  replicas: {{ .Values.replicas }}"),
        (
            "a value without blanks",
            "spec:\n  replicas: {{.Values.replicas}}",
        ),
        ("a Jinja value", "spec:\n  replicas: {{ replicas }}"),
        (
            "a part of a value",
            "spec:\n  schedulerName: a-{{ .Release.Name }}",
        ),
        (
            "the start of a value",
            "spec:\n  schedulerName: {{ .Release.Name }}-a",
        ),
        (
            "a value in quotes beside one that is not",
            "spec:\n  a: \"{{ .A }}\"\n  b: {{ .B }}",
        ),
        (
            "a piped value",
            "spec:\n  labels: {{- toYaml .Values.labels | nindent 4 }}",
        ),
        ("a list item", "spec:\n  args:\n  - {{ .Values.arg }}\n  - b"),
        (
            "a control line",
            "{{- if .Values.on }}\nspec:\n  replicas: 1\n{{- end }}",
        ),
        (
            "an indented control line",
            "spec:\n  {{- with .Values.a }}\n  replicas: 1\n  {{- end }}",
        ),
        (
            "a whole include",
            "spec:\n{{ include \"web.spec\" . | indent 2 }}",
        ),
        (
            "a Jinja control line",
            "{% if tls %}\nspec:\n  replicas: 1\n{% endif %}",
        ),
        (
            "an indented Jinja control line",
            "spec:\n  {% for x in xs %}\n  - x\n  {% endfor %}",
        ),
        (
            "a Jinja statement in a value",
            "spec:\n  schedulerName: a-{% if x %}b{% endif %}",
        ),
        ("a templated key", "spec:\n  {{ .Values.key }}: a"),
        (
            "quotes inside of quotes",
            "spec:\n  name: \"{{ include \"web.name\" . }}-test\"",
        ),
        (
            "Helm's values in quotes",
            "spec:\n  runAsUser: \"{{ .Values.uid }}\"",
        ),
        (
            "Helm's release in single quotes",
            "spec:\n  name: 'a-{{- .Release.Name }}'",
        ),
        (
            "a comment of the template language",
            "{{/* nothing */}}\nspec:\n  replicas: 1",
        ),
    ] {
        let text = manifest(parts);
        let file = ParsedFile::parse("x.yaml", text.as_str());
        assert!(file.is_templated(), "{what}");
        let inventory = read(&text);
        assert_eq!(problems(&inventory), [""; 0], "{what}");
        assert_eq!(
            inventory.others().len() + inventory.workloads().len(),
            0,
            "{what}"
        );
        let [skipped] = inventory.skipped() else {
            panic!("{what}: {:?}", inventory.skipped())
        };
        assert_eq!(skipped.reason, SkipReason::Templated);
        let shown = slice(&text, skipped.place.span);
        assert!(shown.contains("{{") || shown.contains("{%"), "{what}: {shown}");
    }
}

#[test]
fn a_template_with_a_good_document_before_it_is_skipped_whole() {
    let text = manifest("spec: {}") + "---\n" + &manifest("spec:\n  replicas: {{ .Values.replicas }}");
    assert!(ParsedFile::parse("x.yaml", text).is_templated());
}

#[test]
fn templates_for_somebody_else_are_text() {
    for (what, parts) in [
        (
            "an alert in quotes",
            "spec:\n  summary: \"{{ $labels.instance }} is {{ $value }}\"",
        ),
        (
            "an alert in single quotes",
            "spec:\n  summary: '{{ $labels.instance }}'",
        ),
        (
            "a literal block",
            "data:\n  alert.tmpl: |\n    {{ define \"x\" }}\n    {{- if .A }}\n    {{ end }}",
        ),
        (
            "a folded block",
            "data:\n  text: >-\n    say {{ x }}\n    and {% y %}",
        ),
        ("a comment", "# {{ .Values.x }}\nspec: {} # {% x %}"),
        (
            "a dashboard",
            "data:\n  d.json: |-\n    {\"legendFormat\": \"{{pod}}\"}",
        ),
        ("a quoted key", "data:\n  '{{a}}': b"),
        ("an empty nested mapping", "spec: {a: {}}"),
        ("a nested flow mapping", "spec: {a: {b: {c: d}}}"),
        ("a percent sign in braces", "data:\n  format: '{%d}'"),
    ] {
        let text = manifest(parts);
        let inventory = read(&text);
        assert!(
            inventory.skipped().is_empty(),
            "{what}: {:?}",
            inventory.skipped()
        );
        assert_eq!(problems(&inventory), [""; 0], "{what}");
        assert_eq!(inventory.others().len(), 1, "{what}");
    }
}

#[test]
fn argo_resolves_its_own_braces() {
    let workflow = "apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: w-}
spec:
  templates:
  - name: echo
    container: {image: alpine, args: [\"{{inputs.parameters.message}}\"]}
    outputs: {parameters: [{name: x}]}
  - name: step
    when: a-{{workflow.name}}
";
    let inventory = read(workflow);
    assert!(inventory.skipped().is_empty(), "{:?}", inventory.skipped());
    assert_eq!(inventory.others().len(), 1);
}

#[test]
fn helms_objects_in_the_text_of_a_config_map_are_text() {
    let inventory = read(
        "apiVersion: v1
kind: ConfigMap
metadata: {name: how-to}
data: {example: \"image: {{ .Values.image }}\"}
",
    );
    assert!(inventory.skipped().is_empty(), "{:?}", inventory.skipped());
    assert!(inventory.config_map(None, "how-to").is_some());
}

#[test]
fn a_mistake_beside_a_template_as_text_stays_an_error() {
    for text in [
        manifest("data:\n  summary: \"{{ $value }}\"\n  more: fine\nspec: [a\n"),
        manifest("# {{ .Values.x }}\nspec: [a\n"),
        manifest("data:\n  a: '{{ x }}' b\n"),
        manifest("data:\n  t: |\n    {{ a }}\nother:\n  b: c\n d: e\n"),
    ] {
        let inventory = read(&text);
        assert_eq!(problems(&inventory).len(), 1, "{text}");
        assert!(inventory.skipped().is_empty(), "{text}");
    }
}
