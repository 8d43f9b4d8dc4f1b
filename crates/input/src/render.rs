// SPDX-License-Identifier: Apache-2.0
//! Charts and kustomizations through the programs that know them: `helm template` and `kustomize build`.

mod process;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::load;
use process::{Limits, run};

pub use process::RenderError;

const HELM_VARIABLE: &str = "WRITEWAY_HELM";
const KUSTOMIZE_VARIABLE: &str = "WRITEWAY_KUSTOMIZE";

/// How charts and kustomizations are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// The program; `helm` of `PATH` by default.
    pub helm: Option<PathBuf>,
    /// The program, `kustomize` or `kubectl`; the first of these two that `PATH` has by default.
    pub kustomize: Option<PathBuf>,
    /// Longest run of a program; a minute by default.
    pub time_limit: Duration,
    /// Longest output of a program, in bytes; 64 MiB by default.
    pub max_bytes: u64,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            helm: None,
            kustomize: None,
            time_limit: Duration::from_secs(60),
            max_bytes: 64 << 20,
        }
    }
}

impl RenderOptions {
    /// With the programs that the environment names: `WRITEWAY_HELM`, and `WRITEWAY_KUSTOMIZE` or else
    /// `WRITEWAY_KUBECTL`.
    pub fn from_environment() -> Self {
        let program = |variable| {
            std::env::var_os(variable)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Self {
            helm: program(HELM_VARIABLE),
            kustomize: program(KUSTOMIZE_VARIABLE).or_else(|| program("WRITEWAY_KUBECTL")),
            ..Self::default()
        }
    }
}

/// A foreign program that rendered something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renderer {
    /// `helm template`, `kustomize build` or `kubectl kustomize`.
    pub name: String,
    /// Its version as it gives it, e.g. `v3.17.2`.
    pub version: String,
}

/// What a program made of a folder.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// The command, e.g. `helm template`.
    pub(crate) by: &'static str,
}

/// The programs, with the versions of those that were used.
#[derive(Debug)]
pub(crate) struct Renderers<'o> {
    options: &'o RenderOptions,
    kustomize: OnceLock<PathBuf>,
    used: Mutex<BTreeSet<Renderer>>,
}

impl<'o> Renderers<'o> {
    pub(crate) fn new(options: &'o RenderOptions) -> Self {
        Self {
            options,
            kustomize: OnceLock::new(),
            used: Mutex::default(),
        }
    }

    /// The programs that were used, by name.
    pub(crate) fn used(self) -> Vec<Renderer> {
        self.used
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .collect()
    }

    /// `helm template RELEASE FOLDER`.
    pub(crate) fn chart(&self, folder: &Path, release: &str) -> Result<Rendered, RenderError> {
        let by = "helm template";
        let helm = self.options.helm.clone().unwrap_or_else(|| PathBuf::from("helm"));
        let folder = plain_path(folder);
        // Chart.yaml is foreign text: a name that begins with a dash would be an option.
        let release = Some(release).filter(|name| is_release_name(name));
        let mut args = vec![OsStr::new("template")];
        args.extend(release.map(OsStr::new));
        args.push(folder.as_os_str());
        let output = self.run(&helm, &args, HELM_VARIABLE)?;
        self.record(by, || {
            let version = self.run(
                &helm,
                &["version", "--template", "{{.Version}}"].map(OsStr::new),
                "WRITEWAY_HELM",
            )?;
            Ok(String::from_utf8_lossy(&version).trim().to_owned())
        })?;
        rendered(output, by)
    }

    /// `kustomize build FOLDER`, or the same through `kubectl`.
    pub(crate) fn kustomization(&self, folder: &Path) -> Result<Rendered, RenderError> {
        let variable = KUSTOMIZE_VARIABLE;
        let program = self.kustomize.get_or_init(|| self.find_kustomize());
        let folder = plain_path(folder);
        let through_kubectl = is_kubectl(program);
        let (by, verb) = if through_kubectl {
            ("kubectl kustomize", "kustomize")
        } else {
            ("kustomize build", "build")
        };
        let output = self.run(program, &[OsStr::new(verb), folder.as_os_str()], variable)?;
        self.record(by, || {
            let args: &[&str] = if through_kubectl {
                &["version", "--client"]
            } else {
                &["version"]
            };
            let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
            let text = self.run(program, &args, variable)?;
            let text = String::from_utf8_lossy(&text);
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("Kustomize Version:"))
                .unwrap_or(&text);
            Ok(line.trim().to_owned())
        })?;
        rendered(output, by)
    }

    /// `kustomize`, or `kubectl` where only that can be started.
    fn find_kustomize(&self) -> PathBuf {
        self.options.kustomize.clone().unwrap_or_else(|| {
            let kustomize = PathBuf::from("kustomize");
            let missing = self.run(&kustomize, &[OsStr::new("version")], "");
            if matches!(missing, Err(RenderError::NotFound { .. })) {
                PathBuf::from("kubectl")
            } else {
                kustomize
            }
        })
    }

    fn run(&self, program: &Path, args: &[&OsStr], variable: &'static str) -> Result<Vec<u8>, RenderError> {
        let limits = Limits {
            time: self.options.time_limit,
            output: self.options.max_bytes,
        };
        run(program, args, &limits, variable)
    }

    /// Asks for a program's version the first time that it rendered something.
    fn record(
        &self,
        name: &str,
        version: impl FnOnce() -> Result<String, RenderError>,
    ) -> Result<(), RenderError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if !used.iter().any(|renderer| renderer.name == name) {
            used.insert(Renderer {
                name: name.to_owned(),
                version: version()?,
            });
        }
        Ok(())
    }
}

fn rendered(output: Vec<u8>, by: &'static str) -> Result<Rendered, RenderError> {
    let text = load::utf8(by, output).map_err(|_| RenderError::NotUtf8 {
        program: by.to_owned(),
    })?;
    Ok(Rendered { text, by })
}

/// A path that no program takes for an option, an address or the name of a chart in a repository.
fn plain_path(folder: &Path) -> PathBuf {
    if folder.is_absolute() {
        folder.to_owned()
    } else {
        Path::new(".").join(folder)
    }
}

/// A DNS label as Helm wants it (helm.sh/helm/v3/pkg/chartutil/validate_name.go).
fn is_release_name(name: &str) -> bool {
    let inside =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    name.len() <= 53
        && !name.is_empty()
        && name.bytes().all(inside)
        && !name.starts_with(['-', '.'])
        && !name.ends_with(['-', '.'])
}

fn is_kubectl(program: &Path) -> bool {
    program
        .file_name()
        .and_then(OsStr::to_str)
        .is_some_and(|name| name.starts_with("kubectl"))
}
