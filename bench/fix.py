#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time of `writeway check --fix` beside `writeway check`, over a copy of one folder of manifests.

    bench/fix.py FOLDER [--rounds N]

Needs cargo. Each run has a fresh copy, which is not measured, so that every `--fix` has all its work to do; all take
turns, so that what else the machine does hits all; medians are printed. It fails when `--fix` takes more than twice the CPU
time of `check`, or more than twice its time on the clock. As the program is run, `check` names the fixes that there are, and
has to look for them. The format `concise` names none: beside that, the ratio is printed, and nothing fails.
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
FIXES = {"check": [], "check --fix": ["--fix"], "check --fix --unsafe-fixes": ["--fix", "--unsafe-fixes"]}
# The default, and the one that looks for no fixes unless they are to be made.
FORMATS = ("human", "concise")


def run(program: Path, folder: Path, output: str, options: list) -> dict:
    with tempfile.TemporaryDirectory(prefix="writeway-bench-") as work:
        copy = Path(work) / "manifests"
        shutil.copytree(folder, copy, copy_function=shutil.copyfile)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        # What is still to be written of the copy is no work of the program.
        os.sync()
        command = [program, "check", "--format", output, "--exit-zero", *options, copy]
        # 2: some of the files cannot be read, as in any large folder.
        return measured(" ".join(["check", *options]), command, {0, 2})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path, help="manifests")
    arguments.add_argument("--rounds", type=int, default=15, help="runs of each")
    arguments = arguments.parse_args()
    if not arguments.folder.is_dir() or arguments.rounds < 1:
        sys.exit("a folder and at least one round, please")

    program = built()
    commands = [(output, name) for output in FORMATS for name in FIXES]
    runs = {command: [] for command in commands}
    for number in range(arguments.rounds + 1):
        for output, name in commands:
            result = run(program, arguments.folder.resolve(), output, FIXES[name])
            # The first run of all fills the caches of the file system.
            if number > 0:
                runs[output, name].append(result)

    def median(command: tuple, what: str) -> float:
        return statistics.median(result[what] for result in runs[command])

    failed = False
    for output, name in commands:
        command, check = (output, name), (output, "check")
        ratios = {what: median(command, what) / median(check, what) for what in ("cpu", "wall")}
        print(
            f"{output:<7} {name:<27} CPU {median(command, 'cpu'):6.3f} s ({ratios['cpu']:.2f} x), "
            f"clock {median(command, 'wall'):6.3f} s ({ratios['wall']:.2f} x), peak {median(command, 'peak'):5.1f} MiB"
        )
        failed |= output == FORMATS[0] and any(ratio > AT_MOST for ratio in ratios.values())
    if failed:
        sys.exit(f"repairing takes more than {AT_MOST} times the time of checking")


if __name__ == "__main__":
    main()
