// SPDX-License-Identifier: Apache-2.0
//! The `writeway` binary: arguments in, exit code out.

mod args;
mod baseline;
mod commands;
mod config;
mod exit;
mod file_attributes;
mod formats;
mod input_file;
mod inputs;
mod output_file;
mod progress;
mod repair;
mod run;
mod selection;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run(std::env::args_os().collect())
}
