// SPDX-License-Identifier: Apache-2.0
//! Helm charts, as far as one must know them to render them or to leave them alone.

use std::path::Path;

use writeway_yaml::{Node, Stream};

/// Whether a file makes its folder a Helm chart.
pub(crate) fn is_marker(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "Chart.yaml")
}

/// What `Chart.yaml` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chart {
    /// `name`; the release is rendered under it.
    pub(crate) name: String,
    /// `type: library`: only for other charts to include.
    pub(crate) library: bool,
}

impl Chart {
    pub(crate) fn parse(text: &str) -> Self {
        let stream = Stream::parse(text);
        let root = stream.documents().next().map(|document| document.root());
        let text = |field| root.and_then(|root| root.get(field)).and_then(Node::as_str);
        Self {
            name: text("name").unwrap_or_default().to_owned(),
            library: text("type") == Some("library"),
        }
    }
}
