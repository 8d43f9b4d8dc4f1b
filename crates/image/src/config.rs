// SPDX-License-Identifier: Apache-2.0
//! The image config (OCI image-spec, `config.md`): what facts need of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::digest::Digest;
use crate::error::{Problem, Result};
use crate::notes::Notes;
use crate::options::Platform;
use crate::paths;

/// An image config.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Config {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    config: Option<Execution>,
    rootfs: Option<Layers>,
}

/// How a container of the image runs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Execution {
    user: Option<String>,
    env: Option<Vec<String>>,
    working_dir: Option<String>,
    volumes: Option<BTreeMap<String, serde::de::IgnoredAny>>,
}

#[derive(Debug, Deserialize)]
struct Layers {
    diff_ids: Option<Vec<String>>,
}

impl Config {
    pub(crate) fn parse(content: &[u8], part: &str) -> Result<Self> {
        serde_json::from_slice(content).map_err(|error| Problem::json(part, &error))
    }

    /// The platform, if the config says.
    pub(crate) fn platform(&self) -> Option<Platform> {
        let (os, architecture) = (self.os.clone()?, self.architecture.clone()?);
        let variant = self.variant.clone().filter(|variant| !variant.is_empty());
        (!os.is_empty() && !architecture.is_empty()).then_some(Platform {
            os,
            architecture,
            variant,
        })
    }

    /// Takes the platform that an index states, which counts where the two differ.
    pub(crate) fn set_platform(&mut self, platform: Platform) {
        (self.os, self.architecture, self.variant) =
            (Some(platform.os), Some(platform.architecture), platform.variant);
    }

    /// The digests of the plain layers, lowest first; `None` when the config has none.
    pub(crate) fn diff_ids(&self, part: &str) -> Result<Option<Vec<Digest>>> {
        let ids = self.rootfs.as_ref().and_then(|rootfs| rootfs.diff_ids.as_ref());
        ids.map(|ids| ids.iter().map(|id| Digest::parse(id, part)).collect())
            .transpose()
    }

    /// `USER` as written; empty if there is none.
    pub(crate) fn user(&self) -> String {
        self.execution(|config| config.user.clone())
    }

    /// `ENV` by name; of a repeated name the last counts, as in the runtimes.
    pub(crate) fn env(&self) -> BTreeMap<String, String> {
        let env = self.execution(|config| config.env.clone());
        env.iter()
            .filter_map(|line| line.split_once('='))
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// `WORKDIR`; `/` if there is none. `None` when runtimes would refuse it.
    pub(crate) fn working_dir(&self, notes: &mut Notes) -> Option<String> {
        let written = self.execution(|config| config.working_dir.clone());
        match paths::absolute(written.as_bytes()) {
            Ok(path) if written.is_empty() || written.starts_with('/') => Some(path),
            _ => {
                notes.add(|| {
                    format!(
                        "the working directory {written:?} is not an absolute path; runtimes refuse such an image"
                    )
                });
                None
            }
        }
    }

    /// `VOLUME` paths, cleaned and sorted.
    pub(crate) fn volumes(&self, notes: &mut Notes) -> Vec<String> {
        let written: Vec<String> =
            self.execution(|config| config.volumes.as_ref().map(|map| map.keys().cloned().collect()));
        let mut volumes = Vec::with_capacity(written.len());
        for path in written {
            match paths::absolute(path.as_bytes()) {
                Ok(clean) => volumes.push(clean),
                Err(refusal) => {
                    notes.add(|| format!("the volume {path:?} was left out: {}", refusal.reason()));
                }
            }
        }
        volumes.sort();
        volumes.dedup();
        volumes
    }

    fn execution<T: Default>(&self, field: impl FnOnce(&Execution) -> Option<T>) -> T {
        self.config.as_ref().and_then(field).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Config {
        Config::parse(text.as_bytes(), "config.json").unwrap()
    }

    #[test]
    fn absent_fields_and_nulls_are_the_empty_config() {
        for text in [
            "{}",
            r#"{"config": null, "rootfs": null}"#,
            r#"{"config": {"User": null, "Env": null, "WorkingDir": null, "Volumes": null}}"#,
        ] {
            let config = parse(text);
            let mut notes = Notes::default();
            assert_eq!(config.user(), "");
            assert!(config.env().is_empty() && config.volumes(&mut notes).is_empty());
            assert_eq!(config.working_dir(&mut notes).as_deref(), Some("/"));
            assert_eq!(config.diff_ids("x").unwrap(), None);
            assert_eq!(config.platform(), None);
            assert!(notes.into_lines().is_empty());
        }
    }

    #[test]
    fn paths_are_cleaned() {
        let config = parse(
            r#"{"config": {"WorkingDir": "/srv//app/", "Volumes": {"/b/": {}, "data": {}, "/b": {}, "../x": {}}}}"#,
        );
        let mut notes = Notes::default();
        assert_eq!(config.working_dir(&mut notes).as_deref(), Some("/srv/app"));
        assert_eq!(config.volumes(&mut notes), ["/b", "/data"]);
        assert_eq!(notes.into_lines().len(), 1);
        let mut notes = Notes::default();
        assert_eq!(
            parse(r#"{"config": {"WorkingDir": "app"}}"#).working_dir(&mut notes),
            None
        );
        assert_eq!(notes.into_lines().len(), 1);
    }

    #[test]
    fn the_last_of_a_repeated_variable_counts() {
        let config = parse(r#"{"config": {"Env": ["A=1", "B=x=y", "A=2", "broken", "=C"]}}"#);
        let pairs = [("A", "2"), ("B", "x=y")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(config.env(), BTreeMap::from(pairs));
    }

    #[test]
    fn a_config_that_is_no_json_is_named_with_its_place() {
        let error = Config::parse(b"{\n  \"os\": 5}", "config.json").unwrap_err();
        assert_eq!(
            error.to_string(),
            "config.json:2:9: invalid type: integer `5`, expected a string"
        );
    }
}
