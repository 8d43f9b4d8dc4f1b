// SPDX-License-Identifier: Apache-2.0
//! Programs that run others: shells, `timeout`, `env` and its like.

use std::collections::BTreeMap;
use std::time::Duration;

use writeway_access::{ShellCall, interpreter};
use writeway_shell::{Span, behind_runner};

use crate::bound::Bound;
use crate::clocks::{Cost, Mark, Range};
use crate::duration;
use crate::evaluation::WaitKind;
use crate::interpreter::Interpreter;
use crate::ledger::Ledger;
use crate::program::Effect;
use crate::site::Site;
use crate::state::{Decision, Flow, Options, Shared, State, States, Status};
use crate::value::{By, Value};
use crate::words::Field;

/// Exit status of `timeout` when the time is over (coreutils manual, timeout invocation). BusyBox has 143.
const TIMED_OUT: Status = Status::NotZero;

/// A script that a shell runs.
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) bash: bool,
    pub(crate) options: Options,
    /// `$0` and the positional parameters.
    pub(crate) positional: Vec<Value>,
}

impl Interpreter<'_> {
    /// The program behind `env`, `nice`, `sudo` and their like; not behind `timeout`.
    pub(crate) fn behind_runner(&self, fields: &[Field]) -> Option<Vec<Field>> {
        let texts: Vec<Option<&str>> = fields
            .iter()
            .map(|field| field.value.as_text().map(|text| &**text))
            .collect();
        let name = texts.first().copied().flatten()?;
        if name.rsplit('/').next() == Some("timeout") {
            return None;
        }
        let behind = behind_runner(&texts)?;
        fields.get(behind..).map(<[Field]>::to_vec)
    }

    /// The script that these words run: `sh -c TEXT`, or a file that is known.
    pub(crate) fn script_of(&self, words: &[Value]) -> Option<Script> {
        let texts: Vec<String> = words
            .iter()
            .map(|word| word.as_text().map_or_else(String::new, |text| text.to_string()))
            .collect();
        if let Some(call) = ShellCall::of(&texts) {
            words.get(call.index)?.as_text()?;
            let text = if call.inline {
                call.operand.to_owned()
            } else {
                (self.files)(call.operand)?
            };
            // Behind `-c` comes `$0`; else it is the file.
            let first = call.index + usize::from(call.inline);
            return Some(Script {
                text,
                bash: is_bash(call.shell),
                options: options(&call, texts.get(..call.index).unwrap_or_default()),
                positional: words.get(first..).unwrap_or_default().to_vec(),
            });
        }
        let text = (self.files)(texts.first()?)?;
        let mut head = interpreter(&text)?;
        head.extend_from_slice(texts.get(..1).unwrap_or_default());
        let call = ShellCall::of(&head)?;
        Some(Script {
            bash: is_bash(call.shell),
            options: options(&call, head.get(..call.index).unwrap_or_default()),
            positional: words.to_vec(),
            text,
        })
    }

    /// Runs a script in a shell of its own.
    pub(crate) fn script(&mut self, script: Script, span: Span, state: State) -> States {
        let Ok(parsed) = writeway_shell::parse(&script.text) else {
            return self.unknown_program(span, state);
        };
        let mut inner = state.clone();
        let key = &mut inner.key;
        key.options = script.options;
        key.functions = Shared::default();
        key.locals = Shared::default();
        key.positional = Shared::new(script.positional);
        let seen: BTreeMap<_, _> = key
            .variables
            .iter()
            .filter(|(name, _)| self.exported.contains(&***name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        key.variables = Shared::new(seen);
        let id = self.source_at(span);
        let source = std::mem::replace(&mut self.source, id);
        let bash = std::mem::replace(&mut self.bash, script.bash);
        let outer = state.key.clone();
        let ends = self.nested(|shell| {
            shell.outside_of_conditions(|shell| {
                shell.subshell(inner, |shell, states| shell.list(&parsed.list, states))
            })
        });
        self.source = source;
        self.bash = bash;
        let Some(ends) = ends else {
            return States::from_iter([state]);
        };
        ends.into_iter()
            .map(|mut end| {
                let mut key = outer.clone();
                key.flow = end.key.flow;
                key.status = end.key.status;
                key.output = end.key.output;
                key.rounds = end.key.rounds;
                key.watches = end.key.watches;
                end.key = key;
                end
            })
            .collect()
    }

    /// `timeout [-k TIME] TIME PROGRAM …`; BusyBox of old took `-t TIME`.
    pub(crate) fn timeout(&mut self, fields: &[Field], span: Span, state: State) -> States {
        let Some((limit, grace, program)) = limit_of(fields) else {
            let effect = Effect::unknown("timeout");
            return self.effect(
                state,
                &effect,
                span,
                "timeout",
                &std::collections::BTreeSet::new(),
            );
        };
        if limit.is_zero() {
            return self.program(program, span, state);
        }
        let site = self.site(span);
        let alone = state.key.rounds.is_empty();
        if alone {
            self.waits.open(site, WaitKind::Timeout);
        }
        let mut start = state.clone();
        if alone {
            start.clocks.set(Mark::Wait(site));
        }
        let before = start.clocks.clone();
        let mark = Mark::Parallel(site, u8::MAX - 1);
        start.clocks.set(mark);
        let kept = start.key.clone();
        let after = self.outside_of_conditions(|shell| {
            shell.subshell(start, |shell, states| {
                let mut ends = States::default();
                for state in states {
                    ends.extend(shell.program(program, span, state));
                }
                ends
            })
        });
        let mut ends = States::default();
        // The longest time at which it is ended, when it may be.
        let mut killed: Option<Bound> = None;
        for mut end in after {
            let Some(age) = end.clocks.age(mark).cloned() else {
                continue;
            };
            let never = matches!(end.key.flow, Flow::Never(_));
            let unknown = matches!(age.most.bound, Bound::Unknown { .. });
            if never || age.most.bound.finite().is_none_or(|most| most > limit) {
                let worst = Bound::Finite(limit.saturating_add(if unknown { grace } else { Duration::ZERO }));
                killed = Some(killed.map_or_else(|| worst.clone(), |killed| killed.longer(&worst)));
            }
            if !never && age.least.at_least() <= limit {
                end.clocks.is_younger(mark, limit, site, &"timeout".into());
                end.clocks.remove(mark);
                ends.insert(end);
            }
        }
        if let Some(worst) = killed {
            let mut end = State {
                key: kept,
                clocks: before,
                substituted: None,
            }
            .with(TIMED_OUT);
            end.clocks.pass(&Range {
                least: Bound::Finite(limit),
                most: Cost {
                    ledger: Ledger::one(site, worst.at_least(), "timeout".into()),
                    bound: worst,
                },
            });
            let decision = Decision {
                site,
                outcome: 1,
                by: By::World,
                related: false,
            };
            end.decide(decision, |_| false);
            ends.insert(end);
        }
        let parents = &self.sources;
        let within = |mut source: u32| loop {
            match usize::try_from(source).ok().and_then(|id| parents.get(id)) {
                Some(Some(parent)) if *parent == site => return true,
                Some(Some(parent)) if parent.source < source => source = parent.source,
                _ => return false,
            }
        };
        self.waits.limit(within, limit, site);
        if alone {
            return self.waits.close(site, ends, |end| !end.key.status.succeeded());
        }
        ends
    }
}

/// The limit, the time from the first signal to the second, and the program.
fn limit_of(fields: &[Field]) -> Option<(Duration, Duration, &[Field])> {
    let text = |index: usize| fields.get(index)?.value.as_text().map(|text| &**text);
    let mut grace = Duration::ZERO;
    let mut limit = None;
    let mut index = 1;
    while let Some(option) = text(index).filter(|option| option.starts_with('-')) {
        match option {
            "-k" | "--kill-after" => {
                grace = duration::sleep(text(index + 1)?)?;
                index += 1;
            }
            "-t" => {
                limit = Some(duration::sleep(text(index + 1)?)?);
                index += 1;
            }
            "-s" | "--signal" => index += 1,
            _ => {
                if let Some(after) = option
                    .strip_prefix("--kill-after=")
                    .or_else(|| option.strip_prefix("-k"))
                {
                    grace = duration::sleep(after)?;
                }
            }
        }
        index += 1;
    }
    if limit.is_none() {
        limit = Some(duration::sleep(text(index)?)?);
        index += 1;
    }
    let program = fields.get(index..).filter(|program| !program.is_empty())?;
    Some((limit?, grace, program))
}

fn options(call: &ShellCall<'_>, flags: &[String]) -> Options {
    let unset = flags.iter().any(|flag| {
        let letters = flag.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        flag == "nounset" || letters.is_some_and(|letters| letters.contains('u'))
    });
    Options {
        exit_on_error: call.exit_on_error,
        unset_is_error: unset,
        pipe_fail: call.pipefail,
    }
}

/// Whether a shell of this name is bash for certain.
pub(crate) fn is_bash(shell: &str) -> bool {
    shell.rsplit('/').next() == Some("bash")
}

/// Where the text with a number stands in the script itself.
pub(crate) fn outermost(sources: &[Option<Site>], mut site: Site) -> Site {
    while let Some(Some(parent)) = usize::try_from(site.source).ok().and_then(|id| sources.get(id)) {
        if parent.source >= site.source {
            break;
        }
        site = *parent;
    }
    site
}
