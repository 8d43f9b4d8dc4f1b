// SPDX-License-Identifier: Apache-2.0
//! From text to configuration.

use std::path::Path;

use toml::de::DeTable;
use writeway_check::{Confidence, PinPolicy, Selection, Selector, Severity, UnknownRule, find};
use writeway_clock::Assumptions;
use writeway_generate::Image;
use writeway_input::PathGlobs;

use crate::reader::Reader;
use crate::{Config, ConfigError, ConfigErrors, PathIgnores};

/// The keys at the top.
pub(crate) const TOP: &[&str] = &[
    "select",
    "extend-select",
    "ignore",
    "severity",
    "confidence",
    "pedantic",
    "facts",
    "kubernetes-version",
    "exclude",
    "baseline",
    "agent-image",
    "clock",
    "per-path",
    "rules",
];

/// The keys of `[clock]`.
pub(crate) const CLOCK: &[&str] = &["scheduling", "image-pull", "helm-timeout", "release-timeout"];

/// The keys of `[per-path."GLOB"]`.
pub(crate) const PER_PATH: &[&str] = &["ignore"];

/// The rules that have options, with these.
pub(crate) const OPTIONS: &[(&str, &[&str])] = &[("WW402", &["pin"])];

/// Reads the text of a file in a folder.
pub(crate) fn read(text: &str, folder: &Path) -> Result<Config, ConfigErrors> {
    let mut reader = Reader {
        text,
        errors: Vec::new(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', "; ");
            return Err(ConfigErrors(vec![ConfigError::new(text, offset, message)]));
        }
    };
    let config = reader.config(table.get_ref(), folder);
    reader.errors.sort();
    if reader.errors.is_empty() {
        Ok(config)
    } else {
        Err(ConfigErrors(reader.errors))
    }
}

impl<'t> Reader<'t> {
    fn config(&mut self, table: &DeTable<'t>, folder: &Path) -> Config {
        self.check_keys(table, "the configuration file", TOP);
        let selection = Selection {
            select: self.selectors(table, "select"),
            extend_select: self.selectors(table, "extend-select"),
            ignore: self.selectors(table, "ignore"),
        };
        let severity = table
            .get("severity")
            .and_then(|value| self.choice(value, &Severity::ALL, Severity::as_str));
        let pin = table.get("rules").and_then(|value| {
            let rules = self.table(value)?;
            self.options(rules)
        });
        Config {
            selection,
            severity,
            confidence: self.confidence(table),
            facts: self
                .strings(table, "facts")
                .iter()
                .map(|file| folder.join(file))
                .collect(),
            kubernetes_version: table
                .get("kubernetes-version")
                .and_then(|value| self.parsed(value)),
            exclude: self.globs(table, "exclude"),
            baseline: table
                .get("baseline")
                .and_then(|value| self.text(value))
                .map(|file| folder.join(file)),
            agent_image: self.agent_image(table),
            clock: self.clock(table),
            per_path: self.per_path(table),
            pin: pin.unwrap_or_default(),
        }
    }

    fn selectors(&mut self, table: &DeTable<'t>, key: &str) -> Vec<Selector> {
        let value = table.get(key);
        value
            .map(|value| self.list(value, Self::parsed))
            .unwrap_or_default()
    }

    fn strings(&mut self, table: &DeTable<'t>, key: &str) -> Vec<String> {
        let value = table.get(key);
        let text = |reader: &mut Self, value: &_| reader.text(value).map(str::to_owned);
        value.map(|value| self.list(value, text)).unwrap_or_default()
    }

    /// Strings that are globs.
    fn globs(&mut self, table: &DeTable<'t>, key: &str) -> Vec<String> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        self.list(value, |reader, value| {
            let glob = reader.text(value)?;
            reader.path_globs(glob, value.span().start)?;
            Some(glob.to_owned())
        })
    }

    fn path_globs(&mut self, glob: &str, offset: usize) -> Option<PathGlobs> {
        let (globs, errors) = PathGlobs::new(&[glob.to_owned()]);
        for error in &errors {
            self.error(offset, error.to_string());
        }
        errors.is_empty().then_some(globs)
    }

    fn agent_image(&mut self, table: &DeTable<'t>) -> Option<Image> {
        let value = table.get("agent-image")?;
        match Image::parse(self.text(value)?) {
            Ok(image) => Some(image),
            Err(error) => {
                self.error(value.span().start, error.to_string());
                None
            }
        }
    }

    /// `confidence`, or `pedantic`, which means the least.
    fn confidence(&mut self, table: &DeTable<'t>) -> Option<Confidence> {
        let confidence = table
            .get("confidence")
            .and_then(|value| self.choice(value, &Confidence::ALL, Confidence::as_str));
        let Some(value) = table.get("pedantic") else {
            return confidence;
        };
        let pedantic = self.boolean(value)?;
        if pedantic && confidence.is_some() {
            let message = "`pedantic` is `confidence = \"low\"`: write one of them";
            self.error(value.span().start, message);
        }
        if pedantic {
            Some(Confidence::Low)
        } else {
            confidence
        }
    }

    fn clock(&mut self, table: &DeTable<'t>) -> Assumptions {
        let mut clock = Assumptions::default();
        let Some(table) = table.get("clock").and_then(|value| self.table(value)) else {
            return clock;
        };
        self.check_keys(table, "what the clock takes for granted", CLOCK);
        let mut duration = |key| table.get(key).and_then(|value| self.duration(value));
        clock.scheduling = duration("scheduling").unwrap_or(clock.scheduling);
        clock.image_pull = duration("image-pull").unwrap_or(clock.image_pull);
        clock.helm_timeout = duration("helm-timeout");
        clock.release_timeout = duration("release-timeout");
        clock
    }

    fn per_path(&mut self, table: &DeTable<'t>) -> Vec<PathIgnores> {
        let Some(paths) = table.get("per-path").and_then(|value| self.table(value)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (glob, value) in paths {
            let globs = self.path_globs(glob.get_ref(), glob.span().start);
            let Some((globs, table)) = globs.zip(self.table(value)) else {
                continue;
            };
            self.check_keys(table, "the overrides of a path", PER_PATH);
            let ignore = self.selectors(table, "ignore");
            found.push(PathIgnores { globs, ignore });
        }
        found
    }

    /// `[rules.CODE]`, by code or name.
    fn options(&mut self, rules: &DeTable<'t>) -> Option<PinPolicy> {
        let mut pin = None;
        for (key, value) in rules {
            let (name, offset) = (key.get_ref(), key.span().start);
            let Some(rule) = find(name) else {
                self.error(offset, UnknownRule::new(name).to_string());
                continue;
            };
            let Some((_, known)) = OPTIONS.iter().find(|(code, _)| *code == rule.code) else {
                let with: Vec<_> = OPTIONS.iter().map(|(code, _)| *code).collect();
                self.error(
                    offset,
                    format!(
                        "{} has no options (rules with some: {})",
                        rule.code,
                        with.join(", ")
                    ),
                );
                continue;
            };
            let Some(table) = self.table(value) else {
                continue;
            };
            self.check_keys(table, &format!("the options of {}", rule.code), known);
            pin = table
                .get("pin")
                .and_then(|value| self.choice(value, &PinPolicy::ALL, PinPolicy::as_str));
        }
        pin
    }
}
