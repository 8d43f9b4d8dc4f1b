// SPDX-License-Identifier: Apache-2.0
//! JUnit XML, read by a reader of others. `cargo xtask test` has more of them.

use insta::assert_snapshot;
use junit_parser::{TestStatus, TestSuites};
use writeway_manifest::Inventory;
use writeway_report::Unread;

use crate::common::checked::{Checked, finding};
use crate::common::{self, hostile_reports};

fn read(checked: &Checked) -> TestSuites {
    let printed = checked.print("junit");
    junit_parser::from_reader(printed.as_bytes()).unwrap()
}

#[test]
fn a_file_is_a_suite_and_a_finding_a_failed_test() {
    let mut checked = Checked::one();
    checked.unread.push(Unread {
        message: "expected a number".to_owned(),
        place: Some(common::place(&checked.inventory, 1, "data", 0)),
    });
    assert_snapshot!(checked.print("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="writeway" tests="2" failures="1" errors="1" time="0">
      <testsuite name="pod.yaml" tests="1" failures="1" errors="0" time="0" file="pod.yaml">
        <testcase classname="Pod shop/web" name="WW201 container `app` cannot create files in `/data`" time="0">
          <failure type="WW201" message="container `app` cannot create files in `/data`">pod.yaml:11:11
    Pod shop/web, container app
    container `app` cannot create files in `/data`
    why: claim `data` is hostPath: kubelet never applies fsGroup there
    why: uid 1000 is `other` of 0:0 0755
    help: give the volume to uid 1000 where it is made</failure>
        </testcase>
      </testsuite>
      <testsuite name="claim.yaml" tests="1" failures="0" errors="1" time="0" file="claim.yaml">
        <testcase classname="inputs" name="can be read" time="0">
          <error type="unreadable" message="claim.yaml:3:5: expected a number"/>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_workload_without_findings_is_a_test_that_passed() {
    assert_snapshot!(Checked::clean().print("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="writeway" tests="1" failures="0" errors="0" time="0">
      <testsuite name="pod.yaml" tests="1" failures="0" errors="0" time="0" file="pod.yaml">
        <testcase classname="Pod shop/web" name="no findings" time="0"/>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn there_is_a_test_even_without_workloads() {
    let suites = read(&Checked::new(Inventory::default(), Vec::new()));
    assert_eq!((suites.tests, suites.failures, suites.errors), (1, 0, 0));
}

#[test]
fn a_reader_counts_what_was_written() {
    for checked in hostile_reports() {
        let suites = read(&checked);
        let cases: Vec<_> = suites.suites.iter().flat_map(|suite| &suite.cases).collect();
        let count =
            |wanted: fn(&TestStatus) -> bool| cases.iter().filter(|case| wanted(&case.status)).count();
        let failures = count(|status| matches!(status, TestStatus::Failure(_)));
        let errors = count(|status| matches!(status, TestStatus::Error(_)));
        assert_eq!((failures, errors), (checked.findings.len(), checked.unread.len()));
        assert_eq!((suites.failures, suites.errors), (failures as u64, errors as u64));
        assert_eq!(suites.tests, cases.len() as u64);
    }
}

#[test]
fn tests_have_names_of_their_own() {
    let inventory = common::inventory();
    let twice = vec![finding(&inventory), finding(&inventory)];
    let suites = read(&Checked::new(inventory, twice));
    let names: Vec<_> = suites.suites[0]
        .cases
        .iter()
        .map(|case| case.original_name.as_str())
        .collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1], format!("{} (2)", names[0]));
}

#[test]
fn what_was_written_is_what_is_read() {
    let checked = Checked::hostile();
    let suites = read(&checked);
    let read: Vec<_> = suites
        .suites
        .iter()
        .filter(|suite| suite.name.starts_with("k8s/"))
        .collect();
    assert_eq!(read.len(), checked.findings.len());
    let texts = checked.findings.iter().map(|finding| &finding.help);
    for (suite, text) in read.into_iter().zip(texts) {
        let text = writeway_report::printable(text.as_ref().unwrap());
        let text = text
            .replace('\u{fffe}', "\\u{fffe}")
            .replace('\u{ffff}', "\\u{ffff}");
        assert_eq!(suite.name, format!("k8s/{text}.yaml"));
        let TestStatus::Failure(failure) = &suite.cases[0].status else {
            panic!("{suite:?}");
        };
        assert_eq!(
            failure.message,
            format!("container `{text}` cannot create files in `{text}`")
        );
        assert_eq!(failure.failure_type, "WW201");
        // This reader breaks lines at entities; those that `cargo xtask test` runs do not.
        if !text.contains(['<', '>', '&']) {
            let help = format!("\nhelp: {}", text.trim_end());
            assert!(failure.text.contains(&help), "{}", failure.text);
        }
    }
}
