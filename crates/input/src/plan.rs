// SPDX-License-Identifier: Apache-2.0
//! Which of the files found are manifests, and which belong to a chart or a kustomization.
//!
//! A chart's templates are no YAML before they are rendered, so an unrendered chart is left out as a folder. A
//! kustomization's resources are manifests that stand for themselves, often the only ones of a project, so an
//! unbuilt kustomization loses only what is none: the kustomization file, its patches and its generators' input.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::candidate::{Candidate, display_name, normalize};
use crate::chart::{self, Chart};
use crate::kustomization::{self, Kustomization};
use crate::{InputError, Note, Origin, load};

/// Something to read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// A chart's folder, and the release's name.
    Chart { folder: PathBuf, release: String },
    /// A kustomization's folder.
    Kustomization(PathBuf),
}

impl From<Source> for Origin {
    fn from(source: Source) -> Self {
        match source {
            Source::Stdin => Self::Stdin,
            Source::File(path) => Self::File(path),
            Source::Chart { folder, .. } => Self::Chart(folder),
            Source::Kustomization(folder) => Self::Kustomization(folder),
        }
    }
}

/// What to read, in order, and what was left out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) sources: Vec<Source>,
    pub(crate) notes: Vec<Note>,
    pub(crate) errors: Vec<InputError>,
}

/// Sorts out the files found. A source stands where the file that makes it stood.
pub(crate) fn plan(candidates: Vec<Candidate>, render: bool, max_bytes: u64) -> Plan {
    let mut plan = Plan::default();
    let charts = chart_folders(&candidates);
    let in_chart = |path: &Path| {
        normalize(path)
            .ancestors()
            .skip(1)
            .any(|folder| charts.contains(folder))
    };
    let mut kustomizations = Kustomizations::default();
    let markers = candidates
        .iter()
        .filter_map(Candidate::path)
        .filter(|path| kustomization::is_marker(path));
    for marker in markers.filter(|marker| !in_chart(marker)) {
        match load::text(marker, max_bytes) {
            Ok(text) => kustomizations.add(Kustomization::parse(marker, &text)),
            Err(error) => plan.errors.push(error),
        }
    }
    let roots = kustomizations.roots();
    for candidate in candidates {
        let (path, named) = match candidate {
            Candidate::Stdin => {
                plan.sources.push(Source::Stdin);
                continue;
            }
            Candidate::Named(path) => (path, true),
            Candidate::Found(path) => (path, false),
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        if chart::is_marker(&path) {
            // A subchart is a part of its chart.
            if charts.contains(&normalize(&folder)) {
                plan.chart(&path, folder, render, max_bytes);
            }
        } else if kustomization::is_marker(&path) {
            if !in_chart(&path) {
                plan.kustomization(folder, &kustomizations, &roots, render);
            }
        } else if named || !(in_chart(&path) || kustomizations.owns(&normalize(&path), render)) {
            plan.sources.push(Source::File(path));
        }
    }
    plan
}

impl Plan {
    fn chart(&mut self, marker: &Path, folder: PathBuf, render: bool, max_bytes: u64) {
        let name = display_name(&folder);
        if !render {
            self.notes.push(Note::ChartSkipped { name });
            return;
        }
        match load::text(marker, max_bytes).map(|text| Chart::parse(&text)) {
            Ok(chart) if chart.library => self.notes.push(Note::LibraryChartSkipped { name }),
            Ok(chart) => self.sources.push(Source::Chart {
                folder,
                release: chart.name,
            }),
            Err(error) => self.errors.push(error),
        }
    }

    fn kustomization(
        &mut self,
        folder: PathBuf,
        all: &Kustomizations,
        roots: &BTreeSet<PathBuf>,
        render: bool,
    ) {
        let name = display_name(&folder);
        let clean = normalize(&folder);
        if !render {
            self.notes.push(Note::KustomizationNotBuilt { name });
        } else if roots.contains(&clean) {
            if all
                .by_folder
                .get(&clean)
                .is_some_and(|kustomization| kustomization.component)
            {
                self.notes.push(Note::ComponentSkipped { name });
            } else {
                self.sources.push(Source::Kustomization(folder));
            }
        }
    }
}

/// The charts that are no part of another chart.
fn chart_folders(candidates: &[Candidate]) -> BTreeSet<PathBuf> {
    let all: BTreeSet<PathBuf> = candidates
        .iter()
        .filter_map(Candidate::path)
        .filter(|path| chart::is_marker(path))
        .filter_map(|path| Some(normalize(path.parent()?)))
        .collect();
    let outermost = |folder: &&PathBuf| !folder.ancestors().skip(1).any(|above| all.contains(above));
    all.iter().filter(outermost).cloned().collect()
}

/// The kustomizations found, by folder.
#[derive(Debug, Default)]
struct Kustomizations {
    by_folder: BTreeMap<PathBuf, Kustomization>,
    resources: BTreeSet<PathBuf>,
    others: BTreeSet<PathBuf>,
}

impl Kustomizations {
    fn add(&mut self, kustomization: Kustomization) {
        self.resources.extend(kustomization.resources.iter().cloned());
        self.others.extend(kustomization.others.iter().cloned());
        self.by_folder.insert(kustomization.folder.clone(), kustomization);
    }

    /// Whether a file is not to be read by itself. What is built is read from the build alone.
    fn owns(&self, path: &Path, render: bool) -> bool {
        let built = || {
            let beside = path
                .parent()
                .is_some_and(|folder| self.by_folder.contains_key(folder));
            beside || self.resources.contains(path)
        };
        self.others.contains(path) || (render && built())
    }

    /// The folders to build so that every kustomization is built, those that others build on only with these.
    fn roots(&self) -> BTreeSet<PathBuf> {
        let mut roots: BTreeSet<PathBuf> = self
            .by_folder
            .keys()
            .filter(|folder| !self.resources.contains(*folder))
            .cloned()
            .collect();
        let mut reached = BTreeSet::new();
        for root in &roots {
            self.reach(root, &mut reached);
        }
        // Kustomizations that build on each other have no beginning: kustomize shall say so.
        for folder in self.by_folder.keys() {
            if !reached.contains(folder) {
                roots.insert(folder.clone());
                self.reach(folder, &mut reached);
            }
        }
        roots
    }

    fn reach(&self, from: &Path, reached: &mut BTreeSet<PathBuf>) {
        let mut rest = vec![from.to_owned()];
        while let Some(folder) = rest.pop() {
            let Some(kustomization) = self.by_folder.get(&folder) else {
                continue;
            };
            if reached.insert(folder) {
                rest.extend(kustomization.resources.iter().cloned());
            }
        }
    }
}
