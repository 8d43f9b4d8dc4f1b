// SPDX-License-Identifier: Apache-2.0
//! `kubernetes` and `node`.

use writeway_yaml::Node;

use super::Reader;
use super::fields::Section;
use crate::model::{Kubernetes, Node as NodeFacts, Permissions};

pub(super) const KUBERNETES: Section = Section {
    what: "the cluster (`kubernetes`)",
    keys: &["version", "featureGates"],
};
pub(super) const NODE: Section = Section {
    what: "the node (`node`)",
    keys: &["runtime", "kernel", "umask", "sysctls"],
};

impl<'t> Reader<'t> {
    pub(super) fn kubernetes(&mut self, node: Node<'t>) -> Kubernetes {
        let fields = self.fields(node, &KUBERNETES);
        Kubernetes {
            version: fields.get("version").and_then(|node| self.notation(node)),
            feature_gates: self.map_of(fields.get("featureGates"), "feature gates", Self::boolean),
        }
    }

    pub(super) fn node(&mut self, node: Node<'t>) -> NodeFacts {
        let fields = self.fields(node, &NODE);
        NodeFacts {
            runtime: fields.get("runtime").and_then(|node| self.text(node)),
            kernel: fields.get("kernel").and_then(|node| self.text(node)),
            umask: fields.get("umask").and_then(|node| self.umask(node)),
            sysctls: self.map_of(fields.get("sysctls"), "sysctl names", Self::integer),
        }
    }

    fn umask(&mut self, node: Node<'t>) -> Option<Permissions> {
        let umask: Permissions = self.notation(node)?;
        if umask.0 > 0o777 {
            self.expected(node, "a umask up to 0777");
            return None;
        }
        Some(umask)
    }
}
