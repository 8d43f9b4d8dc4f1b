// SPDX-License-Identifier: Apache-2.0
//! What `check` writes for CI servers, read by programs that others wrote.
//!
//! JUnit XML has no standard. What Jenkins takes has a schema (`testdata/schemas/junit-10.xsd`), against which a document
//! is validated by `xmlschema`; then `junitparser` reads it, and has to find what the JSON document says. The other
//! formats are read in the tests of `writeway-report`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use writeway_report::printable;

use crate::{process, tools};

const SCRIPT: &str = include_str!("readers/junit.py");

/// A pod with at least one finding; its container has the name that stands for `NAME`.
const POD: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: "NAME", image: acme/app:1, securityContext: {readOnlyRootFilesystem: true}}
"#;

/// Names as YAML writes them between double quotes: each means something in XML, in YAML or to a terminal.
const HOSTILE: [&str; 8] = [
    r"two\nlines\r\nand\ttab",
    r#"'single' \"double\" `back`"#,
    r"]]> <!-- &lt; & <script>alert(1)</script> -->",
    r"\U0001F600 \U0010FFFF é 日本",
    r"\e[31mred\x7f\x9b2J\0",
    r"\uFFFE\uFFFF\u202Egnp",
    r"100%0A :: ::error::",
    r"  blanks  ",
];

/// A test that `junitparser` found.
#[derive(Debug, Deserialize)]
struct Test {
    suite: String,
    results: Vec<TestResult>,
}

#[derive(Debug, Deserialize)]
struct TestResult {
    kind: String,
    r#type: String,
    message: String,
    text: String,
}

/// What the JSON document of `check` says about a finding.
#[derive(Debug, Deserialize)]
struct Finding {
    code: String,
    message: String,
    locations: Vec<Location>,
}

#[derive(Debug, Deserialize)]
struct Location {
    file: String,
    line: u32,
    column: u32,
}

#[derive(Debug, Deserialize)]
struct Document {
    findings: Vec<Finding>,
}

/// Writes findings on inputs of several kinds, and has them read; whether all was found again.
///
/// # Errors
/// When a reader cannot be had or refuses what was written, or the program does not compile.
pub fn judge(out: &mut dyn Write) -> anyhow::Result<bool> {
    let home = crate::workspace().join("target/readers");
    if home.is_dir() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot empty {}", home.display()))?;
    }
    let packages = home.join("packages");
    tools::unpack(
        &[&tools::JUNITPARSER, &tools::XMLSCHEMA, &tools::ELEMENTPATH],
        &packages,
    )?;
    let program = process::writeway("dev")?;
    let hostile: Vec<_> = HOSTILE.iter().map(|name| POD.replace("NAME", name)).collect();
    let mut agrees = true;
    for (name, manifests) in [
        ("none", vec![]),
        ("hostile", hostile),
        ("many", vec![[POD; 300].join("---\n")]),
    ] {
        let folder = home.join(name);
        fs::create_dir_all(&folder)?;
        for (index, manifest) in manifests.iter().enumerate() {
            fs::write(folder.join(format!("]]>&<{index}>\u{1f600}.yaml")), manifest)?;
        }
        let (tests, findings) = read(&program, &packages, &folder)?;
        let different = differences(&tests, &findings);
        writeln!(
            out,
            "junit, {name}: {} tests, {} findings, {} differences",
            tests.len(),
            findings.len(),
            different.len()
        )?;
        for difference in &different {
            writeln!(out, "  {difference}")?;
        }
        agrees &= different.is_empty() && findings.len() >= manifests.len();
    }
    Ok(agrees)
}

/// What the reader finds in the JUnit document of a folder, and what the JSON document says.
fn read(program: &Path, packages: &Path, folder: &Path) -> anyhow::Result<(Vec<Test>, Vec<Finding>)> {
    let document = folder.with_extension("xml");
    let mut check = Command::new(program);
    check.args(["check", "--quiet", "--exit-zero", "--format=json", "."]);
    check
        .arg(format!("--format=junit={}", document.display()))
        .current_dir(folder);
    let json: Document = serde_json::from_str(&process::output(&mut check)?)?;

    let schema = crate::workspace().join("testdata/schemas/junit-10.xsd");
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).args([&schema, &document]);
    let printed = process::output(
        python
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    let tests = printed
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Test>, _>>()?;
    if tests.is_empty() {
        bail!("{} has no test at all", document.display());
    }
    Ok((tests, json.findings))
}

/// What one of the two says and the other does not.
fn differences(tests: &[Test], findings: &[Finding]) -> Vec<String> {
    let failed: Vec<_> = tests.iter().filter(|test| !test.results.is_empty()).collect();
    let mut differences = Vec::new();
    if failed.len() != findings.len() {
        differences.push(format!(
            "{} failed tests for {} findings",
            failed.len(),
            findings.len()
        ));
    }
    for (test, finding) in failed.iter().zip(findings) {
        let [result] = test.results.as_slice() else {
            differences.push(format!("{} results: {test:?}", test.results.len()));
            continue;
        };
        let Some(Location { file, line, column }) = finding.locations.first() else {
            differences.push(format!("no place: {finding:?}"));
            continue;
        };
        let place = as_xml_has_it(&format!("{file}:{line}:{column}"));
        let same = result.kind == "Failure"
            && test.suite == as_xml_has_it(file)
            && result.r#type == finding.code
            && result.message == as_xml_has_it(&finding.message)
            && result.text.lines().next() == Some(&place);
        if !same {
            differences.push(format!("{test:?} for {finding:?}"));
        }
    }
    differences
}

/// The text without what no terminal should get, and without the two characters that XML does not have (XML 1.0,
/// production 2, Char).
fn as_xml_has_it(text: &str) -> String {
    let text = printable(text);
    text.replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(message: &str) -> Finding {
        Finding {
            code: "WW101".to_owned(),
            message: message.to_owned(),
            locations: vec![Location {
                file: "pod.yaml".to_owned(),
                line: 6,
                column: 5,
            }],
        }
    }

    fn failed(message: &str, text: &str) -> Test {
        Test {
            suite: "pod.yaml".to_owned(),
            results: vec![TestResult {
                kind: "Failure".to_owned(),
                r#type: "WW101".to_owned(),
                message: message.to_owned(),
                text: text.to_owned(),
            }],
        }
    }

    #[test]
    fn what_only_one_of_the_two_says_is_a_difference() {
        let place = "pod.yaml:6:5\nmore";
        for (tests, findings, different) in [
            (vec![failed("a", place)], vec![finding("a")], 0),
            (
                vec![failed("\\u{1b}\\u{fffe}", place)],
                vec![finding("\u{1b}\u{fffe}")],
                0,
            ),
            (vec![failed("a", place)], vec![], 1),
            (vec![], vec![finding("a")], 1),
            (vec![failed("b", place)], vec![finding("a")], 1),
            (vec![failed("a", "pod.yaml:7:5")], vec![finding("a")], 1),
        ] {
            assert_eq!(
                differences(&tests, &findings).len(),
                different,
                "{tests:?} {findings:?}"
            );
        }
    }
}
