// SPDX-License-Identifier: Apache-2.0
//! The way from an operand to a directory, shared by all that is beneath it, so that a deep tree's names are held once.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

/// How many bytes of a path are shown: `PATH_MAX`, beyond which no system call takes it either.
const SHOWN: usize = 4096;

/// A directory's path, the operand first.
#[derive(Clone, Debug)]
pub(super) struct Trail(Arc<Node>);

#[derive(Debug)]
struct Node {
    above: Option<Trail>,
    name: Box<OsStr>,
}

impl Trail {
    /// The operand itself.
    pub(super) fn operand(path: &OsStr) -> Self {
        Self(Arc::new(Node {
            above: None,
            name: path.into(),
        }))
    }

    /// A directory in this one.
    pub(super) fn to(&self, name: &OsStr) -> Self {
        Self(Arc::new(Node {
            above: Some(self.clone()),
            name: name.into(),
        }))
    }

    /// The directory's own name.
    pub(super) fn name(&self) -> &OsStr {
        &self.0.name
    }

    /// The path of an entry, to be shown.
    pub(super) const fn entry<'a>(&'a self, name: &'a OsStr) -> EntryPath<'a> {
        EntryPath { trail: self, name }
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Vec::new();
        let mut length = 0;
        let mut next = Some(self);
        while let Some(Self(node)) = next {
            length += node.name.len() + 1;
            if length > SHOWN {
                f.write_str("…")?;
                break;
            }
            names.push(&node.name);
            next = node.above.as_ref();
        }
        let mut separator = if length > SHOWN { "/" } else { "" };
        for name in names.iter().rev() {
            write!(f, "{separator}{}", name.to_string_lossy())?;
            separator = if name.as_bytes().ends_with(b"/") { "" } else { "/" };
        }
        Ok(())
    }
}

impl Drop for Node {
    /// One after the other: the drop of a node in that of the node below would need as much stack as the tree is deep.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(Trail(node)) = above {
            above = Arc::into_inner(node).and_then(|mut node| node.above.take());
        }
    }
}

/// The path of an entry, written only when it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryPath<'a> {
    trail: &'a Trail,
    name: &'a OsStr,
}

impl fmt::Display for EntryPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trail.to(self.name).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::Trail;

    #[test]
    fn paths_are_shown_from_the_operand_on() {
        for (operand, names, shown) in [
            ("/", &["data", "file"][..], "/data/file"),
            ("/data", &["file"], "/data/file"),
            ("data/", &["file"], "data/file"),
            (".", &[], "."),
        ] {
            let operand = Trail::operand(OsStr::new(operand));
            let trail = names
                .iter()
                .fold(operand, |trail, name| trail.to(OsStr::new(name)));
            assert_eq!(trail.to_string(), shown);
        }
    }

    #[test]
    fn a_trail_of_a_million_names_is_shown_in_part_and_dropped() {
        let names = (0..1_000_000).map(|_| OsStr::new("below"));
        let trail = names.fold(Trail::operand(OsStr::new("/data")), |trail, name| trail.to(name));
        let shown = trail.to_string();
        assert!(
            shown.starts_with("…/below/below") && shown.len() < 5000,
            "{shown}"
        );
    }
}
