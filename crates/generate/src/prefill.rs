// SPDX-License-Identifier: Apache-2.0
//! `seed --prefill`: a volume with what an image has in a directory, whatever tools the image has.

use writeway_pod_security::Level;
use writeway_shell::agent;
use writeway_yaml::Value;

use crate::container::{InitContainer, Program};
use crate::mount::{absolute, empty_dir};
use crate::{Error, Image, Mount, PullPolicy, Rendered, Size, User, Warning, name};

/// Where both init containers have the volume with the agent.
const AGENT: &str = "/writeway";
/// The agent has less than 3 MiB, and both are there while one replaces another.
const AGENT_SIZE: &str = "16Mi";
/// Where the second init container has the volume that it fills.
const TARGET: &str = "/prefill";
/// The directory in a new volume that the program sees. What `seed` remembers stands beside it.
const DIRECTORY: &str = "files";
const MODE_MAX: u32 = 0o1777;

/// Init containers that copy a directory of an image into a volume, which is then mounted over that directory: an empty
/// volume would hide the files. The image needs no program for that, no `cp` and no shell: the first container copies the
/// agent, which is one static executable, into a small emptyDir, the second one is of the image and runs the copy.
///
/// Files keep their modes but for setuid and setgid, and belong to the user. What the program has changed stays when the
/// init containers run once more, after the node was started again for instance. The level `restricted` admits both
/// containers, unless the user is root.
///
/// The agent's image has to be for the same processor as the node, and node's volumes must not be mounted `noexec`.
///
/// ```
/// use writeway_generate::{Image, Prefill, Size, User};
///
/// let image = Image::parse("registry.example.com/acme/ledger:1.4.2")?;
/// let prefill = Prefill::new(image, User::new(1000, 1000)?, "/etc/ledger", "config", Size::parse("64Mi")?)?;
/// let parts = prefill.render().to_json();
/// assert_eq!(parts.init_containers[0]["args"], serde_json::json!(["copy-self", "/writeway"]));
/// assert_eq!(parts.init_containers[1]["image"], "registry.example.com/acme/ledger:1.4.2");
/// assert_eq!(parts.init_containers[1]["command"][0], "/writeway/writeway-agent");
/// assert_eq!(parts.volume_mounts[0]["mountPath"], "/etc/ledger");
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefill {
    name: String,
    image: Image,
    pull_policy: Option<PullPolicy>,
    user: User,
    directory: String,
    target: Target,
    mode: u32,
    agent: Agent,
}

/// The volume that is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    EmptyDir {
        volume: String,
        size: Size,
    },
    /// One of the pod's, as the init container has it.
    There(Mount),
}

/// Where the agent comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Agent {
    container: String,
    image: Image,
    volume: String,
    /// Another init container has copied it there before.
    is_there: bool,
}

impl Prefill {
    /// Copies `directory` of the image, as `user`, into an emptyDir of that name and size on the node's disk.
    ///
    /// # Errors
    /// [`Error::Path`] when the directory is not absolute, or one that the init container hides by its own mounts;
    /// [`Error::Name`] for the volume.
    pub fn new(image: Image, user: User, directory: &str, volume: &str, size: Size) -> Result<Self, Error> {
        let volume = name::label("volume", volume)?;
        Self::into(image, user, directory, Target::EmptyDir { volume, size })
    }

    /// Copies `directory` of the image, as `user`, into a volume that the pod has, or the part of it at a path, and that
    /// is mounted over the directory already. The user has to be able to write to it; `.writeway-seed` is made in it.
    ///
    /// # Errors
    /// [`Error::Path`] as for [`Prefill::new`], and for a path in the volume that is not relative or goes up;
    /// [`Error::Name`] for the volume.
    pub fn onto(
        image: Image,
        user: User,
        directory: &str,
        volume: &str,
        sub_path: Option<&str>,
    ) -> Result<Self, Error> {
        let mut mount = Mount::new(volume, TARGET)?;
        if let Some(path) = sub_path {
            mount = mount.sub_path(path)?;
        }
        Self::into(image, user, directory, Target::There(mount))
    }

    fn into(image: Image, user: User, directory: &str, target: Target) -> Result<Self, Error> {
        let directory = absolute(directory)?;
        let hidden = [AGENT, TARGET].into_iter().any(|mount| {
            let (mount, directory) = (std::path::Path::new(mount), std::path::Path::new(&directory));
            directory.starts_with(mount) || mount.starts_with(directory)
        });
        if hidden {
            return Err(Error::Path {
                path: directory,
                why: "the init container has volumes of its own there",
            });
        }
        Ok(Self {
            name: "prefill".to_owned(),
            image,
            pull_policy: None,
            user,
            directory,
            target,
            mode: 0o755,
            agent: Agent {
                container: "install-agent".to_owned(),
                image: Image::agent(),
                volume: "writeway-agent".to_owned(),
                is_there: false,
            },
        })
    }

    /// Names the container that copies the files; `prefill` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn name(mut self, container: &str) -> Result<Self, Error> {
        self.name = name::label("container", container)?;
        Ok(self)
    }

    /// When the image is pulled for the container that copies the files, as the main container has it.
    #[must_use]
    pub const fn pull_policy(mut self, policy: PullPolicy) -> Self {
        self.pull_policy = Some(policy);
        self
    }

    /// The mode of the directory in a new volume; 0755 otherwise.
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

    /// Has this image of the agent bring the program; [`Image::agent`] otherwise.
    #[must_use]
    pub fn agent(mut self, image: Image) -> Self {
        self.agent.image = image;
        self
    }

    /// Names the container that copies the agent, and the volume that it is copied to; `install-agent` and
    /// `writeway-agent` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when one is no DNS label, or the volume is the one that is filled.
    pub fn agent_names(mut self, container: &str, volume: &str) -> Result<Self, Error> {
        self.agent.container = name::label("container", container)?;
        self.agent.volume = self.other_volume(volume)?;
        Ok(self)
    }

    /// Takes the agent from this volume, into which the init container of another [`Prefill`] copies it before.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label, or the volume that is filled.
    pub fn agent_in(mut self, volume: &str) -> Result<Self, Error> {
        self.agent.volume = self.other_volume(volume)?;
        self.agent.is_there = true;
        Ok(self)
    }

    /// The name of another volume than the one that is filled.
    fn other_volume(&self, volume: &str) -> Result<String, Error> {
        let filled = match &self.target {
            Target::EmptyDir { volume, .. } => volume,
            Target::There(mount) => mount.volume(),
        };
        if filled == volume {
            return Err(Error::Name {
                name: volume.to_owned(),
                what: "volume for the agent",
                why: "it is that of the volume that is filled",
            });
        }
        name::label("volume", volume)
    }

    /// For a namespace that enforces this Pod Security level.
    ///
    /// # Errors
    /// [`Error::RefusedByRestricted`] when the user is root.
    pub fn for_level(self, level: Level) -> Result<Self, Error> {
        if level == Level::Restricted && self.user.is_root() {
            return Err(Error::RefusedByRestricted {
                what: "a container as root",
                instead: "run the main container as another user, and give that one",
            });
        }
        Ok(self)
    }

    /// The init containers in their order, the volumes, and for a new volume the mount of the container that uses it.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let mut rendered = Rendered::default();
        if !self.agent.is_there {
            let container = InitContainer {
                name: &self.agent.container,
                program: Program::Agent {
                    image: self.agent.image.clone(),
                    arguments: ["copy-self", AGENT].map(str::to_owned).into(),
                },
                user: User::UNPRIVILEGED,
                capabilities: &[],
                cpu_limit: "100m",
                mounts: &[Mount::known(&self.agent.volume, AGENT)],
            };
            rendered.warnings.extend(container.warning());
            rendered.init_containers.push(container.value());
            let size = Size::literal(AGENT_SIZE);
            rendered.volumes.push(empty_dir(&self.agent.volume, false, &size));
        }
        rendered.init_containers.push(self.copying());
        if let Target::EmptyDir { volume, size } = &self.target {
            rendered.volumes.push(empty_dir(volume, false, size));
            let mount = Mount::known(volume, &self.directory).known_sub_path(DIRECTORY);
            rendered.volume_mounts.push(mount.value());
            rendered.warnings.push(Warning::LostWithPod {
                path: self.directory.clone(),
            });
        }
        rendered
    }

    /// The container of the application's image.
    fn copying(&self) -> Value {
        let mut arguments = ["seed", "--prefill", &self.directory, "--to"]
            .map(str::to_owned)
            .to_vec();
        let mount = match &self.target {
            Target::EmptyDir { volume, .. } => {
                let mode = format!("{:04o}", self.mode);
                let to = format!("{TARGET}/{DIRECTORY}");
                arguments.extend([to, "--directory-mode".to_owned(), mode]);
                Mount::known(volume, TARGET)
            }
            Target::There(mount) => {
                arguments.push(TARGET.to_owned());
                mount.clone()
            }
        };
        // A tag may have moved by the second run, and the pod should start then, too.
        arguments.extend(["--on-conflict", "target"].map(str::to_owned));
        let container = InitContainer {
            name: &self.name,
            program: Program::Copied {
                image: self.image.clone(),
                pull_policy: self.pull_policy,
                program: format!("{AGENT}/{}", agent::PROGRAM),
                arguments,
            },
            user: self.user,
            capabilities: &[],
            cpu_limit: "1",
            mounts: &[Mount::known(&self.agent.volume, AGENT).read_only(), mount],
        };
        container.value()
    }
}
