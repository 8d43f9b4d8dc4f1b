// SPDX-License-Identifier: Apache-2.0
//! Commands that give no file any content.

use writeway_manifest::Container;

use crate::RuleContext;
use crate::evidence::agent_call::agent_call;
use crate::evidence::commands::{Invocation, Output};
use crate::evidence::footprint::has_unknown_program;

/// Commands that at most make directories, and change owners and modes.
const WITHOUT_CONTENTS: &[&str] = &[
    ":", "[", "[[", "chgrp", "chmod", "chown", "echo", "exit", "id", "ls", "mkdir", "printf", "set", "sleep",
    "stat", "sync", "test", "true", "umask", "whoami",
];
/// The agent's.
const VERBS_WITHOUT_CONTENTS: &[&str] = &["mkdir", "own", "sleep", "version", "wait"];

/// Whether all that a container runs is known, and nothing of it gives a file any content.
pub(crate) fn fills_no_file(context: &RuleContext<'_>, container: &Container) -> bool {
    let commands = context.commands(container);
    !commands.is_empty() && !has_unknown_program(context, container) && commands.iter().all(gives_no_content)
}

/// Whether a command makes directories, and changes owners and modes, at most.
pub(crate) fn gives_no_content(command: &Invocation) -> bool {
    let file = command.file.as_ref().map(|file| file.text.as_deref());
    let writes = command.output == Output::Redirected && !matches!(file, None | Some(Some("/dev/null")));
    let known = WITHOUT_CONTENTS.contains(&command.name.as_str())
        || agent_call(command).is_some_and(|call| VERBS_WITHOUT_CONTENTS.contains(&call.verb));
    known && !writes
}

/// Whether a command makes directories.
pub(crate) fn makes_directories(command: &Invocation) -> bool {
    command.name == "mkdir" || agent_call(command).is_some_and(|call| call.verb == "mkdir")
}
