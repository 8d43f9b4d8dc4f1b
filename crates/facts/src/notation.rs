// SPDX-License-Identifier: Apache-2.0
//! How owners, modes, versions and names of kinds are written in a facts file.

use std::fmt;
use std::str::FromStr;

use crate::model::{Owner, Permissions, ToolsKind, VersionNumber, VolumeKind};

/// A text that is not what its field holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct NotationError {
    expected: &'static str,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

impl FromStr for Owner {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        let error = NotationError {
            expected: "an owner \"UID:GID\" in numbers, e.g. \"1000:1000\"",
        };
        let (uid, gid) = text.split_once(':').ok_or(error.clone())?;
        match (id(uid), id(gid)) {
            (Some(uid), Some(gid)) => Ok(Self { uid, gid }),
            _ => Err(error),
        }
    }
}

/// A user or group id in plain digits (`u32::from_str` would also take a sign).
fn id(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

impl FromStr for Permissions {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        let error = NotationError {
            expected: "a mode of octal digits up to 7777, e.g. \"0755\" or \"1777\"",
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        match u16::from_str_radix(text, 8) {
            Ok(mode) if digits && mode <= 0o7777 => Ok(Self(mode)),
            _ => Err(error),
        }
    }
}

impl FromStr for VersionNumber {
    type Err = NotationError;

    /// Reads `1.36`, and what clusters report: `v1.36.2`, `v1.36.2+k3s1`.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        let error = NotationError {
            expected: "a Kubernetes version, e.g. \"1.36\" or \"v1.36.2\"",
        };
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok(),
            false => None,
        };
        let (major, rest) = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split_once('.')
            .ok_or(error.clone())?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (minor, rest) = rest.split_at(end);
        match (number(major), number(minor)) {
            (Some(major), Some(minor)) if rest.is_empty() || rest.starts_with(['.', '+', '-']) => {
                Ok(Self { major, minor })
            }
            _ => Err(error),
        }
    }
}

/// The values of a field that allows only some, by name.
pub(crate) type Choices<T> = &'static [(&'static str, T)];

/// `tools.kind`.
pub(crate) const TOOLS_KINDS: Choices<ToolsKind> = &[
    ("busybox", ToolsKind::Busybox),
    ("coreutils", ToolsKind::Coreutils),
    ("none", ToolsKind::None),
];

/// `source` of a class or claim, named like the PersistentVolume's field.
pub(crate) const VOLUME_KINDS: Choices<VolumeKind> = &[
    ("hostPath", VolumeKind::HostPath),
    ("local", VolumeKind::Local),
    ("nfs", VolumeKind::Nfs),
    ("iscsi", VolumeKind::Iscsi),
    ("fc", VolumeKind::Fc),
    ("csi", VolumeKind::Csi),
    ("flexVolume", VolumeKind::FlexVolume),
];

/// `type` of a path, without what else belongs to the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathType {
    Dir,
    File,
    Link,
    Other,
}

/// `type` of a path.
pub(crate) const PATH_TYPES: Choices<PathType> = &[
    ("dir", PathType::Dir),
    ("file", PathType::File),
    ("link", PathType::Link),
    ("other", PathType::Other),
];

/// `hostPathType`: the values of `HostPathVolumeSource.type` (core/v1 `types.go`).
pub(crate) const HOST_PATH_TYPES: Choices<&str> = &[
    ("", ""),
    ("DirectoryOrCreate", "DirectoryOrCreate"),
    ("Directory", "Directory"),
    ("FileOrCreate", "FileOrCreate"),
    ("File", "File"),
    ("Socket", "Socket"),
    ("CharDevice", "CharDevice"),
    ("BlockDevice", "BlockDevice"),
];

/// `fsGroupPolicy`: the values of `CSIDriverSpec.fsGroupPolicy` (storage/v1 `types.go`).
pub(crate) const FS_GROUP_POLICIES: Choices<&str> = &[
    ("None", "None"),
    ("File", "File"),
    ("ReadWriteOnceWithFSType", "ReadWriteOnceWithFSType"),
];

/// The name of a value.
pub(crate) fn name_of<T: PartialEq>(choices: Choices<T>, value: &T) -> &'static str {
    choices
        .iter()
        .find(|(_, choice)| choice == value)
        .map_or("", |(name, _)| name)
}

/// Why a text is not an absolute clean path, if so; the right form is named where there is one.
pub(crate) fn absolute_path_error(path: &str) -> Option<String> {
    let Some(relative) = path.strip_prefix('/') else {
        return Some("must be absolute, starting with `/`".to_owned());
    };
    if relative.is_empty() {
        None
    } else {
        relative_path_error(relative)
    }
}

/// Why a text is not a relative clean path, if so.
pub(crate) fn relative_path_error(path: &str) -> Option<String> {
    if path.contains('\0') {
        return Some("contains a NUL byte, which no path can".to_owned());
    }
    if path.starts_with('/')
        || path
            .split('/')
            .any(|component| matches!(component, "" | "." | ".."))
    {
        return Some("must be clean: no empty component, `.` or `..`, and no `/` at the end".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_two_numbers() {
        assert_eq!(
            "0:4294967295".parse(),
            Ok(Owner {
                uid: 0,
                gid: u32::MAX
            })
        );
        for wrong in [
            "",
            "0",
            "0:",
            ":0",
            "root:root",
            "0:0:0",
            "-1:0",
            "+1:0",
            "4294967296:0",
            "0 :0",
        ] {
            assert!(wrong.parse::<Owner>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn modes_are_octal_digits() {
        for (text, mode) in [
            ("0", 0),
            ("755", 0o755),
            ("0755", 0o755),
            ("1777", 0o1777),
            ("07777", 0o7777),
        ] {
            assert_eq!(text.parse(), Ok(Permissions(mode)), "{text}");
        }
        for wrong in [
            "",
            "0o755",
            "888",
            "10000",
            "-755",
            "+755",
            "rwx",
            "0x1ff",
            "777777777777",
        ] {
            assert!(wrong.parse::<Permissions>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_read_as_clusters_report_them() {
        for text in [
            "1.36",
            "v1.36",
            "v1.36.2",
            "1.36.2-gke.100",
            "v1.36.2+k3s1",
            "1.36+",
        ] {
            assert_eq!(text.parse(), Ok(VersionNumber { major: 1, minor: 36 }), "{text}");
        }
        for wrong in [
            "", "1", "1.", ".36", "1.x", "1.36x", "vv1.36", "1.99999", "latest", "1.+6",
        ] {
            assert!(wrong.parse::<VersionNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_clean() {
        for path in ["/", "/tmp", "/a/.b/..c"] {
            assert_eq!(absolute_path_error(path), None, "{path}");
        }
        for path in ["", "tmp", "/tmp/", "//", "/a//b", "/a/./b", "/a/..", "/a\0"] {
            assert!(absolute_path_error(path).is_some(), "{path}");
        }
        for path in ["lost+found", "a/b"] {
            assert_eq!(relative_path_error(path), None, "{path}");
        }
        for path in ["", "/a", "a/", "../a", "."] {
            assert!(relative_path_error(path).is_some(), "{path}");
        }
    }
}
