// SPDX-License-Identifier: Apache-2.0
//! What the rules say in the end decides: a fix whose finding stays, or that brings another, is taken back.

mod support;

use std::collections::BTreeSet;

use support::{options, repaired, reported, settings};
use writeway_access::Context;
use writeway_check::Finding;
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory, ParsedFile};
use writeway_repair::{Repair, repair};

const WEB: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: ghcr.io/acme/app:1.2
      securityContext: {readOnlyRootFilesystem: true}
";

/// Repairs a pod; `after` has the last word about what is found then.
fn judged_by(after: impl Fn(Vec<Finding>, &[Finding]) -> Vec<Finding>) -> Repair {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("web.yaml", WEB)]);
    let (facts, settings) = (Facts::default(), settings());
    let findings = reported(&inventory, &facts, &settings, &|_| true);
    let context = Context {
        inventory: &inventory,
        facts: &facts,
        extra_paths: &[],
    };
    let again = |inventory: &Inventory, _: &BTreeSet<FileId>| {
        after(reported(inventory, &facts, &settings, &|_| true), &findings)
    };
    repair(&context, &options(), &findings.iter().collect::<Vec<_>>(), &again)
}

#[test]
fn a_fix_is_kept_when_its_finding_is_gone_and_none_is_new() {
    let repair = judged_by(|after, _| after);
    assert_eq!(repair.applied.len(), 1);
    assert_eq!(repair.texts.len(), 1);
}

#[test]
fn a_fix_whose_finding_stays_is_taken_back() {
    let repair = judged_by(|_, before| before.to_vec());
    assert!(repair.applied.is_empty() && repair.texts.is_empty());
    let reasons: Vec<_> = repair.refused[0]
        .remedies
        .iter()
        .map(|(_, why)| why.as_str())
        .collect();
    assert!(
        reasons.contains(&"the finding would still be there"),
        "{reasons:?}"
    );
}

#[test]
fn a_fix_that_brings_another_finding_is_taken_back_and_the_reason_names_that() {
    let other = |_, before: &[Finding]| {
        let mut other = before[0].clone();
        other.message = "something else is wrong".to_owned();
        vec![other]
    };
    let repair = judged_by(other);
    assert!(repair.applied.is_empty() && repair.texts.is_empty());
    let (_, why) = &repair.refused[0].remedies[0];
    assert_eq!(why, "it would bring WW101: something else is wrong");
}

#[test]
fn a_pod_of_very_many_containers_is_repaired_in_part_and_the_rest_says_so() {
    let container = |number: usize| {
        format!(
            "    - name: app-{number}\n      image: ghcr.io/acme/app:1.2\n      securityContext: {{readOnlyRootFilesystem: true}}\n"
        )
    };
    let containers: String = (0..150).map(container).collect();
    let pod =
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n{containers}");
    let repaired = repaired(&[&pod], &Facts::default(), &options());
    assert_eq!(repaired.repair.applied.len(), 128);
    let causes = repaired
        .repair
        .refused
        .iter()
        .map(|refused| refused.cause.as_deref());
    let said = "128 needs of one document are enough for one run: run it again";
    assert_eq!(causes.collect::<Vec<_>>(), vec![Some(said); 22]);
    assert_eq!(repaired.left(&Facts::default()).len(), 22);
}
