// SPDX-License-Identifier: Apache-2.0
//! Directories that belong to the node (Filesystem Hierarchy Standard 3.0; the folders of kubelet and of runtimes).

/// Who mounts them does not expect to own them.
const OF_THE_NODE: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/opt/cni",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/log",
    "/var/run",
];

/// Whether a path on the node is, or lies in, a directory that belongs to the node; the root directory is one.
pub fn is_of_the_node(path: &str) -> bool {
    path.trim_matches('/').is_empty() || OF_THE_NODE.iter().any(|directory| is_below(path, directory))
}

/// Whether a directory of the node lies below a path on it, or may: it is one of those that the system comes with.
pub fn holds_what_is_the_nodes(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let first_level = path.trim_start_matches('/').split('/').count() < 2;
    first_level || OF_THE_NODE.iter().any(|directory| is_below(directory, path))
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nodes_directories_and_those_around_them() {
        for (path, of_the_node, holds) in [
            ("/", true, true),
            ("/etc", true, true),
            ("/etc/app", true, false),
            ("/etcetera/app", false, false),
            ("/var", false, true),
            ("/var/lib", false, true),
            ("/var/lib/kubelet/pods", true, false),
            ("/var/lib/app", false, false),
            ("/opt/", false, true),
            ("/opt/app", false, false),
            ("/srv", false, true),
            ("/srv/data", false, false),
        ] {
            assert_eq!(is_of_the_node(path), of_the_node, "{path}");
            assert_eq!(holds_what_is_the_nodes(path), holds, "{path}");
        }
    }
}
