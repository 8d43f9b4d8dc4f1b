#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time of `writeway check --fix` beside `writeway check`, over a copy of one folder of manifests.

    bench/fix.py FOLDER [--rounds N]

Needs cargo. Each run has a fresh copy, which is not measured, so that every `--fix` has all its work to do; both take
turns, so that what else the machine does hits both; medians are printed. It fails when `--fix` takes more than twice the
CPU time of `check`, or more than twice its time on the clock. Both print in the format that names no fixes, so that `check`
looks for none.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

# Nothing is left beside the scripts.
sys.dont_write_bytecode = True
from peers import built, measured  # noqa: E402

AT_MOST = 2
# Each with the exit codes that say that it did its work; 2: some of the files cannot be read, as in any large folder.
COMMANDS = {"check": [], "check --fix": ["--fix"], "check --fix --unsafe-fixes": ["--fix", "--unsafe-fixes"]}


def run(program: Path, folder: Path, options: list) -> dict:
    with tempfile.TemporaryDirectory(prefix="writeway-bench-") as work:
        copy = Path(work) / "manifests"
        shutil.copytree(folder, copy, copy_function=shutil.copyfile)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        # What is still to be written of the copy is no work of the program.
        os.sync()
        command = [program, "check", "--format", "concise", "--exit-zero", *options, copy]
        return measured(" ".join(["check", *options]), command, {0, 2})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path, help="manifests")
    arguments.add_argument("--rounds", type=int, default=15, help="runs of each")
    arguments = arguments.parse_args()
    if not arguments.folder.is_dir() or arguments.rounds < 1:
        sys.exit("a folder and at least one round, please")

    program = built()
    runs = {name: [] for name in COMMANDS}
    for number in range(arguments.rounds + 1):
        for name, options in COMMANDS.items():
            result = run(program, arguments.folder.resolve(), options)
            # The first run of all fills the caches of the file system.
            if number > 0:
                runs[name].append(result)

    def median(name: str, what: str) -> float:
        return statistics.median(result[what] for result in runs[name])

    failed = False
    for name in COMMANDS:
        ratios = {what: median(name, what) / median("check", what) for what in ("cpu", "wall")}
        print(
            f"{name:<27} CPU {median(name, 'cpu'):6.3f} s ({ratios['cpu']:.2f} x), "
            f"clock {median(name, 'wall'):6.3f} s ({ratios['wall']:.2f} x), peak {median(name, 'peak'):5.1f} MiB"
        )
        failed |= any(ratio > AT_MOST for ratio in ratios.values())
    if failed:
        sys.exit(f"repairing takes more than {AT_MOST} times the time of checking")


if __name__ == "__main__":
    main()
