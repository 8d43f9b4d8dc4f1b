// SPDX-License-Identifier: Apache-2.0
//! Finds pods in custom resources by their shape.

use std::fmt::Write;

use writeway_yaml::{Kind, Node};

use crate::read::shorten;

/// How deep custom resources are searched; the deepest real ones put a pod at about ten.
const MAX_DEPTH: usize = 32;

/// A pod's spec inside an object.
pub(crate) struct PodPlace<'t> {
    /// The spec, and its path in the object.
    pub(crate) spec: Located<'t>,
    /// The mapping with `metadata` and `spec`.
    pub(crate) template: Located<'t>,
    /// The mapping that holds the template; none for a Pod.
    pub(crate) holder: Option<Located<'t>>,
}

/// A node and its path in the object.
pub(crate) struct Located<'t> {
    pub(crate) node: Node<'t>,
    pub(crate) path: String,
}

/// Every pod inside a custom resource, in order: a mapping whose `spec` has a list `containers` of mappings that have
/// a name or an image. At the top of the object the items need both, since operators' resources such as Prometheus
/// have patches there, by name, for containers that the operator writes itself.
pub(crate) fn embedded_pods(object: Node<'_>) -> Vec<PodPlace<'_>> {
    let mut search = Search {
        way: Vec::new(),
        found: Vec::new(),
    };
    search.visit(object);
    search.found
}

struct Search<'t> {
    /// The collections above the visited one, each with the step that leads from it.
    way: Vec<(Node<'t>, Step<'t>)>,
    found: Vec<PodPlace<'t>>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Field(Node<'t>),
    Index(usize),
}

impl<'t> Search<'t> {
    fn visit(&mut self, node: Node<'t>) {
        if self.way.len() > MAX_DEPTH {
            return;
        }
        match node.kind() {
            Kind::Scalar => {}
            Kind::Sequence => {
                for (index, item) in node.items().enumerate() {
                    self.step(node, Step::Index(index), item);
                }
            }
            Kind::Mapping => {
                let pod = node
                    .get("spec")
                    .filter(|spec| is_pod_spec(*spec, self.way.is_empty()));
                if let Some(spec) = pod {
                    self.record(node, spec);
                }
                for (key, value) in node.entries() {
                    // What hangs below a pod belongs to the pod.
                    if pod != Some(value) {
                        self.step(node, Step::Field(key), value);
                    }
                }
            }
        }
    }

    fn step(&mut self, from: Node<'t>, step: Step<'t>, to: Node<'t>) {
        self.way.push((from, step));
        self.visit(to);
        self.way.pop();
    }

    fn record(&mut self, template: Node<'t>, spec: Node<'t>) {
        let path = self.path(self.way.len());
        let spec_path = if path.is_empty() {
            "spec".to_owned()
        } else {
            format!("{path}.spec")
        };
        let holder = self
            .way
            .iter()
            .rposition(|(_, step)| matches!(step, Step::Field(_)));
        self.found.push(PodPlace {
            spec: Located {
                node: spec,
                path: spec_path,
            },
            template: Located { node: template, path },
            holder: holder.map(|depth| Located {
                node: self.way[depth].0,
                path: self.path(depth),
            }),
        });
    }

    /// The path of the node that so many steps lead to.
    fn path(&self, steps: usize) -> String {
        let mut path = String::new();
        for (_, step) in &self.way[..steps] {
            match step {
                Step::Field(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shorten(&key.key_text()));
                }
                // Writing to a String does not fail.
                Step::Index(index) => drop(write!(path, "[{index}]")),
            }
        }
        path
    }
}

fn is_pod_spec(spec: Node<'_>, top: bool) -> bool {
    let Some(containers) = spec
        .get("containers")
        .filter(|list| list.kind() == Kind::Sequence)
    else {
        return false;
    };
    let is_container = |item: Node<'_>| {
        let has = |field| {
            item.get(field)
                .is_some_and(|value| value.kind() == Kind::Scalar && !value.is_null())
        };
        if top {
            has("name") && has("image")
        } else {
            has("name") || has("image")
        }
    };
    let mut items = containers.items().peekable();
    items.peek().is_some() && items.all(is_container)
}
