// SPDX-License-Identifier: Apache-2.0
//! Real manifests that need repair: what people do to them, at random.

use writeway_manifest::{Container, ParsedFile, Which, Workload};
use writeway_yaml::{Edit, Operation, Path, Value};

use crate::random::Random;

/// What the facts say of the node and of the classes, for volumes that mutations add.
pub(super) const FACTS: [&str; 3] = [
    "",
    r#"
hostPaths: { /srv/data: { owner: "0:0", mode: "0755" } }
storageClasses:
  local-path: { source: hostPath, hostPathType: DirectoryOrCreate, owner: "0:0", mode: "0755" }
  ebs: { source: csi, fsGroupPolicy: File, fsType: ext4, owner: "0:0", mode: "0755" }
kubernetes: { version: "1.36" }
"#,
    r#"
hostPaths: { /srv/data: { owner: "1001:2000", mode: "0770" } }
storageClasses:
  local-path: { source: local, owner: "0:0", mode: "0755" }
  ebs: { source: csi, fsGroupPolicy: ReadWriteOnceWithFSType, fsType: ext4, owner: "0:0", mode: "0755" }
kubernetes: { version: "1.37", featureGates: { EmptyDirVolumeMode: true } }
"#,
];

/// Images that are known to write somewhere, as image and tag.
const IMAGES: [&str; 8] = [
    "docker.io/library/nginx:1.29",
    "docker.io/library/redis:8",
    "docker.io/library/postgres:17",
    "docker.io/library/ruby:3.4",
    "ghcr.io/mastodon/mastodon:v4.4.3",
    "docker.io/grafana/grafana:12.0.0",
    "docker.io/rclone/rclone:1.70",
    "ghcr.io/acme/app:1.2",
];

/// A container of a document, and how to change it.
struct Place<'a> {
    workload: &'a Workload,
    container: &'a Container,
    /// The way to the pod's spec.
    pod: Path,
    /// The way to the container.
    at: Path,
}

/// A mutation: its edits, one after the other.
type Mutation = fn(&Place<'_>, &mut Random) -> Vec<Edit>;

const MUTATIONS: &[Mutation] = &[
    read_only_root,
    without_temp,
    without_volumes_of_temp,
    known_image,
    another_user,
    fs_group,
    non_root,
    host_directory,
    claim,
    ephemeral,
    empty_dir,
    secret,
    memory_limit,
    root_init_container,
];

/// A text with some mutations of one of its pods; `None` when it has none, or none of them can be made.
pub(super) fn mutant(text: &str, random: &mut Random) -> Option<String> {
    let mut text = text.to_owned();
    let mut changed = false;
    let target = {
        let parsed = ParsedFile::parse("", text.as_str());
        random.below(parsed.workloads().len().max(1))
    };
    for _ in 0..=random.below(5) {
        let mutation = MUTATIONS[random.below(MUTATIONS.len())];
        if let Some(mutated) = mutated(&text, target, mutation, random) {
            text = mutated;
            changed = true;
        }
    }
    if !changed {
        return None;
    }
    with_namespace(&mut text, target, random);
    dressed(&mut text, random);
    Some(text)
}

/// One mutation of a random container of a pod.
fn mutated(text: &str, target: usize, mutation: Mutation, random: &mut Random) -> Option<String> {
    let parsed = ParsedFile::parse("", text);
    let workload = parsed.workloads().get(target)?;
    let mut documents = parsed.stream.documents();
    let document = documents.find(|document| document.index() == workload.object.document)?;
    let containers: Vec<_> = workload.pod.containers(Which::All).collect();
    let container = *containers.get(random.below(containers.len()))?;
    let place = Place {
        workload,
        container,
        pod: document.path_to(workload.pod.span)?,
        at: document.path_to(container.span)?,
    };
    let edits = mutation(&place, random);
    Some(document.edit(&edits).ok()?.text().to_owned())
}

impl Place<'_> {
    fn set(&self, start: &Path, keys: &[&str], value: impl Into<Value>) -> Edit {
        Edit {
            path: keys.iter().fold(start.clone(), |path, key| path.join(*key)),
            operation: Operation::Set(value.into()),
        }
    }

    /// A volume for the container: the volume in front of the others, and its mount.
    fn mounted(&self, path: &str, source: (&str, Value), random: &mut Random) -> Vec<Edit> {
        if self
            .container
            .mounts
            .iter()
            .any(|mount| *mount.mount_path == path)
        {
            return Vec::new();
        }
        let name = format!("added-{}", random.below(1000));
        let mut mount = vec![
            ("name".to_owned(), Value::from(name.as_str())),
            ("mountPath".to_owned(), path.into()),
        ];
        if random.percent(20) {
            mount.push(("subPath".to_owned(), "below/there".into()));
        }
        let insert = |list: Path, value: Value| Edit {
            path: list.join(0),
            operation: Operation::Insert(value),
        };
        vec![
            insert(
                self.pod.join("volumes"),
                Value::map([("name", name.as_str().into()), source]),
            ),
            insert(self.at.join("volumeMounts"), Value::Map(mount)),
        ]
    }
}

fn user(random: &mut Random) -> i64 {
    [1000, 1001, 991, 65532][random.below(4)]
}

fn read_only_root(place: &Place<'_>, _: &mut Random) -> Vec<Edit> {
    vec![place.set(&place.at, &["securityContext", "readOnlyRootFilesystem"], true)]
}

/// The container loses its mount of `/tmp`.
fn without_temp(place: &Place<'_>, _: &mut Random) -> Vec<Edit> {
    let mounts = place.container.mounts.iter();
    let temp = mounts.enumerate().find(|(_, mount)| *mount.mount_path == "/tmp");
    let remove = temp.map(|(index, _)| Edit {
        path: place.at.join("volumeMounts").join(index),
        operation: Operation::Remove,
    });
    remove.into_iter().collect()
}

/// A read-only root, and no mount at all.
fn without_volumes_of_temp(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let mut edits = read_only_root(place, random);
    if !place.container.mounts.is_empty() {
        edits.push(Edit {
            path: place.at.join("volumeMounts"),
            operation: Operation::Remove,
        });
    }
    edits
}

fn known_image(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let image = IMAGES[random.below(IMAGES.len())];
    vec![
        place.set(&place.at, &["image"], image),
        place.set(&place.at, &["securityContext", "readOnlyRootFilesystem"], true),
    ]
}

fn another_user(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let start = if random.percent(50) { &place.pod } else { &place.at };
    let user = user(random);
    vec![
        place.set(start, &["securityContext", "runAsUser"], user),
        place.set(start, &["securityContext", "runAsGroup"], user),
    ]
}

fn fs_group(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    vec![place.set(&place.pod, &["securityContext", "fsGroup"], user(random))]
}

fn non_root(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let mut edits = vec![place.set(&place.pod, &["securityContext", "runAsNonRoot"], true)];
    edits.extend(another_user(place, random));
    edits
}

fn host_directory(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let source = ("hostPath", Value::map([("path", Value::from("/srv/data"))]));
    let mut edits = place.mounted("/data", source, random);
    edits.extend(another_user(place, random));
    edits
}

/// The claim itself comes behind the other documents ([`with_namespace`]).
fn claim(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let source = (
        "persistentVolumeClaim",
        Value::map([("claimName", Value::from("added-claim"))]),
    );
    let mut edits = place.mounted("/var/lib/app", source, random);
    edits.extend(another_user(place, random));
    edits
}

fn ephemeral(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let class = ["local-path", "ebs"][random.below(2)];
    let spec = Value::map([
        ("accessModes", Value::list(["ReadWriteOnce"])),
        ("storageClassName", class.into()),
        (
            "resources",
            Value::map([("requests", Value::map([("storage", Value::from("1Gi"))]))]),
        ),
    ]);
    let source = (
        "ephemeral",
        Value::map([("volumeClaimTemplate", Value::map([("spec", spec)]))]),
    );
    let mut edits = place.mounted("/scratch", source, random);
    edits.extend(another_user(place, random));
    edits
}

fn empty_dir(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let path = ["/tmp", "/cache", "/tmp/deep/down"][random.below(3)];
    let content = match random.below(3) {
        0 => Value::Map(Vec::new()),
        1 => Value::map([("medium", Value::from("Memory"))]),
        _ => Value::map([("sizeLimit", Value::from("64Mi"))]),
    };
    place.mounted(path, ("emptyDir", content), random)
}

fn secret(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let mut content = vec![("secretName".to_owned(), Value::from("google-token"))];
    if random.percent(40) {
        content.push(("defaultMode".to_owned(), Value::Int(0o400)));
    }
    let mut edits = place.mounted("/etc/google", ("secret", Value::Map(content)), random);
    edits.extend(another_user(place, random));
    edits
}

fn memory_limit(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let limit = ["128Mi", "1Gi", "500M"][random.below(3)];
    vec![place.set(&place.at, &["resources", "limits", "memory"], limit)]
}

/// The pasted init container: a shell that copies or hands over what the container mounts first.
fn root_init_container(place: &Place<'_>, random: &mut Random) -> Vec<Edit> {
    let Some(mount) = place.container.mounts.first() else {
        return Vec::new();
    };
    let path = mount.mount_path.as_str();
    let taken = place
        .workload
        .pod
        .containers(Which::All)
        .any(|container| *container.name == "added-init");
    if taken {
        return Vec::new();
    }
    let command = match random.below(3) {
        0 => format!("chown -R 1000:1000 {path}"),
        1 => format!("cp -r {path}/* /work/"),
        _ => format!("mkdir -p {path}/cache && chmod 0777 {path}/cache"),
    };
    let container = Value::map([
        ("name", Value::from("added-init")),
        ("image", "busybox".into()),
        ("command", Value::list(["sh", "-c", command.as_str()])),
        (
            "volumeMounts",
            Value::list([Value::map([
                ("name", Value::from(mount.name.as_str())),
                ("mountPath", path.into()),
            ])]),
        ),
    ]);
    vec![Edit {
        path: place.pod.join("initContainers").join(0),
        operation: Operation::Insert(container),
    }]
}

/// Adds the claim, the Secret and the Namespace of a pod, each now and then.
fn with_namespace(text: &mut String, target: usize, random: &mut Random) {
    let namespace = {
        let parsed = ParsedFile::parse("", text.as_str());
        parsed
            .workloads()
            .get(target)
            .and_then(|workload| workload.object.namespace.clone())
    };
    let line = namespace
        .as_ref()
        .map(|name| format!("  namespace: {name}\n"))
        .unwrap_or_default();
    let mut add = |document: String| {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str("---\n");
        text.push_str(&document);
    };
    if random.percent(80) {
        let class = ["local-path", "ebs"][random.below(2)];
        add(format!(
            "# What the program keeps.\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: added-claim\n{line}spec:\n  \
             accessModes: [ReadWriteOnce]\n  storageClassName: {class}\n  resources:\n    requests:\n      storage: 1Gi\n"
        ));
    }
    if random.percent(50) {
        add(format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: google-token\n{line}stringData:\n  token.json: \
             '{{\"refresh_token\": \"made up\"}}'\n"
        ));
    }
    if random.percent(60) {
        let level = ["privileged", "baseline", "restricted"][random.below(3)];
        let name = namespace.as_deref().unwrap_or("default");
        add(format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    \
             pod-security.kubernetes.io/enforce: {level}\n"
        ));
    }
}

/// Other line ends, a byte order mark, no newline at the end: now and then.
fn dressed(text: &mut String, random: &mut Random) {
    if random.percent(15) && !text.contains('\r') {
        *text = text.replace('\n', "\r\n");
    }
    if random.percent(5) && !text.starts_with('\u{feff}') {
        text.insert(0, '\u{feff}');
    }
    if random.percent(15) {
        let end = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(end);
    }
}
