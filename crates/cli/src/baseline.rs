// SPDX-License-Identifier: Apache-2.0
//! The options about known findings.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use writeway_check::{Baseline, BaselineScope, Judged};
use writeway_config::Config;

use crate::output_file::write_file;
use crate::terminal::Terminal;

/// Which findings are known.
#[derive(Debug, Args)]
#[command(next_help_heading = "Baseline")]
pub(crate) struct BaselineArgs {
    /// Do not report the findings in this file, which --write-baseline made
    ///
    /// Entries whose finding is gone, and those that have expired, are named on standard error.
    #[arg(long, value_name = "FILE", env = "WRITEWAY_BASELINE", hide_env = true)]
    baseline: Option<PathBuf>,
    /// Write what is found to this file, and report nothing of it
    ///
    /// Entries of the file whose finding is gone are removed; those that stay keep `reason` and `expires`.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    #[arg(env = "WRITEWAY_WRITE_BASELINE", hide_env = true)]
    write_baseline: Option<PathBuf>,
    /// The day on which entries are judged; today, in UTC
    #[arg(
        long,
        hide = true,
        value_name = "DATE",
        env = "WRITEWAY_TODAY",
        hide_env = true
    )]
    today: Option<Date>,
}

impl BaselineArgs {
    /// Reads the baseline; none when there is none to read or to write.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn open<'a>(&'a self, config: &'a Config) -> anyhow::Result<Option<KnownFindings<'a>>> {
        let today = self
            .today
            .unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date());
        let (file, baseline) = if let Some(file) = &self.write_baseline {
            (file, read(file)?.unwrap_or_default())
        } else if let Some(file) = self.baseline.as_ref().or(config.baseline.as_ref()) {
            let missing = || anyhow!("{}: no such baseline; --write-baseline makes one", file.display());
            (file, read(file)?.ok_or_else(missing)?)
        } else {
            return Ok(None);
        };
        Ok(Some(KnownFindings {
            file,
            baseline,
            is_written: self.write_baseline.is_some(),
            today,
        }))
    }
}

/// A baseline that was read, or is to be written.
#[derive(Debug)]
pub(crate) struct KnownFindings<'a> {
    file: &'a Path,
    baseline: Baseline,
    is_written: bool,
    today: Date,
}

impl KnownFindings<'_> {
    /// Takes known findings out of the report, and says nothing. Of what is about to be written nothing is known yet.
    pub(crate) fn hide(&self, judged: &mut [Judged]) {
        if !self.is_written {
            self.baseline.apply(judged, self.today);
        }
    }

    /// Takes known findings out of the report, and says which entries are of no use; or first writes what is known.
    ///
    /// # Errors
    /// When the baseline cannot be written.
    pub(crate) fn settle(
        &self,
        scope: &BaselineScope<'_>,
        judged: &mut [Judged],
        terminal: Terminal,
    ) -> anyhow::Result<()> {
        let file = self.file;
        if self.is_written {
            let baseline = self.baseline.renewed(judged, scope);
            write_file(file, |out| out.write_all(baseline.to_json().as_bytes()))
                .with_context(|| format!("cannot write {}", file.display()))?;
            use_baseline(&baseline, file, judged, self.today, terminal);
        } else {
            for entry in self.baseline.unused(judged, scope) {
                terminal.note(format_args!(
                    "{}: no longer found, remove the entry: {entry}",
                    file.display()
                ));
            }
            use_baseline(&self.baseline, file, judged, self.today, terminal);
        }
        Ok(())
    }
}

fn use_baseline(baseline: &Baseline, file: &Path, judged: &mut [Judged], today: Date, terminal: Terminal) {
    for entry in baseline.expired(judged, today) {
        let expired = entry.expires.map(|day| format!(" on {day}")).unwrap_or_default();
        terminal.note(format_args!(
            "{}: expired{expired}, reported again: {entry}",
            file.display()
        ));
    }
    baseline.apply(judged, today);
}

/// Reads a baseline; none when there is no such file.
fn read(file: &Path) -> anyhow::Result<Option<Baseline>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| file.display().to_string()),
    };
    let baseline = Baseline::parse(&text).map_err(|error| anyhow!("{}{error}", file.display()))?;
    Ok(Some(baseline))
}

/// Whether an input of that name is there, read or not. Rendered folders have the renderer behind their names; standard
/// input is there for who sends it.
pub(crate) fn is_there(name: &str) -> bool {
    let folder = name.split_once(" (").map_or(name, |(folder, _)| folder);
    name == "-" || Path::new(name).exists() || Path::new(folder).exists()
}
