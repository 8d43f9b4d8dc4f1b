// SPDX-License-Identifier: Apache-2.0
//! The write map against pods that ran on a real node.

#[test]
fn the_write_map_agrees_with_the_measured_pods() {
    let mut printed = Vec::new();
    let agrees = xtask::ground_truth::judge_testdata(&mut printed).expect("testdata can be read");
    assert!(agrees, "{}", String::from_utf8_lossy(&printed));
}
