// SPDX-License-Identifier: Apache-2.0
//! `tmp`: a volume for temporary files.

use writeway_pod_security::Level;

use crate::container::{InitContainer, Program};
use crate::mount::{absolute, empty_dir, relative};
use crate::{Error, Image, Mount, Rendered, Size, User, Warning, name};

/// Where the init container has the volume in which it makes the directory.
const SCRATCH: &str = "/scratch";
/// The directory in the volume, if it is not named.
const DIRECTORY: &str = "tmp";
/// What `/tmp` has on any system: everybody may write, nobody may remove what others wrote.
const STICKY: u32 = 0o1777;
const MODE_MAX: u32 = 0o1777;

/// A volume for temporary files, at a path of a container.
///
/// | form | its root directory | Ruby's `Dir.tmpdir` | costs |
/// |---|---|---|---|
/// | [`Tmp::disk`] | 0777, of root | refuses it | disk of the node |
/// | [`Tmp::memory`] | 1777, of root | takes it | memory of the container |
/// | [`Tmp::directory`] | 1777 or as asked for, of the program's user | takes it | an init container |
///
/// (pkg/volume/emptydir/empty_dir.go, setupDir and setupTmpfs.) The level `restricted` admits all of them.
///
/// ```
/// use writeway_generate::{Size, Tmp, TmpDirectory, User};
///
/// let directory = TmpDirectory::new(User::new(991, 991)?);
/// let parts = Tmp::directory("/tmp", Size::parse("256Mi")?, directory)?.render().to_json();
/// assert_eq!(parts.init_containers[0]["args"], serde_json::json!(["mkdir", "/scratch/tmp", "--mode", "1777"]));
/// assert_eq!(parts.volume_mounts[0]["subPath"], "tmp");
/// assert_eq!(parts.volumes[0]["emptyDir"]["sizeLimit"], "256Mi");
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmp {
    volume: String,
    path: String,
    size: Size,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Disk,
    Memory,
    Directory(TmpDirectory),
}

/// How a directory for temporary files is made: by an init container that runs as the user whose directory it is.
///
/// ```
/// use writeway_generate::{TmpDirectory, User};
///
/// let private = TmpDirectory::new(User::new(991, 991)?).mode(0o700)?;
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmpDirectory {
    container: String,
    directory: String,
    user: User,
    mode: u32,
    by: By,
}

/// What makes the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Agent(Image),
    Shell(Image),
}

impl Tmp {
    /// An emptyDir on the node's disk. A pod whose files become larger than `size` is evicted.
    ///
    /// # Errors
    /// [`Error::Path`] when the path is not absolute.
    pub fn disk(path: &str, size: Size) -> Result<Self, Error> {
        Self::new(path, size, Form::Disk)
    }

    /// An emptyDir in memory. A write beyond `size` fails (ENOSPC), and what is in there counts as memory of the
    /// container that wrote it.
    ///
    /// # Errors
    /// [`Error::Path`] when the path is not absolute.
    pub fn memory(path: &str, size: Size) -> Result<Self, Error> {
        Self::new(path, size, Form::Memory)
    }

    /// A directory in an emptyDir on the node's disk, which an init container makes.
    ///
    /// # Errors
    /// [`Error::Path`] when the path is not absolute.
    pub fn directory(path: &str, size: Size, directory: TmpDirectory) -> Result<Self, Error> {
        Self::new(path, size, Form::Directory(directory))
    }

    fn new(path: &str, size: Size, form: Form) -> Result<Self, Error> {
        Ok(Self {
            volume: "tmp".to_owned(),
            path: absolute(path)?,
            size,
            form,
        })
    }

    /// Names the volume; `tmp` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn volume(mut self, volume: &str) -> Result<Self, Error> {
        self.volume = name::label("volume", volume)?;
        Ok(self)
    }

    /// For a namespace that enforces this Pod Security level.
    ///
    /// # Errors
    /// [`Error::RefusedByRestricted`] when a directory is to be root's.
    pub fn for_level(self, level: Level) -> Result<Self, Error> {
        let root = matches!(&self.form, Form::Directory(directory) if directory.user.is_root());
        if level == Level::Restricted && root {
            return Err(Error::RefusedByRestricted {
                what: "an init container as root",
                instead: "run the main container as another user, or take a volume in memory",
            });
        }
        Ok(self)
    }

    /// The volume, the mount of the container that uses it, and the init container if the form has one.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let in_memory = self.form == Form::Memory;
        let mut rendered = Rendered {
            volumes: vec![empty_dir(&self.volume, in_memory, &self.size)],
            ..Rendered::default()
        };
        let mut mount = Mount::known(&self.volume, &self.path);
        match &self.form {
            Form::Disk => {}
            Form::Memory => rendered.warnings.push(Warning::CountsAsMemory {
                volume: self.volume.clone(),
                size: self.size.clone(),
            }),
            Form::Directory(directory) => {
                mount = mount.known_sub_path(&directory.directory);
                let container = InitContainer {
                    name: &directory.container,
                    program: directory.program(),
                    user: directory.user,
                    capabilities: &[],
                    cpu_limit: "100m",
                    mounts: &[Mount::known(&self.volume, SCRATCH)],
                };
                rendered.warnings.extend(container.warning());
                rendered.init_containers.push(container.value());
            }
        }
        rendered.volume_mounts.push(mount.value());
        rendered
    }
}

impl TmpDirectory {
    /// A directory of this user, the one of the main container, with mode 1777.
    #[must_use]
    pub fn new(user: User) -> Self {
        Self {
            container: "make-tmp".to_owned(),
            directory: DIRECTORY.to_owned(),
            user,
            mode: STICKY,
            by: By::Agent(Image::agent()),
        }
    }

    /// Names the init container; `make-tmp` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn name(mut self, container: &str) -> Result<Self, Error> {
        self.container = name::label("container", container)?;
        Ok(self)
    }

    /// Names the directory in the volume; `tmp` otherwise.
    ///
    /// # Errors
    /// [`Error::Path`] when it is empty, absolute, goes up, or is more than one name: what it lies in has to be there.
    pub fn directory(mut self, name: &str) -> Result<Self, Error> {
        let name = relative(name)?;
        if name.contains('/') {
            return Err(Error::Path {
                path: name,
                why: "it has to be one name",
            });
        }
        self.directory = name;
        Ok(self)
    }

    /// Its mode, for instance 0700; 1777 otherwise.
    ///
    /// # Errors
    /// [`Error::Mode`] above 1777, and without `u+rwx`, which its own user needs.
    pub fn mode(mut self, mode: u32) -> Result<Self, Error> {
        if mode > MODE_MAX || mode & 0o700 != 0o700 {
            let why =
                "a directory for temporary files has one from 700 to 777, or the same with 1000 (sticky)";
            return Err(Error::Mode { mode, why });
        }
        self.mode = mode;
        Ok(self)
    }

    /// Has this image of the agent make it; [`Image::agent`] otherwise.
    #[must_use]
    pub fn agent(mut self, image: Image) -> Self {
        self.by = By::Agent(image);
        self
    }

    /// Has `mkdir` make it, in an image that has `sh` and `mkdir`.
    #[must_use]
    pub fn shell(mut self, image: Image) -> Self {
        self.by = By::Shell(image);
        self
    }

    fn program(&self) -> Program {
        let directory = format!("{SCRATCH}/{}", self.directory);
        let mode = format!("{:04o}", self.mode);
        match &self.by {
            By::Agent(image) => Program::Agent {
                image: image.clone(),
                arguments: vec!["mkdir".to_owned(), directory, "--mode".to_owned(), mode],
            },
            // The directory is there already when the node has restarted the pod's containers.
            By::Shell(image) => Program::Shell {
                image: image.clone(),
                script: format!("mkdir -p -m {mode} {}", writeway_shell::quote(&directory)),
            },
        }
    }
}
