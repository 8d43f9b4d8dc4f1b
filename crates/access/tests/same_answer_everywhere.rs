// SPDX-License-Identifier: Apache-2.0
//! One pod spec has one map, whatever object it is written in.

#[path = "support/pods.rs"]
mod pods;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use writeway_access::{Context, PodMap, map_pod};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};

/// A pod spec in the objects that carry one, each under its key.
fn written(spec: &str) -> [String; 3] {
    let below = |key: &str, depth: usize| {
        let indent = " ".repeat(depth);
        let spec: Vec<String> = spec.lines().map(|line| format!("{indent}  {line}")).collect();
        format!("{indent}{key}:\n{}\n", spec.join("\n"))
    };
    [
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\n{}",
            below("spec", 0)
        ),
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n  \
             template:\n    metadata: {{labels: {{a: b}}}}\n{}",
            below("spec", 4)
        ),
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: x}}\nspec:\n  schedule: '* * * * *'\n  jobTemplate:\n    \
             spec:\n      template:\n{}",
            below("spec", 8)
        ),
    ]
}

fn map(manifest: &str, facts: &Facts) -> PodMap {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x.yaml", manifest)]);
    let extra = pods::PATHS.map(str::to_owned);
    let context = Context {
        inventory: &inventory,
        facts,
        extra_paths: &extra,
    };
    map_pod(&context, &inventory.workloads()[0])
}

/// A map without the places in the file, as text.
fn without_places(map: &PodMap) -> String {
    let mut shown = format!(
        "{:?} {:?}\n",
        map.starts.verdict,
        map.starts.why().collect::<Vec<_>>()
    );
    for container in &map.containers {
        shown += &format!(
            "{} {:?} {:?} {}\n",
            container.name, container.role, container.identity, container.read_only_root
        );
        for path in &container.paths {
            shown += &format!("  {path:?}\n");
        }
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_pod_a_deployment_and_a_cron_job_have_one_map(spec in pods::spec(), facts in pods::facts()) {
        let [pod, deployment, cron_job] = written(&spec);
        let expected = without_places(&map(&pod, &facts));
        prop_assert_eq!(&expected, &without_places(&map(&deployment, &facts)));
        prop_assert_eq!(&expected, &without_places(&map(&cron_job, &facts)));
    }
}

/// The property above would hold of maps that say nothing.
#[test]
fn the_random_pods_are_of_all_sorts() {
    let mut runner = TestRunner::deterministic();
    let mut verdicts = BTreeMap::new();
    for _ in 0..300 {
        let spec = pods::spec().new_tree(&mut runner).unwrap().current();
        let facts = pods::facts().new_tree(&mut runner).unwrap().current();
        let [pod, ..] = written(&spec);
        let map = map(&pod, &facts);
        *verdicts
            .entry(format!("starts {}", map.starts.verdict.as_str()))
            .or_insert(0) += 1;
        for path in map.containers.iter().flat_map(|container| &container.paths) {
            *verdicts
                .entry(format!("create {}", path.create.tri().as_str()))
                .or_insert(0) += 1;
        }
    }
    for (answer, starts) in [("yes", 50), ("no", 20), ("unknown", 5)] {
        for (what, least) in [("starts", starts), ("create", 300)] {
            let seen = verdicts.get(&format!("{what} {answer}"));
            assert!(seen.is_some_and(|seen| *seen >= least), "{verdicts:?}");
        }
    }
}
