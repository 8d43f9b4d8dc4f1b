// SPDX-License-Identifier: Apache-2.0
//! The table of formats in which findings are written.

use std::fmt;
use std::io::{self, Write};

use crate::{
    CheckReport, HumanOptions, write_findings_concise, write_findings_github, write_findings_gitlab,
    write_findings_html, write_findings_human, write_findings_json, write_findings_json_lines,
    write_findings_junit, write_findings_markdown, write_findings_sarif,
};

/// A way of writing findings.
pub struct CheckFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// What else it may be called.
    pub aliases: &'static [&'static str],
    /// What it is, in one line.
    pub about: &'static str,
    /// Whether people read it as it is.
    pub for_people: bool,
    write: fn(&mut dyn Write, &CheckReport<'_>, &HumanOptions) -> io::Result<()>,
}

impl CheckFormat {
    /// Whether that is its name, or another one that it goes by.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Whether it has room for clocks.
    pub fn shows_clocks(&self) -> bool {
        matches!(self.name, "human" | "json")
    }

    /// Whether it has room for fixes.
    pub fn shows_fixes(&self) -> bool {
        self.name != "concise"
    }

    /// Writes a report; the options are for the formats that people read.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(
        &self,
        out: &mut dyn Write,
        report: &CheckReport<'_>,
        options: &HumanOptions,
    ) -> io::Result<()> {
        (self.write)(out, report, options)
    }
}

/// Its name: the rest is text.
impl fmt::Debug for CheckFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Every format, the default first.
pub static CHECK_FORMATS: [CheckFormat; 10] = [
    CheckFormat {
        name: "human",
        aliases: &["table"],
        about: "Excerpts of the files, with proof and help",
        for_people: true,
        write: write_findings_human,
    },
    CheckFormat {
        name: "concise",
        aliases: &[],
        about: "A line for each finding: file:line:column: CODE severity message",
        for_people: true,
        write: |out, report, _| write_findings_concise(out, report),
    },
    CheckFormat {
        name: "json",
        aliases: &[],
        about: "One JSON document; see `writeway schema check`",
        for_people: false,
        write: |out, report, _| write_findings_json(out, report),
    },
    CheckFormat {
        name: "jsonl",
        aliases: &["json-lines"],
        about: "A JSON object for each finding, on a line of its own",
        for_people: false,
        write: |out, report, _| write_findings_json_lines(out, report),
    },
    CheckFormat {
        name: "sarif",
        aliases: &[],
        about: "SARIF 2.1.0, for code scanning and editors",
        for_people: false,
        write: |out, report, _| write_findings_sarif(out, report),
    },
    CheckFormat {
        name: "junit",
        aliases: &[],
        about: "JUnit XML, for the test results of CI servers",
        for_people: false,
        write: |out, report, _| write_findings_junit(out, report),
    },
    CheckFormat {
        name: "github",
        aliases: &[],
        about: "Annotations of GitHub Actions",
        for_people: false,
        write: |out, report, _| write_findings_github(out, report),
    },
    CheckFormat {
        name: "gitlab",
        aliases: &[],
        about: "Code Quality report of GitLab",
        for_people: false,
        write: |out, report, _| write_findings_gitlab(out, report),
    },
    CheckFormat {
        name: "markdown",
        aliases: &[],
        about: "Table of bounded length, for summaries and comments",
        for_people: false,
        write: |out, report, _| write_findings_markdown(out, report),
    },
    CheckFormat {
        name: "html",
        aliases: &[],
        about: "One page for a browser: the write map as a picture, findings with excerpts, filters",
        for_people: false,
        write: |out, report, _| write_findings_html(out, report),
    },
];
