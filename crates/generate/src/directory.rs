// SPDX-License-Identifier: Apache-2.0
//! `mkdir`: an init container that makes the directory that a `subPath` names.

use crate::container::{InitContainer, Program};
use crate::mount::relative;
use crate::{Error, Image, Mount, Rendered, User, name};

/// Where the init container has the volume in which it makes the directory.
const VOLUME: &str = "/volume";
const MODE_MAX: u32 = 0o1777;

/// A directory of a volume, made by an init container that runs as the user whose directory it is. Without it kubelet
/// makes what a `subPath` names, for root (pkg/volume/util/subpath/subpath_linux.go, doSafeMakeDir), and takes what is
/// there as it is.
///
/// The user has to be able to write to the root of the volume. The level `restricted` admits the container, unless the
/// user is root.
///
/// ```
/// use writeway_generate::{Directory, User};
///
/// let directory = Directory::new(User::new(1000, 1000)?, "data", "app/files")?.mode(0o750)?;
/// assert_eq!(
///     directory.render().to_json().init_containers[0]["args"],
///     serde_json::json!(["mkdir", "/volume/app", "/volume/app/files", "--mode", "0750"])
/// );
/// assert!(Directory::new(User::new(1000, 1000)?, "data", "../app").is_err());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    name: String,
    user: User,
    mount: Mount,
    path: String,
    mode: u32,
    image: Image,
}

impl Directory {
    /// The directory at a path of a volume, with those above it in the volume, each 0755.
    ///
    /// # Errors
    /// [`Error::Name`] for the volume; [`Error::Path`] when the path is absolute, empty or goes up.
    pub fn new(user: User, volume: &str, path: &str) -> Result<Self, Error> {
        Ok(Self {
            name: "make-directory".to_owned(),
            user,
            mount: Mount::new(volume, VOLUME)?,
            path: relative(path)?,
            mode: 0o755,
            image: Image::agent(),
        })
    }

    /// Names the container; `make-directory` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn name(mut self, container: &str) -> Result<Self, Error> {
        self.name = name::label("container", container)?;
        Ok(self)
    }

    /// Its mode, and that of the directories above it that are made.
    ///
    /// # Errors
    /// [`Error::Mode`] above 1777, and without `u+rwx`, which its own user needs.
    pub fn mode(mut self, mode: u32) -> Result<Self, Error> {
        if mode > MODE_MAX || mode & 0o700 != 0o700 {
            let why = "a directory to write to has one from 700 to 777, or the same with 1000 (sticky)";
            return Err(Error::Mode { mode, why });
        }
        self.mode = mode;
        Ok(self)
    }

    /// Has this image of the agent make it; [`Image::agent`] otherwise.
    #[must_use]
    pub fn agent(mut self, image: Image) -> Self {
        self.image = image;
        self
    }

    /// The init container. The volume, and the main container's mount with its `subPath`, are there already.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let mut arguments = vec!["mkdir".to_owned()];
        let mut path = VOLUME.to_owned();
        for part in self.path.split('/').filter(|part| !matches!(*part, "" | ".")) {
            path = format!("{path}/{part}");
            arguments.push(path.clone());
        }
        arguments.extend(["--mode".to_owned(), format!("{:04o}", self.mode)]);
        let container = InitContainer {
            name: &self.name,
            program: Program::Agent {
                image: self.image.clone(),
                arguments,
            },
            user: self.user,
            capabilities: &[],
            cpu_limit: "100m",
            mounts: std::slice::from_ref(&self.mount),
        };
        Rendered {
            init_containers: vec![container.value()],
            warnings: container.warning().into_iter().collect(),
            ..Rendered::default()
        }
    }
}
