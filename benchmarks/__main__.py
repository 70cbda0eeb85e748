"""``make bench``: every measurement, one after the other, each against its targets.

    python -m benchmarks [NAME]...

Those on a whole WordNet run where VICONWSD_DATA names a folder that holds ``vietnamese-wordnet``.
An idle machine is wanted: what else runs is measured along.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NEEDS_DATA = {"whole_wordnet": ("--wordnet", "vietnamese-wordnet")}
LONG = {"real_model", "dictionary", "whole_wordnet"}
"""Not part of ``make bench`` unless they are named: half an hour and more, or other programs."""


def main(names: list[str]) -> int:
    """Runs the named measurements, or all short ones; 1 if any failed."""
    here = Path(__file__).parent
    known = sorted(
        path.stem
        for path in here.glob("*.py")
        if path.stem.startswith("bench_") or path.stem in LONG
    )
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no measurement {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or [name for name in known if name not in LONG]:
        print(f"\n== {name}", flush=True)
        option, folder = NEEDS_DATA.get(name, ("", ""))
        arguments = []
        if option:
            data = os.environ.get("VICONWSD_DATA")
            if not data:
                print("skipped: set VICONWSD_DATA to the folder of the real data")
                continue
            arguments = [option, str(Path(data) / folder)]
        command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
