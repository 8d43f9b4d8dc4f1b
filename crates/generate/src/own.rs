// SPDX-License-Identifier: Apache-2.0
//! `own`: an init container as root that hands volumes over to a user.

use std::collections::BTreeSet;
use std::time::Duration;

use writeway_pod_security::Level;

use crate::container::{InitContainer, Program};
use crate::k8sperm::chown_command;
use crate::{Error, Image, Mount, Rendered, User, Warning, name};

/// An init container that runs as root, with no capability but `CHOWN`, and gives the files of volumes to the user that
/// the main container runs as. For volumes to which kubelet applies no `fsGroup`: `hostPath`, NFS.
///
/// The Pod Security level `baseline` admits it, `restricted` does not: [`Own::for_level`].
///
/// ```
/// use writeway_generate::{AgentOwn, Image, Mount, Own};
///
/// let mounts = [Mount::new("data", "/var/lib/ledger")?];
/// let own = Own::new(1000, 1000, mounts)?.name("hand-over")?.agent(AgentOwn {
///     image: Image::parse("registry.example.com/agent@sha256:0000000000000000000000000000000000000000000000000000000000000000")?,
///     ..AgentOwn::default()
/// });
/// let rendered = own.render();
/// assert!(rendered.warnings.is_empty());
/// assert_eq!(
///     rendered.to_json().init_containers[0]["args"],
///     serde_json::json!(["own", "1000:1000", "/var/lib/ledger", "--if-root-mismatch"])
/// );
///
/// // What cannot work is no `Own`.
/// assert!(Own::new(0, 0, [Mount::new("data", "/data")?]).is_err());
/// assert!(Own::new(1000, 1000, []).is_err());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    name: String,
    target: User,
    mounts: Vec<Mount>,
    capabilities: BTreeSet<ExtraCapability>,
    by: By,
}

/// What hands the files over.
#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Agent(AgentOwn),
    Shell(Image),
}

/// How the agent hands files over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentOwn {
    /// The image; [`Image::agent`] by default.
    pub image: Image,
    /// Looks at nothing when the root of a volume is right, as kubelet's `fsGroupChangePolicy: OnRootMismatch`; so by
    /// default. Else everything is looked at at each start of a pod.
    pub if_root_mismatch: bool,
    /// Widens modes, too, as kubelet does for `fsGroup`: files get 0660, directories 2770. It takes the capability
    /// `FSETID`, which is added. Not by default.
    pub group_writable: bool,
    /// Stops after this time and fails; the next start goes on. `None`, the default: takes the time that it takes.
    pub timeout: Option<Duration>,
}

impl Default for AgentOwn {
    fn default() -> Self {
        Self {
            image: Image::agent(),
            if_root_mismatch: true,
            group_writable: false,
            timeout: None,
        }
    }
}

/// A capability beside `CHOWN`. `baseline` admits them all (policy/check_capabilities_baseline.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExtraCapability {
    /// Enters directories whatever their mode is, which `chown -R` needs where others have closed some.
    DacOverride,
    /// Changes modes of files of others.
    Fowner,
    /// Keeps setgid on directories of other groups.
    Fsetid,
}

impl ExtraCapability {
    /// Its name in `capabilities.add`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DacOverride => "DAC_OVERRIDE",
            Self::Fowner => "FOWNER",
            Self::Fsetid => "FSETID",
        }
    }
}

impl Own {
    /// Hands the mounts over to `uid` and `gid`, those of the main container, by the agent. The paths are those where
    /// the init container mounts the volumes; they may be the main container's.
    ///
    /// # Errors
    /// [`Error::Id`], [`Error::RootTarget`], [`Error::NoMounts`], [`Error::DuplicateMount`].
    pub fn new(uid: i64, gid: i64, mounts: impl IntoIterator<Item = Mount>) -> Result<Self, Error> {
        let target = User::new(uid, gid)?;
        if target.is_root() {
            return Err(Error::RootTarget);
        }
        let mounts: Vec<Mount> = mounts.into_iter().collect();
        if mounts.is_empty() {
            return Err(Error::NoMounts);
        }
        Ok(Self {
            name: "own".to_owned(),
            target,
            mounts: distinct(mounts)?,
            capabilities: BTreeSet::new(),
            by: By::Agent(AgentOwn::default()),
        })
    }

    /// Names the container; `own` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn name(mut self, container: &str) -> Result<Self, Error> {
        self.name = name::label("container", container)?;
        Ok(self)
    }

    /// Has the agent do it, in this way.
    #[must_use]
    pub fn agent(mut self, agent: AgentOwn) -> Self {
        self.by = By::Agent(agent);
        self
    }

    /// Has `chown -R` do it, in an image that has `sh` and `chown`. It goes through all files at each start, follows no
    /// links, and stops at a closed directory of others unless it has [`ExtraCapability::DacOverride`].
    #[must_use]
    pub fn shell(mut self, image: Image) -> Self {
        self.by = By::Shell(image);
        self
    }

    /// Adds a capability.
    #[must_use]
    pub fn capability(mut self, capability: ExtraCapability) -> Self {
        self.capabilities.insert(capability);
        self
    }

    /// For a namespace that enforces this Pod Security level.
    ///
    /// # Errors
    /// [`Error::RefusedByRestricted`]: `restricted` admits no root, in any version.
    pub fn for_level(self, level: Level) -> Result<Self, Error> {
        if level == Level::Restricted {
            return Err(Error::RefusedByRestricted {
                what: "an init container as root",
                instead: "use `fsGroup` on a volume that takes it (`volumeType: local` for local-path, a CSI driver), run as \
                          the volume's owner, or set the owner when the volume is provisioned",
            });
        }
        Ok(self)
    }

    /// The user that gets the files.
    #[must_use]
    pub const fn target(&self) -> User {
        self.target
    }

    /// What is handed over, in the order given.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The init container. Volumes and the main container's mounts are there already: both lists are empty.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let paths = self.mounts.iter().map(Mount::path);
        let mut capabilities = self.capabilities.clone();
        let mut warnings = Vec::new();
        let program = match &self.by {
            By::Agent(agent) => {
                if agent.group_writable {
                    capabilities.insert(ExtraCapability::Fsetid);
                }
                Program::Agent {
                    image: agent.image.clone(),
                    arguments: agent.arguments(self.target, paths),
                }
            }
            By::Shell(image) => {
                if !capabilities.contains(&ExtraCapability::DacOverride) {
                    warnings.push(Warning::StopsAtClosedDirectories);
                }
                Program::Shell {
                    image: image.clone(),
                    script: chown_command(self.target, paths),
                }
            }
        };
        let names: Vec<&str> = ["CHOWN"]
            .into_iter()
            .chain(capabilities.into_iter().map(ExtraCapability::as_str))
            .collect();
        let container = InitContainer {
            name: &self.name,
            program,
            user: User::ROOT,
            capabilities: &names,
            // A large volume is walked by several threads.
            cpu_limit: "1",
            mounts: &self.mounts,
        };
        warnings.extend(container.warning());
        Rendered {
            init_containers: vec![container.value()],
            warnings,
            ..Rendered::default()
        }
    }

    pub(crate) fn container_name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn image(&self) -> &Image {
        match &self.by {
            By::Agent(agent) => &agent.image,
            By::Shell(image) => image,
        }
    }
}

impl AgentOwn {
    fn arguments<'p>(&self, target: User, paths: impl Iterator<Item = &'p str>) -> Vec<String> {
        let mut arguments = vec!["own".to_owned(), target.to_string()];
        arguments.extend(paths.map(str::to_owned));
        for (given, option) in [
            (self.if_root_mismatch, "--if-root-mismatch"),
            (self.group_writable, "--group-writable"),
        ] {
            if given {
                arguments.push(option.to_owned());
            }
        }
        if let Some(timeout) = self.timeout {
            arguments.extend(["--timeout".to_owned(), crate::wait::duration(timeout)]);
        }
        arguments
    }
}

/// The mounts, unless two have one path.
fn distinct(mounts: Vec<Mount>) -> Result<Vec<Mount>, Error> {
    let mut paths = BTreeSet::new();
    match mounts.iter().find(|mount| !paths.insert(mount.path())) {
        None => Ok(mounts),
        Some(twice) => Err(Error::DuplicateMount {
            path: twice.path().to_owned(),
        }),
    }
}
