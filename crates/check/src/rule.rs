// SPDX-License-Identifier: Apache-2.0
//! What every rule has: its metadata, its documentation, and a function.

use std::fmt;

use writeway_access::{ContainerMap, Context, PodMap};
use writeway_facts::Facts;
use writeway_manifest::{Container, Declared, Inventory, Metadata, Place, Span, Workload};

use crate::evidence::commands::{Invocation, WorkloadCommands};
use crate::evidence::release_clocks::ReleaseClocks;
use crate::{Confidence, Finding, Settings, Severity, header};

/// Whether a rule can repair what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// It never offers a fix.
    None,
    /// It offers one when it can prove that it helps.
    Sometimes,
    /// It offers one for every finding.
    Always,
}

impl FixAvailability {
    /// The availability's name in machine formats and in the rules' headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sometimes => "sometimes",
            Self::Always => "always",
        }
    }
}

/// A rule of the table.
pub struct Rule {
    /// `WW` and three digits; never used again for another rule.
    pub code: &'static str,
    /// Name in kebab case.
    pub name: &'static str,
    /// Release that brought the rule.
    pub since: &'static str,
    /// Severity of its findings, unless one says otherwise.
    pub severity: Severity,
    /// Confidence of its findings, unless one says otherwise.
    pub confidence: Confidence,
    /// Whether it offers fixes.
    pub fix: FixAvailability,
    /// Whether it runs when nobody selects rules.
    pub by_default: bool,
    clocks: bool,
    source: &'static str,
    run: Run,
    paths: fn(&Workload, &Facts) -> Vec<String>,
}

/// Who finds what a rule reports.
enum Run {
    /// The rule itself, on one workload.
    Workload(fn(&RuleContext<'_>) -> Vec<Finding>),
    /// The rule itself, on one object of any kind.
    Object(fn(&ObjectContext<'_>) -> Vec<Finding>),
    /// The engine: what was read, or what became of the other rules' findings, is no property of a workload.
    Engine,
}

impl Rule {
    /// A rule from the text of its own file, whose doc comment begins with its metadata.
    pub(crate) const fn from_source(source: &'static str, run: fn(&RuleContext<'_>) -> Vec<Finding>) -> Self {
        Self::new(source, Run::Workload(run))
    }

    /// A rule about objects of any kind, from the text of its own file.
    pub(crate) const fn of_object(source: &'static str, run: fn(&ObjectContext<'_>) -> Vec<Finding>) -> Self {
        Self::new(source, Run::Object(run))
    }

    /// A rule whose findings the engine makes, from the text of its own file.
    pub(crate) const fn of_engine(source: &'static str) -> Self {
        Self::new(source, Run::Engine)
    }

    const fn new(source: &'static str, run: Run) -> Self {
        let (code, name) = header::title(source);
        Self {
            code,
            name,
            since: header::value(source, "since"),
            severity: header::severity(header::value(source, "severity")),
            confidence: header::confidence(header::value(source, "confidence")),
            fix: header::fix_availability(header::value(source, "fix")),
            by_default: true,
            clocks: false,
            source,
            run,
            paths: |_, _| Vec::new(),
        }
    }

    /// The rule, for which these paths have to be in the map of every container.
    pub(crate) const fn asking_for(mut self, paths: fn(&Workload, &Facts) -> Vec<String>) -> Self {
        self.paths = paths;
        self
    }

    /// The rule, for which the clocks of releases and Jobs are read.
    pub(crate) const fn asking_for_clocks(mut self) -> Self {
        self.clocks = true;
        self
    }

    /// Whether the rule has to have them.
    pub(crate) fn asks_for_clocks(&self) -> bool {
        self.clocks
    }

    /// The rule, which runs only when it is selected.
    pub(crate) const fn only_when_selected(mut self) -> Self {
        self.by_default = false;
        self
    }

    /// The documentation in Markdown: sections "What it does", "Why is this bad", "Example", "Use instead" and
    /// "References".
    pub fn documentation(&self) -> String {
        header::prose(self.source)
    }

    /// What the rule does, in the first paragraph of its documentation, on one line.
    pub fn summary(&self) -> String {
        let documentation = self.documentation();
        let paragraph = documentation.lines().skip(1).skip_while(|line| line.is_empty());
        paragraph
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The paths that the rule asks about, beside those in every map.
    pub(crate) fn paths(&self, workload: &Workload, facts: &Facts) -> Vec<String> {
        (self.paths)(workload, facts)
    }

    /// Runs the rule on a workload; nothing is found by one that is about something else.
    pub(crate) fn run(&self, context: &RuleContext<'_>) -> Vec<Finding> {
        match self.run {
            Run::Workload(run) => run(context),
            Run::Object(_) | Run::Engine => Vec::new(),
        }
    }

    /// What runs on every object, when the rule is about objects of any kind.
    pub(crate) fn object_run(&self) -> Option<fn(&ObjectContext<'_>) -> Vec<Finding>> {
        match self.run {
            Run::Object(run) => Some(run),
            Run::Workload(_) | Run::Engine => None,
        }
    }
}

/// Its code: the rest is text.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// Rules are told apart by their codes.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// What a rule about workloads sees: everything, and the workload it may report on.
#[derive(Clone, Copy)]
pub struct RuleContext<'a> {
    /// The objects of all inputs, and the facts.
    pub access: &'a Context<'a>,
    /// What the user decides about rules.
    pub settings: &'a Settings,
    /// The workload to report on.
    pub workload: &'a Workload,
    /// Its write map.
    pub map: &'a PodMap,
    /// What the containers of all workloads run.
    pub(crate) commands: &'a WorkloadCommands,
    /// How long releases and Jobs take; empty unless a rule asks for that.
    pub(crate) clocks: &'a ReleaseClocks<'a>,
}

impl<'a> RuleContext<'a> {
    /// A place in the workload's file.
    pub fn place(&self, span: Span) -> Place {
        Place {
            file: self.workload.object.file,
            span,
        }
    }

    /// The map of a container; `None` when the pod does not start.
    pub fn container_map(&self, container: &Container) -> Option<&'a ContainerMap> {
        self.map.containers.iter().find(|map| map.name == *container.name)
    }

    /// The commands that a container of the workload runs, as far as the manifest tells.
    pub(crate) fn commands(&self, container: &Container) -> &'a [Invocation] {
        self.commands_of(self.workload, container)
    }

    /// The commands that a container of any workload runs, as far as the manifest tells.
    pub(crate) fn commands_of(&self, workload: &Workload, container: &Container) -> &'a [Invocation] {
        self.commands.of(self.access.inventory, workload, container)
    }
}

/// What a rule about objects of any kind sees: everything, and the object it may report on.
#[derive(Clone, Copy)]
pub struct ObjectContext<'a> {
    /// The objects of all inputs, and the facts.
    pub access: &'a Context<'a>,
    /// What the user decides about rules.
    pub settings: &'a Settings,
    /// The object to report on, with its labels and annotations.
    pub object: &'a Declared<Metadata>,
    /// What the containers of all workloads run.
    pub(crate) commands: &'a WorkloadCommands,
    /// How long releases and Jobs take; empty unless a rule asks for that.
    pub(crate) clocks: &'a ReleaseClocks<'a>,
}

impl<'a> ObjectContext<'a> {
    /// The objects of all inputs.
    pub fn inventory(&self) -> &'a Inventory {
        self.access.inventory
    }

    /// A place in the object's file.
    pub fn place(&self, span: Span) -> Place {
        Place {
            file: self.object.object.file,
            span,
        }
    }

    /// The commands that a container of any workload runs, as far as the manifest tells.
    pub(crate) fn commands_of(&self, workload: &Workload, container: &Container) -> &'a [Invocation] {
        self.commands.of(self.access.inventory, workload, container)
    }
}
