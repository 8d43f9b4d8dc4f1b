// SPDX-License-Identifier: Apache-2.0
//! Floor 4: the verbs that run in a pod. No shell, no tokio, no kube; nothing is written but what a verb is asked for.
//!
//! [`VERBS`] is the table of what the agent can do: arguments are read by it, and help and manual are written from it.

pub mod arguments;
mod beneath;
mod copy_self;
mod errno;
mod exit;
mod help;
mod log;
mod mkdir;
mod mode;
pub mod needs;
mod own;
mod owner;
mod probe;
mod seed;
mod signals;
mod sleep;
mod verb;
mod version;
mod wait;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use lexopt::Arg;

pub use exit::{Exit, Failure};
pub use log::{Level, Log, LogFormat};
pub use owner::Owner;
pub use verb::{Opt, Verb};

use crate::arguments::Arguments;

/// Everything the agent can do, in the order of the help.
pub const VERBS: &[Verb] = &[
    seed::VERB,
    own::VERB,
    mkdir::VERB,
    wait::VERB,
    probe::VERB,
    sleep::VERB,
    copy_self::VERB,
    version::VERB,
];

/// The options that every verb has.
pub const COMMON: &[Opt] = &[
    Opt::value(
        "log-format",
        "FORMAT",
        "How lines on standard error are written: `text` or `json`, one object a line. Default: \
         the environment's WRITEWAY_LOG_FORMAT, else text",
    ),
    Opt::flag("quiet", "Say nothing but warnings and errors").short('q'),
    Opt::flag("verbose", "Say each step").short('v'),
    Opt::flag("help", "Print this help").short('h'),
];

/// Runs the program with its arguments, the name of the program first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut log = Log::new(format_of_environment(), "", Level::Info);
    signals::end_at_once();
    match dispatch(&mut lexopt::Parser::from_iter(arguments), &mut log) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            log.error(&failure);
            failure.exit.into()
        }
    }
}

/// The text of `writeway-agent --help`, or of a verb's.
#[must_use]
pub fn help_text(verb: Option<&Verb>) -> String {
    match verb {
        Some(verb) => help::verb(verb, COMMON),
        None => help::program(VERBS, COMMON),
    }
}

fn format_of_environment() -> LogFormat {
    let format = std::env::var("WRITEWAY_LOG_FORMAT").ok();
    format
        .and_then(|format| LogFormat::read(&format).ok())
        .unwrap_or_default()
}

/// Finds the verb, and does it. `log` becomes the verb's as soon as it is known.
fn dispatch(parser: &mut lexopt::Parser, log: &mut Log) -> Result<Exit, Failure> {
    let word = match parser.next().map_err(Failure::usage)? {
        Some(Arg::Value(word)) => word,
        None => return Err(Failure::usage(format_args!("no verb; {}", known_verbs()))),
        Some(Arg::Long("help") | Arg::Short('h')) => return print(&help_text(None)),
        Some(Arg::Long("version") | Arg::Short('V')) => return print(version::LINE),
        Some(other) => {
            return Err(Failure::usage(format_args!(
                "{}; the verb comes first",
                other.unexpected()
            )));
        }
    };
    let word = word.to_string_lossy();
    if word == "help" {
        return print(&help_text(None));
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.name == word) else {
        return Err(Failure::usage(format_args!(
            "no verb `{word}`; {}",
            known_verbs()
        )));
    };
    *log = Log::new(format_of_environment(), verb.name, Level::Info);
    let hint = |failure: Failure| match failure.exit {
        Exit::Usage => Failure::usage(format_args!(
            "{failure}; see `writeway-agent {} --help`",
            verb.name
        )),
        _ => failure,
    };
    let arguments = Arguments::read(parser, &[verb.options, COMMON]).map_err(hint)?;
    if arguments.has("help") {
        return print(&help_text(Some(verb)));
    }
    let level = match (arguments.has("quiet"), arguments.has("verbose")) {
        (true, false) => Level::Warning,
        (false, true) => Level::Debug,
        (false, false) => Level::Info,
        (true, true) => {
            return Err(hint(Failure::usage(
                "`--quiet` and `--verbose` exclude each other",
            )));
        }
    };
    let format = arguments.parsed("log-format", LogFormat::read).map_err(hint)?;
    *log = Log::new(format.unwrap_or_else(format_of_environment), verb.name, level);
    (verb.run)(&arguments, log).map_err(hint)
}

fn known_verbs() -> String {
    let names: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    format!("the verbs are {}", names.join(", "))
}

/// Prints to standard output. That nobody reads it is no failure.
fn print(text: &str) -> Result<Exit, Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::refused(format_args!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(Exit::Done),
    }
}
