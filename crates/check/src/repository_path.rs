// SPDX-License-Identifier: Apache-2.0
//! File names that are the same on every machine.

use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

/// The name of a file with `/` between its parts and without `./`, as repositories and CI servers write it. It is as
/// absolute or relative as it was given.
pub fn repository_path(name: &str) -> String {
    let parts = Path::new(name).components();
    let path: PathBuf = parts.filter(|part| *part != Component::CurDir).collect();
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (name, path) in [
            ("k8s/pod.yaml", "k8s/pod.yaml"),
            ("./k8s/.//pod.yaml", "k8s/pod.yaml"),
            ("../k8s/pod.yaml", "../k8s/pod.yaml"),
            ("/srv/k8s/pod.yaml", "/srv/k8s/pod.yaml"),
            ("charts/web (helm template)", "charts/web (helm template)"),
            ("-", "-"),
        ] {
            assert_eq!(repository_path(name), path);
        }
    }
}
