// SPDX-License-Identifier: Apache-2.0
//! Everything the user names, read and parsed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use writeway_manifest::ParsedFile;

use crate::candidate::{Candidate, display_name};
use crate::kustomization;
use crate::pattern::{InputGlob, PathGlobs};
use crate::plan::{Source, plan};
use crate::render::{RenderError, Rendered, Renderers};
use crate::walk::{self, Scope};
use crate::{CollectOptions, InputError, Note, Origin, Renderer, load};

/// The name that stands for standard input.
const STDIN: &str = "-";

/// What was read, and what was not.
#[derive(Debug, Default)]
pub struct Collected {
    /// The files, in the order the user named them, within folders by name.
    pub files: Vec<ParsedFile>,
    /// Where each of the files comes from, in their order.
    pub origins: Vec<Origin>,
    /// What could not be read.
    pub errors: Vec<InputError>,
    /// What was left out on purpose.
    pub notes: Vec<Note>,
    /// The foreign programs that rendered something.
    pub renderers: Vec<Renderer>,
}

/// Reads files, folders, globs and `-` (standard input).
pub fn collect(inputs: &[impl AsRef<OsStr>], options: &CollectOptions) -> Collected {
    collect_with_stdin(inputs, options, std::io::stdin())
}

/// As [`collect`], with another stream in the place of standard input.
pub fn collect_with_stdin(
    inputs: &[impl AsRef<OsStr>],
    options: &CollectOptions,
    stdin: impl Read,
) -> Collected {
    let mut search = Search::new(options);
    for input in inputs {
        search.input(Path::new(input.as_ref()));
    }
    let Search {
        candidates,
        mut errors,
        mut notes,
        ..
    } = search;
    let plan = plan(candidates, options.render.is_some(), options.max_bytes);
    errors.extend(plan.errors);
    notes.extend(plan.notes);

    let mut stdin = plan
        .sources
        .contains(&Source::Stdin)
        .then(|| read_stdin(stdin, options));
    let renderers = options.render.as_ref().map(Renderers::new);
    let parsed: Vec<_> = plan
        .sources
        .par_iter()
        .map(|source| parse(source, options, renderers.as_ref()))
        .collect();
    let mut files = Vec::with_capacity(parsed.len());
    let mut origins = Vec::with_capacity(parsed.len());
    for (outcome, source) in parsed.into_iter().zip(plan.sources) {
        match outcome.or_else(|| stdin.take()) {
            Some(Ok(file)) => {
                files.push(file);
                origins.push(source.into());
            }
            Some(Err(error)) => errors.push(error),
            None => {}
        }
    }
    Collected {
        files,
        origins,
        errors,
        notes,
        renderers: renderers.map(Renderers::used).unwrap_or_default(),
    }
}

fn read_stdin(stdin: impl Read, options: &CollectOptions) -> Result<ParsedFile, InputError> {
    let name = options.stdin_filename.as_deref().unwrap_or(STDIN);
    Ok(ParsedFile::parse(
        name,
        load::read(name, stdin, options.max_bytes)?,
    ))
}

/// Reads and parses a source; none for standard input, which cannot be read from several threads.
fn parse(
    source: &Source,
    options: &CollectOptions,
    renderers: Option<&Renderers<'_>>,
) -> Option<Result<ParsedFile, InputError>> {
    let rendered = |folder: &Path, result: Result<Rendered, RenderError>| {
        let name = display_name(folder);
        let Rendered { text, by } = result.map_err(|source| InputError::Render {
            name: name.clone(),
            source,
        })?;
        Ok(ParsedFile::parse(format!("{name} ({by})"), text))
    };
    match source {
        Source::Stdin => None,
        Source::File(path) => {
            Some(load::text(path, options.max_bytes).map(|text| ParsedFile::parse(display_name(path), text)))
        }
        Source::Chart { folder, release } => Some(rendered(folder, renderers?.chart(folder, release))),
        Source::Kustomization(folder) => Some(rendered(folder, renderers?.kustomization(folder))),
    }
}

/// What the inputs lead to.
struct Search<'o> {
    options: &'o CollectOptions,
    excludes: PathGlobs,
    candidates: Vec<Candidate>,
    /// Files seen, by their real path.
    seen: BTreeSet<PathBuf>,
    errors: Vec<InputError>,
    notes: Vec<Note>,
}

impl<'o> Search<'o> {
    fn new(options: &'o CollectOptions) -> Self {
        let (excludes, errors) = PathGlobs::new(&options.exclude);
        Self {
            options,
            excludes,
            candidates: Vec::new(),
            seen: BTreeSet::new(),
            errors,
            notes: Vec::new(),
        }
    }

    fn input(&mut self, input: &Path) {
        if input == Path::new(STDIN) {
            if !self.candidates.contains(&Candidate::Stdin) {
                self.candidates.push(Candidate::Stdin);
            }
            return;
        }
        match (std::fs::metadata(input), input.to_str()) {
            (Ok(metadata), _) if metadata.is_dir() => self.folder(input),
            (Ok(_), _) => self.add(Candidate::Named(input.to_owned())),
            // A file may well be called `a[1].yaml`, so that a name wins over a glob.
            (Err(_), Some(pattern)) if InputGlob::is_glob(pattern) => self.glob(pattern),
            (Err(source), _) => self.errors.push(InputError::io(display_name(input), source)),
        }
    }

    fn folder(&mut self, folder: &Path) {
        let (files, errors) = walk::files_in(folder, &Scope::Everything, &self.excludes, self.options);
        if files.is_empty() && errors.is_empty() {
            self.notes.push(Note::NothingFound {
                name: display_name(folder),
            });
        }
        self.errors.extend(errors);
        self.found(folder, files);
    }

    fn glob(&mut self, pattern: &str) {
        let glob = match InputGlob::new(pattern) {
            Ok(glob) => glob,
            Err(error) => return self.errors.push(error),
        };
        let base = glob.base.clone();
        let (files, errors) = walk::files_in(&base, &Scope::Glob(glob), &self.excludes, self.options);
        if files.is_empty() && errors.is_empty() {
            self.errors.push(InputError::NoMatch {
                pattern: pattern.to_owned(),
            });
        }
        self.errors.extend(errors);
        self.found(&base, files);
    }

    /// Adds what was found in a folder, but for what Writeway made of other inputs further below.
    fn found(&mut self, base: &Path, files: Vec<PathBuf>) {
        let markers = files.iter().filter(|file| kustomization::is_marker(file));
        let written: Vec<PathBuf> = markers
            .filter(|marker| kustomization::is_written(marker))
            .filter_map(|marker| marker.parent())
            .filter(|folder| *folder != base)
            .map(Path::to_owned)
            .collect();
        for folder in &written {
            self.notes.push(Note::WrittenKustomizationSkipped {
                name: display_name(folder),
            });
        }
        for file in files {
            if !written.iter().any(|folder| file.starts_with(folder)) {
                self.add(Candidate::Found(file));
            }
        }
    }

    /// Adds a file, once. One that cannot be resolved is left for reading to fail on.
    fn add(&mut self, candidate: Candidate) {
        let real = candidate
            .path()
            .map(|path| path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        if real.is_some_and(|real| self.seen.insert(real)) {
            self.candidates.push(candidate);
        }
    }
}
