// SPDX-License-Identifier: Apache-2.0
//! What a remedy sees, and what most of them ask of it.

use writeway_access::{ContainerMap, Context, PathMap, PodMap};
use writeway_check::{Finding, Need};
use writeway_manifest::{Container, Mount, Volume, Which, Workload};
use writeway_pod_security::{Level, Request};
use writeway_yaml::{Edit, Node, Operation, Path, Step, Value};

use crate::{Draft, Options};

/// A finding in a workload, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The objects of all inputs as they are by now, and the facts.
    pub context: &'a Context<'a>,
    /// What the user decides.
    pub options: &'a Options,
    /// The document under repair.
    pub draft: &'a Draft,
    /// The workload as it is by now; its places are those of the draft.
    pub workload: &'a Workload,
    /// The workload's write map, with the path that is needed.
    pub map: &'a PodMap,
    /// What was found. Its places are those of the inputs: only names count.
    pub finding: &'a Finding,
    /// What has to become writable; `None` when the finding is about something else.
    pub need: Option<&'a Need>,
}

impl<'a> Case<'a> {
    /// The container that the finding is about.
    pub fn container(&self) -> Option<&'a Container> {
        let name = match self.need {
            Some(need) => &need.container,
            None => self.finding.subject.container.as_ref()?,
        };
        let mut containers = self.workload.pod.containers(Which::All);
        containers.find(|container| *container.name == *name)
    }

    /// Its map; `None` when the pod does not start.
    pub fn container_map(&self) -> Option<&'a ContainerMap> {
        let container = self.container()?;
        self.map.containers.iter().find(|map| map.name == *container.name)
    }

    /// What is at the path that is needed.
    pub fn path(&self) -> Option<&'a PathMap> {
        self.need?.path_in(self.map).map(|(_, path)| path)
    }

    /// The mount that the path belongs to; `None` when it is on the container's own file system.
    pub fn mount(&self) -> Option<&'a Mount> {
        self.container()?.mounts.get(self.path()?.mount?)
    }

    /// The volume that the path belongs to, when the pod has it under `volumes`.
    pub fn volume(&self) -> Option<&'a Volume> {
        self.workload.pod.volume(&self.mount()?.name)
    }

    /// The level that the workload's namespace enforces; `None` when no Namespace among the inputs says so.
    pub fn enforced_level(&self) -> Option<Level> {
        let admission = Request::default().admit(self.context.inventory, self.workload);
        admission.policy.map(|policy| policy.level)
    }

    /// Whether the name is one that a volume or a claim template of the pod has.
    fn has_volume(&self, name: &str) -> bool {
        let templates = &self.workload.claim_templates;
        self.workload.pod.volume(name).is_some() || templates.iter().any(|template| *template.name == name)
    }

    /// A name for a new volume that none has: the one given, or that with a number.
    pub fn new_volume_name(&self, name: &str) -> String {
        free(name, |name| self.has_volume(name))
    }

    /// A name for a new container that none has: the one given, or that with a number.
    pub fn new_container_name(&self, name: &str) -> String {
        let all = self.workload.pod.containers(Which::All);
        free(name, |name| all.clone().any(|container| *container.name == name))
    }

    /// The way to the pod's spec.
    pub fn pod_path(&self) -> Option<Path> {
        self.draft.path_to(self.workload.pod.span)
    }

    /// The way to a container.
    pub fn container_path(&self, container: &Container) -> Option<Path> {
        self.draft.path_to(container.span)
    }

    /// The number that a container has in the list in which it stands.
    pub(crate) fn item_of(&self, container: &Container) -> Option<usize> {
        match self.container_path(container)?.0.pop()? {
            Step::Item(index) => Some(index),
            Step::Key(_) => None,
        }
    }

    /// Edits of the workload's document, to be collected; `None` when the pod is not where edits can reach it.
    pub fn edits(&self) -> Option<Edits<'a>> {
        Some(Edits {
            pod: self.pod_path()?,
            case: *self,
            list: Vec::new(),
        })
    }
}

fn free(name: &str, mut taken: impl FnMut(&str) -> bool) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while taken(&candidate) {
        candidate = format!("{name}-{number}");
        number += 1;
    }
    candidate
}

/// Edits of one pod, in the order in which they are made.
#[derive(Debug, Clone)]
pub struct Edits<'a> {
    case: Case<'a>,
    pod: Path,
    list: Vec<Edit>,
}

impl Edits<'_> {
    /// Adds a volume behind the others.
    #[must_use]
    pub fn volume(self, volume: Value) -> Self {
        let list = self.pod.join("volumes");
        self.append(list, volume)
    }

    /// Adds a mount behind the others of a container.
    #[must_use]
    pub fn mount(self, container: &Container, mount: Value) -> Self {
        match self.case.container_path(container) {
            Some(path) => self.append(path.join("volumeMounts"), mount),
            None => self,
        }
    }

    /// Adds an init container behind the others: what these prepare is there for it.
    #[must_use]
    pub fn init_container(mut self, container: Value) -> Self {
        let list = self.pod.join("initContainers");
        if self.case.draft.node(&list).is_none_or(|node| node.is_null()) && self.added(&list) == 0 {
            // Where people look for them.
            let operation = Operation::SetBefore("containers".to_owned(), Value::List(vec![container]));
            self.list.push(Edit {
                path: list,
                operation,
            });
            return self;
        }
        self.append(list, container)
    }

    /// Adds an init container in front of the others: it prepares what any of them may use. To be made last, since the
    /// places of the others are different then.
    #[must_use]
    pub fn first_init_container(self, container: Value) -> Self {
        let written = self.case.workload.pod.containers(Which::Startup).next().is_some();
        let has_others = written || self.added(&self.pod.join("initContainers")) > 0;
        self.init_container_at(has_others.then_some(0), container)
    }

    /// Adds an init container in front of that with this number, or behind the others.
    #[must_use]
    pub(crate) fn init_container_at(self, index: Option<usize>, container: Value) -> Self {
        match index {
            Some(index) => {
                let path = self.pod.join("initContainers").join(index);
                self.edit(path, Operation::Insert(container))
            }
            None => self.init_container(container),
        }
    }

    /// Gives a field of the pod's `securityContext` a value.
    #[must_use]
    pub(crate) fn set_in_pod_security(mut self, key: &str, value: Value) -> Self {
        let context = self.pod.join("securityContext");
        let is_new = self.case.draft.node(&context).is_none_or(|node| node.is_null());
        let path = context.join(key);
        if !is_new || self.list.iter().any(|edit| edit.path.0.starts_with(&context.0)) {
            return self.edit(path, Operation::Set(value));
        }
        // Where people look for it: in front of the containers.
        let first = ["initContainers", "containers"]
            .into_iter()
            .find(|key| self.case.draft.node(&self.pod.join(*key)).is_some());
        self.list.push(Edit {
            path: context,
            operation: Operation::SetBefore(
                first.unwrap_or("containers").to_owned(),
                Value::map([(key, value)]),
            ),
        });
        self
    }

    /// Adds an item behind the others of a list in the pod's `securityContext`.
    #[must_use]
    pub(crate) fn append_in_pod_security(self, key: &str, value: Value) -> Self {
        let list = self.pod.join("securityContext").join(key);
        if self.case.draft.node(&list).is_some_and(|node| !node.is_null()) {
            return self.append(list, value);
        }
        self.set_in_pod_security(key, Value::List(vec![value]))
    }

    /// Gives a field of the pod a value, by the keys on the way.
    #[must_use]
    pub fn set_in_pod(self, keys: &[&str], value: Value) -> Self {
        let path = keys.iter().fold(self.pod.clone(), |path, key| path.join(*key));
        self.edit(path, Operation::Set(value))
    }

    /// Gives a field of a container a value, by the keys on the way.
    #[must_use]
    pub fn set_in_container(self, container: &Container, keys: &[&str], value: Value) -> Self {
        let Some(start) = self.case.container_path(container) else {
            return self;
        };
        let path = keys.iter().fold(start, |path, key| path.join(*key));
        self.edit(path, Operation::Set(value))
    }

    /// Any edit, by a path from the document's root.
    #[must_use]
    pub fn edit(mut self, path: Path, operation: Operation) -> Self {
        self.list.push(Edit { path, operation });
        self
    }

    /// The edits.
    pub fn into_list(self) -> Vec<Edit> {
        self.list
    }

    fn append(self, list: Path, value: Value) -> Self {
        let node = self.case.draft.node(&list);
        let written = node.map_or(0, |node| node.items().count());
        let neighbour = node.and_then(|node| node.items().last());
        let value = neighbour.map_or(value.clone(), |neighbour| as_in(neighbour, value));
        let index = written + self.added(&list);
        self.edit(list.join(index), Operation::Insert(value))
    }

    /// How many items these edits add to a list.
    fn added(&self, list: &Path) -> usize {
        let adds = |edit: &&Edit| match &edit.operation {
            Operation::Insert(_) => edit.path.0.split_last().is_some_and(|(_, above)| above == list.0),
            Operation::SetBefore(..) => edit.path == *list,
            Operation::Set(_) | Operation::Remove => false,
        };
        self.list.iter().filter(adds).count()
    }
}

/// A mapping with its keys in alphabetical order, if its neighbour has them so, and not the name first as most have.
fn as_in(neighbour: Node<'_>, value: Value) -> Value {
    let keys: Vec<_> = neighbour.entries().map(|(key, _)| key.key_text()).collect();
    let alphabetical = keys.len() > 1 && keys.is_sorted() && keys[0] != "name";
    match value {
        Value::Map(mut entries) if alphabetical => {
            entries.sort_by(|(one, _), (two, _)| one.cmp(two));
            Value::Map(entries)
        }
        value => value,
    }
}
