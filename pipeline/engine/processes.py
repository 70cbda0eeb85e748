"""A pool of processes on this machine, which goes on when one of them is killed."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar

from schemas.errors import RunError

A = TypeVar("A")
R = TypeVar("R")

DEATHS = 3
"""How often in a row workers may die before any of them has finished anything."""
_AHEAD = 2
"""Pieces handed out for each worker: one at work, one waiting."""


class ProcessPool:
    """Fresh processes (never forks of one with threads); they start with the first piece."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor: ProcessPoolExecutor | None = None
        self._deaths = 0

    def each(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[R]:
        """As :class:`pipeline.engine.pool.Pool` says.

        All workers go down with one that is killed; what they were at is handed out again.
        """
        waiting: deque[tuple[A, Future[R] | None]] = deque((each, None) for each in arguments)
        self._deaths = 0
        try:
            while waiting:
                self._hand_out(function, waiting)
                future = waiting[0][1]
                assert future is not None
                try:
                    result = future.result()
                except BrokenProcessPool as error:
                    self._deaths += 1
                    self._drop()
                    if self._deaths > DEATHS:
                        raise RunError(
                            f"a worker process died {self._deaths} times at the same work (was it"
                            " killed for its memory?); set [engine] workers lower and run again"
                        ) from error
                    waiting = deque((each, _kept(future)) for each, future in waiting)
                    continue
                waiting.popleft()
                self._deaths = 0
                yield result
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()

    def went_on(self) -> None:
        """As :class:`pipeline.engine.pool.Pool` says."""
        self._deaths = 0

    def close(self) -> None:
        """Let the processes go; what they are at is finished first."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def _hand_out(
        self, function: Callable[[A], R], waiting: deque[tuple[A, Future[R] | None]]
    ) -> None:
        for place in range(min(_AHEAD * self.workers, len(waiting))):
            argument, future = waiting[place]
            if future is None:
                waiting[place] = argument, self._submit(function, argument)

    def _submit(self, function: Callable[[A], R], argument: A) -> Future[R]:
        try:
            with _no_main():
                return self._started().submit(function, argument)
        except BrokenProcessPool as error:  # seen by ``each``, which counts deaths
            broken: Future[R] = Future()
            broken.set_exception(error)
            return broken

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.workers, mp_context=get_context("spawn"), initializer=begin_worker
            )
        return self._executor

    def _drop(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None


@contextmanager
def _no_main() -> Iterator[None]:
    """Keeps workers that start from running the program's main module again.

    Nothing that is sent to them lies there, and a script without a guard would begin anew.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _kept(future: Future[Any] | None) -> Future[Any] | None:
    """What became of a piece before its worker died, if anything."""
    if future is None or not future.done() or future.cancelled():
        return None
    return None if isinstance(future.exception(), BrokenProcessPool) else future


def begin_worker() -> None:
    """Makes a worker leave Ctrl-C to the process that started it, and end when that one has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()
