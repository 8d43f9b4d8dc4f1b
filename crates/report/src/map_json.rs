// SPDX-License-Identifier: Apache-2.0
//! The write map as one JSON document, version 1 (`schema/map.schema.json`).

use std::cell::RefCell;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use writeway_access::{
    Capability, ContainerMap, FileKind, FileVerdict, Identity, PathMap, PodMap, Starts, Verdict,
};
use writeway_manifest::{Inventory, Workload};

use crate::Program;
use crate::json_text::write_document;

/// Writes the document, which names the programs that rendered some of the inputs, if any. Workloads are written as they come, so that their maps are never in memory together.
///
/// # Errors
/// When the writer fails.
pub fn write_map_json<'a>(
    out: &mut dyn Write,
    inventory: &'a Inventory,
    renderers: &[Program],
    maps: impl Iterator<Item = (&'a Workload, PodMap)>,
) -> io::Result<()> {
    let workloads = maps.map(|(workload, map)| WorkloadJson {
        inventory,
        workload,
        map,
    });
    let document = Document {
        version: 1,
        renderers,
        workloads: Streamed::new(workloads),
    };
    write_document(out, &document)
}

#[derive(Serialize)]
#[serde(bound = "")]
struct Document<'a, I: Iterator<Item: Serialize>> {
    version: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    renderers: &'a [Program],
    workloads: Streamed<I>,
}

/// A sequence that is made while it is written. It can be written once.
struct Streamed<I>(RefCell<Option<I>>);

impl<I> Streamed<I> {
    fn new(items: I) -> Self {
        Self(RefCell::new(Some(items)))
    }
}

impl<I: Iterator<Item: Serialize>> Serialize for Streamed<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

struct WorkloadJson<'a> {
    inventory: &'a Inventory,
    workload: &'a Workload,
    map: PodMap,
}

impl Serialize for WorkloadJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            file: &'a str,
            kind: &'a str,
            namespace: Option<&'a str>,
            name: &'a str,
            starts: StartsJson<'a>,
            containers: Vec<ContainerJson<'a>>,
        }

        let object = &self.workload.object;
        let fields = Fields {
            file: &self.inventory.file(object.file).name,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
            starts: StartsJson::new(&self.map.starts),
            containers: self.map.containers.iter().map(ContainerJson::new).collect(),
        };
        fields.serialize(serializer)
    }
}

#[derive(Serialize)]
struct StartsJson<'a> {
    verdict: &'static str,
    why: Vec<&'a str>,
}

impl<'a> StartsJson<'a> {
    fn new(starts: &'a Starts) -> Self {
        Self {
            verdict: starts.verdict.as_str(),
            why: starts.why().collect(),
        }
    }
}

#[derive(Serialize)]
struct ContainerJson<'a> {
    name: &'a str,
    role: &'static str,
    identity: IdentityJson<'a>,
    paths: Vec<PathJson<'a>>,
}

impl<'a> ContainerJson<'a> {
    fn new(map: &'a ContainerMap) -> Self {
        Self {
            name: &map.name,
            role: map.role.as_str(),
            identity: IdentityJson::new(&map.identity),
            paths: map.paths.iter().map(PathJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct IdentityJson<'a> {
    uid: Option<u32>,
    gid: Option<u32>,
    groups: Option<&'a [u32]>,
    capabilities: Option<Vec<&'static str>>,
}

impl<'a> IdentityJson<'a> {
    fn new(identity: &'a Identity) -> Self {
        let names = |set: &Vec<Capability>| set.iter().map(|capability| capability.name()).collect();
        Self {
            uid: identity.uid,
            gid: identity.gid,
            groups: identity.groups.as_deref(),
            capabilities: identity.capabilities.as_ref().map(names),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PathJson<'a> {
    path: &'a str,
    source: &'static str,
    volume: Option<&'a str>,
    exists: &'static str,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    mode: Option<String>,
    uid: Option<u32>,
    gid: Option<u32>,
    read_only: Option<bool>,
    create: VerdictJson<'a>,
    overwrite: FileVerdictJson<'a>,
    replace: FileVerdictJson<'a>,
    delete: FileVerdictJson<'a>,
    exec: FileVerdictJson<'a>,
    ruby_tmpdir: &'static str,
    lifetime: &'static str,
    fs_group: &'static str,
}

impl<'a> PathJson<'a> {
    fn new(map: &'a PathMap) -> Self {
        Self {
            path: &map.path,
            source: map.source,
            volume: map.volume.as_deref(),
            exists: map.exists.as_str(),
            kind: map.kind.map(FileKind::as_str),
            mode: map.mode.map(|mode| format!("{mode:04o}")),
            uid: map.uid,
            gid: map.gid,
            read_only: map.read_only,
            create: VerdictJson::new(&map.create),
            overwrite: FileVerdictJson::new(&map.overwrite),
            replace: FileVerdictJson::new(&map.replace),
            delete: FileVerdictJson::new(&map.delete),
            exec: FileVerdictJson {
                file: None,
                verdict: VerdictJson::new(&map.exec),
            },
            ruby_tmpdir: map.ruby_tmpdir.as_str(),
            lifetime: map.lifetime.as_str(),
            fs_group: map.fs_group.as_str(),
        }
    }
}

#[derive(Serialize)]
struct VerdictJson<'a> {
    verdict: &'static str,
    errno: Option<&'static str>,
    why: &'a [String],
}

impl<'a> VerdictJson<'a> {
    fn new(verdict: &'a Verdict) -> Self {
        Self {
            verdict: verdict.tri().as_str(),
            errno: verdict.errno().map(writeway_access::Errno::as_str),
            why: &verdict.why,
        }
    }
}

#[derive(Serialize)]
struct FileVerdictJson<'a> {
    file: Option<&'a str>,
    #[serde(flatten)]
    verdict: VerdictJson<'a>,
}

impl<'a> FileVerdictJson<'a> {
    fn new(verdict: &'a FileVerdict) -> Self {
        Self {
            file: verdict.file.as_deref(),
            verdict: VerdictJson::new(&verdict.verdict),
        }
    }
}
