"""Damaged input, case by case: viconwsd must do its work or refuse in words.

    python -m tests.fuzz [--cases 2000] [--seed 0] [--only KIND] [--case N] [--jobs 2]

No case may end with exit code 3, print a traceback, hang, or pass with a wrong result. The same
seed makes the same cases; ``--case N`` runs one of them again, and shows what it prints.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.base import TARGET
from tests.fuzz.kinds import KINDS
from tests.fuzz.trial import Case, faults, run

_PACKAGES = ("schemas", "languages", "prompts", "audits", "trainer", "pipeline")
_HEAVY = (
    "aiohttp", "httpx2", "matplotlib.figure", "openai", "openpyxl", "pandas", "pyarrow.parquet",
    "python_calamine", "torch", "transformers", "underthesea", "xlsxwriter",
)  # fmt: skip


def main() -> int:
    """Parses the options, runs the cases, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--case", type=int, help="only the case of this number, in full")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--base", type=Path, help="keep the sound folders here, and use them again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        base = given.base or Path(place) / "base"
        if not base.exists():
            subprocess.run([sys.executable, "-m", "tests.fuzz.base", str(base)], check=True)
            _note_answer(base)
        if given.case is None and given.part is None and given.jobs > 1:
            return _shared(given.jobs, base)
        numbers = range(given.part or 0, given.cases, given.jobs if given.part is not None else 1)
        return _cases(base, given.seed, [given.case] if given.case is not None else numbers, given)


def _shared(jobs: int, base: Path) -> int:
    """Runs the cases in as many processes; exits as the worst of them."""
    command = [sys.executable, "-m", "tests.fuzz", *sys.argv[1:]]
    parts = [
        subprocess.Popen(
            [*command, "--base", str(base), "--part", str(part)],
        )
        for part in range(jobs)
    ]
    return max(part.wait() for part in parts)


def _note_answer(base: Path) -> None:
    command = "from pipeline.cli.main import main; main()"
    words = ["disambiguate", "-c", str(base / "run" / "run.toml"), TARGET]
    done = subprocess.run(
        [sys.executable, "-c", command, *words], check=True, capture_output=True, text=True
    )
    (base / "answer").write_text(done.stdout, encoding="utf-8")


def _cases(base: Path, seed: int, numbers: object, given: argparse.Namespace) -> int:
    _import_all()
    exits: Counter[tuple[str, str]] = Counter()
    n_faults = 0
    for number in numbers:  # type: ignore[attr-defined]
        rng = random.Random(f"{seed}/{number}")
        names, shares = list(KINDS), [share for _, share in KINDS.values()]
        name = rng.choices(names, shares)[0]
        if given.only and name != given.only:
            continue
        folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{number}-"))
        try:
            case = KINDS[name][0](rng, base, folder)
            ran = run(case, folder)
            found = faults(ran)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        exits[name, "fault" if found else str(ran.codes[-1])] += 1
        if found or given.case is not None:
            n_faults += bool(found)
            _tell(number, name, case, found)
            told = f"{ran.out}\n{ran.err}" if given.case is not None else ran.err[-600:]
            print(told.encode("unicode_escape" if found else "utf-8").decode()[-4000:], flush=True)
    for (name, ending), count in sorted(exits.items()):
        print(f"{name:10} {ending:6} {count}")
    return int(n_faults > 0)


def _import_all() -> None:
    """Imports what cases need, once, before they are forked; none of it starts threads."""
    for name in _HEAVY:
        importlib.import_module(name)
    for package in _PACKAGES:
        paths = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(paths, f"{package}."):
            importlib.import_module(module.name)


def _tell(number: int, name: str, case: Case, found: list[str]) -> None:
    print(f"\ncase {number} ({name}): {case.told}")
    for command in case.commands:
        print(f"  $ viconwsd {' '.join(command)}")
    for fault in found:
        print(f"  FAULT {fault}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
