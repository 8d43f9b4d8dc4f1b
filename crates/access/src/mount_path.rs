// SPDX-License-Identifier: Apache-2.0
//! Paths in a container, and the mounts and volumes that they lie in.

use crate::path::clean;
use writeway_manifest::{Container, Mount};

/// What remains of a path below a directory: `""` for the directory itself, `None` when it is elsewhere.
pub fn below<'p>(directory: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(directory.trim_end_matches('/'))?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/').map(|rest| rest.trim_matches('/'))
}

/// Whether a path is a directory, or lies below it.
pub fn is_within(path: &str, directory: &str) -> bool {
    below(directory, path).is_some()
}

/// A path below a directory.
pub fn join(directory: &str, rest: &str) -> String {
    let directory = directory.trim_end_matches('/');
    if rest.is_empty() && !directory.is_empty() {
        return directory.to_owned();
    }
    format!("{directory}/{rest}")
}

/// The path that a process of the container means, without `.` and `..`, as if nothing on the way were a link. `None`
/// when the working directory decides, and is not known.
pub fn absolute(container: &Container, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(clean(path));
    }
    let directory = container.working_dir.as_ref()?;
    Some(clean(&format!("{}/{path}", directory.value)))
}

/// The mount of a container to which a path belongs, and what remains of the path below it. Of two mounts at one path the
/// later one covers the other.
pub fn mount_of<'c, 'p>(container: &'c Container, path: &'p str) -> Option<(&'c Mount, &'p str)> {
    let mounts = container.mounts.iter().rev();
    let candidates = mounts.filter_map(|mount| Some((mount, below(&mount.mount_path, path)?)));
    candidates.min_by_key(|(_, rest)| rest.len())
}

/// Where in its volume something lies that a mount shows at a path below itself: `""` for the volume's root. `None` when
/// a variable decides whose value is not known.
pub fn in_volume(mount: &Mount, rest: &str) -> Option<String> {
    let part = match &mount.sub_path {
        None => "",
        Some(part) => part.known()?,
    };
    let components = part.split('/').chain(rest.split('/'));
    let components = components.filter(|part| !part.is_empty());
    Some(components.map(|part| format!("/{part}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_a_directory_by_whole_components() {
        let rows = [
            ("/a", "/a", Some("")),
            ("/a", "/a/", Some("")),
            ("/a/", "/a/b/c", Some("b/c")),
            ("/a", "/ab", None),
            ("/", "/a", Some("a")),
            ("/a/b", "/a", None),
            ("", "token.json", None),
        ];
        for (directory, path, rest) in rows {
            assert_eq!(below(directory, path), rest, "{directory} {path}");
            assert_eq!(is_within(path, directory), rest.is_some(), "{directory} {path}");
        }
        assert_eq!(
            (join("/a/", "b").as_str(), join("/a", "").as_str()),
            ("/a/b", "/a")
        );
        assert_eq!(join("/", "b"), "/b");
    }
}
