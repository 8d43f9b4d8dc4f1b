// SPDX-License-Identifier: Apache-2.0
//! Findings as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format", with errata 01), with what GitHub
//! code scanning reads of it (GitHub documentation, "SARIF support for code scanning").
//!
//! Nothing in the log depends on when or where it is made. The source text is not in it. Fixes are lines of the message,
//! which is what GitHub shows of a result; `fixes` (section 3.27.30) are replacements of text, which it does not read.

mod log;
mod uri;

use std::io::{self, Write};

use writeway_check::{Confidence, Finding, Fingerprint, RULES, Rule, Severity, Subject};
use writeway_manifest::Place;

use crate::explanation::explanation;
use crate::json_text::write_document;
use crate::region::Region;
use crate::{CheckReport, Program, Unread, printable};
use log::{
    ArtifactLocation, Configuration, Driver, Extension, Invocation, Level, Location, Log, LogicalLocation,
    MultiformatMessage, Notification, PhysicalLocation, ReportingDescriptor, RuleProperties, Run,
    SarifRegion, SarifResult, SourceRoot, Text, Tool, UriBases,
};
use uri::file_uri;

/// Where releases, sources and the rules' pages are.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Writes the log: one run, with every rule of this version and every finding.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_sarif(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    let results = report.fingerprinted();
    let run = Run {
        tool: Tool {
            driver: driver(),
            extensions: report.renderers.iter().map(extension).collect(),
        },
        invocations: [Invocation {
            execution_successful: report.unread.is_empty(),
            tool_execution_notifications: report
                .unread
                .iter()
                .map(|unread| notification(report, unread))
                .collect(),
        }],
        original_uri_base_ids: UriBases {
            source_root: SourceRoot {
                description: Text::new("The folder in which the program was run."),
            },
        },
        column_kind: "unicodeCodePoints",
        newline_sequences: ["\r\n", "\n", "\r"],
        results: results
            .map(|(finding, fingerprint)| result(report, finding, fingerprint))
            .collect(),
    };
    write_document(out, &Log::new(run))
}

fn driver() -> Driver {
    Driver {
        name: "Writeway",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: REPOSITORY,
        rules: RULES.iter().map(|rule| descriptor(rule)).collect(),
    }
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let summary = rule.summary();
    let documentation = rule.documentation();
    ReportingDescriptor {
        id: rule.code,
        name: rule.name,
        short_description: Text::new(first_sentence(&summary)),
        full_description: Text::new(&summary),
        help: MultiformatMessage {
            text: documentation.clone(),
            markdown: documentation,
        },
        help_uri: format!("{REPOSITORY}/blob/main/docs/rules/{}.md", rule.code),
        default_configuration: Configuration {
            level: level(rule.severity),
        },
        properties: RuleProperties {
            tags: ["kubernetes"],
            precision: match rule.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            problem_severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    }
}

/// What a program that rendered some of the inputs is in SARIF: a part of the tool.
fn extension(program: &Program) -> Extension {
    Extension {
        name: printable(&program.name).into_owned(),
        version: printable(&program.version).into_owned(),
    }
}

fn notification(report: &CheckReport<'_>, unread: &Unread) -> Notification {
    let location = unread.place.map(|place| Location {
        physical_location: physical_location(report, place),
        message: None,
        logical_locations: None,
    });
    Notification {
        level: Level::Error,
        message: Text::quoting(&printable(&unread.message)),
        locations: location.into_iter().collect(),
    }
}

fn result(report: &CheckReport<'_>, finding: &Finding, fingerprint: Fingerprint) -> SarifResult {
    let place = |location: &writeway_check::Location| Location {
        physical_location: physical_location(report, location.place),
        message: Some(Text::quoting(&printable(&location.label))),
        logical_locations: None,
    };
    let primary = Location {
        logical_locations: logical_location(&finding.subject).map(|location| [location]),
        ..place(&finding.primary)
    };
    SarifResult {
        rule_id: finding.rule.code,
        rule_index: RULES.iter().position(|rule| *rule == finding.rule),
        level: level(finding.severity),
        message: Text::quoting(&explanation(finding)),
        locations: [primary],
        related_locations: finding.related.iter().map(place).collect(),
        partial_fingerprints: [(Fingerprint::VERSION, fingerprint.to_string())].into(),
        properties: log::ResultProperties {
            confidence: finding.confidence.as_str(),
        },
    }
}

fn physical_location(report: &CheckReport<'_>, place: Place) -> PhysicalLocation {
    let region = Region::of(report.inventory(), place);
    let (uri, relative) = file_uri(&report.path_in_repository(region.file));
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri,
            uri_base_id: relative.then_some(log::SOURCE_ROOT),
        },
        region: SarifRegion {
            start_line: region.line,
            start_column: region.column,
            end_line: region.end_line,
            end_column: region.end_column,
        },
    }
}

fn logical_location(subject: &Subject) -> Option<LogicalLocation> {
    let object = subject.object.as_ref()?;
    let parts = [
        object.namespace.as_deref(),
        Some(&object.kind),
        Some(&object.name),
        subject.container.as_deref(),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().map(printable).collect();
    Some(LogicalLocation {
        name: printable(subject.container.as_ref().unwrap_or(&object.name)).into_owned(),
        fully_qualified_name: parts.join("/"),
        kind: "resource",
    })
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    }
}

/// The text up to the first colon, semicolon or end of a sentence, but for those in code.
fn first_sentence(text: &str) -> String {
    let ends = |at: usize, mark: &str| {
        let mut next = text[at + mark.len()..].chars();
        let is_last = match (next.next(), next.next()) {
            (None, _) => true,
            (Some(' '), Some(first)) => mark != "." || first.is_uppercase(),
            _ => false,
        };
        is_last && text[..at].matches('`').count().is_multiple_of(2)
    };
    let end = text
        .match_indices([':', ';', '.'])
        .find(|(at, mark)| ends(*at, mark));
    let sentence = end.map_or(text, |(at, _)| &text[..at]);
    format!("{sentence}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_description_is_the_first_sentence() {
        for (text, sentence) in [
            ("Finds a thing. It is bad.", "Finds a thing."),
            ("Finds a thing: one or two.", "Finds a thing."),
            ("Finds a thing; or two.", "Finds a thing."),
            (
                "Finds things, e.g. `a: b` in v1.2, of a kind. Or not.",
                "Finds things, e.g. `a: b` in v1.2, of a kind.",
            ),
            ("Finds", "Finds."),
        ] {
            assert_eq!(first_sentence(text), sentence);
        }
    }

    /// GitHub takes 1024 characters ("SARIF support for code scanning", reportingDescriptor object).
    #[test]
    fn descriptions_of_rules_are_as_short_as_github_wants_them() {
        for rule in RULES {
            assert!(rule.summary().chars().count() <= 1024, "{}", rule.code);
        }
    }
}
