// SPDX-License-Identifier: Apache-2.0
//! What a finding is recognised by when the file around it has changed.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest as _, Sha256};
use writeway_manifest::Inventory;

use crate::{Finding, Location, repository_path};

/// Of the marked text no more than this counts, in characters: a document may be one line.
const MOST_TEXT: usize = 256;

/// What a finding is recognised by in later runs: 128 bits, shown as 32 lower-case hex digits.
///
/// It depends on the code of the rule; the name of the file; kind, namespace and name of the object, and the container;
/// the text of the first line that the finding marks (256 characters of it), in which every run of blanks counts as one;
/// and, of findings that have all of this in common, on their order. So it stays when lines are added or removed
/// elsewhere, when the indentation changes, and when a message is worded differently. It changes with the name of the
/// file, which is the one that the user gave: a tool that keeps fingerprints has to be run from the same folder.
///
/// The text is in it only as part of a digest. A secret of few possible values could still be found by trying them all:
/// no rule may mark a secret's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The name of this way of making fingerprints. Those of another version cannot be compared.
    pub const VERSION: &'static str = "writeway/v1";
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The fingerprint of every finding, in their order; no two are equal. The findings are all of a run, before any of them
/// is left out: otherwise those that look alike would change their fingerprints when one of them is suppressed.
pub fn fingerprints(inventory: &Inventory, findings: &[Finding]) -> Vec<Fingerprint> {
    let mut alike = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let common = common(inventory, finding);
            let before: &mut u64 = alike.entry(common).or_default();
            let digest = Sha256::new()
                .chain_update(common)
                .chain_update(before.to_be_bytes());
            *before += 1;
            let mut fingerprint = [0; 16];
            fingerprint.copy_from_slice(&digest.finalize()[..16]);
            Fingerprint(fingerprint)
        })
        .collect()
}

/// A digest of everything but the order among those that look alike.
fn common(inventory: &Inventory, finding: &Finding) -> [u8; 32] {
    let object = finding.subject.object.as_ref();
    let file = repository_path(&inventory.file(finding.primary.place.file).name);
    let text = marked_text(inventory, &finding.primary);
    let fields = [
        Some(Fingerprint::VERSION),
        Some(finding.rule.code),
        Some(&file),
        object.map(|object| object.kind.as_str()),
        object.and_then(|object| object.namespace.as_deref()),
        object.map(|object| object.name.as_str()),
        finding.subject.container.as_deref(),
        Some(&text),
    ];
    let mut digest = Sha256::new();
    for field in fields {
        // The length ahead keeps neighbours apart; no text is as long as what stands for an absent field.
        let length = field.map_or(u64::MAX, |field| field.len() as u64);
        digest.update(length.to_be_bytes());
        digest.update(field.unwrap_or_default());
    }
    digest.finalize().into()
}

/// The first line of what is marked, each run of blanks as one.
fn marked_text(inventory: &Inventory, location: &Location) -> String {
    let text = inventory.file(location.place.file).stream.text();
    let marked = text.get(location.place.span.range()).unwrap_or_default();
    let line = marked.lines().next().unwrap_or_default();
    let start = line
        .char_indices()
        .nth(MOST_TEXT)
        .map_or(line, |(end, _)| &line[..end]);
    start.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use writeway_manifest::{ParsedFile, Span};

    use super::*;
    use crate::{ObjectName, find};

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      volumeMounts:
        - name: data
          mountPath: /data
";

    /// A finding at each occurrence of a text in a file of that name.
    fn marks(name: &str, text: &str, marked: &str) -> (Inventory, Vec<Finding>) {
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse(name, text)]);
        let findings = text.match_indices(marked).map(|(start, part)| {
            let span = Span::new(start as u32, (start + part.len()) as u32);
            Finding::new(
                find("WW101").unwrap(),
                &inventory.workloads()[0],
                "message",
                span,
                "label",
            )
            .in_container("app")
        });
        let findings = findings.collect();
        (inventory, findings)
    }

    fn of(name: &str, text: &str, marked: &str) -> Vec<String> {
        let (inventory, findings) = marks(name, text, marked);
        let fingerprints = fingerprints(&inventory, &findings);
        fingerprints.iter().map(ToString::to_string).collect()
    }

    fn pod() -> Vec<String> {
        of("k8s/pod.yaml", POD, "name: data")
    }

    /// Baselines and CI servers keep fingerprints: they may only change together with the version. The digits were worked
    /// out by another program from the description above.
    #[test]
    fn a_fingerprint_is_the_same_in_every_release() {
        assert_eq!(Fingerprint::VERSION, "writeway/v1");
        assert_eq!(pod(), ["2a0cd0031c177d987dd228a8c35a4280"]);
    }

    #[test]
    fn it_stays_when_the_text_around_changes() {
        let above = POD.replace("metadata:", "# a comment\nmetadata:\n  labels: {a: b}");
        let beside = POD.replace("mountPath: /data", "mountPath: /other");
        let indented = POD
            .replace("        - name: data\n", "            -    name:  data\n")
            .replace("          mountPath", "                 mountPath");
        assert_eq!(of("k8s/pod.yaml", &above, "name: data"), pod());
        assert_eq!(of("k8s/pod.yaml", &beside, "name: data"), pod());
        assert_eq!(of("k8s/pod.yaml", &indented, "name:  data"), pod());
        assert_eq!(
            of(
                "k8s/pod.yaml",
                &POD.replace('\n', "\r\n"),
                "name: data\r\n          mountPath"
            ),
            pod()
        );
        assert_eq!(of("./k8s//pod.yaml", POD, "name: data"), pod());
    }

    #[test]
    fn each_thing_that_it_depends_on_changes_it() {
        let (inventory, findings) = marks("k8s/pod.yaml", POD, "name: data");
        let changed = |change: &dyn Fn(&mut Finding)| {
            let mut findings = findings.clone();
            change(&mut findings[0]);
            fingerprints(&inventory, &findings)[0].to_string()
        };
        fn object(finding: &mut Finding) -> &mut ObjectName {
            finding.subject.object.as_mut().unwrap()
        }
        let others = [
            of("k8s/other.yaml", POD, "name: data")[0].clone(),
            of("k8s/pod.yaml", POD, "name: dat")[0].clone(),
            changed(&|finding| finding.rule = find("WW201").unwrap()),
            changed(&|finding| object(finding).kind = "Job".to_owned()),
            changed(&|finding| object(finding).namespace = Some("shop".to_owned())),
            changed(&|finding| object(finding).namespace = Some(String::new())),
            changed(&|finding| object(finding).name = "db".to_owned()),
            changed(&|finding| finding.subject.container = None),
            changed(&|finding| finding.subject.object = None),
            pod()[0].clone(),
        ];
        for (index, one) in others.iter().enumerate() {
            assert!(!others[..index].contains(one), "{index}");
        }
        assert_eq!(
            changed(&|finding| finding.message = "worded otherwise".to_owned()),
            pod()[0]
        );
    }

    #[test]
    fn findings_that_look_alike_are_told_apart_by_their_order() {
        let twice = POD.replace(
            "          mountPath: /data\n",
            "          mountPath: /a\n        - name: data\n          mountPath: /b\n",
        );
        let both = of("k8s/pod.yaml", &twice, "name: data");
        assert_eq!((both.len(), &both[0]), (2, &pod()[0]));
        assert_ne!(both[0], both[1]);
    }

    #[test]
    fn of_a_very_long_line_only_the_beginning_counts() {
        let long = |end: &str| POD.replace("/data", &format!("/{}{end}", "é".repeat(300)));
        let marked = |text: &str| of("pod.yaml", text, &text[text.find("mountPath").unwrap()..]);
        assert_eq!(marked(&long("a")), marked(&long("b")));
        assert_ne!(marked(&long("a")), marked(POD));
    }
}
