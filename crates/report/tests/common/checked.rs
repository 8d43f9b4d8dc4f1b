// SPDX-License-Identifier: Apache-2.0
//! Reports to be written: ordinary ones, and one whose every text is hostile.

use writeway_access::Context;
use writeway_check::{Finding, Fix, ObjectName, Policy, RULES, Settings, find, judge};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};
use writeway_report::{CHECK_FORMATS, CheckReport, HumanOptions, Program, Unread};

/// What a report is made of.
pub struct Checked {
    pub inventory: Inventory,
    pub renderers: Vec<Program>,
    pub unread: Vec<Unread>,
    pub findings: Vec<Finding>,
}

impl Checked {
    pub fn new(inventory: Inventory, findings: Vec<Finding>) -> Self {
        Self {
            inventory,
            renderers: Vec::new(),
            unread: Vec::new(),
            findings,
        }
    }

    /// The small inventory without findings.
    pub fn clean() -> Self {
        Self::new(super::inventory(), Vec::new())
    }

    /// The small inventory with one finding.
    pub fn one() -> Self {
        let inventory = super::inventory();
        let finding = finding(&inventory);
        Self::new(inventory, vec![finding])
    }

    /// The small inventory with one finding that has two fixes.
    pub fn fixable() -> Self {
        let mut checked = Self::one();
        for (title, safe) in [("give `data` to 1000", true), ("run as uid 0", false)] {
            checked.findings[0].fixes.push(Fix {
                title: title.to_owned(),
                safe,
                in_place: true,
            });
        }
        checked
    }

    /// One finding for each hostile text, which is the name of its file, its object and its container, and in all it
    /// says.
    pub fn hostile() -> Self {
        let texts = hostile_texts();
        let files = texts
            .iter()
            .map(|text| ParsedFile::parse(format!("k8s/{text}.yaml"), super::POD));
        let inventory = Inventory::from_parsed(files.collect());
        let findings = texts.iter().enumerate().map(|(index, text)| {
            let mount = super::place(&inventory, index, "name: data\n          mountPath: /data", 0);
            let workload = &inventory.workloads()[index];
            let message = format!("container `{text}` cannot create files in `{text}`");
            let mut finding = Finding::new(
                find("WW201").unwrap(),
                workload,
                message,
                mount.span,
                text.clone(),
            )
            .in_container(text)
            .related(super::place(&inventory, index, "name: data", 1), text.clone())
            .because([text.clone()])
            .with_help(text.clone());
            finding.fixes = vec![Fix {
                title: text.clone(),
                safe: true,
                in_place: true,
            }];
            finding.subject.object = Some(ObjectName {
                kind: "Pod".to_owned(),
                namespace: Some(text.clone()),
                name: text.clone(),
            });
            finding
        });
        let findings = findings.collect();
        let unread = texts.iter().map(|text| Unread {
            message: text.clone(),
            place: None,
        });
        Self {
            unread: unread.collect(),
            renderers: vec![Program {
                name: texts[0].clone(),
                version: texts[1].clone(),
            }],
            ..Self::new(inventory, findings)
        }
    }

    /// What a format makes of it.
    pub fn print(&self, format: &str) -> String {
        self.print_with(format, HumanOptions::default())
    }

    pub fn print_with(&self, format: &str, options: HumanOptions) -> String {
        let judged = judge(
            &self.inventory,
            self.findings.clone(),
            &Settings::default(),
            &Policy::default(),
        );
        let context = Context {
            inventory: &self.inventory,
            facts: &Facts::default(),
            extra_paths: &[],
        };
        let report = CheckReport::new(&context, &self.renderers, &self.unread, &judged);
        let format = CHECK_FORMATS.iter().find(|known| known.name == format).unwrap();
        let mut out = Vec::new();
        format.write(&mut out, &report, &options).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// Texts that mean something in one of the formats, or nowhere should be shown as they are.
pub fn hostile_texts() -> Vec<String> {
    let mut texts: Vec<_> = [
        "two\nlines\r\nand\rmore",
        "'single' \"double\" `back` \\slash",
        "]]> <!-- &lt; <script>alert(1)</script> -->",
        "100%0A%25 :: ::error file=a,line=1::b ##[error]",
        "a,b=c;d:e",
        "\u{1f600} \u{10ffff} é 日本",
        "\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}2J\u{7f}",
        "\u{fffe}\u{ffff}\u{0}\u{202e}gnp\u{2066}",
        "| a | b |\n|---|---|",
        "[link](https://example.org) ![image](x) @someone #1 *bold* _it_ ~~x~~ $x$",
        "unpaired `",
        "{0} {{1}} [2](3)",
        "  blanks  ",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("very long ".repeat(1000));
    texts
}

/// A finding with places in two files.
pub fn finding(inventory: &Inventory) -> Finding {
    let place = |file, text, nth| super::place(inventory, file, text, nth);
    let mount = place(0, "name: data\n          mountPath: /data", 0);
    Finding::new(
        find("WW201").unwrap(),
        &inventory.workloads()[0],
        "container `app` cannot create files in `/data`",
        mount.span,
        "not writable (EACCES)",
    )
    .in_container("app")
    .related(place(0, "name: data", 1), "the volume")
    .related(place(1, "name: data", 0), "its claim")
    .because([
        "claim `data` is hostPath: kubelet never applies fsGroup there".to_owned(),
        "uid 1000 is `other` of 0:0 0755".to_owned(),
    ])
    .with_help("give the volume to uid 1000 where it is made")
}

/// Findings of every rule and severity, many of them alike.
pub fn many(inventory: &Inventory, number: usize) -> Vec<Finding> {
    use writeway_check::Severity::{Error, Info, Warning};
    let severities = [Info, Warning, Error].into_iter().cycle();
    let rules = RULES.iter().cycle();
    let findings = rules.zip(severities).map(|(rule, severity)| {
        let mut finding = finding(inventory).with_severity(severity);
        finding.rule = rule;
        finding
    });
    findings.take(number).collect()
}
