"""How far a long task is, told to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """``done`` of ``total`` items; all of them once the task has ended, however it ended."""

    title: str
    done: int
    total: int


ProgressListener = Callable[[TaskProgress], None]
Advance = Callable[[int], None]
"""Is told how many more items are done."""


def untold(_: int) -> None:
    """Where nobody counts."""


_LISTENER: ContextVar[ProgressListener | None] = ContextVar("listener", default=None)


@contextmanager
def progress_told_to(listener: ProgressListener) -> Iterator[None]:
    """The listener hears of the tasks that are done inside."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def progress_of(title: str, total: int) -> Iterator[Advance]:
    """A function to be told how many more items are done; tasks inside of this one keep quiet."""
    listener = _LISTENER.get()
    if listener is None:
        yield untold
        return
    token = _LISTENER.set(None)
    so_far = 0

    def advance(n: int) -> None:
        nonlocal so_far
        so_far += n
        listener(TaskProgress(title, so_far, total))

    try:
        listener(TaskProgress(title, 0, total))
        yield advance
    finally:
        _LISTENER.reset(token)
        listener(TaskProgress(title, total, total))
