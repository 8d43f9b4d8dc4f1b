// SPDX-License-Identifier: Apache-2.0
//! One file's text to its objects.

use std::sync::Arc;

use writeway_yaml::{Document, Kind, Node, Span, Stream};

use crate::read::{self, ItemType, Reader, shorten};
use crate::shape::{Located, PodPlace, embedded_pods};
use crate::templating::template_marker;
use crate::workload::{WorkloadKind, workload_kind};
use crate::{
    Application, ConfigMap, CsiDriver, Declared, FileId, GitRepository, HelmRelease, ImageUpdateAutomation,
    JobSpec, LimitRange, Metadata, Namespace, ObjectRef, PersistentVolume, PersistentVolumeClaim, Place,
    Problem, RbacRole, RoleBinding, Secret, SecretMaker, ServiceAccount, Severity, SkipReason, Skipped,
    StorageClass, UnknownField, Workload,
};

/// Lists inside of lists that are unfolded.
const MAX_LIST_DEPTH: usize = 4;

/// A file, read and parsed: the text with its tree, and the objects in it. Files are parsed one by one, in any order
/// and on any thread; [`Inventory::from_parsed`](crate::Inventory::from_parsed) joins them.
#[derive(Debug)]
pub struct ParsedFile {
    /// The name as the user gave it: a path, or `-`.
    pub name: String,
    /// The text and its tree.
    pub stream: Arc<Stream>,
    pub(crate) objects: Objects,
    pub(crate) problems: Vec<Problem>,
    pub(crate) unknown_fields: Vec<UnknownField>,
    pub(crate) skipped: Vec<Skipped>,
}

/// The objects of a file, each list in the file's order.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) workloads: Vec<Workload>,
    pub(crate) secrets: Vec<Declared<Secret>>,
    pub(crate) config_maps: Vec<Declared<ConfigMap>>,
    pub(crate) claims: Vec<Declared<PersistentVolumeClaim>>,
    pub(crate) volumes: Vec<Declared<PersistentVolume>>,
    pub(crate) classes: Vec<Declared<StorageClass>>,
    pub(crate) drivers: Vec<Declared<CsiDriver>>,
    pub(crate) namespaces: Vec<Declared<Namespace>>,
    pub(crate) service_accounts: Vec<Declared<ServiceAccount>>,
    pub(crate) limit_ranges: Vec<Declared<LimitRange>>,
    pub(crate) makers: Vec<Declared<SecretMaker>>,
    pub(crate) git_repositories: Vec<Declared<GitRepository>>,
    pub(crate) image_automations: Vec<Declared<ImageUpdateAutomation>>,
    pub(crate) roles: Vec<Declared<RbacRole>>,
    pub(crate) role_bindings: Vec<Declared<RoleBinding>>,
    pub(crate) helm_releases: Vec<Declared<HelmRelease>>,
    pub(crate) applications: Vec<Declared<Application>>,
    pub(crate) others: Vec<ObjectRef>,
    /// Every object, whatever its kind.
    pub(crate) all: Vec<Declared<Metadata>>,
}

impl ParsedFile {
    /// Parses a file. Nothing fails: what is wrong is among the inventory's problems.
    pub fn parse(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self::from_stream(name, Stream::parse(text))
    }

    /// Reads the objects of a stream that is parsed already.
    pub fn from_stream(name: impl Into<String>, stream: impl Into<Arc<Stream>>) -> Self {
        let stream = stream.into();
        let mut file = FileReader {
            objects: Objects::default(),
            reader: Reader::new(stream.text().len()),
            skipped: Vec::new(),
        };
        match template_marker(&stream) {
            Some(span) => file.skip(span, SkipReason::Templated),
            None => file.stream(&stream),
        }
        let FileReader {
            objects,
            reader,
            skipped,
        } = file;
        let Reader {
            problems,
            unknown_fields,
            ..
        } = reader;
        Self {
            name: name.into(),
            stream,
            objects,
            problems,
            unknown_fields,
            skipped,
        }
    }

    /// The pods in the file and what makes them, in the file's order.
    pub fn workloads(&self) -> &[Workload] {
        &self.objects.workloads
    }

    /// Whether the file is a template that has to be rendered first, so that nothing of it was read.
    pub fn is_templated(&self) -> bool {
        self.skipped
            .iter()
            .any(|skipped| skipped.reason == SkipReason::Templated)
    }
}

struct FileReader {
    objects: Objects,
    reader: Reader,
    skipped: Vec<Skipped>,
}

impl FileReader {
    fn skip(&mut self, span: Span, reason: SkipReason) {
        self.skipped.push(Skipped {
            place: Place {
                file: FileId::default(),
                span,
            },
            reason,
        });
    }

    fn problem(&mut self, span: Span, severity: Severity, message: String, also: Option<Span>) {
        let file = FileId::default();
        let also = also.map(|span| Place { file, span });
        self.reader.problems.push(Problem {
            file,
            span,
            severity,
            message,
            also,
        });
    }

    fn stream(&mut self, stream: &Stream) {
        for error in stream.errors() {
            self.problem(error.span, Severity::Error, error.to_string(), None);
        }
        let mut manifests = Vec::new();
        for document in stream.documents() {
            if self.document(document) {
                manifests.push(document.span());
            }
        }
        for duplicate in stream.duplicates() {
            // A document that is no manifest may be anything, and Kubernetes never reads it.
            let after = manifests.partition_point(|manifest| manifest.start <= duplicate.second.start);
            if manifests[..after]
                .last()
                .is_some_and(|manifest| manifest.contains(duplicate.second))
            {
                let message = format!(
                    "key `{}` is written twice; the last one counts",
                    shorten(&duplicate.key)
                );
                self.problem(
                    duplicate.second,
                    Severity::Warning,
                    message,
                    Some(duplicate.first),
                );
            }
        }
        self.reader.finish();
    }

    /// Reads a document; tells whether it is a manifest.
    fn document(&mut self, document: Document<'_>) -> bool {
        let root = document.root();
        if root.is_null() {
            self.skip(document.span(), SkipReason::Empty);
            return false;
        }
        self.object(root, document.index(), None, 0)
    }

    fn object(
        &mut self,
        node: Node<'_>,
        document: usize,
        inherited: Option<&ItemType<'_>>,
        depth: usize,
    ) -> bool {
        let object = (node.kind() == Kind::Mapping)
            .then(|| read::object_ref(&mut self.reader, node, document, inherited))
            .flatten();
        let Some(object) = object else {
            self.skip(node.span(), SkipReason::WithoutKind);
            return false;
        };
        let items = node
            .get("items")
            .filter(|items| object.kind.ends_with("List") && items.kind() == Kind::Sequence);
        match items {
            Some(items) if depth < MAX_LIST_DEPTH => {
                // A typed list's items leave out their own type: PodList, but not List.
                let kind = object.kind.strip_suffix("List").unwrap_or_default();
                let item_type = ItemType {
                    api_version: &object.api_version,
                    kind,
                };
                for item in items.items() {
                    self.object(
                        item,
                        document,
                        Some(&item_type).filter(|of| !of.kind.is_empty()),
                        depth + 1,
                    );
                }
            }
            _ => self.single(node, object),
        }
        true
    }

    /// Reads one object by its group and kind.
    fn single(&mut self, node: Node<'_>, object: ObjectRef) {
        self.objects.all.push(Declared {
            object: object.clone(),
            value: Arc::new(read::metadata(&mut self.reader, node)),
        });
        if let Some(kind) = workload_kind(&object) {
            self.workload(node, object, kind);
            return;
        }
        let (reader, objects) = (&mut self.reader, &mut self.objects);
        match (object.group(), object.kind.as_str()) {
            ("", "Secret") => declare(&mut objects.secrets, object, read::secret(reader, node)),
            ("", "ConfigMap") => declare(&mut objects.config_maps, object, read::config_map(reader, node)),
            ("", "PersistentVolumeClaim") => declare(&mut objects.claims, object, read::claim(reader, node)),
            ("", "PersistentVolume") => declare(
                &mut objects.volumes,
                object,
                read::persistent_volume(reader, node),
            ),
            ("", "Namespace") => declare(&mut objects.namespaces, object, read::namespace(reader, node)),
            ("", "ServiceAccount") => {
                declare(
                    &mut objects.service_accounts,
                    object,
                    read::service_account(reader, node),
                );
            }
            ("", "LimitRange") => declare(&mut objects.limit_ranges, object, read::limit_range(reader, node)),
            ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => {
                declare(&mut objects.roles, object, read::rbac_role(reader, node));
            }
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
                let binding = read::role_binding(reader, node, &object);
                declare(&mut objects.role_bindings, object, binding);
            }
            ("storage.k8s.io", "StorageClass") => {
                declare(&mut objects.classes, object, read::storage_class(reader, node));
            }
            ("storage.k8s.io", "CSIDriver") => {
                declare(&mut objects.drivers, object, read::csi_driver(reader, node))
            }
            (group, _) if is_custom(group) => self.custom(node, object),
            _ => objects.others.push(object),
        }
    }

    fn workload(&mut self, node: Node<'_>, object: ObjectRef, kind: &WorkloadKind) {
        let Some(way) = self.reader.descend(node, kind.pod) else {
            self.objects.others.push(object);
            return;
        };
        let steps = kind.pod.len();
        let at = |up: usize| {
            let depth = steps.checked_sub(up)?;
            Some(Located {
                node: *way.get(depth)?,
                path: kind.pod[..depth].join("."),
            })
        };
        for above in (1..=steps).filter_map(at) {
            self.reader.collect_above_pod(above.node, &above.path);
        }
        let job = at(2)
            .filter(|_| object.group() == "batch")
            .and_then(|spec| read::job_spec(&mut self.reader, &spec));
        if let (Some(spec), Some(template)) = (at(0), at(1)) {
            self.pod(
                object,
                PodPlace {
                    spec,
                    template,
                    holder: at(2),
                },
                job,
                kind.more_fields,
            );
        }
    }

    /// A custom resource: its schema may ask for more or less than PodSpec does, so that nothing in it is an error.
    fn custom(&mut self, node: Node<'_>, object: ObjectRef) {
        if let Some(maker) = read::secret_maker(node, &object) {
            declare(&mut self.objects.makers, object, Some(maker));
            return;
        }
        (self.reader.severity, self.reader.strict) = (Severity::Warning, false);
        self.custom_resource(node, object);
        (self.reader.severity, self.reader.strict) = (Severity::Error, true);
    }

    fn custom_resource(&mut self, node: Node<'_>, object: ObjectRef) {
        let (reader, objects) = (&mut self.reader, &mut self.objects);
        match (object.group(), object.kind.as_str()) {
            ("source.toolkit.fluxcd.io", "GitRepository") => {
                if let Some(repository) = read::git_repository(node) {
                    return declare(&mut objects.git_repositories, object, Some(repository));
                }
            }
            ("image.toolkit.fluxcd.io", "ImageUpdateAutomation") => {
                if let Some(automation) = read::image_update_automation(node) {
                    return declare(&mut objects.image_automations, object, Some(automation));
                }
            }
            ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                let release = read::helm_release(reader, node);
                return declare(&mut objects.helm_releases, object, release);
            }
            ("argoproj.io", "Application") => {
                let application = read::application(reader, node);
                return declare(&mut objects.applications, object, application);
            }
            _ => {}
        }
        let places = embedded_pods(node);
        if places.is_empty() {
            self.objects.others.push(object);
            return;
        }
        for place in places {
            self.pod(object.clone(), place, None, &[]);
        }
    }

    fn pod(&mut self, object: ObjectRef, place: PodPlace<'_>, job: Option<JobSpec>, more_fields: &[&str]) {
        let PodPlace {
            spec,
            template,
            holder,
        } = place;
        let reader = &mut self.reader;
        reader.unread.clear();
        let Some(pod) = read::pod_spec(reader, &spec, more_fields) else {
            return;
        };
        let pod_annotations = read::pod_annotations(reader, &template);
        let unread = std::mem::take(&mut reader.unread);
        let claim_templates = holder
            .map(|holder| read::claim_templates(reader, &holder))
            .unwrap_or_default();
        let pod_path = spec.path;
        self.objects.workloads.push(Workload {
            object,
            pod: Arc::new(pod),
            pod_path,
            by_shape: !reader.strict,
            pod_annotations,
            unread,
            job,
            claim_templates,
        });
    }
}

fn declare<T>(list: &mut Vec<Declared<T>>, object: ObjectRef, value: Option<T>) {
    list.extend(value.map(|value| Declared {
        object,
        value: Arc::new(value),
    }));
}

/// Kubernetes' own groups have kinds of fixed shape, which hold no pod but where the table says; every other group is
/// named after a domain. `x-k8s.io` is the domain of SIG projects' custom resources.
fn is_custom(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}
