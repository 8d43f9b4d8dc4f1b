// SPDX-License-Identifier: Apache-2.0
//! What is under repair: the inputs as they were, and the drafts of documents that were or may be changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use writeway_access::{Context, PodMap, map_pod};
use writeway_check::{Finding, Need};
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory, ParsedFile, Which, Workload};

use crate::Options;
use crate::draft::{Draft, DraftId};
use crate::known_way::with_known_way;

/// The inputs with all changes so far.
pub(crate) struct Desk<'a> {
    inputs: &'a Inventory,
    /// The inputs as they are by now, once something was changed beside workloads.
    changed: Option<Arc<Inventory>>,
    facts: &'a Facts,
    extra_paths: &'a [String],
    /// Documents that were changed.
    drafts: BTreeMap<DraftId, Draft>,
    /// Documents that were looked at and not changed.
    untouched: BTreeMap<DraftId, Draft>,
    /// Maps of pods as they are by now.
    maps: BTreeMap<PodId, Arc<PodMap>>,
}

/// What was before a change.
pub(crate) struct Undo {
    changed: Option<Arc<Inventory>>,
    drafts: Vec<(DraftId, Option<Draft>)>,
}

/// Which pod it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PodId {
    /// The document in which it stands.
    pub(crate) draft: DraftId,
    /// Which of the document's pods it is.
    pub(crate) index: usize,
}

impl<'a> Desk<'a> {
    /// The inputs, with nothing changed.
    pub(crate) fn new(context: &Context<'a>) -> Self {
        Self {
            inputs: context.inventory,
            changed: None,
            facts: context.facts,
            extra_paths: context.extra_paths,
            drafts: BTreeMap::new(),
            untouched: BTreeMap::new(),
            maps: BTreeMap::new(),
        }
    }

    /// Everything maps are made from.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            inventory: self.changed.as_deref().unwrap_or(self.inputs),
            facts: self.facts,
            extra_paths: self.extra_paths,
        }
    }

    /// The pod that a finding is about.
    pub(crate) fn pod_of(&self, finding: &Finding) -> Option<PodId> {
        let at = self.inputs.workload_at(finding.primary.place)?;
        let draft = DraftId::of(&at.object);
        // In the order of the inputs, so that those of one document stand together.
        let all = self.inputs.workloads();
        let start = all.partition_point(|workload| DraftId::of(&workload.object) < draft);
        let pods = all[start..].iter();
        let pods = pods.take_while(|workload| DraftId::of(&workload.object) == draft);
        let has_container = |workload: &Workload| match &finding.subject.container {
            Some(name) => {
                let mut all = workload.pod.containers(Which::All);
                all.any(|container| *container.name == *name)
            }
            None => true,
        };
        let (index, _) = pods
            .enumerate()
            .find(|(_, workload)| workload.object == at.object && has_container(workload))?;
        Some(PodId { draft, index })
    }

    /// Whether the workload that a finding is about may be changed.
    pub(crate) fn may_change(&self, options: &Options, finding: &Finding) -> bool {
        let workload = self.inputs.workload_at(finding.primary.place);
        workload.is_none_or(|workload| options.may_change(self.inputs, &workload.object))
    }

    /// A document as it is by now. `None` when it does not stand alone.
    pub(crate) fn draft(&self, id: DraftId) -> Option<Cow<'_, Draft>> {
        match self.drafts.get(&id).or_else(|| self.untouched.get(&id)) {
            Some(draft) => Some(Cow::Borrowed(draft)),
            None => Draft::of(self.inputs, id).map(Cow::Owned),
        }
    }

    /// The map of a pod as it is by now, with the path that is needed; `None` when its document does not stand alone.
    pub(crate) fn map(&mut self, pod: PodId, need: Option<&Need>) -> Option<Arc<PodMap>> {
        if !self.drafts.contains_key(&pod.draft) && !self.untouched.contains_key(&pod.draft) {
            self.untouched
                .insert(pod.draft, Draft::of(self.inputs, pod.draft)?);
        }
        let draft = self.draft(pod.draft)?;
        let workload = draft.workloads().get(pod.index)?;
        if !supposes_nothing(self.facts, workload, need) {
            return Some(Arc::new(map(&self.context(), workload, need)));
        }
        let known = self.maps.get(&pod);
        if let Some(map) = known.filter(|map| need.is_none_or(|need| need.is_mapped(map))) {
            return Some(Arc::clone(map));
        }
        let map = Arc::new(map(&self.context(), workload, need));
        drop(draft);
        self.maps.insert(pod, Arc::clone(&map));
        Some(map)
    }

    /// Remembers the map that was made of a pod, as it is by now, for a need.
    pub(crate) fn remember(&mut self, pod: PodId, need: Option<&Need>, map: PodMap) {
        let draft = self.drafts.get(&pod.draft);
        let workload = draft.and_then(|draft| draft.workloads().get(pod.index));
        if workload.is_some_and(|workload| supposes_nothing(self.facts, workload, need)) {
            self.maps.insert(pod, Arc::new(map));
        }
    }

    /// Keeps changed documents; answers how to go back. With `elsewhere` they change what other pods' maps are made from.
    pub(crate) fn keep(&mut self, drafts: Vec<Draft>, elsewhere: bool) -> Undo {
        let undo = Undo {
            changed: self.changed.clone(),
            drafts: drafts
                .iter()
                .map(|draft| (draft.id(), self.drafts.get(&draft.id()).cloned()))
                .collect(),
        };
        self.maps
            .retain(|pod, _| !elsewhere && drafts.iter().all(|draft| draft.id() != pod.draft));
        self.drafts
            .extend(drafts.into_iter().map(|draft| (draft.id(), draft)));
        if elsewhere {
            self.changed = Some(Arc::new(self.with(&[])));
        }
        undo
    }

    /// Goes back to what was before.
    pub(crate) fn undo(&mut self, undo: Undo) {
        self.maps.clear();
        self.changed = undo.changed;
        for (id, draft) in undo.drafts {
            match draft {
                Some(draft) => self.drafts.insert(id, draft),
                None => self.drafts.remove(&id),
            };
        }
    }

    /// Whether something was changed that other documents' maps are made from.
    pub(crate) fn reaches_others(&self) -> bool {
        self.changed.is_some()
    }

    /// Takes over the documents that were changed on another desk, which reach no others.
    pub(crate) fn take_over(&mut self, desk: Self) {
        self.drafts.extend(desk.drafts);
    }

    /// The inputs as they would be with these documents, too.
    pub(crate) fn with(&self, drafts: &[Draft]) -> Inventory {
        let mut by_file: BTreeMap<FileId, BTreeMap<DraftId, &Draft>> = BTreeMap::new();
        for draft in self.drafts.values().chain(drafts) {
            by_file
                .entry(draft.id().file)
                .or_default()
                .insert(draft.id(), draft);
        }
        let files: Vec<_> = by_file.into_iter().collect();
        let files = files
            .into_par_iter()
            .map(|(id, drafts)| (id, self.file_with(id, &drafts)));
        self.inputs.with_files(files.collect())
    }

    /// A file with these documents.
    fn file_with(&self, id: FileId, drafts: &BTreeMap<DraftId, &Draft>) -> ParsedFile {
        let given = self.inputs.file(id).stream.text();
        let whole = drafts
            .values()
            .find(|draft| draft.home().range() == (0..given.len()));
        if let Some(draft) = whole {
            return ParsedFile::from_stream("", draft.stream());
        }
        let mut text = given.to_owned();
        // From behind, so that what stands before keeps its place.
        for draft in drafts.values().rev() {
            text.replace_range(draft.home().range(), draft.text());
        }
        ParsedFile::parse("", text)
    }

    /// The files with documents that were changed.
    pub(crate) fn changed_files(&self) -> BTreeSet<FileId> {
        self.drafts.keys().map(|id| id.file).collect()
    }
}

/// The map of a workload, with the path that is needed.
pub(crate) fn map(context: &Context<'_>, workload: &Workload, need: Option<&Need>) -> PodMap {
    let mut paths = context.extra_paths.to_vec();
    paths.extend(need.into_iter().flat_map(Need::paths).map(str::to_owned));
    let facts = facts_for(context.facts, workload, need);
    let context = Context {
        facts: &facts,
        extra_paths: &paths,
        ..*context
    };
    map_pod(&context, workload)
}

/// Whether a map for a need is made from the facts alone, so that it says the same for others.
fn supposes_nothing(facts: &Facts, workload: &Workload, need: Option<&Need>) -> bool {
    matches!(facts_for(facts, workload, need), Cow::Borrowed(_))
}

/// The facts, with what a need lets suppose beside them.
fn facts_for<'f>(facts: &'f Facts, workload: &Workload, need: Option<&Need>) -> Cow<'f, Facts> {
    match need {
        Some(need) => with_known_way(facts, workload, need),
        None => Cow::Borrowed(facts),
    }
}
