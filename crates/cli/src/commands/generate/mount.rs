// SPDX-License-Identifier: Apache-2.0
//! `--mount`: a volume and the path where it is mounted.

use writeway_generate::Mount;

/// Reads `VOLUME:PATH` or `VOLUME:PATH:SUBPATH`. No path that Kubernetes takes has a colon.
pub(super) fn parse(text: &str) -> Result<Mount, String> {
    let (volume, path) = text
        .split_once(':')
        .ok_or_else(|| "write VOLUME:PATH, e.g. data:/var/lib/app".to_owned())?;
    let mount = match path.split_once(':') {
        None => Mount::new(volume, path),
        Some((path, sub_path)) => Mount::new(volume, path).and_then(|mount| mount.sub_path(sub_path)),
    };
    mount.map_err(|error| error.to_string())
}
