// SPDX-License-Identifier: Apache-2.0
//! The inventory: the objects of all inputs, joined by namespace and name.

mod grants;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use writeway_yaml::Position;

use crate::object::effective_namespace;
use crate::uses::{Target, for_each_use};
use crate::{
    Application, ConfigMap, CsiDriver, Declared, FileId, GitRepository, HelmRelease, ImageUpdateAutomation,
    LimitRange, Metadata, Namespace, ObjectRef, ParsedFile, PersistentVolume, PersistentVolumeClaim, Place,
    Problem, Secret, SecretMaker, ServiceAccount, Severity, Skipped, Spanned, StorageClass, UnknownField,
    Use, Workload,
};
use grants::Grants;
use table::Table;

/// Annotations that make a StorageClass the default one, today's first
/// (component-helpers/storage/volume and pkg/volume/util/storageclass.go).
const DEFAULT_CLASS: &[&str] = &[
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// What an object is called.
fn identity(object: &ObjectRef) -> (&str, &str, &str, &str) {
    (
        &object.kind,
        object.group(),
        object.effective_namespace(),
        &object.name,
    )
}

/// The entry of a list in input order that an object is.
fn declared<'a, T>(list: &'a [Declared<T>], object: &ObjectRef) -> Option<&'a Declared<T>> {
    let place = |object: &ObjectRef| (object.file, object.span.start);
    let first = list.partition_point(|entry| place(&entry.object) < place(object));
    list.get(first)
        .filter(|found| found.object.file == object.file && found.object.span == object.span)
}

/// Objects as those of a file of the inventory.
fn in_file<T>(file: FileId, objects: &[Declared<T>]) -> impl Iterator<Item = Declared<T>> {
    objects.iter().cloned().map(move |mut declared| {
        declared.object.file = file;
        declared
    })
}

/// The objects of all inputs. Namespaces are compared as `kubectl` would create the objects: none is `default`.
/// Of two objects with one name the first counts.
#[derive(Debug, Default)]
pub struct Inventory {
    files: Vec<Arc<ParsedFile>>,
    workloads: Vec<Workload>,
    secrets: Table<Secret>,
    config_maps: Table<ConfigMap>,
    claims: Table<PersistentVolumeClaim>,
    volumes: Table<PersistentVolume>,
    classes: Table<StorageClass>,
    drivers: Table<CsiDriver>,
    namespaces: Table<Namespace>,
    service_accounts: Table<ServiceAccount>,
    limit_ranges: Table<LimitRange>,
    grants: Grants,
    git_repositories: Vec<Declared<GitRepository>>,
    image_automations: Vec<Declared<ImageUpdateAutomation>>,
    /// By namespace and name of the Secret.
    makers: BTreeMap<(String, String), Declared<SecretMaker>>,
    helm_releases: Vec<Declared<HelmRelease>>,
    applications: Vec<Declared<Application>>,
    others: Vec<ObjectRef>,
    objects: Vec<Declared<Metadata>>,
    /// Places in `objects`, ordered by [`identity`] and then by input order.
    by_identity: Vec<usize>,
    uses: BTreeMap<(Target, String, String), Vec<Use>>,
    problems: Vec<Problem>,
    unknown_fields: Vec<UnknownField>,
    skipped: Vec<Skipped>,
}

impl Inventory {
    /// Joins files, in the order given.
    pub fn from_parsed(files: Vec<ParsedFile>) -> Self {
        Self::joined(files.into_iter().map(Arc::new))
    }

    fn joined(files: impl Iterator<Item = Arc<ParsedFile>>) -> Self {
        let mut inventory = Self::default();
        for file in files {
            inventory.add(file);
        }
        inventory.index_uses();
        inventory.index_names();
        inventory
    }

    /// The inventory with other texts in some of its files. Files keep their names and ids.
    #[must_use]
    pub fn edited(&self, texts: &BTreeMap<FileId, String>) -> Self {
        let parse = |text: &String| ParsedFile::parse("", text.as_str());
        self.with_files(texts.iter().map(|(id, text)| (*id, parse(text))).collect())
    }

    /// The inventory with other files in the place of some. They get the names and ids of those whose place they take.
    #[must_use]
    pub fn with_files(&self, mut files: BTreeMap<FileId, ParsedFile>) -> Self {
        let files = self
            .files
            .iter()
            .zip(0..)
            .map(|(file, id)| match files.remove(&FileId(id)) {
                Some(other) => Arc::new(ParsedFile {
                    name: file.name.clone(),
                    ..other
                }),
                None => Arc::clone(file),
            });
        Self::joined(files)
    }

    fn add(&mut self, parsed: Arc<ParsedFile>) {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Arc::clone(&parsed));
        let ParsedFile {
            objects,
            problems,
            unknown_fields,
            skipped,
            ..
        } = parsed.as_ref();
        self.problems
            .extend(problems.iter().cloned().map(|problem| Problem {
                file: id,
                also: problem.also.map(|place| Place { file: id, ..place }),
                ..problem
            }));
        self.unknown_fields.extend(
            unknown_fields
                .iter()
                .cloned()
                .map(|field| UnknownField { file: id, ..field }),
        );
        self.skipped
            .extend(skipped.iter().cloned().map(|skipped| Skipped {
                place: Place {
                    file: id,
                    ..skipped.place
                },
                ..skipped
            }));
        self.workloads
            .extend(objects.workloads.iter().cloned().map(|workload| Workload {
                object: ObjectRef {
                    file: id,
                    ..workload.object
                },
                ..workload
            }));
        self.others.extend(
            objects
                .others
                .iter()
                .cloned()
                .map(|object| ObjectRef { file: id, ..object }),
        );

        self.git_repositories
            .extend(in_file(id, &objects.git_repositories));
        self.image_automations
            .extend(in_file(id, &objects.image_automations));
        self.helm_releases.extend(in_file(id, &objects.helm_releases));
        self.applications.extend(in_file(id, &objects.applications));
        self.objects.extend(in_file(id, &objects.all));

        for maker in in_file(id, &objects.makers) {
            let key = (
                maker.object.effective_namespace().to_owned(),
                maker.secret.value.clone(),
            );
            self.makers.entry(key).or_insert(maker);
        }

        self.grants.extend(id, &objects.roles, &objects.role_bindings);

        let mut doubles = Vec::new();
        self.secrets.extend(id, &objects.secrets, &mut doubles);
        self.config_maps.extend(id, &objects.config_maps, &mut doubles);
        self.claims.extend(id, &objects.claims, &mut doubles);
        self.volumes.extend(id, &objects.volumes, &mut doubles);
        self.classes.extend(id, &objects.classes, &mut doubles);
        self.drivers.extend(id, &objects.drivers, &mut doubles);
        self.namespaces.extend(id, &objects.namespaces, &mut doubles);
        self.service_accounts
            .extend(id, &objects.service_accounts, &mut doubles);
        self.limit_ranges.extend(id, &objects.limit_ranges, &mut doubles);
        doubles.sort_by_key(|double| double.second.name_span);
        for double in doubles {
            let message = format!(
                "{} `{}` is declared twice; the first one, at {}, counts",
                double.second.kind,
                double.name,
                self.position_text(double.first)
            );
            self.problems.push(Problem {
                file: id,
                span: double.second.name_span,
                severity: Severity::Warning,
                message,
                also: Some(double.first),
            });
        }
    }

    fn index_names(&mut self) {
        self.by_identity = (0..self.objects.len()).collect();
        let objects = &self.objects;
        self.by_identity
            .sort_by(|a, b| identity(&objects[*a].object).cmp(&identity(&objects[*b].object)));
    }

    fn index_uses(&mut self) {
        for (workload, Workload { object, pod, .. }) in self.workloads.iter().enumerate() {
            for_each_use(pod, |target, via, name| {
                let key = (
                    target,
                    object.effective_namespace().to_owned(),
                    name.value.clone(),
                );
                self.uses.entry(key).or_default().push(Use {
                    workload,
                    via,
                    span: name.span,
                });
            });
        }
    }

    /// Every file, in input order; templated ones included.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (FileId, &ParsedFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), file.as_ref()))
    }

    /// A file of this inventory.
    ///
    /// # Panics
    /// When the id comes from another inventory with more files.
    pub fn file(&self, id: FileId) -> &ParsedFile {
        &self.files[id.0 as usize]
    }

    /// The line and column where a place begins.
    pub fn position(&self, place: Place) -> Position {
        self.file(place.file).stream.position(place.span.start)
    }

    /// `file:line:column` of a place.
    pub fn position_text(&self, place: Place) -> String {
        let position = self.position(place);
        format!(
            "{}:{}:{}",
            self.file(place.file).name,
            position.line,
            position.column
        )
    }

    /// Every pod and what makes it, in input order.
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// The workload in whose text a place is; the last of those that one object makes.
    pub fn workload_at(&self, place: Place) -> Option<&Workload> {
        let behind = self.workloads.partition_point(|Workload { object, .. }| {
            (object.file, object.span.start) <= (place.file, place.span.start)
        });
        let workload = self.workloads.get(behind.checked_sub(1)?)?;
        let object = &workload.object;
        (object.file == place.file && object.span.contains(place.span)).then_some(workload)
    }

    /// Every object, whatever its kind, in input order: what it is called, and its labels and annotations.
    pub fn objects(&self) -> &[Declared<Metadata>] {
        &self.objects
    }

    /// The labels and annotations of an object of this inventory.
    pub fn metadata(&self, object: &ObjectRef) -> Option<&Metadata> {
        declared(&self.objects, object).map(|found| &*found.value)
    }

    /// The objects that are called what an object is called, itself among them, in input order: group, kind, namespace
    /// and name are the same.
    pub fn namesakes<'a>(
        &'a self,
        object: &ObjectRef,
    ) -> impl Iterator<Item = &'a Declared<Metadata>> + use<'a> {
        let of = |index: &usize| identity(&self.objects[*index].object);
        let wanted = identity(object);
        let start = self.by_identity.partition_point(|index| of(index) < wanted);
        let end = self.by_identity.partition_point(|index| of(index) <= wanted);
        let found = self.by_identity.get(start..end).unwrap_or_default();
        found.iter().map(|index| &self.objects[*index])
    }

    /// Every HelmRelease of Flux, in input order.
    pub fn helm_releases(&self) -> &[Declared<HelmRelease>] {
        &self.helm_releases
    }

    /// Every Application of Argo CD, in input order.
    pub fn applications(&self) -> &[Declared<Application>] {
        &self.applications
    }

    /// Objects that hold no pod and are no part of the inventory, in input order.
    pub fn others(&self) -> &[ObjectRef] {
        &self.others
    }

    /// The Secret of that name.
    pub fn secret(&self, namespace: Option<&str>, name: &str) -> Option<&Declared<Secret>> {
        self.secrets.get(effective_namespace(namespace), name)
    }

    /// The first custom resource from which a controller makes the Secret of that name.
    pub fn maker_of_secret(&self, namespace: Option<&str>, name: &str) -> Option<&Declared<SecretMaker>> {
        self.makers
            .get(&(effective_namespace(namespace).to_owned(), name.to_owned()))
    }

    /// The ConfigMap of that name.
    pub fn config_map(&self, namespace: Option<&str>, name: &str) -> Option<&Declared<ConfigMap>> {
        self.config_maps.get(effective_namespace(namespace), name)
    }

    /// The value of a key of a ConfigMap's `data`, with its place; `None` when there is none, or it is no string.
    pub fn config_map_text(&self, map: &Declared<ConfigMap>, key: &str) -> Option<Spanned<&str>> {
        let span = map.keys.get(key)?.text?;
        let value = self.file(map.object.file).stream.value_at(span)?;
        Some(Spanned::new(value.as_str()?, span))
    }

    /// The PersistentVolumeClaim of that name.
    pub fn claim(&self, namespace: Option<&str>, name: &str) -> Option<&Declared<PersistentVolumeClaim>> {
        self.claims.get(effective_namespace(namespace), name)
    }

    /// The PersistentVolume of that name.
    pub fn volume(&self, name: &str) -> Option<&Declared<PersistentVolume>> {
        self.volumes.get("", name)
    }

    /// Every PersistentVolume, by name.
    pub fn volumes(&self) -> impl Iterator<Item = &Declared<PersistentVolume>> {
        self.volumes.iter()
    }

    /// The PersistentVolume that a claim is, or is to be, bound to: the one that the claim names in `volumeName`, else
    /// the one that names the claim in `claimRef`. A match by class, size and access mode is the cluster's to make.
    pub fn volume_bound_to(
        &self,
        namespace: Option<&str>,
        claim: &str,
    ) -> Option<&Declared<PersistentVolume>> {
        let named = self
            .claim(namespace, claim)
            .and_then(|claim| claim.volume_name.as_ref());
        if let Some(volume) = named.filter(|name| !name.is_empty()) {
            return self.volume(volume);
        }
        self.volumes().find(|volume| {
            volume.claim_ref.as_ref().is_some_and(|(claim_namespace, name)| {
                name == claim
                    && effective_namespace(claim_namespace.as_deref()) == effective_namespace(namespace)
            })
        })
    }

    /// The StorageClass of that name.
    pub fn class(&self, name: &str) -> Option<&Declared<StorageClass>> {
        self.classes.get("", name)
    }

    /// Every StorageClass, by name.
    pub fn classes(&self) -> impl Iterator<Item = &Declared<StorageClass>> {
        self.classes.iter()
    }

    /// The default StorageClass. Of several, Kubernetes takes the newest, and the first by name of one age.
    pub fn default_class(&self) -> Option<&Declared<StorageClass>> {
        self.classes().find(|class| {
            DEFAULT_CLASS.iter().any(|annotation| {
                class
                    .annotations
                    .get(*annotation)
                    .is_some_and(|value| value == "true")
            })
        })
    }

    /// The CSIDriver of that name.
    pub fn driver(&self, name: &str) -> Option<&Declared<CsiDriver>> {
        self.drivers.get("", name)
    }

    /// The Namespace of that name.
    pub fn namespace(&self, name: &str) -> Option<&Declared<Namespace>> {
        self.namespaces.get("", name)
    }

    /// The ServiceAccount of that name.
    pub fn service_account(&self, namespace: Option<&str>, name: &str) -> Option<&Declared<ServiceAccount>> {
        self.service_accounts.get(effective_namespace(namespace), name)
    }

    /// The LimitRanges of a namespace, by name.
    pub fn limit_ranges(&self, namespace: Option<&str>) -> impl Iterator<Item = &Declared<LimitRange>> {
        self.limit_ranges.in_namespace(effective_namespace(namespace))
    }

    /// The GitRepositories of that name, in input order: repositories of several clusters have one for each.
    pub fn git_repositories(
        &self,
        namespace: &str,
        name: &str,
    ) -> impl Iterator<Item = &Declared<GitRepository>> {
        let named =
            move |object: &ObjectRef| object.name == name && object.effective_namespace() == namespace;
        self.git_repositories
            .iter()
            .filter(move |repository| named(&repository.object))
    }

    /// Every ImageUpdateAutomation, in input order.
    pub fn image_automations(&self) -> &[Declared<ImageUpdateAutomation>] {
        &self.image_automations
    }

    /// The ImageUpdateAutomation that an object is.
    pub fn image_automation(&self, object: &ObjectRef) -> Option<&Declared<ImageUpdateAutomation>> {
        declared(&self.image_automations, object)
    }

    /// The Application of Argo CD that an object is.
    pub fn application(&self, object: &ObjectRef) -> Option<&Declared<Application>> {
        declared(&self.applications, object)
    }

    /// The workloads that use a Secret, whether it is among the inputs or not.
    pub fn users_of_secret(&self, namespace: Option<&str>, name: &str) -> &[Use] {
        self.users(Target::Secret, namespace, name)
    }

    /// The workloads that use a ConfigMap, whether it is among the inputs or not.
    pub fn users_of_config_map(&self, namespace: Option<&str>, name: &str) -> &[Use] {
        self.users(Target::ConfigMap, namespace, name)
    }

    /// The workloads that mount a claim, whether it is among the inputs or not.
    pub fn users_of_claim(&self, namespace: Option<&str>, name: &str) -> &[Use] {
        self.users(Target::Claim, namespace, name)
    }

    /// The workloads that run as a ServiceAccount, whether it is among the inputs or not.
    pub fn users_of_service_account(&self, namespace: Option<&str>, name: &str) -> &[Use] {
        self.users(Target::ServiceAccount, namespace, name)
    }

    fn users(&self, target: Target, namespace: Option<&str>, name: &str) -> &[Use] {
        let key = (target, effective_namespace(namespace).to_owned(), name.to_owned());
        self.uses.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What the API server would refuse, and what it takes but was hardly meant, file by file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Fields that their type does not have, file by file.
    pub fn unknown_fields(&self) -> &[UnknownField] {
        &self.unknown_fields
    }

    /// The fields of an object that its types do not have, in the order of the text.
    pub fn unknown_fields_of(&self, object: &ObjectRef) -> &[UnknownField] {
        let place = |field: &UnknownField| (field.file, field.span.start);
        let fields = &self.unknown_fields;
        let first = fields.partition_point(|field| place(field) < (object.file, object.span.start));
        let after = fields.partition_point(|field| place(field) < (object.file, object.span.end));
        &fields[first..after.max(first)]
    }

    /// Parts of the inputs that are not in the inventory, file by file.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }
}
