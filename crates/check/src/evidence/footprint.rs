// SPDX-License-Identifier: Apache-2.0
//! What the programs of a container take.

use writeway_access::{ContainerScript, container_script};
use writeway_manifest::Container;
use writeway_shell::agent::PROGRAM;

use crate::evidence::commands::Invocation;
use crate::{Footprint, RuleContext};

/// Programs whose memory does not grow with the files that they are given, beside what builtins of shells do.
const FILE_TOOLS: &[&str] = &[
    ":", "[", "[[", "cat", "cd", "chgrp", "chmod", "chown", "cp", "echo", "exit", "id", "install", "ln",
    "ls", "mkdir", "mv", "printf", "pwd", "rm", "rmdir", "set", "sleep", "stat", "sync", "test", "touch",
    "true", "umask", "whoami",
];

/// How much memory a container's programs take.
pub(crate) fn footprint(context: &RuleContext<'_>, container: &Container) -> Footprint {
    let commands = context.commands(container);
    let all =
        |is: &dyn Fn(&Invocation) -> bool| commands.iter().all(|command| command.function || is(command));
    if commands.is_empty() || has_unknown_program(context, container) {
        Footprint::Unknown
    } else if all(&|command| command.name == PROGRAM) {
        Footprint::Agent
    } else if all(&|command| FILE_TOOLS.contains(&command.name.as_str())) {
        Footprint::FileTools
    } else {
        Footprint::Unknown
    }
}

/// Whether the script has a command whose program only a run can tell: such are not among the commands.
pub(crate) fn has_unknown_program(context: &RuleContext<'_>, container: &Container) -> bool {
    let script = container_script(context.access.inventory, context.workload, container);
    let Some(ContainerScript { script, .. }) = script else {
        return false;
    };
    let text = script.text;
    text.split(['\n', ';', '&', '|', '(', '{'])
        .any(|command| command.trim_start().trim_start_matches('"').starts_with('$'))
}
