// SPDX-License-Identifier: Apache-2.0
//! The walk over a script's tree.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use writeway_access::path::clean;
use writeway_access::{Program, ScriptText, config_map_file, script_file, shell_script};
use writeway_manifest::{Container, Inventory, Place, Workload};
use writeway_shell::{
    AndOr, Assignment, Command, CommandKind, Compound, Connector, List, Operation, Part, Pipeline, Redirect,
    RedirectKind, Simple, Word, behind_runner,
};

use super::variables::{MAX_WEIGHT, Variables, weight};
use super::{Argument, Invocation, Output};

/// Scripts in scripts (`sh -c "sh -c …"`) that are followed; people write two.
const MAX_SCRIPTS: usize = 8;

/// Commands that are listed of one container: more than any script of 64 KiB that people write.
const MAX_COMMANDS: usize = 2_000;

/// How much the words of a container's commands may grow when variables and parameters in them are replaced, in the
/// measure of [`size`]: many times what any script needs.
const MAX_EXPANDED: usize = 8 << 20;

/// About how many bytes a word takes. What is more than a few commands counts as very much.
fn size(word: &Word) -> usize {
    let literals = word.parts.iter().map(|part| match part {
        Part::Literal { text, .. } => text.len(),
        _ => 0,
    });
    let length = literals.sum::<usize>();
    let few = weight(word) <= word.parts.len() + length / 256 + MAX_WEIGHT;
    length + word.parts.len() * 64 + if few { 0 } else { 256 << 10 }
}

/// Where scripts that are named by their files are looked for.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) workload: &'a Workload,
    pub(super) container: &'a Container,
}

/// Collects commands.
pub(super) struct Walk<'a> {
    files: Files<'a>,
    pub(super) found: Vec<Invocation>,
    variables: Variables,
    /// The functions by name, with what of [`Self::found`] stands in their bodies.
    functions: BTreeMap<String, Range<usize>>,
    /// The working directory, as far as it is known.
    directory: Option<String>,
    /// Pipelines so far.
    pipelines: usize,
    /// Scripts around the command.
    scripts: usize,
    /// Scalars of ConfigMaps that were gone through: once is enough.
    seen: BTreeSet<Place>,
    /// How much was put in the place of variables and parameters so far; see [`size`].
    expanded: Cell<usize>,
}

/// What the commands around a command say about it.
#[derive(Clone, Copy)]
struct Around<'s> {
    script: &'s ScriptText<'s>,
    output: Output,
    /// The variable that gets the output of the substitution around it.
    variable: Option<&'s str>,
    guarded: bool,
    looped: bool,
    failure_handled: bool,
    pipeline: usize,
}

impl<'s> Around<'s> {
    fn new(script: &'s ScriptText<'s>) -> Self {
        Self {
            script,
            output: Output::Log,
            variable: None,
            guarded: false,
            looped: false,
            failure_handled: false,
            pipeline: 0,
        }
    }

    /// Inside a loop.
    fn looped(self) -> Self {
        Self { looped: true, ..self }
    }

    /// Inside a branch or a loop.
    fn guarded(self) -> Self {
        Self {
            guarded: true,
            ..self
        }
    }

    /// Where an exit status decides what runs next.
    fn as_condition(self) -> Self {
        Self {
            failure_handled: true,
            ..self
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(files: Files<'a>, variables: Variables) -> Self {
        let directory = files.container.working_dir.as_ref();
        Self {
            files,
            found: Vec::new(),
            variables,
            functions: BTreeMap::new(),
            directory: directory.map(|directory| directory.value.clone()),
            pipelines: 0,
            scripts: 0,
            seen: BTreeSet::new(),
            expanded: Cell::new(0),
        }
    }

    /// The commands. Those that are functions of the script are marked, and have behind them what the function runs with
    /// their arguments.
    pub(super) fn finish(mut self) -> Vec<Invocation> {
        let found = std::mem::take(&mut self.found);
        let mut all = Vec::with_capacity(found.len());
        for command in &found {
            let body = self.functions.get(&command.name).cloned();
            all.push(Invocation {
                function: body.is_some(),
                ..command.clone()
            });
            let body = found.get(body.unwrap_or_default()).unwrap_or_default();
            // Behind `shift` the parameters have other numbers.
            if all.len() + body.len() > MAX_COMMANDS || body.iter().any(|inner| inner.name == "shift") {
                continue;
            }
            all.extend(body.iter().filter_map(|inner| self.called(inner, command)));
        }
        all
    }

    /// A command of a function's body as a call runs it; `None` when it does not depend on the call's arguments.
    fn called(&self, inner: &Invocation, call: &Invocation) -> Option<Invocation> {
        let depends = inner
            .arguments
            .iter()
            .any(|argument| argument.word.parts.iter().any(is_positional));
        if !depends {
            return None;
        }
        let words = |command: &Invocation| -> usize {
            command
                .arguments
                .iter()
                .map(|argument| size(&argument.word))
                .sum()
        };
        let parts = inner.arguments.iter().flat_map(|argument| &argument.word.parts);
        let uses = parts.filter(|part| is_positional(part)).count();
        let cost = words(call).saturating_mul(uses).saturating_add(words(inner));
        if !self.spend(cost) {
            return None;
        }
        let arguments = inner.arguments.iter().flat_map(|argument| {
            if let [Part::Parameter(parameter)] = argument.word.parts.as_slice()
                && matches!(parameter.name.as_str(), "@" | "*")
            {
                return call.arguments.clone();
            }
            if !argument.word.parts.iter().any(is_positional) {
                return vec![argument.clone()];
            }
            let mut word = Word::default();
            for part in &argument.word.parts {
                let position = match part {
                    Part::Parameter(parameter) if parameter.operation == Operation::Value => parameter
                        .name
                        .parse::<usize>()
                        .ok()
                        .and_then(|number| number.checked_sub(1)),
                    _ => None,
                };
                match position.and_then(|position| call.arguments.get(position)) {
                    Some(given) => word.parts.extend(given.word.parts.iter().cloned()),
                    None => word.parts.push(part.clone()),
                }
            }
            vec![self.argument(&word)]
        });
        let is_own = inner.output == Output::Caller;
        Some(Invocation {
            arguments: arguments.collect(),
            output: if is_own { call.output } else { inner.output },
            file: if is_own {
                call.file.clone()
            } else {
                inner.file.clone()
            },
            variable: if is_own {
                call.variable.clone()
            } else {
                inner.variable.clone()
            },
            guarded: inner.guarded || call.guarded,
            looped: inner.looped || call.looped,
            failure_handled: inner.failure_handled || call.failure_handled,
            pipeline: if is_own { call.pipeline } else { inner.pipeline },
            place: call.place,
            ..inner.clone()
        })
    }

    /// A program that is started without a shell, by the words that stand at the place of `line`.
    pub(super) fn exec(&mut self, words: &[String], line: &ScriptText<'_>) {
        let words = words.iter().map(|word| Argument {
            word: literal(word),
            expanded: literal(word),
            text: Some(word.clone()),
            start: word.clone(),
        });
        self.program(words.collect(), &[], line.place, Around::new(line));
    }

    /// A script; nothing of one that cannot be parsed.
    pub(super) fn script(&mut self, script: &ScriptText<'_>) {
        self.nested(Around::new(script));
    }

    /// The script of what is around. `false` when it cannot be parsed, or is too deep.
    fn nested(&mut self, around: Around<'_>) -> bool {
        if self.scripts >= MAX_SCRIPTS {
            return false;
        }
        let Ok(script) = writeway_shell::parse(&around.script.text) else {
            return false;
        };
        self.scripts += 1;
        self.list(&script.list, around);
        self.scripts -= 1;
        true
    }

    /// A script in a file, when an input has it. `false` when it is none, or cannot be read.
    fn file(&mut self, words: &[Argument], around: Around<'_>) -> bool {
        let Files {
            inventory,
            workload,
            container,
        } = self.files;
        let texts = words.iter().map(|word| word.text.clone().unwrap_or_default());
        let mut texts: Vec<String> = texts.collect();
        // Relative paths are those of the directory that the script is in by now.
        for text in &mut texts {
            if (text.starts_with("./") || text.starts_with("../"))
                && let Some(directory) = &self.directory
            {
                *text = clean(&format!("{directory}/{text}"));
            }
        }
        let script = match texts.as_slice() {
            [name, path, ..] if matches!(name.as_str(), "." | "source") => {
                config_map_file(inventory, workload, container, path)
            }
            texts => script_file(inventory, workload, container, texts).map(|found| found.script),
        };
        let Some(script) = script else { return false };
        if self.seen.contains(&script.place) {
            return true;
        }
        self.seen.insert(script.place);
        self.nested(Around {
            script: &script,
            ..around
        })
    }

    fn list(&mut self, list: &List, around: Around<'_>) {
        for AndOr { first, rest, .. } in list {
            let pipelines = std::iter::once(first).chain(rest.iter().map(|(_, pipeline)| pipeline));
            let mut guarded = around.guarded;
            let last_or = rest
                .iter()
                .rposition(|(connector, _)| *connector == Connector::Or);
            for (index, pipeline) in pipelines.enumerate() {
                let failure_handled = around.failure_handled
                    || pipeline.negated
                    || last_or.is_some_and(|last_or| index <= last_or);
                self.pipeline(
                    pipeline,
                    Around {
                        guarded,
                        failure_handled,
                        ..around
                    },
                );
                guarded |= pipeline.commands.iter().any(is_test);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, around: Around<'_>) {
        let last = pipeline.commands.len().saturating_sub(1);
        self.pipelines += 1;
        let around = Around {
            pipeline: self.pipelines,
            ..around
        };
        for (index, command) in pipeline.commands.iter().enumerate() {
            let output = if index < last {
                Output::Piped
            } else {
                around.output
            };
            self.command(command, Around { output, ..around });
        }
    }

    fn command(&mut self, command: &Command, around: Around<'_>) {
        if self.found.len() >= MAX_COMMANDS {
            return;
        }
        for redirect in &command.redirects {
            self.word(&redirect.target, around);
        }
        let around = Around {
            output: output(&command.redirects, around.output),
            ..around
        };
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, command, around),
            CommandKind::Compound(compound) => {
                self.compound(compound, around);
                if let Compound::Test(words) = compound {
                    let place = around.script.place_of(self.files.inventory, command.span);
                    let name = literal("[[");
                    let words = std::iter::once(&name).chain(words);
                    let words = words.map(|word| self.argument(word)).collect();
                    self.program(words, &command.redirects, place, around);
                }
            }
            CommandKind::Function(function) => {
                let start = self.found.len();
                let output = Output::Caller;
                self.command(&function.body, Around { output, ..around });
                self.functions
                    .insert(function.name.clone(), start..self.found.len());
            }
        }
    }

    fn compound(&mut self, compound: &Compound, around: Around<'_>) {
        match compound {
            Compound::Subshell(list) | Compound::Group(list) => self.list(list, around),
            Compound::If { branches, otherwise } => {
                for branch in branches {
                    self.list(&branch.condition, around.as_condition());
                    self.list(&branch.body, around.guarded());
                }
                if let Some(otherwise) = otherwise {
                    self.list(otherwise, around.guarded());
                }
            }
            Compound::For {
                variable,
                words,
                body,
            } => {
                for word in words.iter().flatten() {
                    self.word(word, around);
                }
                self.variables.iterate(variable, words.as_deref());
                self.list(body, around.looped());
            }
            Compound::While { condition, body } | Compound::Until { condition, body } => {
                self.list(condition, around.looped().as_condition());
                self.list(body, around.looped().guarded());
            }
            Compound::Case { word, arms } => {
                self.word(word, around);
                for arm in arms {
                    self.list(&arm.body, around.guarded());
                }
            }
            Compound::Test(words) => {
                for word in words {
                    self.word(word, around);
                }
            }
            Compound::Unsupported(_) => self.unknown(around.script.place, around),
        }
    }

    /// A command of which nobody knows before it runs what it is.
    fn unknown(&mut self, place: Place, around: Around<'_>) {
        self.found.push(Invocation {
            name: String::new(),
            arguments: Vec::new(),
            redirects: Vec::new(),
            output: around.output,
            file: None,
            variable: around.variable.map(str::to_owned),
            guarded: around.guarded,
            looped: around.looped,
            pipeline: around.pipeline,
            failure_handled: around.failure_handled,
            function: false,
            place,
        });
    }

    fn simple(&mut self, simple: &Simple, command: &Command, around: Around<'_>) {
        for assignment in &simple.assignments {
            let variable = Some(assignment.name.as_str());
            self.word(&assignment.value, Around { variable, ..around });
            // Before a program the assignment is for that program alone.
            if simple.words.is_empty() {
                self.variables.assign(assignment);
            }
        }
        let sets = simple
            .words
            .first()
            .and_then(Word::literal)
            .is_some_and(|name| is_setter(&name));
        for word in &simple.words {
            let assigned = sets.then(|| assignment(word)).flatten();
            let variable = assigned.as_ref().map(|assignment| assignment.name.as_str());
            self.word(word, Around { variable, ..around });
        }
        let place = around.script.place_of(self.files.inventory, command.span);
        let words = simple.words.iter().map(|word| self.argument(word)).collect();
        self.program(words, &command.redirects, place, around);
    }

    fn argument(&self, word: &Word) -> Argument {
        let expanded = self.variables.expanded(word);
        if !self.spend(size(&expanded)) {
            return Argument {
                word: word.clone(),
                expanded: word.clone(),
                text: word.literal(),
                start: String::new(),
            };
        }
        Argument {
            word: word.clone(),
            expanded,
            text: self.variables.text(word),
            start: self.variables.start(word),
        }
    }

    /// Whether there is room for so much more.
    fn spend(&self, cost: usize) -> bool {
        let spent = self.expanded.get().saturating_add(cost);
        if spent <= MAX_EXPANDED {
            self.expanded.set(spent);
        }
        spent <= MAX_EXPANDED
    }

    /// The commands of the substitutions in a word.
    fn word(&mut self, word: &Word, around: Around<'_>) {
        let captured = Around {
            output: Output::Captured,
            ..around
        };
        for part in &word.parts {
            match part {
                Part::CommandSubstitution { list, .. } => self.list(list, captured),
                Part::Arithmetic { expression, .. } => self.word(expression, around),
                Part::Parameter(parameter) => match &parameter.operation {
                    Operation::Default { word, .. }
                    | Operation::Assign { word, .. }
                    | Operation::Error { word, .. }
                    | Operation::Alternative { word, .. } => self.word(word, around),
                    Operation::TrimPrefix { pattern, .. } | Operation::TrimSuffix { pattern, .. } => {
                        self.word(pattern, around);
                    }
                    Operation::Value | Operation::Length | Operation::Other(_) => {}
                },
                Part::Literal { .. } | Part::Glob(_) | Part::Tilde(_) | Part::ShellSpecific(_) => {}
            }
        }
    }

    /// A program, or the script that it runs when it is a shell.
    fn program(&mut self, words: Vec<Argument>, redirects: &[Redirect], place: Place, around: Around<'_>) {
        let words = behind_runners(words);
        let texts: Option<Vec<String>> = words.iter().map(|word| word.text.clone()).collect();
        if let Some(Program::Script { text, .. }) = texts.as_deref().and_then(shell_script) {
            let script = ScriptText {
                text: text.into(),
                place: around.script.place,
            };
            let read = self.nested(Around {
                script: &script,
                ..around
            });
            if !read {
                self.unknown(place, around);
            }
            return;
        }
        if self.file(&words, around) {
            return;
        }
        let Some((name, arguments)) = words.split_first() else {
            return;
        };
        let Some(name) = name.text.as_deref() else {
            self.unknown(place, around);
            return;
        };
        self.set_by(name, arguments);
        if name == "cd" {
            let to = arguments.first().and_then(|to| to.text.as_deref());
            let to = to.filter(|to| to.starts_with('/') && !around.guarded);
            self.directory = to.map(str::to_owned);
        }
        self.found.push(Invocation {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            arguments: arguments.to_vec(),
            redirects: redirects.to_vec(),
            output: around.output,
            file: written_file(redirects).map(|file| self.argument(file)),
            variable: around.variable.map(str::to_owned),
            guarded: around.guarded,
            looped: around.looped,
            pipeline: around.pipeline,
            failure_handled: around.failure_handled,
            function: false,
            place,
        });
    }

    /// Notes the variables that a builtin sets.
    fn set_by(&mut self, name: &str, arguments: &[Argument]) {
        match name {
            "read" | "unset" | "getopts" => {
                for name in arguments.iter().filter_map(|argument| argument.text.as_deref()) {
                    self.variables.forget(name);
                }
            }
            name if is_setter(name) => {
                for argument in arguments {
                    if let Some(assignment) = assignment(&argument.word) {
                        self.variables.assign(&assignment);
                    }
                }
            }
            _ => {}
        }
    }
}

/// `$1`, `$@`: what a function's caller decides.
fn is_positional(part: &Part) -> bool {
    let Part::Parameter(parameter) = part else {
        return false;
    };
    matches!(parameter.name.as_str(), "@" | "*") || parameter.name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Builtins whose arguments are assignments.
fn is_setter(name: &str) -> bool {
    matches!(name, "export" | "readonly" | "local" | "declare" | "typeset")
}

/// `name=value` as an argument of `export` and its like.
fn assignment(word: &Word) -> Option<Assignment> {
    let (first, rest) = word.parts.split_first()?;
    let Part::Literal { text, quoted } = first else {
        return None;
    };
    let (name, value) = text.split_once('=')?;
    let first = Part::Literal {
        text: value.to_owned(),
        quoted: *quoted,
    };
    Some(Assignment {
        name: name.to_owned(),
        value: Word {
            parts: std::iter::once(first).chain(rest.iter().cloned()).collect(),
        },
        append: false,
    })
}

/// Where standard output goes behind these redirections.
fn output(redirects: &[Redirect], before: Output) -> Output {
    redirects.iter().fold(before, |output, redirect| {
        let to_file = match redirect.kind {
            RedirectKind::Write | RedirectKind::Append | RedirectKind::Clobber | RedirectKind::ReadWrite => {
                redirect.fd == Some(1) || (redirect.fd.is_none() && redirect.kind != RedirectKind::ReadWrite)
            }
            RedirectKind::Both | RedirectKind::BothAppend => true,
            // Standard error is in the log, too.
            RedirectKind::DupOut if redirect.fd.is_none_or(|fd| fd == 1) => {
                match redirect.target.text().as_deref() {
                    Some("2") => return Output::Log,
                    Some("1") => false,
                    _ => true,
                }
            }
            _ => false,
        };
        if to_file { Output::Redirected } else { output }
    })
}

/// The file that standard output goes to.
fn written_file(redirects: &[Redirect]) -> Option<&Word> {
    let to_file = |redirect: &&Redirect| match redirect.kind {
        RedirectKind::Write | RedirectKind::Append | RedirectKind::Clobber => {
            redirect.fd.is_none_or(|fd| fd == 1)
        }
        RedirectKind::Both | RedirectKind::BothAppend => true,
        _ => false,
    };
    redirects
        .iter()
        .rev()
        .find(to_file)
        .map(|redirect| &redirect.target)
}

/// Whether a command only looks, so that what runs behind it depends on what it saw.
fn is_test(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => {
            let name = simple.words.first().and_then(Word::literal);
            name.is_some_and(|name| {
                matches!(
                    name.as_str(),
                    "test" | "[" | "ls" | "find" | "grep" | "stat" | "compgen"
                )
            })
        }
        CommandKind::Compound(compound) => matches!(compound, Compound::Test(_)),
        CommandKind::Function(_) => false,
    }
}

/// The words without programs that run another one.
fn behind_runners(mut words: Vec<Argument>) -> Vec<Argument> {
    let texts: Vec<Option<&str>> = words.iter().map(|word| word.text.as_deref()).collect();
    let mut start = 0;
    while let Some(behind) = texts.get(start..).and_then(behind_runner) {
        start += behind;
    }
    words.split_off(start)
}

fn literal(text: &str) -> Word {
    Word {
        parts: vec![Part::Literal {
            text: text.to_owned(),
            quoted: true,
        }],
    }
}
