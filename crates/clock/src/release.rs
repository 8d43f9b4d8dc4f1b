// SPDX-License-Identifier: Apache-2.0
//! Which objects of the inputs belong to one release of Helm, and how long Helm waits for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use writeway_manifest::{
    Declared, FileId, HelmHook, HelmRelease, HookEvent, Inventory, Metadata, ObjectRef, Place, Span, Workload,
};

use crate::{Assumptions, hook_order};

/// What Helm waits without `--timeout` (helm pkg/cmd/install.go, addInstallFlags).
const HELM_DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// Annotation that Helm sets on what belongs to a release (helm pkg/action/validate.go, helmReleaseNameAnnotation).
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
/// Labels in which charts write the release's name: the recommended one, and that of old charts.
const INSTANCE: [&str; 2] = ["app.kubernetes.io/instance", "release"];

/// What one run of Helm does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `helm install`.
    Install,
    /// `helm upgrade`.
    Upgrade,
    /// `helm rollback`.
    Rollback,
    /// `helm uninstall`.
    Uninstall,
    /// `helm test`.
    Test,
}

impl Action {
    /// Every action, in the order of a release's life.
    pub const ALL: [Self; 5] = [
        Self::Install,
        Self::Upgrade,
        Self::Rollback,
        Self::Uninstall,
        Self::Test,
    ];

    /// The action's name on Helm's command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Upgrade => "upgrade",
            Self::Rollback => "rollback",
            Self::Uninstall => "uninstall",
            Self::Test => "test",
        }
    }

    /// The events at which it runs hooks: before and after everything else.
    pub const fn events(self) -> (HookEvent, Option<HookEvent>) {
        match self {
            Self::Install => (HookEvent::PreInstall, Some(HookEvent::PostInstall)),
            Self::Upgrade => (HookEvent::PreUpgrade, Some(HookEvent::PostUpgrade)),
            Self::Rollback => (HookEvent::PreRollback, Some(HookEvent::PostRollback)),
            Self::Uninstall => (HookEvent::PreDelete, Some(HookEvent::PostDelete)),
            Self::Test => (HookEvent::Test, None),
        }
    }

    /// Whether it runs the hooks of an event.
    pub fn runs(self, event: HookEvent) -> bool {
        let (before, after) = self.events();
        before == event || after == Some(event)
    }
}

/// Who says how long Helm waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TimeoutSource<'a> {
    /// A HelmRelease, at a place unless it is Flux's default.
    HelmRelease(&'a ObjectRef, Option<Place>),
    /// The configuration.
    Configured,
    /// Nobody: it is Helm's default, unless the command line says something else.
    Default,
}

/// How long Helm waits for one hook, or for everything that is no hook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timeout<'a> {
    /// The time.
    pub after: Duration,
    /// Who says so.
    pub source: TimeoutSource<'a>,
    /// The action that it is the timeout of.
    pub action: Action,
}

/// An object that Helm creates as a hook.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What makes it a hook.
    pub hook: HelmHook,
    /// The pod, when the object makes one.
    pub workload: Option<&'a Workload>,
    /// It names its release; else it was given to the only one that there is.
    pub named: bool,
}

impl Hook<'_> {
    /// Whether Helm waits for its end: it does for Jobs and Pods, everything else is done when it is created
    /// (helm pkg/kube/wait.go, WatchUntilReady; pkg/kube/statuswait.go).
    pub fn is_waited_for(&self) -> bool {
        matches!(self.object.kind.as_str(), "Job" | "Pod") && self.workload.is_some()
    }
}

/// A release of Helm, as far as the inputs tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Release<'a> {
    /// Its name; none when no object tells it.
    pub name: Option<String>,
    /// The HelmRelease that makes it.
    pub declared: Option<&'a Declared<HelmRelease>>,
    /// Its hooks, in input order.
    pub hooks: Vec<Hook<'a>>,
    /// What else of it makes pods, in input order.
    pub workloads: Vec<&'a Workload>,
    /// Argo CD deploys it, as far as there are Applications among the inputs and no HelmRelease is its own: hooks are then
    /// waited for without limit (argo-cd docs/operator-manual/argocd-cmd-params-cm.yaml, `controller.sync.timeout.seconds`).
    pub by_argo: bool,
    /// The HelmRelease has a value that is not read, so that its timeouts are not known.
    unread: bool,
}

impl<'a> Release<'a> {
    /// The hooks of an event, in the order in which Helm runs them.
    pub fn hooks_of(&self, event: HookEvent) -> Vec<&Hook<'a>> {
        let mut hooks: Vec<_> = self
            .hooks
            .iter()
            .filter(|hook| hook.hook.runs_at(event))
            .collect();
        let order = |hook: &Hook<'_>| hook_order(hook.hook.weight, &hook.object.kind, &hook.object.name);
        hooks.sort_by_cached_key(|hook| order(hook));
        hooks
    }

    /// Whether an action runs hooks.
    pub fn runs_hooks(&self, action: Action) -> bool {
        let disabled = match (self.declared, action) {
            (Some(release), Action::Install) => &release.install.disable_hooks,
            (Some(release), Action::Upgrade) => &release.upgrade.disable_hooks,
            _ => &None,
        };
        !disabled.as_ref().is_some_and(|disabled| disabled.value)
    }

    /// How long Helm waits for each hook of an action; `None` when that is not known, or when no hook runs.
    pub fn hook_timeout(&self, action: Action, assumptions: &Assumptions) -> Option<Timeout<'a>> {
        self.timeout(action, assumptions)
            .filter(|_| self.runs_hooks(action))
    }

    /// How long Helm waits until everything that is no hook is ready; `None` when it does not, and when nobody knows.
    pub fn rest_timeout(&self, action: Action, assumptions: &Assumptions) -> Option<Timeout<'a>> {
        // Without a HelmRelease it waits only with `--wait`.
        let release = self.declared?;
        let disabled = match action {
            Action::Install => &release.install.disable_wait,
            Action::Upgrade => &release.upgrade.disable_wait,
            _ => return None,
        };
        if disabled.as_ref().is_some_and(|disabled| disabled.value) {
            return None;
        }
        self.timeout(action, assumptions)
    }

    fn timeout(&self, action: Action, assumptions: &Assumptions) -> Option<Timeout<'a>> {
        let (after, source) = match self.declared {
            Some(_) if self.unread => return None,
            Some(release) => {
                let of = match action {
                    Action::Install => &release.install,
                    Action::Upgrade => &release.upgrade,
                    _ => return None,
                };
                let (after, span) = release.timeout_of(of);
                let file = release.object.file;
                let place = span.map(|span| Place { file, span });
                (after, TimeoutSource::HelmRelease(&release.object, place))
            }
            None => match assumptions.helm_timeout {
                Some(configured) => (configured, TimeoutSource::Configured),
                None if self.by_argo => return None,
                None => (HELM_DEFAULT_TIMEOUT, TimeoutSource::Default),
            },
        };
        Some(Timeout {
            after,
            source,
            action,
        })
    }
}

/// The releases of the inputs that have hooks, or a HelmRelease and pods; those with a HelmRelease first, then by name.
///
/// An object belongs to the release that it names: in Helm's annotation, else in one of the labels that charts write. A
/// hook that names none belongs to the only HelmRelease of the inputs, unless it is in another namespace. Of two hooks of
/// one kind and name the first counts, as everywhere.
pub fn releases(inventory: &Inventory) -> Vec<Release<'_>> {
    let mut hooks = inventory
        .objects()
        .iter()
        .filter_map(|object| Some((object, object.value.helm_hook()?)))
        .peekable();
    if hooks.peek().is_none() && inventory.helm_releases().is_empty() {
        return Vec::new();
    }
    let keys = Keys::of(inventory);
    let mut releases: BTreeMap<Key<'_>, Release<'_>> = BTreeMap::new();
    let mut places = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (Declared { object, value }, hook) in hooks {
        let key = keys.of_object(object, value).or_else(|| keys.only(object));
        let key = key.unwrap_or(Key::Unnamed);
        let release = releases.entry(key).or_insert_with(|| keys.release(key));
        let place = Place {
            file: object.file,
            span: object.name_span,
        };
        places.insert(place);
        let identity = (
            object.kind.as_str(),
            object.namespace.as_deref(),
            object.name.as_str(),
        );
        if !seen.insert((key, identity)) {
            continue;
        }
        release.hooks.push(Hook {
            object,
            hook,
            workload: inventory.workload_at(place),
            named: keys.of_object(object, value).is_some(),
        });
    }
    for workload in inventory.workloads() {
        let object = &workload.object;
        let place = Place {
            file: object.file,
            span: object.name_span,
        };
        let key = inventory
            .metadata(object)
            .and_then(|metadata| keys.of_object(object, metadata));
        let Some(key) = key.filter(|_| !places.contains(&place)) else {
            continue;
        };
        if matches!(key, Key::Declared(_)) {
            let release = releases.entry(key).or_insert_with(|| keys.release(key));
            release.workloads.push(workload);
        } else if let Some(release) = releases.get_mut(&key) {
            release.workloads.push(workload);
        }
    }
    releases.into_values().collect()
}

/// What tells releases apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    /// The HelmRelease, by its place in the inventory's list.
    Declared(usize),
    /// The release's name, and the namespace of the object that names it.
    Named(&'a str, Option<&'a str>),
    /// That of hooks that name none.
    Unnamed,
}

/// The HelmReleases of the inputs, by the names of what they make.
struct Keys<'a> {
    declared: &'a [Declared<HelmRelease>],
    by_name: BTreeMap<String, Vec<usize>>,
    /// There are Applications of Argo CD.
    argo: bool,
    /// The files in which something was refused, with the places.
    refused: BTreeMap<FileId, Vec<Span>>,
}

impl<'a> Keys<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let declared = inventory.helm_releases();
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, release) in declared.iter().enumerate() {
            by_name.entry(release_name(release)).or_default().push(index);
        }
        let mut refused: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for problem in inventory.problems() {
            refused.entry(problem.file).or_default().push(problem.span);
        }
        Self {
            declared,
            by_name,
            argo: !inventory.applications().is_empty(),
            refused,
        }
    }

    /// The release that an object names.
    fn of_object(&self, object: &'a ObjectRef, metadata: &'a Metadata) -> Option<Key<'a>> {
        let label = || INSTANCE.iter().find_map(|label| metadata.labels.get(*label));
        let name = metadata.annotation(RELEASE_NAME).or_else(label)?;
        let candidates = self.by_name.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let there: Vec<_> = candidates
            .iter()
            .filter(|index| is_in_namespace_of(object, &self.declared[**index]))
            .collect();
        match (there.as_slice(), candidates) {
            ([index], _) => Some(Key::Declared(**index)),
            ([], [index]) => Some(Key::Declared(*index)),
            _ => Some(Key::Named(name.as_str(), object.namespace.as_deref())),
        }
    }

    /// The only HelmRelease that there is, for an object that may be in its namespace.
    fn only(&self, object: &ObjectRef) -> Option<Key<'a>> {
        let [release] = self.declared else {
            return None;
        };
        is_in_namespace_of(object, release).then_some(Key::Declared(0))
    }

    /// A release without objects.
    fn release(&self, key: Key<'a>) -> Release<'a> {
        let (name, declared) = match key {
            Key::Declared(index) => {
                let declared = &self.declared[index];
                (Some(release_name(declared)), Some(declared))
            }
            Key::Named(name, _) => (Some(name.to_owned()), None),
            Key::Unnamed => (None, None),
        };
        let unread = declared.is_some_and(|Declared { object, .. }| {
            let refused = self.refused.get(&object.file).into_iter().flatten();
            refused.copied().any(|span| object.span.contains(span))
        });
        Release {
            name,
            declared,
            hooks: Vec::new(),
            workloads: Vec::new(),
            by_argo: declared.is_none() && self.argo,
            unread,
        }
    }
}

/// Whether an object is, or would be, created in the namespace of a release; rendered charts seldom say one.
fn is_in_namespace_of(object: &ObjectRef, release: &Declared<HelmRelease>) -> bool {
    let target = release.target_namespace.as_ref().map(|target| target.as_str());
    let namespace = target.or(release.object.namespace.as_deref());
    object.namespace.is_none() || object.namespace.as_deref() == namespace
}

/// The name of what a HelmRelease makes (helm-controller api/v2/helmrelease_types.go, GetReleaseName).
fn release_name(release: &Declared<HelmRelease>) -> String {
    match (&release.release_name, &release.target_namespace) {
        (Some(name), _) => name.value.clone(),
        (None, Some(target)) => format!("{}-{}", target.value, release.object.name),
        (None, None) => release.object.name.clone(),
    }
}
