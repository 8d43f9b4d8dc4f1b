// SPDX-License-Identifier: Apache-2.0
//! Where a container's process looks for a directory for temporary files.

use writeway_access::path::clean;
use writeway_access::{ContainerMap, PathMap};
use writeway_facts::Facts;
use writeway_manifest::{Container, EnvSource, Which, Workload};

/// Directories that programs try when no variable names one.
pub(crate) const WELL_KNOWN: [&str; 2] = ["/tmp", "/var/tmp"];
/// Variables that name one, in the order in which most programs read them.
const VARIABLES: [&str; 3] = ["TMPDIR", "TMP", "TEMP"];

/// Where the process may look for a place for temporary files, in the order in which most programs try them: what
/// variables name, then the well-known directories that are given. `None` when that is not known.
pub(crate) fn directories<'a>(
    map: &'a ContainerMap,
    container: &Container,
    facts: &Facts,
    well_known: &[&str],
) -> Option<Vec<&'a PathMap>> {
    let named = named(container, facts)?;
    let names = named.iter().map(String::as_str).chain(well_known.iter().copied());
    let mut directories: Vec<&PathMap> = Vec::new();
    for name in names {
        let directory = map.paths.iter().find(|path| path.path == name)?;
        if !directories.iter().any(|known| known.path == directory.path) {
            directories.push(directory);
        }
    }
    Some(directories)
}

/// The directories that variables name in any container: rules ask for them.
pub(crate) fn paths(workload: &Workload, facts: &Facts) -> Vec<String> {
    let containers = workload.pod.containers(Which::All);
    let named = containers.filter_map(|container| named(container, facts));
    named.flatten().collect()
}

/// The absolute paths in the variables; `None` when one of these is set, but not known here.
pub(crate) fn named(container: &Container, facts: &Facts) -> Option<Vec<String>> {
    let image = container.image.as_ref().and_then(|image| facts.image(image));
    let from_image = image.and_then(|image| image.env.as_ref());
    let mut directories = Vec::new();
    for variable in VARIABLES {
        let value = match container.env.iter().rfind(|entry| *entry.name == variable) {
            Some(entry) => Some(known_value(&entry.source)?),
            None => from_image.and_then(|env| env.get(variable)).map(String::as_str),
        };
        let absolute = value.filter(|value| value.starts_with('/'));
        directories.extend(absolute.map(clean));
    }
    Some(directories)
}

fn known_value(source: &EnvSource) -> Option<&str> {
    match source {
        EnvSource::Value(value) if !value.contains("$(") => Some(value),
        _ => None,
    }
}
