"""The mutation run: makes each fault of a seeded list in a copy, and asks whether a test notices.

    python -m tests.mutation [--jobs 2] [--only pipeline/llm] [--seed 0] [--list]

First the suite runs once and notes which tests run which lines; then each fault is tried against
the tests that run its lines. A fault that no test notices has survived. Exits with 0 if at least
85 % are killed, and every one that was chosen by hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from queue import Queue
from time import monotonic

from tests.mutation.named import NAMED
from tests.mutation.operators import apply
from tests.mutation.reach import Reach
from tests.mutation.sample import AREAS, Mutant, mutants
from tests.mutation.tracing import FOLDER
from tests.packaging.scratch import copy_project, environment_of

WANTED = 0.85
MOST_SECONDS = 40.0
"""Of tests for one fault, as the traced run measured them."""
SUITE = ("tests/pipeline", "tests/audits", "tests/trainer", "tests/languages", "tests/schemas")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fault."""

    mutant: Mutant
    killed: bool
    how: str


def main() -> int:
    """Parses the options, runs, prints, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--jobs", type=int, default=2, help="copies that work at a time")
    parser.add_argument("--only", default="", help="only faults whose path begins so")
    parser.add_argument("--seed", type=int, default=0, help="draws other faults")
    parser.add_argument("--reach", type=Path, help="keep the traced run here, and use it again")
    parser.add_argument("--tests", nargs="+", default=SUITE, help="trace these tests only")
    parser.add_argument("--list", action="store_true", help="print the faults and make none")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        copies = [Path(place) / str(number) for number in range(given.jobs)]
        copy_project(copies[0])
        chosen = [m for m in mutants(copies[0], given.seed) if m.path.startswith(given.only)]
        if given.list:
            print(*chosen, sep="\n")
            return 0
        reach = traced(copies[0], given.reach or Path(place) / "reach", given.tests)
        for copy in copies[1:]:
            shutil.copytree(copies[0], copy)
        outcomes = tried(chosen, reach, copies)
    return told(outcomes)


def traced(copy: Path, folder: Path, tests: Sequence[str]) -> Reach:
    """What a run of the whole suite in a copy reaches; a run that is there already is used."""
    if not folder.exists():
        folder.mkdir(parents=True)
        print("tracing the suite", file=sys.stderr, flush=True)
        areas = dict.fromkeys([*AREAS, *(str(PurePosixPath(f.path).parent) for f in NAMED)])
        packages = ",".join(str(copy / area) for area in areas)
        options = ("-n", "2", "--dist", "loadfile", "-p", "tests.mutation.tracing")
        traces = {FOLDER: str(folder.resolve()), "MUTATION_PACKAGES": packages}
        done = _pytest(copy, [*options, *tests], traces, limit=3600)
        if done is None or done.returncode not in (0, 1):
            shutil.rmtree(folder)
            raise SystemExit(f"the suite could not be run:\n{done and done.stdout[-4000:]}")
        print(done.stdout[-1500:], file=sys.stderr, flush=True)
        (folder / "root").write_text(str(copy), encoding="utf-8")
    return Reach(folder, Path((folder / "root").read_text(encoding="utf-8")))


def tried(chosen: list[Mutant], reach: Reach, copies: list[Path]) -> list[Outcome]:
    """The outcome of every fault, in its order."""
    free: Queue[Path] = Queue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> Outcome:
        copy = free.get()
        try:
            outcome = attempt(mutant, reach, copy)
        finally:
            free.put(copy)
        word = "killed" if outcome.killed else "SURVIVED"
        print(f"{word:8} {mutant} [{outcome.how}]", file=sys.stderr, flush=True)
        return outcome

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(one, chosen))


def attempt(mutant: Mutant, reach: Reach, copy: Path) -> Outcome:
    """Makes the fault in the copy, runs the tests that reach it, and mends it again."""
    n_lines = mutant.change.before.count("\n")
    lines = range(mutant.change.line, mutant.change.line + n_lines + 1)
    tests = reach.of(mutant.path, lines)
    if not tests:
        return Outcome(mutant, killed=False, how="no test runs it")
    ordered = reach.ordered(mutant.path, tests, MOST_SECONDS)
    file = copy / mutant.path
    sound = file.read_text(encoding="utf-8")
    usual = sum(reach.seconds.get(test, 0.0) for test in ordered)
    began = monotonic()
    try:
        file.write_text(apply(sound, mutant.change), encoding="utf-8")
        arguments = copy / "tests.txt"  # they may be too many for a command line
        arguments.write_text("\n".join(ordered), encoding="utf-8")
        done = _pytest(copy, ["-x", f"@{arguments}"], {}, limit=60 + 5 * usual)
    finally:
        file.write_text(sound, encoding="utf-8")
    took = f"{len(ordered)} of {len(tests)} tests, {monotonic() - began:.0f} s"
    if done is None:
        return Outcome(mutant, killed=True, how=f"hangs, {took}")
    assert done.returncode in (0, 1, 2), done.stdout + done.stderr
    return Outcome(mutant, killed=done.returncode != 0, how=took)


def told(outcomes: list[Outcome]) -> int:
    """Prints the figures and the survivors; returns the exit code."""
    by_area: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        path = outcome.mutant.path
        area = next((area for area in AREAS if path.startswith(area)), path.partition("/")[0])
        by_area["chosen by hand" if outcome.mutant.name else area].append(outcome)
    print("| area | faults | killed | survived |\n|---|---|---|---|")
    for area, found in [*by_area.items(), ("all", outcomes)]:
        killed = sum(outcome.killed for outcome in found)
        print(f"| {area} | {len(found)} | {killed} | {len(found) - killed} |")
    survivors = [outcome for outcome in outcomes if not outcome.killed]
    print(*(f"\n- {outcome.mutant} [{outcome.how}]" for outcome in survivors), sep="")
    share = 1 - len(survivors) / max(len(outcomes), 1)
    print(f"\n{share:.1%} of {len(outcomes)} faults are killed; {WANTED:.0%} are wanted")
    return int(share < WANTED or any(outcome.mutant.name for outcome in survivors))


def _pytest(
    copy: Path, arguments: list[str], more: dict[str, str], limit: float
) -> subprocess.CompletedProcess[str] | None:
    """Runs pytest in a copy; None if it is not done in time."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    process = subprocess.Popen(
        command,
        cwd=copy,
        env={**os.environ, **environment_of(copy), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return None
    return subprocess.CompletedProcess(command, process.returncode, output, "")


if __name__ == "__main__":
    sys.exit(main())
