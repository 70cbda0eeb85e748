"""Work in a process of its own, so that its time and its peak memory are its own."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Apart(Generic[T]):
    """What the work returned, and what it took; CPU time has the start of the process in it."""

    said: T
    wall: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall:7.1f} s, CPU {self.cpu:6.1f} s, peak {self.peak_mb:5.0f} MB"


def apart(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Apart[T]:
    """Runs a function of a module in a fresh process."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(_measured, work, *args, **options).result()


def _measured(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> Apart[T]:
    began = time.perf_counter()
    said = work(*args, **options)
    return Apart(said, time.perf_counter() - began, time.process_time(), resident_mb())


def resident_mb(pid: str = "self") -> float:
    """The largest resident size that a process has had, in MB (Linux counts in KiB).

    Not ``ru_maxrss``, in which that of the process that started it lives on.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def largest_child_mb() -> float:
    """The largest resident size that any process started by this one has had; 0 without any."""
    own = Path(f"/proc/{os.getpid()}/task")
    children = [pid for task in own.iterdir() for pid in (task / "children").read_text().split()]
    return max((resident_mb(pid) for pid in children), default=0.0)
