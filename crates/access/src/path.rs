// SPDX-License-Identifier: Apache-2.0
//! Absolute paths in a container or on a node.

/// An absolute path without `.`, `..`, doubled or trailing slashes (Go's filepath.Clean).
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}
