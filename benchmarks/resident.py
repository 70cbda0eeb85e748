"""The largest resident size of a process, measured in a fresh one."""

from __future__ import annotations

import resource
import subprocess
import sys


def resident_mb() -> float:
    """The largest resident size that this process has had, in MB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def figures_of(module: str, *arguments: str) -> list[float]:
    """The numbers that a fresh process of a benchmark's module prints, all else on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return [float(part) for part in done.stdout.split()]
