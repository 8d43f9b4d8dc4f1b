// SPDX-License-Identifier: Apache-2.0
//! Charts and kustomizations without `--render`.

use writeway_input::CollectOptions;

use crate::tree::{Tree, pod};

const PATCH: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: patch}\nspec: {containers: [{name: app}]}\n";

#[test]
fn a_chart_is_left_out_as_a_folder_with_a_note() {
    let tree = Tree::new([
        ("charts/web/Chart.yaml", "name: web"),
        ("charts/web/values.yaml", "image: x"),
        (
            "charts/web/templates/pod.yaml",
            "{{- if .Values.on }}\nkind: Pod\n{{- end }}",
        ),
        ("charts/web/charts/sub/Chart.yaml", "name: sub"),
        ("charts/web/charts/sub/values.yaml", "a: b"),
        ("charts/pod.yaml", pod("beside").as_str()),
    ]);
    for input in ["", "charts"] {
        let answer = tree.collect(&[input], &CollectOptions::default());
        assert_eq!(answer.files, ["charts/pod.yaml"]);
        assert_eq!(
            answer.notes,
            ["charts/web: Helm chart, not rendered (use --render)"]
        );
    }
    let answer = tree.collect(&["charts/web"], &CollectOptions::default());
    assert_eq!((answer.files.len(), answer.notes.len()), (0, 1));
    let answer = tree.collect(&["charts/web/Chart.yaml"], &CollectOptions::default());
    assert_eq!((answer.files.len(), answer.notes.len()), (0, 1));
}

#[test]
fn a_named_file_of_a_chart_is_read() {
    let tree = Tree::new([
        ("web/Chart.yaml", "name: web"),
        ("web/crds/pod.yaml", pod("a").as_str()),
    ]);
    let answer = tree.collect(&["web", "web/crds/pod.yaml"], &CollectOptions::default());
    assert_eq!(
        answer.files, [""; 0],
        "it was found before, as a part of the chart"
    );
    assert_eq!(
        tree.collect(&["web/crds/pod.yaml"], &CollectOptions::default())
            .workloads(),
        ["a"]
    );
}

#[test]
fn a_kustomization_keeps_its_resources_and_loses_what_is_no_manifest() {
    let kustomization = "
resources: [../base, pod.yaml]
patches:
  - path: patches/a.yaml
  - patch: |-
      - op: remove
        path: /spec
    target: {kind: Pod}
patchesStrategicMerge:
  - b.yaml
  - |-
    kind: Pod
patchesJson6902: [{path: c.json, target: {kind: Pod, name: x}}]
replacements: [{path: d.yaml}]
configMapGenerator:
  - name: settings
    files: [e.yaml, key=f.json]
secretGenerator: [{name: s, files: [g.yaml]}]
transformers: [h.yaml]
openapi: {path: i.json}
helmCharts: [{name: x, valuesFile: j.yaml, additionalValuesFiles: [k.yaml]}]
";
    let names = [
        "patches/a.yaml",
        "b.yaml",
        "c.json",
        "d.yaml",
        "e.yaml",
        "f.json",
        "g.yaml",
        "h.yaml",
        "i.json",
        "j.yaml",
        "k.yaml",
    ];
    let mut files: Vec<(String, &str)> = names
        .iter()
        .map(|name| (format!("overlay/{name}"), PATCH))
        .collect();
    let (pod, base) = (pod("pod"), pod("base"));
    files.push(("overlay/pod.yaml".to_owned(), &pod));
    files.push(("overlay/kustomization.yml".to_owned(), kustomization));
    files.push(("base/pod.yaml".to_owned(), &base));
    files.push(("base/Kustomization".to_owned(), "resources: [pod.yaml]"));
    let tree = Tree::new(files.iter().map(|(path, text)| (path.as_str(), *text)));

    let answer = tree.collect(&[""], &CollectOptions::default());
    assert_eq!(answer.workloads(), ["base", "pod"]);
    assert_eq!(
        answer.notes,
        ["base", "overlay"].map(|name| format!(
            "{name}: kustomization, not built (use --render); its resources are read without patches"
        ))
    );
    assert_eq!(answer.errors, [""; 0]);
    assert_eq!(
        tree.collect(&["overlay/b.yaml", "overlay"], &CollectOptions::default())
            .workloads(),
        ["patch", "pod"],
        "a patch that is named is read"
    );
}
