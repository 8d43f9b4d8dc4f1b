// SPDX-License-Identifier: Apache-2.0
//! A small inventory, and the map of its pod as the analyser could answer it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(unreachable_pub, reason = "shared by test binaries")]

pub mod checked;

use writeway_access::{
    Answer, Capability, Cause, ContainerMap, Errno, FileKind, FileVerdict, FsGroupEffect, Identity, Lifetime,
    PathMap, PodMap, Starts, Stop, Tri, Verdict,
};
use writeway_manifest::{Inventory, ParsedFile, Place, Role, Span};

pub const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: app
      image: acme/app:1
      volumeMounts:
        - name: data
          mountPath: /data
  volumes:
    - name: data
      persistentVolumeClaim:
        claimName: data
";

pub const CLAIM: &str = "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
  namespace: shop
spec:
  storageClassName: local-path
";

pub fn inventory() -> Inventory {
    Inventory::from_parsed(vec![
        ParsedFile::parse("pod.yaml", POD),
        ParsedFile::parse("claim.yaml", CLAIM),
    ])
}

/// The place of the `nth` occurrence of a text in a file.
pub fn place(inventory: &Inventory, file: usize, text: &str, nth: usize) -> Place {
    let (id, source) = inventory.files().nth(file).unwrap();
    let (start, part) = source.stream.text().match_indices(text).nth(nth).unwrap();
    Place {
        file: id,
        span: Span {
            start: start as u32,
            end: (start + part.len()) as u32,
        },
    }
}

pub fn verdict(answer: Answer, why: &[&str]) -> Verdict {
    Verdict {
        answer,
        why: why.iter().map(ToString::to_string).collect(),
    }
}

/// A directory where nothing is known.
pub fn unknown_path(path: &str) -> PathMap {
    let unknown = || verdict(Answer::Unknown, &["no facts about image `acme/app:1`"]);
    let file = || FileVerdict {
        file: None,
        verdict: unknown(),
    };
    PathMap {
        path: path.to_owned(),
        source: "rootfs",
        volume: None,
        mount: None,
        exists: Tri::Unknown,
        kind: None,
        mode: None,
        uid: None,
        gid: None,
        read_only: None,
        create: unknown(),
        overwrite: file(),
        replace: file(),
        delete: file(),
        exec: unknown(),
        ruby_tmpdir: Tri::Unknown,
        lifetime: Lifetime::Container,
        fs_group: FsGroupEffect::Unset,
        for_sub_path: false,
    }
}

/// A pod that starts, with a claim of another owner, a file and a path that does not exist.
pub fn map() -> PodMap {
    let data = PathMap {
        source: "persistentVolumeClaim",
        volume: Some("data".to_owned()),
        mount: Some(0),
        exists: Tri::Yes,
        kind: Some(FileKind::Directory),
        mode: Some(0o755),
        uid: Some(0),
        gid: Some(0),
        read_only: Some(false),
        create: verdict(
            Answer::No(Some(Errno::Eacces)),
            &[
                "claim `data` is hostPath: kubelet never applies fsGroup there",
                "uid 1000 is `other` of 0:0 0755",
            ],
        ),
        overwrite: FileVerdict {
            file: Some("settings.json".to_owned()),
            verdict: verdict(Answer::Yes, &["mode 0666"]),
        },
        ruby_tmpdir: Tri::No,
        lifetime: Lifetime::Claim,
        fs_group: FsGroupEffect::Ignored,
        for_sub_path: false,
        ..unknown_path("/data")
    };
    let missing = PathMap {
        exists: Tri::No,
        create: verdict(Answer::No(Some(Errno::Enoent)), &[]),
        ..unknown_path("/var/lib/application/a/very/long/way/down/to/the/cache")
    };
    let identity = Identity {
        uid: Some(1000),
        gid: Some(0),
        groups: Some(vec![0, 2000]),
        capabilities: Some(vec![
            Capability::CHOWN,
            Capability::DAC_OVERRIDE,
            Capability::FSETID,
        ]),
        why: vec!["runAsUser of the pod".to_owned()],
    };
    PodMap {
        starts: Starts {
            verdict: Tri::Yes,
            causes: vec![],
        },
        containers: vec![ContainerMap {
            name: "app".to_owned(),
            role: Role::Main,
            span: Span::default(),
            identity,
            read_only_root: false,
            writes_known: false,
            paths: vec![data, unknown_path("/tmp"), missing],
        }],
    }
}

pub fn not_starting() -> PodMap {
    let why = [
        "runAsNonRoot is true and image `acme/app:1` runs as root",
        "the API server refuses the mode 644",
    ];
    let cause = |why: &str| Cause {
        why: why.to_owned(),
        span: Span::default(),
        stop: Some(Stop::Fails),
    };
    PodMap {
        starts: Starts {
            verdict: Tri::No,
            causes: why.map(cause).to_vec(),
        },
        containers: vec![],
    }
}

/// Reports that no format may break on: nothing, ordinary findings, many, and hostile ones.
pub fn hostile_reports() -> Vec<checked::Checked> {
    use checked::{Checked, many};
    let inventory = inventory();
    let findings = many(&inventory, 200);
    vec![
        Checked::new(Inventory::default(), Vec::new()),
        Checked::clean(),
        Checked::one(),
        Checked::new(inventory, findings),
        Checked::hostile(),
    ]
}
