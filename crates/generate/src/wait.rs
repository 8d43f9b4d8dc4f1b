// SPDX-License-Identifier: Apache-2.0
//! `wait`: an init container that waits within a budget.

use std::time::Duration;

use writeway_shell::agent::WAIT_SCHEMES;

use crate::container::{InitContainer, Program};
use crate::{Error, Image, Mount, Rendered, User, name};

/// An init container that waits until servers, files, names and Kubernetes objects are there, and fails when its budget
/// is over. The level `restricted` admits it.
///
/// A target is written as for `writeway-agent wait`: `tcp://HOST:PORT`, `https://HOST/PATH`, `unix:/PATH`, `file:/PATH`,
/// `non-empty:/PATH`, `dns://NAME`, `k8s://NAMESPACE/KIND/NAME`. Others can read it: it must not hold a password.
///
/// ```
/// use std::time::Duration;
/// use writeway_generate::Wait;
///
/// let wait = Wait::new(["tcp://postgres:5432"], Duration::from_secs(120))?;
/// assert_eq!(
///     wait.render().to_json().init_containers[0]["args"],
///     serde_json::json!(["wait", "tcp://postgres:5432", "--budget", "2m"])
/// );
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    name: String,
    image: Image,
    user: User,
    targets: Vec<String>,
    budget: Duration,
    mounts: Vec<Mount>,
}

impl Wait {
    /// Waits for all targets, for `budget` in all.
    ///
    /// # Errors
    /// [`Error::NoTarget`], [`Error::Target`], and [`Error::NoTime`] when the budget is shorter than a millisecond.
    pub fn new<T: Into<String>>(
        targets: impl IntoIterator<Item = T>,
        budget: Duration,
    ) -> Result<Self, Error> {
        let targets: Vec<String> = targets.into_iter().map(Into::into).collect();
        if targets.is_empty() {
            return Err(Error::NoTarget);
        }
        for (index, target) in targets.iter().enumerate() {
            check(target).map_err(|why| Error::Target {
                number: index + 1,
                why,
            })?;
        }
        if budget.as_millis() == 0 {
            return Err(Error::NoTime { what: "budget" });
        }
        Ok(Self {
            name: "wait".to_owned(),
            image: Image::agent(),
            user: User::UNPRIVILEGED,
            targets,
            budget,
            mounts: Vec::new(),
        })
    }

    /// Names the container; `wait` otherwise.
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

    /// Runs as this user; as [`User::UNPRIVILEGED`] otherwise. `k8s://` targets read the token of the service account,
    /// which kubelet keeps to one user when all containers run as that one.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.user = user;
        self
    }

    /// Mounts a volume, read-only, in which a `file:`, `non-empty:` or `unix:` target is.
    ///
    /// # Errors
    /// [`Error::DuplicateMount`].
    pub fn mount(mut self, mount: Mount) -> Result<Self, Error> {
        if self.mounts.iter().any(|other| other.path() == mount.path()) {
            return Err(Error::DuplicateMount {
                path: mount.path().to_owned(),
            });
        }
        self.mounts.push(mount.read_only());
        Ok(self)
    }

    /// The init container; volumes and the main container's mounts are none of its business.
    #[must_use]
    pub fn render(&self) -> Rendered {
        let mut arguments = vec!["wait".to_owned()];
        arguments.extend(self.targets.iter().cloned());
        arguments.extend(["--budget".to_owned(), duration(self.budget)]);
        let container = InitContainer {
            name: &self.name,
            program: Program::Agent {
                image: self.image.clone(),
                arguments,
            },
            user: self.user,
            capabilities: &[],
            cpu_limit: "100m",
            mounts: &self.mounts,
        };
        Rendered {
            init_containers: vec![container.value()],
            warnings: Vec::from_iter(container.warning()),
            ..Rendered::default()
        }
    }
}

/// What the agent refuses in any target, and what must not get into a manifest.
fn check(target: &str) -> Result<(), String> {
    let Some((scheme, rest)) = target
        .split_once(':')
        .filter(|(word, _)| WAIT_SCHEMES.contains(word))
    else {
        return Err(format!("it has to begin with {}", crate::error::schemes()));
    };
    if rest.trim_matches('/').is_empty() {
        return Err(format!("nothing is behind `{scheme}:`"));
    }
    if target.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("there is white space in it".to_owned());
    }
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split('/').next());
    if scheme.starts_with("http") && authority.is_some_and(|authority| authority.contains('@')) {
        return Err(
            "a user or password in a URL can be read by others: mount it, and see `wait --header-file`"
                .to_owned(),
        );
    }
    Ok(())
}

/// A time as Go writes it, in milliseconds at the finest: `1h`, `2m`, `90s`, `1500ms`.
pub(crate) fn duration(time: Duration) -> String {
    let millis = time.as_millis();
    for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis.is_multiple_of(length) {
            return format!("{}{unit}", millis / length);
        }
    }
    format!("{millis}ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_back() {
        for (millis, expected) in [
            (120_000, "2m"),
            (90_000, "90s"),
            (1_500, "1500ms"),
            (7_200_000, "2h"),
            (3_660_000, "61m"),
        ] {
            let time = Duration::from_millis(millis);
            assert_eq!(duration(time), expected);
            assert_eq!(writeway_shell::parse_go_duration(expected), Some(time));
        }
    }

    #[test]
    fn targets_are_what_the_agent_takes_and_hold_no_password() {
        for (target, good) in [
            ("tcp://postgres:5432", true),
            ("https://login.example.com/healthz?a=b@c", true),
            ("file:/data/a@b", true),
            ("unix:/run/app.sock", true),
            ("k8s://apps/secret/token?key=token", true),
            ("postgres:5432", false),
            ("tcp:", false),
            ("tcp://", false),
            ("dns://a b", false),
            ("http://user:secret@example.com/", false),
        ] {
            let found = check(target);
            assert_eq!(found.is_ok(), good, "{target}");
            assert!(!format!("{found:?}").contains("secret"), "{found:?}");
        }
    }
}
