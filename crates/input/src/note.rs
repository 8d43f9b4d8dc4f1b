// SPDX-License-Identifier: Apache-2.0
//! What was left out on purpose, for the user to know.

use std::fmt;

/// Something that was left out, or taken in part, on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Note {
    /// A Helm chart that was not rendered.
    ChartSkipped {
        /// The chart's folder.
        name: String,
    },
    /// A Helm chart that cannot be rendered by itself.
    LibraryChartSkipped {
        /// The chart's folder.
        name: String,
    },
    /// A kustomization that was not built. Its resources are manifests of their own, so they are read.
    KustomizationNotBuilt {
        /// The kustomization's folder.
        name: String,
    },
    /// A kustomize component that no kustomization uses. It only changes others' resources.
    ComponentSkipped {
        /// The component's folder.
        name: String,
    },
    /// A kustomization that Writeway wrote, of other inputs.
    WrittenKustomizationSkipped {
        /// The kustomization's folder.
        name: String,
    },
    /// A folder without any manifest.
    NothingFound {
        /// The folder.
        name: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChartSkipped { name } => {
                write!(formatter, "{name}: Helm chart, not rendered (use --render)")
            }
            Self::LibraryChartSkipped { name } => {
                write!(
                    formatter,
                    "{name}: Helm library chart, skipped: it has nothing to render by itself"
                )
            }
            Self::KustomizationNotBuilt { name } => write!(
                formatter,
                "{name}: kustomization, not built (use --render); its resources are read without patches"
            ),
            Self::ComponentSkipped { name } => {
                write!(
                    formatter,
                    "{name}: kustomize component, skipped: no kustomization here uses it"
                )
            }
            Self::WrittenKustomizationSkipped { name } => write!(
                formatter,
                "{name}: kustomization that `writeway check --output kustomize` wrote of other inputs, skipped (name it to \
                 read it)"
            ),
            Self::NothingFound { name } => write!(formatter, "{name}: no .yaml, .yml or .json file in it"),
        }
    }
}
