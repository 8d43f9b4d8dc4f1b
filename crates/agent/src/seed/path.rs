// SPDX-License-Identifier: Apache-2.0
//! Where an entry lies below the directory that is seeded.

use std::fmt;

/// The path of an entry below a directory: names with `/` between them, none of them `.` or `..`. The directory itself
/// is the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryPath(String);

impl EntryPath {
    /// Reads a path of one name at least, as a lineage file has it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let single = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
        text.split('/').all(single).then(|| Self(text.to_owned()))
    }

    /// The path of an entry of this directory. `name` is a single name, as a directory lists it.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self(name.to_owned()),
            above => Self(format!("{above}/{name}")),
        }
    }

    /// The directory that has the entry; none has the directory itself.
    pub(crate) fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Some(Self(parent.to_owned())),
            None => (!self.0.is_empty()).then(Self::default),
        }
    }

    /// The last name; empty for the directory itself.
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The names from the directory on.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// The path as it is written in a lineage file.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::EntryPath;

    #[test]
    fn a_path_from_a_file_never_leads_out() {
        for (text, stays) in [
            ("token", true),
            ("sub/token", true),
            ("...", true),
            ("-rf", true),
            ("a b", true),
            ("", false),
            ("/etc/passwd", false),
            ("../token", false),
            ("sub/../../token", false),
            ("sub//token", false),
            ("sub/.", false),
            ("sub/", false),
            ("nul\0byte", false),
        ] {
            assert_eq!(EntryPath::read(text).is_some(), stays, "{text:?}");
        }
    }

    #[test]
    fn parents_end_at_the_directory_itself() {
        let path = EntryPath::default().join("a").join("b");
        assert_eq!((path.as_str(), path.name()), ("a/b", "b"));
        let parent = path.parent().unwrap();
        assert_eq!(
            (parent.as_str(), parent.parent()),
            ("a", Some(EntryPath::default()))
        );
        assert_eq!(EntryPath::default().parent(), None);
    }
}
