// SPDX-License-Identifier: Apache-2.0
//! `version`: which agent this is.

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::verb::Verb;

/// Name and version, as `--version` prints them.
pub(crate) const LINE: &str = concat!("writeway-agent ", env!("CARGO_PKG_VERSION"), "\n");

pub(crate) const VERB: Verb = Verb {
    name: "version",
    about: "Print the version",
    operands: "",
    details: "",
    options: &[],
    examples: &[],
    run,
};

fn run(arguments: &Arguments, _: &Log) -> Result<Exit, Failure> {
    match arguments.operands() {
        [] => crate::print(LINE),
        [operand, ..] => Err(Failure::usage(format_args!(
            "`{}` is not expected",
            operand.to_string_lossy()
        ))),
    }
}
