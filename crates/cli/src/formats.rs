// SPDX-License-Identifier: Apache-2.0
//! `--format`: which formats of findings are wanted, and where they go.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::builder::{BoolishValueParser, PossibleValue, StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, Command, ValueEnum};
use writeway_report::{CHECK_FORMATS, CheckFormat, CheckReport, HumanOptions};

use crate::output_file::write_file;
use crate::terminal::Terminal;

/// The variable that all commands with formats share.
const SHARED: &str = "WRITEWAY_FORMAT";

/// How findings are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    /// How findings are written, and to which file; repeatable
    ///
    /// `--format sarif=out.sarif --format human` writes a file, and excerpts to standard output. One format at most goes
    /// to standard output; a file is replaced when all of it is written.
    #[arg(id = "format", long, value_name = "FORMAT[=FILE]", default_value = "human", value_parser = FormatParser)]
    #[arg(env = SHARED, hide_env = true, value_delimiter = ',')]
    formats: Vec<FormatChoice>,
    /// Print how many findings each rule has instead of the findings, in format human; in JSON the summary always has
    /// these numbers
    #[arg(long)]
    #[arg(env = "WRITEWAY_STATISTICS", hide_env = true, value_parser = BoolishValueParser::new())]
    statistics: bool,
}

/// A format, and the file that it goes to; standard output, when there is none.
#[derive(Debug, Clone)]
struct FormatChoice {
    format: &'static CheckFormat,
    file: Option<PathBuf>,
}

/// What standard output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stdout {
    /// The report.
    Report,
    /// The manifest that came from standard input, repaired; the report goes to standard error.
    Manifest,
    /// What would be changed; the report goes to files, where it was asked for.
    Diff,
}

impl FormatArgs {
    /// Refuses what would mix two formats.
    ///
    /// # Errors
    /// When two formats would go to standard output, or to one file.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        for (index, second) in self.formats.iter().enumerate() {
            let Some(first) = self.formats[..index]
                .iter()
                .find(|first| first.file == second.file)
            else {
                continue;
            };
            let (first, name) = (first.format.name, second.format.name);
            match &second.file {
                None => bail!(
                    "--format {first} and --format {name} would both go to standard output: give one of them a file, \
                     e.g. --format {first}=FILE"
                ),
                Some(file) => bail!(
                    "--format {first} and --format {name} would both be written to {}: give each a file of its own",
                    file.display()
                ),
            }
        }
        Ok(())
    }

    /// Whether people see every finding on standard output.
    pub(crate) fn shows_findings(&self) -> bool {
        let shown = self.formats.iter().find(|choice| choice.file.is_none());
        shown.is_some_and(|shown| shown.format.for_people) && !self.statistics
    }

    /// Whether one of the formats has room for clocks.
    pub(crate) fn shows_clocks(&self) -> bool {
        self.formats.iter().any(|choice| choice.format.shows_clocks())
    }

    /// Whether one of the formats has room for fixes.
    pub(crate) fn shows_fixes(&self) -> bool {
        let of_findings = |choice: &FormatChoice| !(choice.format.for_people && self.statistics);
        self.formats
            .iter()
            .any(|choice| choice.format.shows_fixes() && of_findings(choice))
    }

    /// Writes the report in every format, files first: that standard output is closed keeps none of them away.
    ///
    /// # Errors
    /// When something cannot be written, with the name of the file.
    pub(crate) fn write(
        &self,
        report: &CheckReport<'_>,
        stdout: Stdout,
        terminal: Terminal,
    ) -> anyhow::Result<()> {
        for FormatChoice { format, file } in &self.formats {
            let Some(file) = file else { continue };
            let options = HumanOptions {
                color: false,
                width: None,
                statistics: self.statistics,
            };
            write_file(file, |out| format.write(out, report, &options))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let Some(shown) = self.formats.iter().find(|choice| choice.file.is_none()) else {
            return Ok(());
        };
        let mut options = HumanOptions {
            color: terminal.color,
            width: terminal.width,
            statistics: self.statistics,
        };
        match stdout {
            Stdout::Report => {
                let mut out = terminal.stdout();
                shown.format.write(&mut out, report, &options)?;
                out.flush()?;
            }
            Stdout::Manifest => {
                options.color = false;
                let mut text = Vec::new();
                shown.format.write(&mut text, report, &options)?;
                terminal.error(String::from_utf8_lossy(&text));
            }
            Stdout::Diff => {}
        }
        Ok(())
    }
}

/// The format of another command than `check`: the one given, else the one that `WRITEWAY_FORMAT` has for standard output,
/// else the usual one.
///
/// The variable is set once for all commands, and says more than most of them can do: what only `check` has, and what
/// `check` would write to a file, is not meant for the others.
///
/// # Errors
/// When the variable holds what is a format of no command that was meant.
pub(crate) fn given_or_shared<F: ValueEnum>(given: Option<F>, usual: F) -> anyhow::Result<F> {
    if let Some(given) = given {
        return Ok(given);
    }
    let Some(shared) = std::env::var_os(SHARED).filter(|value| !value.is_empty()) else {
        return Ok(usual);
    };
    let shared = shared.to_string_lossy();
    let mut chosen = None;
    for choice in shared.split(',') {
        let (name, file) = choice
            .split_once('=')
            .map_or((choice, None), |(name, file)| (name, Some(file)));
        match F::from_str(name, false) {
            Ok(format) if file.is_none() => chosen = chosen.or(Some(format)),
            Ok(_) => {}
            Err(_) if CHECK_FORMATS.iter().any(|format| format.is_called(name)) => {}
            Err(_) => {
                let names = F::value_variants().iter().filter_map(F::to_possible_value);
                let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
                bail!(
                    "{SHARED} holds `{name}`, which is no format: this command has {}, and `writeway check` has {}",
                    names.join(", "),
                    CHECK_FORMATS
                        .iter()
                        .map(|format| format.name)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
        }
    }
    Ok(chosen.unwrap_or(usual))
}

/// Reads `FORMAT` or `FORMAT=FILE`.
#[derive(Debug, Clone, Copy)]
struct FormatParser;

impl TypedValueParser for FormatParser {
    type Value = FormatChoice;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<FormatChoice, clap::Error> {
        let text = StringValueParser::new().parse_ref(command, arg, value)?;
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text.as_str(), None),
        };
        let Some(format) = CHECK_FORMATS.iter().find(|format| format.is_called(name)) else {
            return Err(unknown(command, arg, name));
        };
        if file == Some("") {
            let what = format!("`{text}` names no file: write {name}=FILE, or {name} for standard output\n");
            return Err(clap::Error::raw(ErrorKind::InvalidValue, what).with_cmd(command));
        }
        Ok(FormatChoice {
            format,
            file: file.map(PathBuf::from),
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = CHECK_FORMATS.iter().map(|format| {
            PossibleValue::new(format.name)
                .help(format.about)
                .aliases(format.aliases)
        });
        Some(Box::new(values))
    }
}

/// The error that clap makes for a value that is none of its choices, with the one that was probably meant.
fn unknown(command: &Command, arg: Option<&Arg>, name: &str) -> clap::Error {
    let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
    if let Some(arg) = arg {
        error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
    }
    error.insert(ContextKind::InvalidValue, ContextValue::String(name.to_owned()));
    let names = CHECK_FORMATS.iter().map(|format| format.name);
    let closest = names
        .clone()
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    if let Some((_, meant)) = closest.filter(|(likeness, _)| *likeness > 0.7) {
        error.insert(
            ContextKind::SuggestedValue,
            ContextValue::String(meant.to_owned()),
        );
    }
    let names = names.map(str::to_owned).collect();
    error.insert(ContextKind::ValidValue, ContextValue::Strings(names));
    error
}
