// SPDX-License-Identifier: Apache-2.0
//! What the file says.

use std::path::{Path, PathBuf};

use writeway_check::{Confidence, PinPolicy, Rule, Selection, Selector, Severity};
use writeway_clock::Assumptions;
use writeway_facts::VersionNumber;
use writeway_generate::Image;
use writeway_input::PathGlobs;

use crate::read::read;
use crate::{ConfigErrors, LoadError};

/// What a configuration file says; the default is an empty file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `select`, `extend-select` and `ignore`.
    pub selection: Selection,
    /// `severity`: the least that is reported.
    pub severity: Option<Severity>,
    /// `confidence`: the least that is reported; `pedantic` is low.
    pub confidence: Option<Confidence>,
    /// `facts`: files, below the folder of the configuration file unless they are absolute.
    pub facts: Vec<PathBuf>,
    /// `kubernetes-version`: the version of the cluster.
    pub kubernetes_version: Option<VersionNumber>,
    /// `exclude`: globs of files and folders to leave out.
    pub exclude: Vec<String>,
    /// `baseline`: a file, below the folder of the configuration file unless it is absolute.
    pub baseline: Option<PathBuf>,
    /// `agent-image`: the image of the init containers that fixes add.
    pub agent_image: Option<Image>,
    /// `[clock]`: what no manifest says about time.
    pub clock: Assumptions,
    /// `[per-path."GLOB"]`, by glob.
    pub per_path: Vec<PathIgnores>,
    /// `[rules.WW402] pin`.
    pub pin: PinPolicy,
}

/// What is ignored in some files.
#[derive(Debug, Clone)]
pub struct PathIgnores {
    /// The files, and the folders around them.
    pub globs: PathGlobs,
    /// The rules.
    pub ignore: Vec<Selector>,
}

impl Config {
    /// Reads the text of a file that lies in a folder.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ConfigErrors> {
        read(text, folder)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or has mistakes.
    pub fn load(file: &Path) -> Result<Self, LoadError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| LoadError::Unreadable {
            name: name.clone(),
            source,
        })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|errors| LoadError::Mistakes { name, errors })
    }

    /// Whether a rule is ignored in a file of that name.
    pub fn ignores(&self, file: &str, rule: &Rule) -> bool {
        self.per_path.iter().any(|path| {
            path.ignore.iter().any(|selector| selector.includes(rule)) && path.globs.covers(Path::new(file))
        })
    }
}
