// SPDX-License-Identifier: Apache-2.0
//! Finds pods in custom resources by their shape.

use writeway_yaml::{Kind, Node};

/// How deep custom resources are searched; the deepest real ones put a pod at about ten.
const MAX_DEPTH: usize = 32;

/// A pod's spec inside an object.
pub(crate) struct PodPlace<'t> {
    /// Path of the spec in the object.
    pub(crate) path: String,
    /// The spec.
    pub(crate) spec: Node<'t>,
    /// The mapping with `metadata` and `spec`, and its path.
    pub(crate) template: (Node<'t>, String),
    /// The mapping that holds the template, and its path; none for a Pod.
    pub(crate) holder: Option<(Node<'t>, String)>,
}

/// Every pod inside a custom resource, in order: a mapping whose `spec` has a list `containers` of mappings that have
/// a name or an image. At the top of the object the items need both, since operators' resources such as Prometheus
/// have patches there, by name, for containers that the operator writes itself.
pub(crate) fn embedded_pods(object: Node<'_>) -> Vec<PodPlace<'_>> {
    let mut search = Search { found: Vec::new() };
    search.visit(object, "", None, 0);
    search.found
}

struct Search<'t> {
    found: Vec<PodPlace<'t>>,
}

impl<'t> Search<'t> {
    fn visit(&mut self, node: Node<'t>, path: &str, holder: Option<(Node<'t>, &str)>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match node.kind() {
            Kind::Scalar => {}
            Kind::Sequence => {
                for (index, item) in node.items().enumerate() {
                    self.visit(item, &format!("{path}[{index}]"), holder, depth + 1);
                }
            }
            Kind::Mapping => {
                let pod = node.get("spec").filter(|spec| is_pod_spec(*spec, depth == 0));
                if let Some(spec) = pod {
                    self.found.push(PodPlace {
                        path: join(path, "spec"),
                        spec,
                        template: (node, path.to_owned()),
                        holder: holder.map(|(node, path)| (node, path.to_owned())),
                    });
                }
                for (key, value) in node.entries() {
                    let key = key.key_text();
                    // What hangs below a pod belongs to the pod.
                    if pod.is_some() && key == "spec" {
                        continue;
                    }
                    self.visit(value, &join(path, &key), Some((node, path)), depth + 1);
                }
            }
        }
    }
}

fn is_pod_spec(spec: Node<'_>, top: bool) -> bool {
    let Some(containers) = (spec.kind() == Kind::Mapping)
        .then(|| spec.get("containers"))
        .flatten()
    else {
        return false;
    };
    let is_container = |item: Node<'_>| {
        let has = |field| {
            item.get(field)
                .is_some_and(|value| value.kind() == Kind::Scalar && !value.is_null())
        };
        item.kind() == Kind::Mapping
            && if top {
                has("name") && has("image")
            } else {
                has("name") || has("image")
            }
    };
    containers.kind() == Kind::Sequence
        && containers.items().next().is_some()
        && containers.items().all(is_container)
}

pub(crate) fn join(path: &str, segment: &str) -> String {
    if path.is_empty() {
        segment.to_owned()
    } else {
        format!("{path}.{segment}")
    }
}
