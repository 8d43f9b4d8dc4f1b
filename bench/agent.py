#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `writeway-agent` costs: size, time to start, memory, threads; `own` beside `chown -R`, `seed` beside `cp`.

    bench/agent.py [--agent PROGRAM] [--folder FOLDER] [--files N] [--rounds N] [--only WORD] [--check]

Needs root on Linux, Python 3.9 or later, openssl, and cargo unless --agent names an executable (`cargo xtask agent` builds
one). Programs take turns, so that what else the machine does hits all of them; medians of wall and CPU time (user and
system, all threads) are printed, ratios are of wall time. Trees lie in --folder (the disk's file system) and in
/dev/shm (tmpfs), and are walked once before anything is measured. --check exits with 1 when a target is missed.
"""

import argparse
import ctypes
import http.server
import itertools
import os
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

# What the agent is held to.
MAX_SIZE = 2_800_000
MAX_START = 0.002
MAX_PEAK_KIB = 3 * 1024
OWN_TIMES = {"everything changes": 2, "nothing changes": 3}
SEED_TIMES = 1

KEYS = 20
FILES_PER_DIRECTORY = 100


def median(numbers) -> float:
    return statistics.median(numbers)


class Report:
    """A table as the manual quotes it."""

    def __init__(self) -> None:
        self.missed = []
        print("| what | measured | beside | target |")
        print("|---|---|---|---|", flush=True)

    def row(self, what: str, measured: str, beside: str = "", target: str = "", met: bool = True) -> None:
        print(f"| {what} | {measured} | {beside} | {target}{'' if met else ', missed'} |", flush=True)
        if not met:
            self.missed.append(what)


# Running programs.


def run(command: list) -> dict:
    """One run, which has to succeed: seconds of wall and CPU time."""
    words = [str(word) for word in command]
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    start = time.perf_counter()
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=null)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(words)} failed with {os.waitstatus_to_exitcode(status)}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime}


def by_turns(rounds: int, commands: dict, before=lambda name: None) -> dict:
    """The medians of each command; `before` prepares each run, and is not measured."""
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            before(name)
            runs[name].append(run(command() if callable(command) else command))
    return {name: {what: median(one[what] for one in of) for what in ("wall", "cpu")} for name, of in runs.items()}


PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACECLONE, PTRACE_O_TRACEEXIT = 1 << 3, 1 << 6
PTRACE_EVENT_CLONE, PTRACE_EVENT_EXIT = 3, 6


def traced(command: list) -> dict:
    """The peak of its resident set in KiB (VmHWM) when it ends, and how many threads it started, itself included.

    Not ru_maxrss, which counts what the process had before it became the program, too: this Python (fs/exec.c,
    exec_mmap).
    """
    words = [str(word) for word in command]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def ptrace(request: int, pid: int, data: int = 0) -> None:
        if libc.ptrace(request, pid, None, data) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            ptrace(PTRACE_TRACEME, 0)
            os.execvp(words[0], words)
        finally:
            os._exit(127)
    os.waitpid(child, 0)
    ptrace(PTRACE_SETOPTIONS, child, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT)
    ptrace(PTRACE_CONT, child)
    threads, peak = 1, 0
    while True:
        # __WALL: threads, too.
        pid, status = os.waitpid(-1, 0x40000000)
        if not os.WIFSTOPPED(status):
            if pid != child:
                continue
            if status != 0:
                sys.exit(f"{' '.join(words)} failed with {os.waitstatus_to_exitcode(status)}")
            return {"peak": peak, "threads": threads}
        event, stop = status >> 16, os.WSTOPSIG(status)
        if event == PTRACE_EVENT_CLONE:
            threads += 1
        if event == PTRACE_EVENT_EXIT:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]))
        # A signal that is not the tracer's own business reaches the program.
        own = event or stop in (signal.SIGTRAP, signal.SIGSTOP)
        try:
            ptrace(PTRACE_CONT, pid, 0 if own else stop)
        except ProcessLookupError:
            # A thread that went with the others, before it was told to go on.
            pass


# What is measured.


def built() -> Path:
    print("building writeway-agent", file=sys.stderr)
    build = ["cargo", "xtask", "agent"]
    printed = subprocess.run(build, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(printed.rpartition(":")[0])


def start(report: Report, agent: Path, rounds: int) -> None:
    size = agent.stat().st_size
    report.row("size", f"{size:,} bytes", "", f"at most {MAX_SIZE:,}", size <= MAX_SIZE)
    commands = {"version": [agent, "version"], "true": ["/bin/true"]}
    by_turns(20, commands)
    took = by_turns(60 * rounds, commands)
    wall, other = took["version"]["wall"], took["true"]["wall"]
    report.row(
        "`version`, start to exit",
        f"{wall * 1000:.2f} ms",
        f"`/bin/true` {other * 1000:.2f} ms",
        f"below {MAX_START * 1000:.0f} ms",
        wall < MAX_START,
    )


def projected(folder: Path) -> Path:
    """What kubelet makes of a Secret (pkg/volume/util/atomic_writer.go)."""
    source = folder / "secret"
    data = source / "..2026_01_01_00_00_00.1234567890"
    data.mkdir(parents=True)
    (source / "..data").symlink_to(data.name)
    for number in range(KEYS):
        (data / f"key-{number:02}").write_bytes(os.urandom(700 + 100 * number))
        (source / f"key-{number:02}").symlink_to(f"..data/key-{number:02}")
    return source


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


def tls_server(folder: Path) -> tuple:
    """The URL, and the certificate that has to be trusted."""
    certificate, key = folder / "certificate", folder / "key"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=bench".split()
    make += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*make, "-out", certificate, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"https://localhost:{server.server_address[1]}/", certificate


def memory(report: Report, agent: Path, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        source = projected(folder)
        url, certificate = tls_server(folder)
        for name, words in {
            "`version`": ["version"],
            f"`seed`, {KEYS} keys": ["seed", "--quiet", source, "--to", folder / "seeded"],
            "`wait` for a file": ["wait", "--quiet", f"file:{certificate}"],
            "`wait` for https": ["wait", "--quiet", url, "--ca", certificate, "--budget", "20s"],
        }.items():
            runs = []
            for _ in range(rounds):
                shutil.rmtree(folder / "seeded", ignore_errors=True)
                (folder / "seeded").mkdir()
                runs.append(traced([agent, *words]))
            peak, threads = max(one["peak"] for one in runs), max(one["threads"] for one in runs)
            limit = f"below {MAX_PEAK_KIB:,} KiB"
            report.row(f"{name}, peak memory", f"{peak:,} KiB", f"threads: {threads}", limit, peak < MAX_PEAK_KIB)


def tree(folder: Path, files: int) -> Path:
    """Files in directories, two levels deep."""
    root = folder / "tree"
    for number in range(files // FILES_PER_DIRECTORY):
        directory = root / f"{number // 50:03}" / f"{number % 50:02}"
        directory.mkdir(parents=True)
        for name in range(FILES_PER_DIRECTORY):
            os.close(os.open(directory / f"{name:02}", os.O_CREAT | os.O_WRONLY, 0o644))
    return root


def owners(report: Report, agent: Path, rounds: int, place: Path, files: int) -> None:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        print(f"making {files} files in {place}", file=sys.stderr)
        root = tree(Path(folder), files)
        turns = itertools.cycle(["1001:1001", "1002:1002"])
        # Each run finds what the one before left: another owner, or the right one.
        owner = {"everything changes": lambda: next(turns), "nothing changes": lambda: "1001:1001"}
        for which, times in OWN_TIMES.items():
            commands = {
                "own": lambda: [agent, "own", "--quiet", owner[which](), root],
                "chown": lambda: ["chown", "-R", owner[which](), root],
            }
            by_turns(1, commands)
            # What the one before left to write is not the next one's.
            took = by_turns(rounds, commands, lambda _: os.sync())
            own, chown = took["own"], took["chown"]
            ratio = chown["wall"] / own["wall"]
            report.row(
                f"`own`, {files:,} files, {file_system(place)}, {which}",
                f"{own['wall']:.2f} s, CPU {own['cpu']:.2f} s",
                f"`chown -R` {chown['wall']:.2f} s, CPU {chown['cpu']:.2f} s: {ratio:.1f} times",
                f"{times} times",
                ratio >= times,
            )


def seeds(report: Report, agent: Path, rounds: int, place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        folder = Path(folder)
        source, target = projected(folder), folder / "target"
        keys = sorted(path for path in source.iterdir() if not path.name.startswith(".."))

        def empty(_: str) -> None:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(mode=0o700)

        commands = {
            "seed": [agent, "seed", "--quiet", source, "--to", target],
            "`cp -- KEYS DIR`": ["cp", "--", *keys, target],
            "`sh -c 'cp /secret/* /dir'`": ["sh", "-c", f"cp {source}/* {target}"],
        }
        by_turns(3, commands, empty)
        took = by_turns(20 * rounds, commands, empty)
        own = took.pop("seed")
        for name, other in took.items():
            ratio = own["wall"] / other["wall"]
            report.row(
                f"`seed`, {KEYS} keys, {file_system(place)}",
                f"{own['wall'] * 1000:.2f} ms, CPU {own['cpu'] * 1000:.2f} ms",
                f"{name} {other['wall'] * 1000:.2f} ms, CPU {other['cpu'] * 1000:.2f} ms: {ratio:.2f} times",
                f"at most {SEED_TIMES} times",
                ratio <= SEED_TIMES,
            )


def file_system(place: Path) -> str:
    find = ["findmnt", "--noheadings", "--output", "FSTYPE", "--target", place]
    return subprocess.run(find, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[0]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--agent", type=Path, help="an executable that is built already")
    arguments.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="a folder on a disk")
    arguments.add_argument("--files", type=int, default=200_000, help="files for `own`")
    arguments.add_argument("--rounds", type=int, default=5, help="turns of each program; short ones take more")
    arguments.add_argument("--only", choices=["start", "memory", "own", "seed"], help="measure this alone")
    arguments.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    arguments = arguments.parse_args()
    if os.geteuid() != 0:
        sys.exit("owners are changed: this needs root")
    if arguments.rounds < 1 or arguments.files < FILES_PER_DIRECTORY:
        sys.exit(f"at least one round and {FILES_PER_DIRECTORY} files, please")

    agent = (arguments.agent or built()).resolve()
    places = [arguments.folder, Path("/dev/shm")]
    report = Report()
    for word, measure in {
        "start": lambda: start(report, agent, arguments.rounds),
        "memory": lambda: memory(report, agent, arguments.rounds),
        "own": lambda: [owners(report, agent, arguments.rounds, place, arguments.files) for place in places],
        "seed": lambda: [seeds(report, agent, arguments.rounds, place) for place in places],
    }.items():
        if arguments.only in (None, word):
            measure()
    for missed in report.missed:
        print(f"missed: {missed}", file=sys.stderr)
    sys.exit(1 if arguments.check and report.missed else 0)


if __name__ == "__main__":
    main()
