// SPDX-License-Identifier: Apache-2.0
//! The agent's tables of verbs and options, and those by which the write map and the clock read its command lines, are the
//! same. A new option is added to `writeway_shell::agent` when it is clear what it means for the model.

use std::collections::BTreeMap;

use writeway_agent::{COMMON, Opt, VERBS};
use writeway_shell::agent;
use writeway_shell::options::{OptionSpec, Value};

/// Name, letter, whether it takes a value, whether it may be repeated.
type Row = (String, Option<char>, bool, bool);

fn of_agent(options: &[Opt]) -> Vec<Row> {
    let rows = options.iter().map(|option| {
        (
            option.long.to_owned(),
            option.short,
            option.value.is_some(),
            option.repeats,
        )
    });
    sorted(rows.collect())
}

fn of_model(options: &[OptionSpec], repeated: &[&str]) -> Vec<Row> {
    let rows = options.iter().map(|option| {
        let name = option.long.unwrap_or_default();
        (
            name.to_owned(),
            option.short,
            option.value == Value::Required,
            repeated.contains(&name),
        )
    });
    sorted(rows.collect())
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

#[test]
fn the_model_knows_every_verb_and_option_of_the_agent() {
    assert_eq!(of_agent(COMMON), of_model(agent::COMMON, &[]));
    let known: BTreeMap<_, _> = agent::VERBS
        .iter()
        .map(|verb| (verb.name, of_model(verb.options, verb.repeated)))
        .collect();
    assert_eq!(known.len(), VERBS.len(), "{:?}", known.keys());
    for verb in VERBS {
        let known = known.get(verb.name);
        assert_eq!(
            Some(&of_agent(verb.options)),
            known,
            "crates/shell/src/agent.rs: `{}`",
            verb.name
        );
    }
}
