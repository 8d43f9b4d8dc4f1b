// SPDX-License-Identifier: Apache-2.0
//! Kustomizations, as far as one must know which files belong to them and which of those are manifests.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use writeway_yaml::{Kind, Node, Stream};

use crate::candidate::normalize;

/// The names that kustomize looks for (kustomize/api/konfig/general.go, `RecognizedKustomizationFileNames`).
const MARKERS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a kustomization begins with that Writeway made of repairs: what is in its folder is made of other inputs.
pub const WRITTEN_KUSTOMIZATION: &str =
    "# Written by `writeway check --output kustomize`; it is written anew each time.\n";

/// Whether a file is such a kustomization.
pub(crate) fn is_written(path: &Path) -> bool {
    let mut start = vec![0; WRITTEN_KUSTOMIZATION.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    is_marker(path) && read.is_ok() && start == WRITTEN_KUSTOMIZATION.as_bytes()
}

/// Fields whose items are resources: files that are manifests, or folders with kustomizations.
const RESOURCES: &[&str] = &["resources", "bases", "components"];

/// Fields whose items are the path of a file that is no manifest, or stand in one of its `path`s.
const NOT_MANIFESTS: &[&str] = &[
    "configurations",
    "crds",
    "generators",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "transformers",
    "validators",
];

/// Whether a file makes its folder a kustomization.
pub(crate) fn is_marker(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| MARKERS.iter().any(|marker| name == *marker))
}

/// What a kustomization names. Paths are those of the files, normalized, not relative to the folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kustomization {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Files and folders that it builds on.
    pub(crate) resources: Vec<PathBuf>,
    /// Files that change or generate resources: patches, generator input, values, plugin configuration.
    pub(crate) others: Vec<PathBuf>,
    /// `kind: Component`: built only as a part of others.
    pub(crate) component: bool,
}

impl Kustomization {
    /// Reads a kustomization file; what is wrong with it is for kustomize to say.
    pub(crate) fn parse(marker: &Path, text: &str) -> Self {
        let folder = normalize(marker.parent().unwrap_or(Path::new("")));
        let stream = Stream::parse(text);
        let Some(root) = stream.documents().next().map(|document| document.root()) else {
            return Self {
                folder,
                ..Self::default()
            };
        };
        let resolve = |path: &str| normalize(&folder.join(path));
        let list = |field: &str| root.get(field).into_iter().flat_map(Node::items);
        let resources = RESOURCES
            .iter()
            .flat_map(|field| list(field))
            .filter_map(Node::as_str)
            .map(resolve);

        let mut others: Vec<&str> = Vec::new();
        for item in NOT_MANIFESTS.iter().flat_map(|field| list(field)) {
            let path = if item.kind() == Kind::Mapping {
                item.get("path")
            } else {
                Some(item)
            };
            others.extend(path.and_then(Node::as_str));
        }
        for generator in ["configMapGenerator", "secretGenerator"]
            .iter()
            .flat_map(|field| list(field))
        {
            let files = ["files", "envs"]
                .iter()
                .filter_map(|field| generator.get(field))
                .flat_map(Node::items);
            // `key=path`, or the path alone.
            others.extend(
                files
                    .filter_map(Node::as_str)
                    .map(|file| file.split_once('=').map_or(file, |(_, path)| path)),
            );
            others.extend(generator.get("env").and_then(Node::as_str));
        }
        for chart in list("helmCharts") {
            others.extend(chart.get("valuesFile").and_then(Node::as_str));
            others.extend(
                chart
                    .get("additionalValuesFiles")
                    .into_iter()
                    .flat_map(Node::items)
                    .filter_map(Node::as_str),
            );
        }
        others.extend(
            root.get("openapi")
                .and_then(|openapi| openapi.get("path"))
                .and_then(Node::as_str),
        );

        Self {
            resources: resources.collect(),
            // An inline patch stands where a path may stand; it has several lines, which no path here has.
            others: others
                .into_iter()
                .filter(|path| !path.contains('\n'))
                .map(resolve)
                .collect(),
            component: root.get("kind").and_then(Node::as_str) == Some("Component"),
            folder,
        }
    }
}
