// SPDX-License-Identifier: Apache-2.0
//! The runs of each verb: its main forms, and how it fails.

use super::container::{Identity, Meanwhile};
use super::tree::{Entry, What};

/// One run of a verb, and what has to come of it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) verb: &'static str,
    /// What it shows.
    pub(super) shows: &'static str,
    /// After the verb.
    pub(super) arguments: &'static [&'static str],
    pub(super) identity: Identity,
    pub(super) meanwhile: Meanwhile,
    /// What lies in the volume.
    pub(super) before: &'static [Entry],
    pub(super) exit: i32,
    /// What it has to say.
    pub(super) says: &'static str,
    /// What has to lie in the volume.
    pub(super) after: &'static [Entry],
}

impl Run {
    /// What messages call it.
    pub(super) fn title(&self) -> String {
        format!("{}: {}", self.verb, self.shows)
    }
}

/// The user of the image.
const USER: (u32, u32) = (65532, 65532);
/// Pod Security `restricted`: no capability.
const RESTRICTED: Identity = Identity {
    owner: USER,
    capabilities: &[],
};
/// Root of a container, to whom a pod leaves nothing but the right to give files away.
const ROOT_CHOWN: Identity = Identity {
    owner: (0, 0),
    capabilities: &["CHOWN"],
};
/// Root of a container that may become others.
const ROOT_CHANGES_USER: Identity = Identity {
    owner: (0, 0),
    capabilities: &["SETGID", "SETUID"],
};
/// Root of a container without any capability.
const ROOT: Identity = Identity {
    owner: (0, 0),
    capabilities: &[],
};

const fn entry(path: &'static str, what: What, mode: u32, owner: (u32, u32)) -> Entry {
    Entry {
        path,
        what,
        mode,
        owner,
    }
}

const fn directory(path: &'static str, mode: u32, owner: (u32, u32)) -> Entry {
    entry(path, What::Directory, mode, owner)
}

const fn file(path: &'static str, text: &'static str, mode: u32, owner: (u32, u32)) -> Entry {
    entry(path, What::File(text), mode, owner)
}

const fn link(path: &'static str, target: &'static str) -> Entry {
    entry(path, What::Link(target), 0, USER)
}

const fn absent(path: &'static str) -> Entry {
    entry(path, What::Absent, 0, USER)
}

/// A run as the user of the image.
const fn run(verb: &'static str, shows: &'static str, arguments: &'static [&'static str]) -> Run {
    Run {
        verb,
        shows,
        arguments,
        identity: RESTRICTED,
        meanwhile: Meanwhile::Nothing,
        before: &[],
        exit: 0,
        says: "",
        after: &[],
    }
}

/// A mounted Secret, as kubelet lays it (pkg/volume/util/atomic_writer.go), and a directory of an image.
const SECRET: &[Entry] = &[
    directory("secret", 0o755, (0, 0)),
    directory("secret/..2026_01_01", 0o755, (0, 0)),
    file("secret/..2026_01_01/token", "one", 0o644, (0, 0)),
    file("secret/..2026_01_01/user", "two", 0o644, (0, 0)),
    entry("secret/..data", What::Link("..2026_01_01"), 0, (0, 0)),
    entry("secret/token", What::Link("..data/token"), 0, (0, 0)),
    entry("secret/user", What::Link("..data/user"), 0, (0, 0)),
    directory("image", 0o755, (0, 0)),
    directory("image/lib", 0o755, (0, 0)),
    file("image/lib/tool", "three", 0o755, (0, 0)),
    entry("image/lib/current", What::Link("tool"), 0, (0, 0)),
];

/// The same, and a directory that has one of its keys, and another in a version of its own.
const SEEDED: &[Entry] = &[
    directory("secret", 0o755, (0, 0)),
    file("secret/token", "one", 0o644, (0, 0)),
    file("secret/user", "two", 0o644, (0, 0)),
    directory("app", 0o700, USER),
    file("app/token", "one", 0o600, USER),
    file("app/user", "refreshed", 0o600, USER),
];

/// So many files that `own` starts its threads.
const MANY: usize = 4000;

/// A tree of another user, part of it closed to all others, and a file outside.
const FOREIGN: &[Entry] = &[
    directory("tree", 0o700, (999, 999)),
    directory("tree/closed", 0o700, (999, 999)),
    file("tree/closed/file", "text", 0o600, (999, 999)),
    entry("tree/link", What::Link("../outside"), 0, (999, 999)),
    file("outside", "kept", 0o644, (0, 0)),
];

/// Every run.
pub(super) const RUNS: &[Run] = &[
    Run {
        before: SECRET,
        after: &[
            directory("app", 0o700, USER),
            file("app/token", "one", 0o600, USER),
            file("app/user", "two", 0o600, USER),
            absent("app/..data"),
        ],
        ..run(
            "seed",
            "the keys of a Secret",
            &["/data/secret", "--to", "/data/app"],
        )
    },
    Run {
        before: SECRET,
        after: &[
            file("app/token", "one", 0o640, USER),
            file("app/lib/tool", "three", 0o755, USER),
            link("app/lib/current", "tool"),
        ],
        ..run(
            "seed",
            "over what the image ships",
            &[
                "/data/secret",
                "--prefill",
                "/data/image",
                "--to",
                "/data/app",
                "--mode",
                "640",
            ],
        )
    },
    Run {
        before: SEEDED,
        after: &[
            file("app/token", "one", 0o600, USER),
            file("app/user", "refreshed", 0o600, USER),
        ],
        exit: 1,
        ..run(
            "seed",
            "what nobody knows the origin of is kept",
            &["/data/secret", "--to", "/data/app"],
        )
    },
    Run {
        before: SEEDED,
        after: &[
            file("app/token", "one", 0o600, USER),
            file("app/user", "two", 0o600, USER),
        ],
        ..run(
            "seed",
            "the source wins",
            &["/data/secret", "--to", "/data/app", "--on-conflict", "source"],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: SECRET,
        after: &[
            file("app/token", "one", 0o400, (1000, 1000)),
            entry("app/lib/current", What::Link("tool"), 0, (1000, 1000)),
        ],
        ..run(
            "seed",
            "for another owner it needs CAP_CHOWN alone",
            &[
                "/data/secret",
                "--prefill",
                "/data/image",
                "--to",
                "/data/app",
                "--owner",
                "1000:1000",
                "--mode",
                "400",
                "--directory-mode",
                "500",
            ],
        )
    },
    Run {
        before: SECRET,
        exit: 1,
        says: "(EPERM)",
        after: &[absent("app/token")],
        ..run(
            "seed",
            "without CAP_CHOWN it says so",
            &["/data/secret", "--to", "/data/app", "--owner", "1000:1000"],
        )
    },
    Run {
        exit: 1,
        ..run("seed", "no source", &["/data/secret", "--to", "/data/app"])
    },
    Run {
        before: &[
            directory("secret", 0o755, (0, 0)),
            file("secret/token", "one", 0o644, (0, 0)),
            directory("other", 0o777, USER),
            link("app", "other"),
        ],
        exit: 1,
        says: "symbolic link",
        after: &[link("app", "other"), absent("other/token")],
        ..run(
            "seed",
            "no link is followed",
            &["/data/secret", "--to", "/data/app"],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: FOREIGN,
        after: &[
            directory("tree", 0o700, (1000, 1000)),
            directory("tree/closed", 0o700, (1000, 1000)),
            file("tree/closed/file", "text", 0o600, (1000, 1000)),
            entry("tree/link", What::Link("../outside"), 0, (1000, 1000)),
            file("outside", "kept", 0o644, (0, 0)),
        ],
        ..run("own", "root needs CAP_CHOWN alone", &["1000:1000", "/data/tree"])
    },
    Run {
        identity: ROOT_CHOWN,
        before: &[entry("many", What::Many(MANY), 0o755, (999, 999))],
        after: &[entry("many", What::Many(MANY), 0o755, (1000, 1000))],
        ..run(
            "own",
            "several threads share a large directory",
            &["1000:1000", "/data/many", "--jobs", "4"],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: FOREIGN,
        after: &[file("tree/closed/file", "text", 0o660, (1000, 1000))],
        ..run(
            "own",
            "modes, too",
            &["1000:1000", "/data/tree", "--mode", "u=rwX,g=rwX,o="],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: FOREIGN,
        after: &[file("tree/closed/file", "text", 0o660, (1000, 0))],
        ..run(
            "own",
            "one file, and a tree for a group",
            &["1000:0", "/data/outside", "/data/tree", "--group-writable"],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: FOREIGN,
        ..run(
            "own",
            "what is right is not looked at",
            &["999:999", "/data/tree", "--if-root-mismatch", "--timeout", "1m"],
        )
    },
    Run {
        before: FOREIGN,
        exit: 1,
        says: "CAP_CHOWN",
        after: FOREIGN,
        ..run(
            "own",
            "without CAP_CHOWN it says so",
            &["1000:1000", "/data/tree"],
        )
    },
    Run {
        before: &[
            directory("tree", 0o755, USER),
            file("tree/file", "text", 0o600, USER),
        ],
        says: "all belongs to 65532:65532",
        ..run(
            "own",
            "nothing to do needs nothing",
            &["65532:65532", "/data/tree"],
        )
    },
    Run {
        identity: ROOT_CHOWN,
        before: &[directory("other", 0o777, USER), link("link", "other")],
        exit: 1,
        says: "symbolic link",
        after: &[link("link", "other"), directory("other", 0o777, USER)],
        ..run("own", "no link is followed", &["1000:1000", "/data/link"])
    },
    Run {
        after: &[directory("tmp", 0o1777, USER)],
        ..run(
            "mkdir",
            "a directory of the caller's",
            &["/data/tmp", "--mode", "1777"],
        )
    },
    Run {
        before: &[directory("tmp", 0o755, USER)],
        after: &[directory("tmp", 0o700, USER)],
        ..run("mkdir", "one that is there gets the mode", &["/data/tmp"])
    },
    Run {
        identity: ROOT_CHOWN,
        after: &[directory("pgdata", 0o700, (999, 999))],
        ..run(
            "mkdir",
            "one for another owner needs CAP_CHOWN alone",
            &["/data/pgdata", "--owner", "999:999"],
        )
    },
    Run {
        exit: 1,
        says: "change the owner of /data/tmp: Operation not permitted (EPERM)",
        ..run(
            "mkdir",
            "without CAP_CHOWN it says so",
            &["/data/tmp", "--owner", "999:999"],
        )
    },
    Run {
        exit: 1,
        says: "cannot make /new: Read-only file system (EROFS)",
        ..run("mkdir", "the root file system is read-only", &["/new"])
    },
    Run {
        before: &[directory("other", 0o777, USER), link("link", "other")],
        exit: 1,
        says: "symbolic link",
        after: &[link("link", "other"), absent("other/tmp")],
        ..run("mkdir", "no link is followed", &["/data/link/tmp"])
    },
    Run {
        before: &[
            file("there", "content", 0o644, USER),
            entry("socket", What::Socket, 0o666, USER),
            directory("full", 0o755, USER),
            file("full/file", "", 0o644, USER),
        ],
        ..run(
            "wait",
            "everything is ready",
            &[
                "http://127.0.0.1:8080/",
                "tcp://127.0.0.1:8080",
                "tcp://ready.writeway.test:8080",
                "dns://ready.writeway.test",
                "dns://large.writeway.test",
                "http://several.writeway.test:8080/",
                "unix:/data/socket",
                "file:/data/there",
                "non-empty:/data/there",
                "non-empty:/data/full",
            ],
        )
    },
    Run {
        before: &[
            file("token", "a token", 0o644, USER),
            file("header", "X-Reason: test", 0o644, USER),
        ],
        ..run(
            "wait",
            "a server with TLS, with credentials",
            &[
                "https://ready.writeway.test:8443/",
                "--ca",
                "/etc/ca.pem",
                "--token-file",
                "/data/token",
                "--header-file",
                "/data/header",
            ],
        )
    },
    Run {
        before: &[file("token", "a token", 0o644, USER)],
        ..run(
            "wait",
            "a Kubernetes object",
            &[
                "k8s://apps/pod/web?condition=Ready",
                "--kube-api-server",
                "https://ready.writeway.test:8443",
                "--kube-ca",
                "/etc/ca.pem",
                "--kube-token-file",
                "/data/token",
            ],
        )
    },
    Run {
        exit: 3,
        ..run(
            "wait",
            "nothing becomes ready",
            &[
                "http://127.0.0.1:8081/",
                "tcp://127.0.0.1:9",
                "tcp://[::1]:9",
                "http://localhost:9/",
                "dns://absent.writeway.test",
                "unix:/data/absent",
                "file:/data/absent",
                "non-empty:/data",
                "https://ready.writeway.test:8443/",
                "--budget",
                "700ms",
                "--per-probe",
                "200ms",
            ],
        )
    },
    Run {
        meanwhile: Meanwhile::Stopped,
        exit: 3,
        ..run(
            "wait",
            "it is stopped and goes on",
            &["file:/data/absent", "--budget", "700ms"],
        )
    },
    Run {
        meanwhile: Meanwhile::Terminated,
        exit: 143,
        ..run(
            "wait",
            "SIGTERM ends it",
            &["tcp://127.0.0.1:9", "--budget", "50s"],
        )
    },
    Run {
        exit: 2,
        ..run("wait", "wrong usage", &["gopher://127.0.0.1"])
    },
    Run {
        before: &[
            file("app.db", "data", 0o644, USER),
            entry("socket", What::Socket, 0o666, USER),
        ],
        ..run(
            "probe",
            "what is required can be done",
            &[
                "/data/socket",
                "/writeway-agent",
                "--require",
                "create:/data",
                "--require",
                "exec:/data",
                "--require",
                "overwrite:/data/app.db",
            ],
        )
    },
    Run {
        exit: 1,
        ..run(
            "probe",
            "what is required cannot be done",
            &[
                "--require",
                "create:/",
                "--require",
                "rubyTmpdir:/data",
                "--format",
                "json",
            ],
        )
    },
    run("probe", "every mount of the pod, and the usual paths", &[]),
    Run {
        identity: ROOT_CHANGES_USER,
        before: &[directory("", 0o1777, (0, 0)), file("root", "", 0o600, (0, 0))],
        says: "1000",
        ..run(
            "probe",
            "as another user",
            &["--as", "1000:1000", "/data", "/data/root"],
        )
    },
    Run {
        exit: 1,
        says: "CAP_SETGID is missing",
        ..run(
            "probe",
            "as another user without capabilities",
            &["--as", "1000:1000", "/data"],
        )
    },
    Run {
        meanwhile: Meanwhile::Stopped,
        ..run("sleep", "a pause, in which it is stopped and goes on", &["300ms"])
    },
    Run {
        meanwhile: Meanwhile::Terminated,
        exit: 143,
        ..run(
            "sleep",
            "SIGTERM ends it, though it is the first process",
            &["50s"],
        )
    },
    Run {
        exit: 2,
        ..run("sleep", "wrong usage", &["long"])
    },
    Run {
        after: &[entry("agent", What::Program, 0o555, USER)],
        ..run("copy-self", "a copy", &["/data/agent"])
    },
    Run {
        before: &[entry("writeway-agent", What::Program, 0o555, USER)],
        says: "right already",
        ..run("copy-self", "one that is there is read, and left", &["/data"])
    },
    Run {
        before: &[directory("other", 0o777, USER), link("link", "other/agent")],
        exit: 1,
        says: "symbolic link",
        after: &[link("link", "other/agent"), absent("other/agent")],
        ..run("copy-self", "no link is followed", &["/data/link"])
    },
    Run {
        before: &[
            directory("", 0o1777, (0, 0)),
            file("agent", "another's", 0o644, (1000, 1000)),
        ],
        exit: 1,
        says: "cannot replace /data/agent: Operation not permitted (EPERM)",
        after: &[file("agent", "another's", 0o644, (1000, 1000))],
        ..run(
            "copy-self",
            "what cannot be given the name is removed",
            &["/data/agent"],
        )
    },
    Run {
        identity: ROOT,
        after: &[entry("agent", What::Program, 0o555, (0, 0))],
        ..run(
            "copy-self",
            "root without capabilities can do it, too",
            &["/data/agent"],
        )
    },
    Run {
        says: "writeway-agent ",
        ..run("version", "the version", &[])
    },
];
