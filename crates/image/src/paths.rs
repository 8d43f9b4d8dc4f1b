// SPDX-License-Identifier: Apache-2.0
//! Paths inside an image: cleaned once, resolved without ever leaving the image's root.

use std::ops::Bound;

/// Linux' `PATH_MAX` without the closing NUL.
const PATH_MAX: usize = 4095;
/// Linux' `NAME_MAX`.
const NAME_MAX: usize = 255;
/// How many symbolic links one look-up may pass (Linux' `MAXSYMLINKS`).
const LINKS_MAX: usize = 40;

/// Why a name in an archive cannot be a path of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `..` leads above the root.
    Escapes,
    /// Not UTF-8: no manifest, which is UTF-8, can name it.
    NotUtf8,
    /// Longer than Linux allows, or with a NUL byte.
    Impossible,
}

impl Refusal {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Escapes => "it leads out of the image",
            Self::NotUtf8 => "it is not UTF-8, so no manifest can name it",
            Self::Impossible => "Linux allows no such name",
        }
    }
}

/// The absolute path that an archive member's `name` means: `./etc//passwd`, `/etc/passwd` and `etc/passwd/` are
/// all `/etc/passwd`.
pub(crate) fn absolute(name: &[u8]) -> Result<String, Refusal> {
    let name = str::from_utf8(name).map_err(|_| Refusal::NotUtf8)?;
    let mut path = String::with_capacity(name.len() + 1);
    for component in name.split('/') {
        match component {
            "" | "." => {}
            ".." if path.is_empty() => return Err(Refusal::Escapes),
            ".." => path.truncate(parent_length(&path)),
            _ if component.len() > NAME_MAX || component.contains('\0') => return Err(Refusal::Impossible),
            _ => {
                path.push('/');
                path.push_str(component);
            }
        }
    }
    match path.len() {
        0 => Ok("/".to_owned()),
        1..=PATH_MAX => Ok(path),
        _ => Err(Refusal::Impossible),
    }
}

/// Directory and last name of an absolute clean path; `None` for `/`.
pub(crate) fn split(path: &str) -> Option<(&str, &str)> {
    let (directory, name) = path.rsplit_once('/')?;
    if name.is_empty() {
        return None;
    }
    Some((if directory.is_empty() { "/" } else { directory }, name))
}

/// `directory/name`.
pub(crate) fn join(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// The range of all paths below `directory`, itself not included, in a sorted collection.
pub(crate) fn below(directory: &str) -> (Bound<String>, Bound<String>) {
    let prefix = join(directory, "");
    // `0` follows `/` in ASCII, so this is the first text after all those with the prefix.
    let end = format!("{}0", prefix.trim_end_matches('/'));
    (Bound::Excluded(prefix), Bound::Excluded(end))
}

/// Every directory above an absolute clean path, outermost first, without `/`.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/')
        .map(|(end, _)| &path[..end])
        .filter(|ancestor| !ancestor.is_empty())
}

/// Follows the symbolic links in `path` (also in its last component) as a process whose root is the image would:
/// an absolute target starts at the image's root, `..` stops there. What does not exist is kept as it stands.
/// `None` when there are too many links or the path grows too long.
pub(crate) fn resolve<'t>(path: &'t str, link: impl Fn(&str) -> Option<&'t str>) -> Option<String> {
    let mut waiting: Vec<&str> = path.split('/').rev().collect();
    let mut resolved = String::with_capacity(path.len());
    let mut links = 0;
    while let Some(component) = waiting.pop() {
        match component {
            "" | "." => continue,
            ".." => {
                resolved.truncate(parent_length(&resolved));
                continue;
            }
            _ => {}
        }
        let directory = resolved.len();
        resolved.push('/');
        resolved.push_str(component);
        if resolved.len() > PATH_MAX {
            return None;
        }
        if let Some(target) = link(&resolved) {
            links += 1;
            if links > LINKS_MAX {
                return None;
            }
            resolved.truncate(if target.starts_with('/') { 0 } else { directory });
            waiting.extend(target.split('/').rev());
        }
    }
    if resolved.is_empty() {
        resolved.push('/');
    }
    Some(resolved)
}

fn parent_length(path: &str) -> usize {
    path.rfind('/').unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn names_become_absolute_clean_paths() {
        for (name, path) in [
            ("", "/"),
            (".", "/"),
            ("./", "/"),
            ("/", "/"),
            ("etc", "/etc"),
            ("./etc/", "/etc"),
            ("//etc//passwd", "/etc/passwd"),
            ("a/../b", "/b"),
            ("a/./b/..", "/a"),
            ("..a/b..", "/..a/b.."),
        ] {
            assert_eq!(absolute(name.as_bytes()).as_deref(), Ok(path), "{name}");
        }
    }

    #[test]
    fn names_that_no_image_can_hold_are_refused() {
        let long_name = "n".repeat(NAME_MAX + 1);
        let long_path = "d/".repeat(PATH_MAX / 2 + 1);
        for (name, refusal) in [
            (&b"../x"[..], Refusal::Escapes),
            (b"a/../../x", Refusal::Escapes),
            (b"/../x", Refusal::Escapes),
            (b"\xff", Refusal::NotUtf8),
            (b"a\0b", Refusal::Impossible),
            (long_name.as_bytes(), Refusal::Impossible),
            (long_path.as_bytes(), Refusal::Impossible),
        ] {
            assert_eq!(absolute(name), Err(refusal));
        }
    }

    #[test]
    fn links_are_followed_inside_the_root() {
        let links = BTreeMap::from([
            ("/var/run", "/run"),
            ("/bin", "usr/bin"),
            ("/usr/bin/sh", "dash"),
            ("/out", "../../../etc"),
            ("/loop", "loop"),
            ("/twice", "/var/run/../bin"),
        ]);
        let find = |path: &str| links.get(path).copied();
        for (path, resolved) in [
            ("/etc/passwd", Some("/etc/passwd")),
            ("/var/run/x", Some("/run/x")),
            ("/bin/sh", Some("/usr/bin/dash")),
            ("/out/passwd", Some("/etc/passwd")),
            ("/twice/sh", Some("/usr/bin/dash")),
            ("/loop/x", None),
            ("/", Some("/")),
            ("/a/../..", Some("/")),
        ] {
            assert_eq!(resolve(path, find).as_deref(), resolved, "{path}");
        }
    }

    #[test]
    fn what_lies_below_a_directory_is_one_range() {
        let all = BTreeSet::from(["/", "/a", "/a-b", "/a/x", "/a/x/y", "/a0", "/ab"].map(str::to_owned));
        let range = |directory| {
            all.range(below(directory))
                .map(String::as_str)
                .collect::<Vec<_>>()
        };
        assert_eq!(range("/a"), ["/a/x", "/a/x/y"]);
        assert_eq!(range("/"), ["/a", "/a-b", "/a/x", "/a/x/y", "/a0", "/ab"]);
        assert!(range("/ab").is_empty() && range("/none").is_empty());
    }

    #[test]
    fn a_path_knows_its_directories() {
        assert_eq!(split("/"), None);
        assert_eq!(split("/a"), Some(("/", "a")));
        assert_eq!(split("/a/b"), Some(("/a", "b")));
        assert_eq!(ancestors("/a/b/c").collect::<Vec<_>>(), ["/a", "/a/b"]);
        assert_eq!(ancestors("/").count() + ancestors("/a").count(), 0);
    }
}
