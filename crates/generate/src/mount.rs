// SPDX-License-Identifier: Apache-2.0
//! Mounts of volumes, and the paths of mounts.

use writeway_yaml::Value;

use crate::{Error, Size, name};

/// A volume of the pod, mounted at a path of a container.
///
/// ```
/// use writeway_generate::Mount;
///
/// let data = Mount::new("data", "/var/lib/ledger")?.sub_path("ledger")?;
/// assert_eq!(data.path(), "/var/lib/ledger");
/// assert!(Mount::new("data", "var/lib").is_err());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    volume: String,
    path: String,
    sub_path: Option<String>,
    read_only: bool,
}

impl Mount {
    /// The volume of that name, mounted at an absolute path.
    ///
    /// # Errors
    /// [`Error::Name`] for the volume, [`Error::Path`] for a path that is not absolute, is `/`, goes up (`..`) or has a
    /// `:`, which Kubernetes refuses (pkg/apis/core/validation, ValidateVolumeMounts).
    pub fn new(volume: &str, path: &str) -> Result<Self, Error> {
        Ok(Self {
            volume: name::label("volume", volume)?,
            path: absolute(path)?,
            sub_path: None,
            read_only: false,
        })
    }

    /// Mounts only what is at this path in the volume.
    ///
    /// # Errors
    /// [`Error::Path`] when it is absolute, empty or goes up.
    pub fn sub_path(mut self, path: &str) -> Result<Self, Error> {
        self.sub_path = Some(relative(path)?);
        Ok(self)
    }

    /// A mount whose names were checked before.
    pub(crate) fn known(volume: &str, path: &str) -> Self {
        Self {
            volume: volume.to_owned(),
            path: path.to_owned(),
            sub_path: None,
            read_only: false,
        }
    }

    /// With a path that was checked before.
    pub(crate) fn known_sub_path(mut self, path: &str) -> Self {
        self.sub_path = Some(path.to_owned());
        self
    }

    pub(crate) fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The volume's name.
    #[must_use]
    pub fn volume(&self) -> &str {
        &self.volume
    }

    /// Where it is mounted, without a slash at its end.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As a container has it.
    pub(crate) fn value(&self) -> Value {
        let mut entries = vec![
            ("name", self.volume.as_str().into()),
            ("mountPath", self.path.as_str().into()),
        ];
        if let Some(path) = &self.sub_path {
            entries.push(("subPath", path.as_str().into()));
        }
        if self.read_only {
            entries.push(("readOnly", true.into()));
        }
        Value::map(entries)
    }
}

/// A volume that is an emptyDir of this size.
pub(crate) fn empty_dir(name: &str, in_memory: bool, size: &Size) -> Value {
    let limit = ("sizeLimit", size.as_str().into());
    let source = if in_memory {
        Value::map([("medium", "Memory".into()), limit])
    } else {
        Value::map([limit])
    };
    Value::map([("name", name.into()), ("emptyDir", source)])
}

/// A path that a mount can have, without slashes at its end.
pub(crate) fn absolute(path: &str) -> Result<String, Error> {
    let refused = |why| {
        Err(Error::Path {
            path: path.to_owned(),
            why,
        })
    };
    if !path.starts_with('/') {
        return refused("it has to begin with `/`");
    }
    if path.contains(':') {
        return refused("Kubernetes takes no `:` in it");
    }
    if path.contains('\0') {
        return refused("no path has a NUL in it");
    }
    if path.split('/').any(|part| matches!(part, "." | "..")) {
        return refused("`.` and `..` are no names in it");
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return refused("the root directory is no mount");
    }
    Ok(trimmed.to_owned())
}

/// A path within a volume (validateLocalDescendingPath).
pub(crate) fn relative(path: &str) -> Result<String, Error> {
    let why = if path.is_empty() || path.starts_with('/') {
        "it has to be relative to the volume"
    } else if path.split('/').any(|part| part == "..") {
        "`..` is no name in it"
    } else if path.contains('\0') {
        "no path has a NUL in it"
    } else {
        return Ok(path.to_owned());
    };
    Err(Error::Path {
        path: path.to_owned(),
        why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute_and_end_in_a_name() {
        for (path, expected) in [
            ("/data", Some("/data")),
            ("/data/", Some("/data")),
            ("/it's a \"path\"\n", Some("/it's a \"path\"\n")),
            ("/-rf", Some("/-rf")),
            ("/..data", Some("/..data")),
            ("data", None),
            ("-rf", None),
            ("", None),
            ("/", None),
            ("//", None),
            ("/a/../b", None),
            ("/a/./b", None),
            ("/a:b", None),
            ("/a\0", None),
        ] {
            assert_eq!(absolute(path).ok().as_deref(), expected, "{path:?}");
        }
    }

    #[test]
    fn sub_paths_stay_within_the_volume() {
        for (path, good) in [
            ("a/b", true),
            ("..a", true),
            ("/a", false),
            ("a/..", false),
            ("", false),
        ] {
            assert_eq!(relative(path).is_ok(), good, "{path:?}");
        }
    }
}
