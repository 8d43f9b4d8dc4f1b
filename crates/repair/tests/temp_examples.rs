// SPDX-License-Identifier: Apache-2.0
//! The examples of directories for temporary files: each is clean after its repair, and only what matters is changed.

mod support;

use support::{facts, options, repaired};
use writeway_facts::Facts;

const BARE: &str = include_str!("../../../examples/temp-directory/bare.yaml");
const EMPTY_DIR: &str = include_str!("../../../examples/temp-directory/empty-dir.yaml");

#[test]
fn situation_2_without_a_directory_gets_one_in_memory() {
    let repaired = repaired(&[BARE], &Facts::default(), &options());
    let expected = BARE.replace(
        "              mountPath: /opt/mastodon/tmp\n",
        "              mountPath: /opt/mastodon/tmp\n            - name: tmp\n              mountPath: /tmp\n",
    ) + "        - name: tmp\n          emptyDir:\n            medium: Memory\n            sizeLimit: 64Mi\n";
    assert_eq!(repaired.text(0), expected);
    assert_eq!(repaired.left(&Facts::default()), []);
}

#[test]
fn situation_2_with_the_usual_cure_becomes_memory_by_one_line() {
    let repaired = repaired(&[EMPTY_DIR], &Facts::default(), &options());
    let expected = EMPTY_DIR.replace(
        "        - name: tmp\n          emptyDir:\n",
        "        - name: tmp\n          emptyDir:\n            medium: Memory\n",
    );
    assert_eq!(repaired.text(0), expected);
    assert_eq!(repaired.left(&Facts::default()), []);
    let turned = &repaired.repair.applied[0].turned;
    assert!(turned.is.iter().any(|step| step.contains("tmpfs")), "{turned:?}");
}

#[test]
fn situation_2_on_a_cluster_with_the_gate_becomes_sticky_on_disk() {
    let facts = facts("kubernetes: {version: \"1.37\", featureGates: {EmptyDirVolumeMode: true}}\n");
    let repaired = repaired(&[EMPTY_DIR], &facts, &options());
    assert_eq!(repaired.remedies(), ["empty-dir-mode"]);
    // 01777: JSON knows no octal numbers, and YAML 1.2 reads `01777` as a decimal one.
    let expected = EMPTY_DIR.replacen(
        "            sizeLimit: 256Mi\n",
        "            sizeLimit: 256Mi\n            mode: 1023\n",
        1,
    );
    assert_eq!(repaired.text(0), expected);
    assert_eq!(repaired.left(&facts), []);
}
