// SPDX-License-Identifier: Apache-2.0
//! What each verb needs of the kernel: its system calls and capabilities, with the reason of each.
//!
//! The seccomp profiles and their page in the manual are made from these tables. They are no guess: `cargo xtask sandbox`
//! runs every verb in its forms under `strace(1)` on x86_64, and fails for a call that is not here, and for one that is here
//! and never happens.

/// A system call, by its name in `syscalls(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The name.
    pub name: &'static str,
    /// What it is made for.
    pub why: &'static str,
    /// Whether chance decides if it is made: how threads meet, say.
    pub by_chance: bool,
}

/// A capability that makes more possible; none is needed otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The name as Kubernetes writes it: without `CAP_`.
    pub name: &'static str,
    /// What takes it.
    pub why: &'static str,
}

/// Calls that several verbs make for one purpose.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// What they do together.
    pub about: &'static str,
    /// The calls.
    pub calls: &'static [Call],
}

/// What a verb needs.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// The verb.
    pub verb: &'static str,
    /// What it shares with others, beside [`PROCESS`].
    pub parts: &'static [&'static Part],
    /// What only it does, or in its own way.
    pub calls: &'static [Call],
    /// The capabilities.
    pub capabilities: &'static [Capability],
}

impl Needs {
    /// Every call, in the order of the tables.
    pub fn calls(&self) -> impl Iterator<Item = &'static Call> {
        let parts = [&PROCESS].into_iter().chain(self.parts.iter().copied());
        parts.map(|part| part.calls).chain([self.calls]).flatten()
    }
}

const fn call(name: &'static str, why: &'static str) -> Call {
    Call {
        name,
        why,
        by_chance: false,
    }
}

const fn by_chance(name: &'static str, why: &'static str) -> Call {
    Call {
        by_chance: true,
        ..call(name, why)
    }
}

/// What every run of the program does, whatever the verb.
pub const PROCESS: Part = Part {
    about: "start, say a line, end",
    calls: &[
        call("arch_prctl", "where thread-local data lies (x86_64)"),
        call("brk", "memory"),
        by_chance(
            "clock_gettime",
            "the time, where the vDSO cannot tell it (vdso(7))",
        ),
        call("close", "what was read at the start"),
        call("exit_group", "the exit code"),
        call("getrandom", "the allocator's secret"),
        call("gettid", "which thread the guard page is of"),
        call("mmap", "a stack for signals"),
        call(
            "mprotect",
            "relocations become read-only, the signal stack gets its guard page",
        ),
        call("munmap", "the signal stack at the end"),
        call(
            "newfstatat",
            "`/proc/self/maps`, of which the stack's place is read",
        ),
        call("openat", "`/proc/self/maps`"),
        call("poll", "whether standard input, output and error are open"),
        call("prlimit64", "the size of the stack"),
        call("read", "`/proc/self/maps`"),
        call("readlink", "where the program lies, for its own relocation"),
        call("rseq", "registered by glibc for each thread"),
        call(
            "rt_sigaction",
            "SIGTERM and SIGINT end it at once; SIGPIPE is an error to read; a stack overflow is told",
        ),
        call("sched_getaffinity", "asked by glibc with the stack's place"),
        call("set_robust_list", "registered by glibc for each thread"),
        call("set_tid_address", "registered by glibc for each thread"),
        call("sigaltstack", "a stack for signals"),
        call("write", "lines on standard output and error"),
    ],
};

/// Opening files without following links: `openat2`, and without it (before Linux 5.6, or where a filter does not know it)
/// `openat`, which is among [`PROCESS`].
const BENEATH: Part = Part {
    about: "open beneath a directory, never through a link",
    calls: &[
        call(
            "openat2",
            "the kernel refuses links and the way out (`RESOLVE_BENEATH`)",
        ),
        call(
            "readlinkat",
            "whether what was refused is a link, for the message",
        ),
    ],
};

/// Threads, by glibc.
const THREADS: Part = Part {
    about: "threads",
    calls: &[
        call("clone", "a thread, where `clone3` is missing"),
        call("clone3", "a thread"),
        call("exit", "its end"),
        call("futex", "threads wait for each other"),
        by_chance("madvise", "the stack of a thread that ended is given back"),
        call("rt_sigprocmask", "no signal while a thread begins or ends"),
        by_chance("sched_yield", "threads wait for each other"),
    ],
};

/// Every verb, in the order of [`crate::VERBS`].
pub const NEEDS: &[Needs] = &[
    Needs {
        verb: "seed",
        parts: &[&BENEATH],
        calls: &[
            call("fchmod", "modes of files and directories, exactly"),
            call("fchown", "`--owner`"),
            call("fchownat", "`--owner` of a link that an image ships"),
            call("fcntl", "a directory that is read"),
            call("flock", "one run at a time for one directory"),
            call("fstat", "what is there already"),
            call("getdents64", "the keys"),
            call("geteuid", "whether what is there is the caller's"),
            call("lseek", "a directory or a file is read once more"),
            call("mkdirat", "directories"),
            call("renameat", "a complete file gets its name in place of another"),
            call(
                "renameat2",
                "a complete file gets a name that nobody has (`RENAME_NOREPLACE`)",
            ),
            call("statx", "lengths, for memory"),
            call("symlinkat", "links that an image ships"),
            call("unlinkat", "keys that are gone, and what could not be completed"),
        ],
        capabilities: &[Capability {
            name: "CHOWN",
            why: "`--owner` with another owner than the caller",
        }],
    },
    Needs {
        verb: "own",
        parts: &[&BENEATH, &THREADS],
        calls: &[
            call("capget", "which ways are open to it"),
            call("fchmod", "`--mode`, by descriptor"),
            call("fchmodat", "`--mode`, through `/proc/self/fd`"),
            call("fchownat", "the owner"),
            call("fstatfs", "whether `/proc` is one"),
            call("getdents64", "what is in a directory"),
            call("geteuid", "whether files are the caller's"),
            by_chance("lseek", "a directory that was closed meanwhile is read on"),
            by_chance(
                "renameat2",
                "of a name to itself, where others may rename: waits until nobody takes it away",
            ),
            call("statx", "owner, mode, mount and names of a file"),
        ],
        capabilities: &[
            Capability {
                name: "CHOWN",
                why: "to hand over files of others, and closed directories, too",
            },
            Capability {
                name: "FSETID",
                why: "`--group-writable` for a group that the process is not in: setgid on directories",
            },
        ],
    },
    Needs {
        verb: "mkdir",
        parts: &[&BENEATH],
        calls: &[
            call("fchmod", "the exact mode"),
            call("fchown", "`--owner`"),
            call("fstat", "whether mode and owner are right already"),
            call("mkdirat", "the directory"),
        ],
        capabilities: &[
            Capability {
                name: "CHOWN",
                why: "`--owner` with another owner than the caller",
            },
            Capability {
                name: "FOWNER",
                why: "to change the mode of a directory of another owner",
            },
        ],
    },
    Needs {
        verb: "wait",
        parts: &[&THREADS],
        calls: &[
            call(
                "bind",
                "which addresses this machine has (`netlink(7)`), where a name has several",
            ),
            call("clock_nanosleep", "the pause between two looks"),
            call("connect", "servers, sockets and name servers"),
            call("getdents64", "whether a directory has an entry"),
            call(
                "getsockname",
                "which address a connection would come from, where a name has several",
            ),
            call("getsockopt", "why a connection failed"),
            call("ioctl", "connections that may take until the time is over"),
            call("open", "certificates, tokens and headers"),
            call("prctl", "the name of a thread"),
            call("recvfrom", "answers"),
            call("recvmsg", "which addresses this machine has"),
            call(
                "restart_syscall",
                "the rest of a pause, where the process was stopped or frozen in between",
            ),
            call("sendmmsg", "questions to a name server"),
            call("sendto", "requests"),
            call(
                "setsockopt",
                "the time for one answer; no delay for small requests",
            ),
            call("socket", "servers, sockets and name servers"),
            call("statx", "whether a file is there, and has content"),
            call("uname", "the domain in which names are looked up"),
            call(
                "writev",
                "questions to a name server by TCP, where an answer is large",
            ),
        ],
        capabilities: &[],
    },
    Needs {
        verb: "probe",
        parts: &[],
        calls: &[
            call("capget", "which capabilities are in effect"),
            call("capset", "`--as` gives up those that are left"),
            call("clone", "runs itself, where `clone3` is missing"),
            call("clone3", "runs itself through an own file"),
            call("dup2", "the pipes of the one that it runs"),
            call("execve", "runs itself through an own file"),
            call(
                "faccessat2",
                "whether a socket, a FIFO or a device can be written to",
            ),
            call("fchmod", "whether the mode of an own file can be changed"),
            call("fstat", "what a path is"),
            call("fstatfs", "whether it is read-only or noexec"),
            call("getcwd", "the working directory, which is among the usual paths"),
            call("getdents64", "what a killed probe left"),
            call("getegid", "who it is"),
            call("geteuid", "who it is"),
            call("getgroups", "who it is"),
            call("getpid", "a name of its own"),
            call("ioctl", "reads both pipes of the one that it runs"),
            call("mkdirat", "whether a directory can be made"),
            call("openat2", "an own file is made in the directory itself"),
            call("pipe2", "what the one that it runs prints"),
            call("renameat", "whether an own file can be replaced"),
            call("rt_sigprocmask", "no signal while it starts itself"),
            call("setgroups", "`--as`"),
            call("setresgid", "`--as`"),
            call("setresuid", "`--as`"),
            call("statx", "which mount a path is on"),
            call("unlinkat", "whether an own file can be removed"),
            call("wait4", "the end of the one that it runs"),
        ],
        capabilities: &[
            Capability {
                name: "SETGID",
                why: "`--as` with another group",
            },
            Capability {
                name: "SETUID",
                why: "`--as` with another user",
            },
        ],
    },
    Needs {
        verb: "sleep",
        parts: &[],
        calls: &[
            call("clock_nanosleep", "the pause"),
            call(
                "restart_syscall",
                "the rest of it, where the process was stopped or frozen in between",
            ),
        ],
        capabilities: &[],
    },
    Needs {
        verb: "copy-self",
        parts: &[&BENEATH],
        calls: &[
            call("fchmod", "the mode of the copy"),
            call("geteuid", "whether a copy that is there is the caller's"),
            call(
                "lseek",
                "the program is read from its start, for the comparison and for the copy",
            ),
            call("renameat", "the complete file gets its name"),
            call("statx", "owner, length and mode of a copy that is there"),
            call("unlinkat", "what could not be completed"),
        ],
        capabilities: &[],
    },
    Needs {
        verb: "version",
        parts: &[],
        calls: &[],
        capabilities: &[],
    },
];

/// What a container runtime still calls between loading the filter and executing the program, which the profile has to
/// allow, too. It loads it last where `allowPrivilegeEscalation` is false (runc, `standard_init_linux.go`,
/// `linuxStandardInit.Init`; crun, `container.c`, `container_init`), as Pod Security `restricted` demands; otherwise it
/// needs many more. crun 1.8 closes one file; runc, written in Go, has threads that go on until then.
pub const RUNTIME: Part = Part {
    about: "the container runtime, once the filter is loaded",
    calls: &[
        call("clone", "a thread of Go's scheduler"),
        call("close", "files of the runtime"),
        call("close_range", "files of the runtime"),
        call("epoll_ctl", "files that Go waits for"),
        call("epoll_pwait", "files that Go waits for"),
        call("execve", "the program"),
        call("fcntl", "which files are open"),
        call("fstat", "which files are open"),
        call("fstatfs", "whether `/proc` is one"),
        call("futex", "threads of Go's scheduler"),
        call("getdents64", "which files are open"),
        call("getpid", "its own threads"),
        call("gettid", "its own threads"),
        call("madvise", "memory that Go gives back"),
        call("mmap", "Go's memory"),
        call("munmap", "Go's memory"),
        call("nanosleep", "threads of Go's scheduler"),
        call("newfstatat", "which files are open"),
        call(
            "openat",
            "the pipe by which `runc start` lets it go on; which files are open",
        ),
        call("read", "files that Go waits for"),
        call("rt_sigprocmask", "threads of Go's scheduler"),
        call("rt_sigreturn", "Go's scheduler interrupts its threads"),
        call("sched_yield", "threads of Go's scheduler"),
        call("sigaltstack", "threads of Go's scheduler"),
        call("tgkill", "Go's scheduler interrupts its threads"),
        call("write", "the pipe by which `runc start` lets it go on"),
    ],
};
