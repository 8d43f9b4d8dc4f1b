// SPDX-License-Identifier: Apache-2.0
//! `seed`: a copy of a Secret that its program may change.

use writeway_pod_security::Level;
use writeway_yaml::Value;

use crate::container::{InitContainer, Program};
use crate::mount::{absolute, empty_dir, relative};
use crate::{Error, Image, Mount, Rendered, Size, User, Warning, name};

/// Where the init container has what it copies, and the volume that it copies to. Its image has no other files.
const SOURCE: &str = "/source";
const TARGET: &str = "/target";
/// The modes that a key can have: none of the special bits.
const MODE_MAX: u32 = 0o777;

/// An init container that copies the keys of a Secret, as files of the user that the main container runs as, into a
/// volume that this container may write to. Files are private (0600) unless [`Seed::mode`] says otherwise, and are the
/// copying user's: an SDK may truncate, replace and `chmod` them. The level `restricted` admits it.
///
/// The volume is an emptyDir in memory, which the node never writes to its disk and which is lost with the pod
/// ([`Warning::LostWithPod`]), unless [`Seed::onto`] names another one.
///
/// ```
/// use writeway_generate::{Seed, Source, User};
///
/// let token = Source::secret("google-token", [("token.json", "token.json")])?;
/// let rendered = Seed::new(User::new(1000, 1000)?, token, "/etc/google")?.render();
/// let parts = rendered.to_json();
/// assert_eq!(parts.init_containers[0]["args"], serde_json::json!(["seed", "/source", "--to", "/target"]));
/// assert_eq!(parts.volume_mounts[0]["mountPath"], "/etc/google");
/// assert_eq!(parts.volumes[1]["emptyDir"]["sizeLimit"], "4Mi");
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    name: String,
    image: Image,
    consumer: User,
    source: Source,
    /// What is copied of it, by its path there; all of it otherwise.
    part: Option<String>,
    source_volume: String,
    target: Target,
    path: String,
    mode: Option<u32>,
    allow_empty: bool,
    on_conflict: OnConflict,
}

/// The volume that is seeded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    EmptyDir {
        volume: String,
        in_memory: bool,
        size: Size,
    },
    /// One of the pod's.
    There(String),
}

impl Target {
    fn volume(&self) -> &str {
        match self {
            Self::EmptyDir { volume, .. } | Self::There(volume) => volume,
        }
    }
}

/// What wins when the Secret and the copy have both changed since it was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Nothing: the init container fails, and says which key it is.
    #[default]
    Fail,
    /// The Secret.
    Source,
    /// The copy.
    Target,
    /// What was written last. Kubelet writes a volume's files when the pod starts.
    Newest,
}

impl OnConflict {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Fail, Self::Source, Self::Target, Self::Newest];

    /// Its name in `seed --on-conflict`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Source => "source",
            Self::Target => "target",
            Self::Newest => "newest",
        }
    }
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Secret(Keys),
    ConfigMap(Keys),
    /// A volume of the pod.
    Volume(String),
}

/// An object's name, and the keys that are taken of it with their paths: all, when none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Keys {
    object: String,
    items: Vec<(String, String)>,
}

impl Source {
    /// A Secret of the pod's namespace: the keys that are named, each as the file of that path, or all keys.
    ///
    /// # Errors
    /// [`Error::Name`] when there can be no such Secret or key, [`Error::Path`] when a path is not relative, begins with
    /// `..`, or is that of another key.
    pub fn secret<'a>(
        name: &str,
        items: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Error> {
        let object = name::subdomain("Secret", name)?;
        Ok(Self(Kind::Secret(Keys::new(object, items)?)))
    }

    /// A ConfigMap of the pod's namespace, as [`Source::secret`].
    ///
    /// # Errors
    /// As for [`Source::secret`].
    pub fn config_map<'a>(
        name: &str,
        items: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Error> {
        let object = name::subdomain("ConfigMap", name)?;
        Ok(Self(Kind::ConfigMap(Keys::new(object, items)?)))
    }

    /// A volume that the pod has: a Secret, ConfigMap or projected one.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn volume(name: &str) -> Result<Self, Error> {
        Ok(Self(Kind::Volume(name::label("volume", name)?)))
    }
}

impl Keys {
    fn new<'a>(object: String, items: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut taken: Vec<(String, String)> = Vec::new();
        for (key, path) in items {
            let refused = |why| Error::Path {
                path: path.to_owned(),
                why,
            };
            let item = (name::key(key)?, relative(path)?);
            if path.starts_with("..") {
                return Err(refused("it must not begin with `..`"));
            }
            if taken.iter().any(|(_, other)| *other == item.1) {
                return Err(refused("another key has it"));
            }
            taken.push(item);
        }
        Ok(Self { object, items: taken })
    }

    /// The volume's source; the object is named by this field.
    fn value(&self, name_field: &'static str) -> Value {
        let mut source = vec![(name_field, self.object.as_str().into())];
        if !self.items.is_empty() {
            let items = self.items.iter();
            let items = items.map(|(key, path)| {
                Value::map([("key", key.as_str().into()), ("path", path.as_str().into())])
            });
            source.push(("items", Value::list(items)));
        }
        Value::map(source)
    }
}

impl Seed {
    /// Copies `source` for a container that runs as `consumer`, which sees the copy at `path`.
    ///
    /// # Errors
    /// [`Error::Path`] when the path is not absolute.
    pub fn new(consumer: User, source: Source, path: &str) -> Result<Self, Error> {
        Ok(Self {
            name: "seed".to_owned(),
            image: Image::agent(),
            consumer,
            source,
            part: None,
            source_volume: "seed-source".to_owned(),
            target: Target::EmptyDir {
                volume: "seeded".to_owned(),
                in_memory: true,
                size: Self::default_size(),
            },
            path: absolute(path)?,
            mode: None,
            allow_empty: false,
            on_conflict: OnConflict::Fail,
        })
    }

    /// What an emptyDir holds unless said otherwise, 4Mi: a Secret has 1 MiB at most (MaxSecretSize), and while one is
    /// copied anew, both are there.
    #[must_use]
    pub fn default_size() -> Size {
        Size::literal("4Mi")
    }

    /// Names the container; `seed` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn name(mut self, container: &str) -> Result<Self, Error> {
        self.name = name::label("container", container)?;
        Ok(self)
    }

    /// Runs this image of the agent; [`Image::agent`] otherwise.
    #[must_use]
    pub fn image(mut self, image: Image) -> Self {
        self.image = image;
        self
    }

    /// Names the volume that is made for a Secret or ConfigMap; `seed-source` otherwise.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn source_volume(mut self, volume: &str) -> Result<Self, Error> {
        self.source_volume = name::label("volume", volume)?;
        Ok(self)
    }

    /// Copies only this file of the source, by its path there. The copy has its last name.
    ///
    /// # Errors
    /// [`Error::Path`] when it is not relative or goes up.
    pub fn only(mut self, file: &str) -> Result<Self, Error> {
        self.part = Some(relative(file)?);
        Ok(self)
    }

    /// Makes an emptyDir of that name for the copy: in memory, or on the node's disk. Otherwise it is `seeded`, in memory,
    /// 4Mi.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn empty_dir(mut self, volume: &str, in_memory: bool, size: Size) -> Result<Self, Error> {
        self.target = Target::EmptyDir {
            volume: name::label("volume", volume)?,
            in_memory,
            size,
        };
        Ok(self)
    }

    /// Copies into a volume that the pod has, a claim's for instance, where what the program changes outlives the pod.
    /// The consumer has to be able to write to it.
    ///
    /// # Errors
    /// [`Error::Name`] when it is no DNS label.
    pub fn onto(mut self, volume: &str) -> Result<Self, Error> {
        self.target = Target::There(name::label("volume", volume)?);
        Ok(self)
    }

    /// The mode of files, 0600 otherwise.
    ///
    /// # Errors
    /// [`Error::Mode`] above 0777.
    pub fn mode(mut self, mode: u32) -> Result<Self, Error> {
        if mode > MODE_MAX {
            let why = "a key has one from 0 to 777";
            return Err(Error::Mode { mode, why });
        }
        self.mode = Some(mode);
        Ok(self)
    }

    /// Starts the pod, too, when the Secret has no keys. Otherwise that is a failure.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Says which side wins when both have changed; otherwise the container fails.
    #[must_use]
    pub fn on_conflict(mut self, wins: OnConflict) -> Self {
        self.on_conflict = wins;
        self
    }

    /// For a namespace that enforces this Pod Security level.
    ///
    /// # Errors
    /// [`Error::RefusedByRestricted`] when the consumer is root: the copy has to be made by the user who uses it.
    pub fn for_level(self, level: Level) -> Result<Self, Error> {
        if level == Level::Restricted && self.consumer.is_root() {
            return Err(Error::RefusedByRestricted {
                what: "a container as root",
                instead: "run the main container as another user, and give that one",
            });
        }
        Ok(self)
    }

    /// The init container, the volumes, and the mount of the container that uses the copy.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let consumer_mount = Mount::known(self.target.volume(), &self.path);
        let made =
            |field, source| Value::map([("name", self.source_volume.as_str().into()), (field, source)]);
        let (source_volume, mut volumes) = match &self.source.0 {
            Kind::Secret(keys) => (
                &self.source_volume,
                vec![made("secret", keys.value("secretName"))],
            ),
            Kind::ConfigMap(keys) => (&self.source_volume, vec![made("configMap", keys.value("name"))]),
            Kind::Volume(volume) => (volume, Vec::new()),
        };
        let mounts = [
            Mount::known(source_volume, SOURCE).read_only(),
            Mount::known(self.target.volume(), TARGET),
        ];
        let container = InitContainer {
            name: &self.name,
            program: Program::Agent {
                image: self.image.clone(),
                arguments: self.arguments(),
            },
            user: self.consumer,
            capabilities: &[],
            cpu_limit: "100m",
            mounts: &mounts,
        };
        let mut warnings = Vec::from_iter(container.warning());
        if let Target::EmptyDir {
            volume,
            in_memory,
            size,
        } = &self.target
        {
            volumes.push(empty_dir(volume, *in_memory, size));
            if *in_memory {
                warnings.push(Warning::CountsAsMemory {
                    volume: volume.clone(),
                    size: size.clone(),
                });
            }
            warnings.push(Warning::LostWithPod {
                path: self.path.clone(),
            });
        }
        Rendered {
            init_containers: vec![container.value()],
            volumes,
            volume_mounts: vec![consumer_mount.value()],
            warnings,
        }
    }

    fn arguments(&self) -> Vec<String> {
        let source = self
            .part
            .as_ref()
            .map_or(SOURCE.to_owned(), |part| format!("{SOURCE}/{part}"));
        let mut arguments = vec!["seed".to_owned(), source, "--to".to_owned(), TARGET.to_owned()];
        if let Some(mode) = self.mode {
            arguments.extend(["--mode".to_owned(), format!("{mode:04o}")]);
        }
        if self.allow_empty {
            arguments.push("--allow-empty".to_owned());
        }
        if self.on_conflict != OnConflict::Fail {
            arguments.extend(["--on-conflict", self.on_conflict.as_str()].map(str::to_owned));
        }
        arguments
    }
}
