// SPDX-License-Identifier: Apache-2.0
//! The archive: the files of an image in one file, in the order of their paths.

use std::collections::BTreeMap;

use tar::Builder;

use super::layer::header;

/// A tar archive of the files, which does not tell when they were made or whose they are.
pub(super) fn tar(files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (path, content) in files {
        tar.append(&header(path, 0o644, content.len(), 0)?, content.as_slice())?;
    }
    Ok(tar.into_inner()?)
}
