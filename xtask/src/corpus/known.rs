// SPDX-License-Identifier: Apache-2.0
//! Files of the corpus that Kubernetes refuses, too.

use std::collections::BTreeMap;

use anyhow::bail;

/// One file a line: its path below the corpus, then why `kubectl` refuses it. `#` starts a comment line.
const KNOWN: &str = include_str!("../../corpus-known.txt");

/// The reasons by path.
///
/// # Errors
/// When a line gives no reason.
pub(super) fn read() -> anyhow::Result<BTreeMap<&'static str, &'static str>> {
    let mut known = BTreeMap::new();
    for line in KNOWN
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        match line.split_once(char::is_whitespace) {
            Some((path, reason)) => known.insert(path, reason.trim()),
            None => bail!("corpus-known.txt: no reason given for {line}"),
        };
    }
    Ok(known)
}
