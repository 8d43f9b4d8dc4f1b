// SPDX-License-Identifier: Apache-2.0
//! The situations of `examples/` under `check --fix`, and what others say of the repaired manifests: kubernetes-validate, a
//! real API server, and Pod Security at each level that a namespace may enforce.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, Run};
use serde_json::{Value, json};
use writeway_test_cluster::{Client, Cluster};

/// What is wrong in an example, and what its repair may do to the text.
struct Situation {
    /// The folder below `examples/`, and the namespace.
    name: &'static str,
    /// The files, of which the first has the finding.
    files: &'static [&'static str],
    /// The rules that find something.
    codes: &'static [&'static str],
    /// The lines that go, or become others. All others stay.
    changed: &'static [&'static str],
}

const SITUATIONS: &[Situation] = &[
    Situation {
        name: "foreign-volume",
        files: &["ledger.yaml", "storage.yaml"],
        codes: &["WW201"],
        changed: &[],
    },
    Situation {
        name: "refreshed-token",
        files: &["calendar.yaml", "secret.yaml"],
        codes: &["WW301"],
        changed: &["            - name: google"],
    },
    Situation {
        name: "temp-directory",
        files: &["bare.yaml"],
        codes: &["WW101"],
        changed: &[],
    },
    Situation {
        name: "temp-directory",
        files: &["empty-dir.yaml"],
        codes: &["WW102"],
        changed: &[],
    },
];

/// What a namespace may enforce; nobody may say so, too.
const LEVELS: [Option<&str>; 4] = [None, Some("privileged"), Some("baseline"), Some("restricted")];

const FACTS: &str = "facts.yaml";

impl Situation {
    /// A folder with a copy of the files, the facts, and the Namespace if its level is known: then with what `restricted`
    /// asks of the pod beside.
    fn folder(&self, level: Option<&str>) -> Folder {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let read = |path: PathBuf| std::fs::read(&path).unwrap();
        let folder = Folder::with(&[]);
        folder.write(FACTS, &read(examples.join(FACTS)));
        for file in self.files {
            folder.write(file, &read(examples.join(self.name).join(file)));
        }
        if let Some(level) = level {
            for (file, text) in self.texts(&folder) {
                folder.write(file, hardened(&text).as_bytes());
            }
            let namespace = json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": { "name": self.name, "labels": { "pod-security.kubernetes.io/enforce": level } },
            });
            folder.write("namespace.json", namespace.to_string().as_bytes());
        }
        folder
    }

    fn texts(&self, folder: &Folder) -> BTreeMap<&'static str, String> {
        let read = |file: &&'static str| {
            let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
            (*file, text)
        };
        self.files.iter().map(read).collect()
    }

    fn shown(&self, level: Option<&str>) -> String {
        format!("{}/{} at {level:?}", self.name, self.files[0])
    }
}

/// The text of a pod that runs as a user other than root, as `restricted` takes it.
fn hardened(text: &str) -> String {
    let unconfined = "        runAsNonRoot: true\n";
    let image = "          image: ghcr.io/acme/ledger:2.4.1\n";
    let text = text.replace(
        unconfined,
        &format!("{unconfined}        seccompProfile:\n          type: RuntimeDefault\n"),
    );
    text.replace(
        image,
        &format!(
            "{image}          securityContext:\n            allowPrivilegeEscalation: false\n            capabilities:\n              drop: [ALL]\n"
        ),
    )
}

fn with_facts(folder: &Folder, arguments: &[&str]) -> Run {
    let facts = ["--facts", FACTS];
    folder.run(&[arguments, &facts].concat())
}

/// The codes of what `check` finds.
fn codes(folder: &Folder) -> Vec<String> {
    let run = with_facts(folder, &["check", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect()
}

/// The checks of Pod Security that refuse each workload.
fn refusals(folder: &Folder) -> BTreeMap<String, Vec<String>> {
    let run = folder.run(&["admit", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let pods = document["pods"].as_array().unwrap();
    let pod = |pod: &Value| {
        let checks = pod["refusedBy"].as_array().unwrap();
        let checks = checks.iter().map(|it| it["check"].as_str().unwrap().to_owned());
        (pod["name"].as_str().unwrap().to_owned(), checks.collect())
    };
    pods.iter().map(pod).collect()
}

#[test]
fn the_situations_are_clean_after_a_repair_whatever_level_their_namespace_enforces() {
    for situation in SITUATIONS {
        for level in LEVELS {
            let shown = situation.shown(level);
            let folder = situation.folder(level);
            assert_eq!(codes(&folder), situation.codes, "{shown}");
            let nothing = |refusals: &BTreeMap<_, Vec<_>>| refusals.values().all(Vec::is_empty);
            assert!(nothing(&refusals(&folder)), "{shown}");
            let run = with_facts(&folder, &["check", "--fix"]);
            assert_eq!(run.code, Some(0), "{shown}: {run:?}");
            assert!(codes(&folder).is_empty(), "{shown}");
            let after = refusals(&folder);
            assert!(nothing(&after) && after.len() == 1, "{shown}: {after:?}");
        }
    }
}

#[test]
fn a_repair_adds_lines_changes_those_that_it_has_to_and_keeps_all_comments() {
    for situation in SITUATIONS {
        let folder = situation.folder(Some("restricted"));
        let before = situation.texts(&folder);
        let diff = with_facts(&folder, &["check", "--diff"]);
        assert_eq!(diff.code, Some(1), "{diff:?}");
        assert_eq!(situation.texts(&folder), before, "--diff writes nothing");
        let gone: Vec<_> = diff
            .stdout
            .lines()
            .filter(|line| !line.starts_with("---"))
            .filter_map(|line| line.strip_prefix('-'))
            .collect();
        assert_eq!(
            gone, situation.changed,
            "{}:\n{}",
            situation.files[0], diff.stdout
        );

        // What Git makes of the diff is what `--fix` writes.
        let patched = situation.folder(Some("restricted"));
        patched.write("diff", diff.stdout.as_bytes());
        for arguments in [["apply", "--check", "diff"].as_slice(), &["apply", "diff"]] {
            let mut git = Command::new("git");
            let git = git.args(arguments).current_dir(patched.path());
            let output = git
                .env("GIT_CEILING_DIRECTORIES", patched.path().parent().unwrap())
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        with_facts(&folder, &["check", "--fix"]);
        let after = situation.texts(&folder);
        assert_eq!(after, situation.texts(&patched), "{}", situation.files[0]);
        assert_ne!(after, before, "{}", situation.files[0]);
        for (file, text) in &before {
            let comments = |text: &str| -> Vec<String> {
                let lines = text.lines().map(str::trim_start);
                lines
                    .filter(|line| line.starts_with('#'))
                    .map(str::to_owned)
                    .collect()
            };
            assert_eq!(comments(&after[file]), comments(text), "{file}");
        }

        // There is nothing left to do.
        let again = with_facts(&folder, &["check", "--diff"]);
        assert_eq!((again.code, again.stdout.as_str()), (Some(0), ""), "{again:?}");
        with_facts(&folder, &["check", "--fix", "--unsafe-fixes"]);
        assert_eq!(situation.texts(&folder), after, "{}", situation.files[0]);
    }
}

#[test]
fn repaired_manifests_are_valid_for_kubernetes_1_36_to_kubernetes_validate() {
    let program = std::env::var_os("WRITEWAY_KUBERNETES_VALIDATE");
    let program = program.expect(
        "WRITEWAY_KUBERNETES_VALIDATE is not set: run through cargo xtask test, or let it name \
         $(cargo xtask tool kubernetes-validate)",
    );
    for situation in SITUATIONS {
        let folder = situation.folder(None);
        with_facts(&folder, &["check", "--fix"]);
        let validate = |files: &[&str]| {
            let mut validate = Command::new(&program);
            validate
                .args(["--strict", "--kubernetes-version", "1.36"])
                .args(files);
            validate.current_dir(folder.path()).output().unwrap()
        };
        let output = validate(situation.files);
        assert!(output.status.success(), "{}: {output:?}", situation.files[0]);
        // It does look: a field that Kubernetes does not have is refused.
        let text = &situation.texts(&folder)[situation.files[0]];
        folder.write("typo.yaml", text.replace("volumes:", "volume:").as_bytes());
        assert!(!validate(&["typo.yaml"]).status.success());
    }
}

/// Where the API has a kind: the path before the namespace, and the name of the collection.
const COLLECTIONS: [(&str, &str, &str, bool); 4] = [
    ("Deployment", "/apis/apps/v1", "deployments", true),
    ("Secret", "/api/v1", "secrets", true),
    ("PersistentVolumeClaim", "/api/v1", "persistentvolumeclaims", true),
    ("StorageClass", "/apis/storage.k8s.io/v1", "storageclasses", false),
];

/// The path of an object's collection.
fn collection(object: &Value) -> String {
    let known = COLLECTIONS.iter().find(|(kind, ..)| object["kind"] == *kind);
    let (_, group, plural, has_namespace) = known.unwrap();
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) if *has_namespace => format!("{group}/namespaces/{namespace}/{plural}"),
        _ => format!("{group}/{plural}"),
    }
}

/// Makes the server go all the way but the last: by POST, and by server-side apply, which refuses fields that it does not
/// know and items that are there twice.
fn dry_run(admin: &Client, object: &Value) {
    let path = collection(object);
    let name = object["metadata"]["name"].as_str().unwrap();
    let created = admin.create(&format!("{path}?dryRun=All"), object).unwrap();
    created.object().unwrap();
    let applied = admin
        .would_apply(&format!("{path}/{name}"), "test", object)
        .unwrap();
    applied.object().unwrap();
}

#[test]
fn repaired_manifests_pass_a_dry_run_of_a_real_api_server() {
    let admin = Cluster::shared().admin();
    for situation in SITUATIONS {
        let namespace =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": situation.name } });
        let made = admin.create("/api/v1/namespaces", &namespace).unwrap();
        assert!(matches!(made.status, 201 | 409), "{made:?}");
        let folder = situation.folder(None);
        with_facts(&folder, &["check", "--fix"]);
        for text in situation.texts(&folder).values() {
            let objects: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
            for object in objects {
                dry_run(&admin, &object);
            }
        }
    }
}
