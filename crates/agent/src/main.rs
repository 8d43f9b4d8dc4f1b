// SPDX-License-Identifier: Apache-2.0
//! The `writeway-agent` binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    writeway_agent::run(std::env::args_os())
}
