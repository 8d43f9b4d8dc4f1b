// SPDX-License-Identifier: Apache-2.0
//! A container as a node runs it, by crun or runc: the image of one file, read-only, with one writable volume.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::profile;
use super::trace::{self, Trace};

/// Where the writable volume is mounted.
pub const VOLUME: &str = "/data";

/// The program, as in the image.
pub const PROGRAM: &str = "/writeway-agent";

/// Runs crun in a mount namespace whose control groups are those of version 2: it refuses a machine that has both.
const CRUN: &str = "umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"";

/// Which container runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// In C: little happens around the program.
    Crun,
    /// In Go: what containerd runs by default.
    Runc,
}

/// Who runs the program, as `securityContext` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The user and the group.
    pub owner: (u32, u32),
    /// The capabilities that are not dropped, `CAP_` left out: in the bounding set, and root's.
    pub capabilities: &'static [&'static str],
}

/// What the filter does, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// No filter at all.
    None,
    /// The profile, but what it does not allow ends the program at once.
    Kill(Value),
    /// Everything is allowed but one call, which answers with an error.
    Refuse(&'static str, u32),
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; 128 and the number of the signal, where one ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output, then to standard error.
    pub said: String,
    /// What it called, when that was asked for.
    pub trace: Option<Trace>,
}

/// One container, to be run once.
#[derive(Debug)]
pub struct Container<'a> {
    /// The static executable.
    pub program: &'a Path,
    /// A folder of the container's own.
    pub folder: &'a Path,
    /// Who runs it.
    pub identity: Identity,
    /// The filter.
    pub filter: Filter,
    /// The network namespace; without one it gets its own, with a loopback interface.
    pub network: Option<&'a Path>,
    /// Files of `/etc`, each with its text: those that kubelet gives every container, and those of an image.
    pub etc: &'a [(&'a str, String)],
}

/// What happens to the program while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// Nothing.
    Nothing,
    /// It is stopped, and goes on.
    Stopped,
    /// It gets a SIGTERM, as when its pod is deleted.
    Terminated,
}

/// System calls in which a program waits on x86_64: `futex`, `clock_nanosleep`.
const WAITS: [&str; 2] = ["202", "230"];

/// How long a container may take to start, and its program to wait.
const PATIENCE: Duration = Duration::from_secs(60);

impl Container<'_> {
    /// The volume's folder on this machine: made by [`Self::prepare`].
    #[must_use]
    pub fn volume(&self) -> PathBuf {
        self.folder.join("volume")
    }

    /// Lays the image and an empty volume, with the owner and mode that kubelet gives an emptyDir
    /// (pkg/volume/emptydir/empty_dir.go, `perm`).
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn prepare(&self) -> anyhow::Result<()> {
        let root = self.folder.join("root");
        for directory in ["proc", "dev", "etc", &VOLUME[1..]] {
            fs::create_dir_all(root.join(directory))?;
        }
        for (name, text) in self.etc {
            fs::write(root.join("etc").join(name), text)?;
        }
        fs::copy(self.program, root.join(&PROGRAM[1..])).context("cannot copy the program")?;
        fs::create_dir_all(self.volume())?;
        fs::set_permissions(self.volume(), fs::Permissions::from_mode(0o777))?;
        Ok(())
    }

    /// Starts the program, with `strace` beside it when it is `traced`.
    ///
    /// # Errors
    /// When the folder cannot be written, or the runtime cannot be started.
    pub fn start(&self, runtime: Runtime, arguments: &[String], traced: bool) -> anyhow::Result<Running> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let config = serde_json::to_vec_pretty(&self.config(arguments))?;
        fs::write(self.folder.join("config.json"), config)?;
        let process = self.folder.join("process");
        let calls = traced.then(|| self.folder.join("calls"));
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "120"]);
        if runtime == Runtime::Crun {
            command.args(["unshare", "--mount", "sh", "-c", CRUN, "sh"]);
        }
        if let Some(calls) = &calls {
            command
                .args([
                    "strace",
                    "-f",
                    "-qq",
                    "--pidns-translation",
                    "-e",
                    "signal=none",
                    "-o",
                ])
                .arg(calls);
        }
        let name = match runtime {
            Runtime::Crun => "crun",
            Runtime::Runc => "runc",
        };
        command.args([name, "run", "--pid-file"]).arg(&process);
        command.arg("--bundle").arg(self.folder);
        command.arg(format!("writeway-{}-{run}", std::process::id()));
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Running {
            child,
            process,
            calls,
        })
    }

    /// The configuration (OCI runtime-spec 1.0.2, config.md and config-linux.md), as containerd makes it for a container
    /// with `readOnlyRootFilesystem: true`, `allowPrivilegeEscalation: false` and `capabilities.drop: [ALL]`.
    fn config(&self, arguments: &[String]) -> Value {
        let capabilities: Vec<_> = self
            .identity
            .capabilities
            .iter()
            .map(|name| format!("CAP_{name}"))
            .collect();
        let arguments: Vec<&str> = [PROGRAM]
            .into_iter()
            .chain(arguments.iter().map(String::as_str))
            .collect();
        let mut namespaces: Vec<Value> = ["pid", "ipc", "uts", "mount"]
            .map(|kind| json!({ "type": kind }))
            .into();
        namespaces.push(match self.network {
            None => json!({ "type": "network" }),
            Some(path) => json!({ "type": "network", "path": path }),
        });
        let mut linux = json!({ "namespaces": namespaces });
        if let Some(filter) = self.filter.profile() {
            linux["seccomp"] = filter;
        }
        json!({
            "ociVersion": "1.0.2",
            "process": {
                "user": { "uid": self.identity.owner.0, "gid": self.identity.owner.1 },
                "args": arguments,
                "cwd": "/",
                "capabilities": {
                    "bounding": capabilities,
                    "permitted": capabilities,
                    "effective": capabilities,
                    "inheritable": [],
                    "ambient": [],
                },
                "noNewPrivileges": true,
            },
            "root": { "path": "root", "readonly": true },
            "mounts": [
                { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"] },
                { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
                { "destination": VOLUME, "type": "bind", "source": self.volume(), "options": ["rbind", "rw"] },
            ],
            "linux": linux,
        })
    }
}

/// A container that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The file that tells the program's process.
    process: PathBuf,
    calls: Option<PathBuf>,
}

impl Running {
    /// The program's process, once it has one.
    ///
    /// # Errors
    /// When the container ends before.
    pub fn process(&mut self) -> anyhow::Result<Pid> {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(&self.process).unwrap_or_default();
            let process = text.trim().parse().ok().and_then(Pid::from_raw);
            if let Some(process) = process {
                return Ok(process);
            }
            if self.child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                bail!("the container was never there");
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Goes on when the program waits for something; its process.
    ///
    /// # Errors
    /// When it ends before, or does not wait.
    pub fn waits(&mut self) -> anyhow::Result<Pid> {
        let process = self.process()?;
        let call = format!("/proc/{}/syscall", process.as_raw_pid());
        let start = Instant::now();
        loop {
            // The number of the call in which the main thread is (proc_pid_syscall(5)).
            let text = fs::read_to_string(&call).unwrap_or_default();
            let number = text.split_whitespace().next().unwrap_or_default();
            if self.is_the_program(process) && WAITS.contains(&number) {
                return Ok(process);
            }
            if self.child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                bail!("it never waited");
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether the process has become the program: before, it is the runtime.
    fn is_the_program(&self, process: Pid) -> bool {
        let program = fs::read_link(format!("/proc/{}/exe", process.as_raw_pid()));
        program.is_ok_and(|program| program == Path::new(PROGRAM))
    }

    /// Does to the program what happens to it.
    ///
    /// # Errors
    /// When it does not wait.
    pub fn happens(&mut self, meanwhile: Meanwhile) -> anyhow::Result<()> {
        let signals: &[Signal] = match meanwhile {
            Meanwhile::Nothing => return Ok(()),
            Meanwhile::Terminated => &[Signal::TERM],
            Meanwhile::Stopped => &[Signal::STOP, Signal::CONT],
        };
        let process = self.waits()?;
        for signal in signals {
            kill_process(process, *signal).context("cannot send a signal")?;
        }
        Ok(())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When `strace` says nothing of the program.
    pub fn end(self) -> anyhow::Result<Ended> {
        let output = self.child.wait_with_output()?;
        let said = [output.stdout, output.stderr].concat();
        let trace = self.calls.map(|calls| trace::read(&fs::read_to_string(calls)?));
        Ok(Ended {
            code: output.status.code(),
            said: String::from_utf8_lossy(&said).into_owned(),
            trace: trace.transpose()?,
        })
    }
}

impl Filter {
    fn profile(&self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::Kill(profile) => {
                let mut profile = profile.clone();
                profile["defaultAction"] = json!("SCMP_ACT_KILL_PROCESS");
                if let Some(profile) = profile.as_object_mut() {
                    profile.remove("defaultErrnoRet");
                }
                Some(profile)
            }
            Self::Refuse(call, errno) => Some(json!({
                "defaultAction": "SCMP_ACT_ALLOW",
                "architectures": profile::ARCHITECTURES,
                "syscalls": [{ "names": [call], "action": "SCMP_ACT_ERRNO", "errnoRet": errno }],
            })),
        }
    }
}
