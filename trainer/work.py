"""Long work tells how far it is, to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """``done`` of ``total`` items; all of them once the work has ended, however it ended."""

    title: str
    done: int
    total: int


Listener = Callable[[Work], None]
Done = Callable[[int], None]
"""Is told how many more items are done."""


def unheard(_: int) -> None:
    """Where nobody counts."""


_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Work that is done inside is told to the listener."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def work(title: str, total: int) -> Iterator[Done]:
    """A function that is told how many more items are done; work inside of it keeps quiet."""
    listener = _LISTENER.get()
    if listener is None:
        yield unheard
        return
    token = _LISTENER.set(None)
    so_far = 0

    def add(n: int) -> None:
        nonlocal so_far
        so_far += n
        listener(Work(title, so_far, total))

    try:
        listener(Work(title, 0, total))
        yield add
    finally:
        _LISTENER.reset(token)
        listener(Work(title, total, total))
