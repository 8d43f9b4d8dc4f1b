// SPDX-License-Identifier: Apache-2.0
//! A case: manifests, facts, and what the map has to say about them.
//!
//! Expectations are lines `SUBJECT: ASPECT; ASPECT; …`. The subject is `pod`, a container, or a container and a path; an
//! aspect is what [`aspect`] shows of it, e.g. `create no EACCES`, `mode 2777`, `starts yes`. Behind ` ~ ` stands a part
//! of the reason: of the last step of a verdict, or of any step of why a pod starts or not.
#![allow(clippy::panic, reason = "helpers of tests fail by panicking")]
#![allow(dead_code, reason = "each test binary uses its part")]

use writeway_access::{ContainerMap, Context, FileVerdict, PathMap, PodMap, Stop, Verdict, map_pod};
use writeway_manifest::{Inventory, ParsedFile};

/// An image with everything stated: no users beside root and app, the usual directories, BusyBox.
pub(crate) const IMAGE: &str = r#"
images:
  app:
    complete: true
    user: ""
    workingDir: /
    env: {}
    users: {root: {uid: 0, gid: 0, home: /root}, app: {uid: 1000, gid: 1000, home: /home/app}}
    groups: {}
    volumes: []
    paths:
      /tmp: {owner: "0:0", mode: "1777"}
      /run: {owner: "0:0", mode: "0755"}
      /var/tmp: {owner: "0:0", mode: "1777"}
      /home/app: {owner: "1000:1000", mode: "0755"}
      /root: {owner: "0:0", mode: "0700"}
      /etc/app.conf: {owner: "0:0", mode: "0644", type: file}
    tools: {kind: busybox}
"#;

/// Manifests, facts and paths; the last workload is the one that is judged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    manifest: String,
    facts: String,
}

impl Case {
    /// A pod from the fields of its spec, each line indented.
    pub(crate) fn pod(spec: &str) -> Self {
        Self::objects(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}"
        ))
    }

    /// Whole manifests.
    pub(crate) fn objects(manifest: &str) -> Self {
        Self {
            manifest: manifest.to_owned(),
            facts: String::new(),
        }
    }

    /// Another object, as a document of its own before those that are there.
    pub(crate) fn with(mut self, object: &str) -> Self {
        self.manifest = format!("{object}\n---\n{}", self.manifest);
        self
    }

    /// Facts: sections beside those that are there.
    pub(crate) fn facts(mut self, facts: &str) -> Self {
        self.facts.push('\n');
        self.facts.push_str(facts);
        self
    }

    /// Facts changed where they say something.
    pub(crate) fn replace_facts(mut self, from: &str, to: &str) -> Self {
        assert!(self.facts.contains(from), "{from} is not among the facts");
        self.facts = self.facts.replace(from, to);
        self
    }

    /// The map, with paths asked for.
    pub(crate) fn map(&self, extra_paths: &[String]) -> PodMap {
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("case.yaml", self.manifest.as_str())]);
        assert_eq!(inventory.problems(), [], "{}", self.manifest);
        assert_eq!(inventory.unknown_fields(), [], "{}", self.manifest);
        let facts = match writeway_facts::read(&self.facts) {
            Ok(facts) => facts,
            Err(errors) => panic!("{errors}\n{}", self.facts),
        };
        let context = Context {
            inventory: &inventory,
            facts: &facts,
            extra_paths,
        };
        match inventory.workloads().last() {
            Some(workload) => map_pod(&context, workload),
            None => panic!("no workload in {}", self.manifest),
        }
    }

    /// What keeps the pod from starting, or may: the text of the field at fault, and how the pod ends.
    #[allow(dead_code, reason = "each test binary uses its part")]
    pub(crate) fn causes(&self) -> Vec<(&str, Option<Stop>)> {
        let causes = self.map(&[]).starts.causes.into_iter();
        causes
            .map(|cause| (&self.manifest[cause.span.range()], cause.stop))
            .collect()
    }

    /// Compares the map with what is expected of it.
    pub(crate) fn expect(&self, expectations: &str) {
        let lines: Vec<(&str, &str)> = expectations
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| match line.split_once(": ") {
                Some(split) => split,
                None => panic!("`{line}` has no subject"),
            })
            .collect();
        let paths: Vec<String> = lines
            .iter()
            .filter_map(|(subject, _)| Some(subject.split_once(' ')?.1.to_owned()))
            .collect();
        let map = self.map(&paths);
        let mut wrong = Vec::new();
        for (subject, aspects) in lines {
            for expected in aspects.split("; ") {
                let (expected, reason) = match expected.split_once(" ~ ") {
                    Some((expected, reason)) => (expected, Some(reason)),
                    None => (expected, None),
                };
                let name = expected.split(' ').next().unwrap_or_default();
                let shown = show(&map, subject, name);
                let reasoned = reason.is_none_or(|reason| shown.reason.contains(reason));
                if shown.text != expected || !reasoned {
                    let reason = reason.map(|reason| format!(" ~ {reason}")).unwrap_or_default();
                    wrong.push(format!(
                        "{subject}: expected `{expected}{reason}`, got `{}`\n    {}",
                        shown.text, shown.why
                    ));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{}\n  starts: {:?}",
            wrong.join("\n"),
            map.starts.why().collect::<Vec<_>>()
        );
    }
}

/// One aspect of a map.
struct Shown {
    text: String,
    /// The text in which an expected reason is looked for.
    reason: String,
    why: String,
}

impl Shown {
    fn plain(text: String) -> Self {
        Self {
            text,
            reason: String::new(),
            why: String::new(),
        }
    }
}

fn show(map: &PodMap, subject: &str, name: &str) -> Shown {
    if subject == "pod" {
        let why = map.starts.why().collect::<Vec<_>>().join("; ");
        return Shown {
            text: format!("starts {}", map.starts.verdict.as_str()),
            reason: why.clone(),
            why,
        };
    }
    let (container, path) = match subject.split_once(' ') {
        Some((container, path)) => (container, Some(path)),
        None => (subject, None),
    };
    let Some(container) = map.containers.iter().find(|known| known.name == container) else {
        return Shown::plain(format!(
            "no container {container}: {:?}",
            map.starts.why().collect::<Vec<_>>()
        ));
    };
    match path {
        None => identity(container, name),
        Some(path) => match container.paths.iter().find(|known| known.path == path) {
            Some(path) => aspect(path, name),
            None => Shown::plain(format!("no path {path}")),
        },
    }
}

fn identity(container: &ContainerMap, name: &str) -> Shown {
    let identity = &container.identity;
    let text = match name {
        "uid" => optional(identity.uid),
        "gid" => optional(identity.gid),
        "groups" => optional(identity.groups.as_ref().map(|groups| spaced(groups))),
        "capabilities" => optional(identity.capabilities.as_ref().map(|set| {
            let names: Vec<&str> = set.iter().map(|capability| capability.name()).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" ")
            }
        })),
        "readOnlyRoot" => container.read_only_root.to_string(),
        other => panic!("a container has no aspect `{other}`"),
    };
    Shown {
        why: identity.why.join("; "),
        reason: identity.why.join("; "),
        ..Shown::plain(format!("{name} {text}"))
    }
}

/// What can be said of a path: `exists`, `type`, `mode`, `owner`, `readOnly`, `source`, `create`, `overwrite`,
/// `replace`, `delete`, `exec`, `ruby`, `lifetime`, `fsGroup`; `file` is the name that `overwrite` speaks of.
fn aspect(path: &PathMap, name: &str) -> Shown {
    let plain = |text: String| Shown {
        why: path.create.why.join("; "),
        ..Shown::plain(format!("{name} {text}"))
    };
    let of_file = |file: &FileVerdict| verdict(name, &file.verdict);
    match name {
        "exists" => plain(path.exists.as_str().to_owned()),
        "type" => plain(optional(path.kind.map(|kind| kind.as_str()))),
        "mode" => plain(optional(path.mode.map(|mode| format!("{mode:04o}")))),
        "owner" => plain(format!("{}:{}", optional(path.uid), optional(path.gid))),
        "readOnly" => plain(optional(path.read_only)),
        "source" => plain(path.source.to_owned()),
        "file" => plain(optional(path.overwrite.file.as_deref())),
        "create" => verdict(name, &path.create),
        "overwrite" => of_file(&path.overwrite),
        "replace" => of_file(&path.replace),
        "delete" => of_file(&path.delete),
        "exec" => verdict(name, &path.exec),
        "ruby" => plain(path.ruby_tmpdir.as_str().to_owned()),
        "lifetime" => plain(path.lifetime.as_str().to_owned()),
        "fsGroup" => plain(path.fs_group.as_str().to_owned()),
        other => panic!("a path has no aspect `{other}`"),
    }
}

fn verdict(name: &str, verdict: &Verdict) -> Shown {
    let errno = verdict
        .errno()
        .map(|errno| format!(" {errno}"))
        .unwrap_or_default();
    Shown {
        text: format!("{name} {}{errno}", verdict.tri().as_str()),
        reason: verdict.why.last().cloned().unwrap_or_default(),
        why: verdict.why.join("\n    "),
    }
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn spaced(numbers: &[u32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    if numbers.is_empty() {
        "none".to_owned()
    } else {
        numbers.join(" ")
    }
}
