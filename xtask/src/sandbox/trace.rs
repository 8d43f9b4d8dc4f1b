// SPDX-License-Identifier: Apache-2.0
//! What `strace -f` wrote: which calls the program made, and which the container runtime made since the filter was loaded.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::container::PROGRAM;

/// The calls of one run, by name.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Of the program, all its threads and children.
    pub program: BTreeSet<String>,
    /// Of the runtime's process that becomes the program, from the filter on.
    pub runtime: BTreeSet<String>,
}

/// Reads the lines of `strace -f -o FILE`: `PID NAME(ARGUMENTS) = ANSWER`, or in two parts, `PID NAME(… <unfinished ...>` and
/// `PID <... NAME resumed>… = ANSWER` (`strace(1)`).
///
/// # Errors
/// When the program was never executed.
pub(super) fn read(text: &str) -> anyhow::Result<Trace> {
    let lines: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let (process, rest) = line.split_once(' ')?;
            Some((process, rest.trim_start()))
        })
        .collect();
    let executed = format!("execve(\"{PROGRAM}\"");
    let start = lines
        .iter()
        .position(|(_, rest)| rest.starts_with(&executed))
        .context("strace saw no execution of the program")?;
    let first = lines[start].0;

    // Threads and children are known by the answer of the call that made them, which may come after their first call.
    let mut processes = BTreeSet::from([first]);
    for (process, rest) in &lines[start + 1..] {
        let makes = ["clone", "fork", "vfork"].iter().any(|name| made_by(rest, name));
        if processes.contains(process)
            && makes
            && let Some(made) = made(rest)
        {
            processes.insert(made);
        }
    }
    let calls = |lines: &[(&str, &str)], processes: &BTreeSet<&str>| {
        let own = lines.iter().filter(|(process, _)| processes.contains(process));
        own.filter_map(|(_, rest)| name(rest).map(str::to_owned))
            .collect()
    };
    let filter = lines[..start].iter().rposition(|(process, rest)| {
        *process == first
            && (rest.starts_with("prctl(PR_SET_SECCOMP")
                || rest.starts_with("seccomp(SECCOMP_SET_MODE_FILTER"))
    });
    let runtime: BTreeSet<&str> = BTreeSet::from([first]);
    Ok(Trace {
        program: calls(&lines[start + 1..], &processes),
        runtime: filter.map_or_else(BTreeSet::new, |filter| {
            calls(&lines[filter + 1..=start], &runtime)
        }),
    })
}

/// The call that a line begins; the second part of one, a signal and an end have none.
fn name(rest: &str) -> Option<&str> {
    let (name, _) = rest.split_once('(')?;
    let word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (word && !name.is_empty()).then_some(name)
}

/// The process that a call answered with, in `strace`'s namespace: `= 2 /* 12 in strace's PID NS */`, or `= 12`.
fn made(rest: &str) -> Option<&str> {
    let (_, answer) = rest.rsplit_once(" = ")?;
    let outside = answer.split_once("/* ").map(|(_, outside)| outside);
    outside.unwrap_or(answer).split_whitespace().next()
}

/// Whether the answer in a line is that of such a call: `clone`, `clone3`.
fn made_by(rest: &str, call: &str) -> bool {
    rest.strip_prefix("<... ").unwrap_or(rest).starts_with(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_program_and_its_threads_count() {
        let text = "\
10 openat(AT_FDCWD, \"/etc\", O_RDONLY) = 3
11 seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL) = -1 EFAULT (Bad address)
11 mount(\"none\", \"/\") = 0
11 seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=9, filter=0x55}) = 0
11 close(4)                          = 0
10 futex(0x1, FUTEX_WAIT <unfinished ...>
11 execve(\"/writeway-agent\", [\"/writeway-agent\"], 0x1 /* 1 var */ <unfinished ...>
10 <... futex resumed>)              = 0
11 <... execve resumed>)             = 0
11 brk(NULL)                         = 0x5
11 clone3({flags=CLONE_VM}, 88 <unfinished ...>
12 rseq(0x1)                         = 0
11 <... clone3 resumed> => {parent_tid=[0]}, 88) = 2 /* 12 in strace's PID NS */
12 vfork()                           = 13
13 dup2(1, 2)                        = 2
12 exit(0)                           = ?
10 wait4(11)                         = 11
11 +++ exited with 0 +++
";
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let expected = Trace {
            program: set(&["brk", "clone3", "dup2", "exit", "rseq", "vfork"]),
            runtime: set(&["close", "execve"]),
        };
        assert_eq!(read(text).unwrap(), expected);
        assert!(read("10 brk(NULL) = 0\n").is_err());
    }
}
