// SPDX-License-Identifier: Apache-2.0
//! `sleep`: nothing, for a while.

use crate::arguments::{self, Arguments};
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::verb::Verb;

pub(crate) const VERB: Verb = Verb {
    name: "sleep",
    about: "Do nothing for a while",
    operands: "<DURATION>",
    details: "For a preStop hook, which has a load balancer notice that the pod is going before it is gone, and for \
              tests. A signal ends it at once.",
    options: &[],
    examples: &[(
        "let endpoints be updated before the program is asked to stop",
        "writeway-agent sleep 5s",
    )],
    run,
};

fn run(arguments: &Arguments, _: &Log) -> Result<Exit, Failure> {
    let operand = arguments.operand("the duration")?.to_string_lossy();
    std::thread::sleep(arguments::duration(&operand).map_err(Failure::usage)?);
    Ok(Exit::Done)
}
