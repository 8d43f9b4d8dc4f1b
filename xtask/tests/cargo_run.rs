// SPDX-License-Identifier: Apache-2.0
//! What newcomers type first: `cargo run` is the program, however many binaries the workspace has.

use std::process::Command;

use serde_json::Value;

#[test]
fn cargo_run_is_writeway() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--locked", "--format-version", "1"])
        .current_dir(xtask::workspace())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let default_members = metadata["workspace_default_members"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    // Of several binaries cargo takes the one that a package names, if only one package does.
    let named: Vec<&str> = packages
        .iter()
        .filter(|package| default_members.contains(&package["id"]))
        .filter_map(|package| package["default_run"].as_str())
        .collect();
    assert_eq!(named, ["writeway"]);
}
