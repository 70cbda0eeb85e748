"""Work that can be done anywhere: one function on many arguments, the results in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from pipeline.engine.settings import EngineSettings, Kind

A = TypeVar("A")
R = TypeVar("R")


class Pool(Protocol):
    """Does work, here or elsewhere.

    The function is importable by its name, arguments and results can be pickled, and doing a
    piece twice does no harm: one that its worker did not survive is done anew.
    """

    @property
    def workers(self) -> int:
        """How many pieces are worked on at a time."""
        ...

    def each(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[R]:
        """``function(argument)`` for each argument, in order, as they become ready.

        The first error, in the order of the arguments, is raised as itself, and what was not yet
        begun is left undone. RunError where workers die again and again.
        """
        ...

    def went_on(self) -> None:
        """Part of a piece is done for good: deaths of workers before that no longer count."""
        ...

    def close(self) -> None:
        """Let the workers go; what they are at is finished first."""
        ...


class LocalPool:
    """This process, one piece after the other."""

    workers = 1

    def each(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[R]:
        """As :class:`Pool` says."""
        return map(function, arguments)

    def went_on(self) -> None:
        """Nobody dies here."""

    def close(self) -> None:
        """Nothing was opened."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kind_for(settings: EngineSettings, n_items: int, worth: int) -> Kind:
    """What does work of ``n_items``, of which ``worth`` are worth starting processes for."""
    if settings.kind != "auto":
        return settings.kind
    several = (settings.workers or cores()) > 1
    return "processes" if several and n_items >= worth else "local"


def open_pool(settings: EngineSettings, n_items: int, worth: int) -> Pool:
    """A pool for so many items; whoever opens it closes it. Workers start with the first piece."""
    kind = kind_for(settings, n_items, worth)
    if kind == "processes":
        from pipeline.engine.processes import ProcessPool

        return ProcessPool(settings.workers or cores())
    return LocalPool()
