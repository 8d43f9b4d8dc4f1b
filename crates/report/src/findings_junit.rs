// SPDX-License-Identifier: Apache-2.0
//! Findings as JUnit XML, as CI servers read test results: valid by the schema that Jenkins has for it
//! (jenkinsci/xunit-plugin, `junit-10.xsd`).
//!
//! A file is a suite, a finding a failed test, a workload without findings a passed one. An input that cannot be read is
//! a test that ended with an error, so that no server takes it for clean.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::BytesText;
use writeway_check::{Finding, ObjectName, unreadable_document};
use writeway_manifest::{FileId, Workload};

use crate::explanation::{explanation, object_name, subject_name};
use crate::xml_text::xml_text;
use crate::{CheckReport, Unread, printable};

/// Writes the document.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_junit(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    let suites = suites(report);
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    let counts = Counts::of(suites.iter().flat_map(|suite| &suite.cases));
    let root = writer
        .create_element("testsuites")
        .with_attribute(("name", "writeway"));
    let root = root.with_attributes(
        counts
            .attributes()
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    root.write_inner_content(|writer| suites.iter().try_for_each(|suite| suite.write(writer)))?;
    out.write_all(b"\n")
}

/// The tests of one file.
struct Suite {
    name: String,
    /// Whether the name is that of a file.
    is_file: bool,
    cases: Vec<Case>,
}

struct Case {
    /// What is tested: the object.
    class: String,
    name: String,
    outcome: CaseOutcome,
}

enum CaseOutcome {
    Passed,
    /// The message, the rule's code, and everything that is known.
    Failed(String, &'static str, String),
    /// What is wrong with the input.
    Error(String),
}

/// A suite for every file of which there is something to say, in input order, and one for inputs that could not be read
/// at all. There is never none: Jenkins takes a document without tests for a mistake.
fn suites(report: &CheckReport<'_>) -> Vec<Suite> {
    let mut by_file: BTreeMap<FileId, Vec<Case>> = BTreeMap::new();
    let mut inputs = Vec::new();
    let said = report
        .findings()
        .filter(|finding| finding.rule == unreadable_document());
    let said: BTreeSet<_> = said.map(|finding| finding.primary.place).collect();
    for unread in report.unread {
        match unread.place {
            Some(place) if said.contains(&place) => {}
            Some(place) => by_file
                .entry(place.file)
                .or_default()
                .push(unread_case(report, unread)),
            None => inputs.push(unread_case(report, unread)),
        }
    }
    for finding in report.findings() {
        let file = finding.primary.place.file;
        by_file
            .entry(file)
            .or_default()
            .push(finding_case(report, finding));
    }
    for workload in clean(report) {
        by_file
            .entry(workload.object.file)
            .or_default()
            .push(clean_case(workload));
    }
    if inputs.is_empty() && by_file.is_empty() {
        inputs.push(Case {
            class: "inputs".to_owned(),
            name: "no workloads".to_owned(),
            outcome: CaseOutcome::Passed,
        });
    }
    let files = by_file
        .into_iter()
        .map(|(file, cases)| Suite::new(&report.inventory().file(file).name, true, cases));
    let inputs = (!inputs.is_empty()).then(|| Suite::new("inputs", false, inputs));
    inputs.into_iter().chain(files).collect()
}

/// The workloads without findings.
fn clean<'a>(report: &CheckReport<'a>) -> impl Iterator<Item = &'a Workload> {
    let found: HashSet<_> = report
        .findings()
        .filter_map(|finding| {
            let ObjectName {
                kind,
                namespace,
                name,
            } = finding.subject.object.as_ref()?;
            Some((finding.primary.place.file, kind, namespace, name))
        })
        .collect();
    report.inventory().workloads().iter().filter(move |workload| {
        let object = &workload.object;
        !found.contains(&(object.file, &object.kind, &object.namespace, &object.name))
    })
}

fn unread_case(report: &CheckReport<'_>, unread: &Unread) -> Case {
    Case {
        class: "inputs".to_owned(),
        name: "can be read".to_owned(),
        outcome: CaseOutcome::Error(report.unread_text(unread)),
    }
}

fn finding_case(report: &CheckReport<'_>, finding: &Finding) -> Case {
    let at = report.inventory().position_text(finding.primary.place);
    let object = finding.subject.object.as_ref();
    let everything = [
        printable(&at).into_owned(),
        subject_name(&finding.subject),
        explanation(finding),
    ];
    let known: Vec<_> = everything.into_iter().filter(|part| !part.is_empty()).collect();
    Case {
        class: object.map_or("inputs".to_owned(), object_name),
        name: format!("{} {}", finding.rule.code, finding.message),
        outcome: CaseOutcome::Failed(finding.message.clone(), finding.rule.code, known.join("\n")),
    }
}

fn clean_case(workload: &Workload) -> Case {
    Case {
        class: object_name(&ObjectName::from(&workload.object)),
        name: "no findings".to_owned(),
        outcome: CaseOutcome::Passed,
    }
}

/// How many tests there are, and how they ended.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Counts {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.outcome {
                CaseOutcome::Passed => {}
                CaseOutcome::Failed(..) => counts.failures += 1,
                CaseOutcome::Error(_) => counts.errors += 1,
            }
        }
        counts
    }

    /// The counts, and a time, without which some readers fail; the true one would differ between runs.
    fn attributes(&self) -> [(&'static str, String); 4] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("time", "0".to_owned()),
        ]
    }
}

impl Suite {
    /// Of tests with one name servers show one: the second is `name (2)`.
    fn new(name: &str, is_file: bool, mut cases: Vec<Case>) -> Self {
        let mut seen = HashMap::new();
        for case in &mut cases {
            let number = seen.entry((case.class.clone(), case.name.clone())).or_insert(0);
            *number += 1;
            if *number > 1 {
                case.name = format!("{} ({number})", case.name);
            }
        }
        Self {
            name: name.to_owned(),
            is_file,
            cases,
        }
    }

    fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        let name = xml_text(&self.name);
        let counts = Counts::of(self.cases.iter()).attributes();
        let suite = writer
            .create_element("testsuite")
            .with_attribute(("name", name.as_str()));
        let suite = suite.with_attributes(counts.iter().map(|(name, value)| (*name, value.as_str())));
        let suite = suite.with_attributes(self.is_file.then_some(("file", name.as_str())));
        suite.write_inner_content(|writer| self.cases.iter().try_for_each(|case| case.write(writer)))?;
        Ok(())
    }
}

impl Case {
    fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        let (class, name) = (xml_text(&self.class), xml_text(&self.name));
        let case = writer.create_element("testcase").with_attributes([
            ("classname", class.as_str()),
            ("name", name.as_str()),
            ("time", "0"),
        ]);
        match &self.outcome {
            CaseOutcome::Passed => case.write_empty()?,
            CaseOutcome::Failed(message, code, everything) => case.write_inner_content(|writer| {
                let message = xml_text(message);
                let failure = writer.create_element("failure");
                let failure = failure.with_attributes([("type", *code), ("message", message.as_str())]);
                failure.write_text_content(BytesText::from_escaped(partial_escape(lines(everything))))?;
                Ok(())
            })?,
            CaseOutcome::Error(message) => case.write_inner_content(|writer| {
                let message = xml_text(message);
                let error = writer.create_element("error");
                error
                    .with_attributes([("type", "unreadable"), ("message", message.as_str())])
                    .write_empty()?;
                Ok(())
            })?,
        };
        Ok(())
    }
}

/// A text of several lines, without characters that XML cannot have.
fn lines(several: &str) -> String {
    several.lines().map(xml_text).collect::<Vec<_>>().join("\n")
}
