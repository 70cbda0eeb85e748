"""Concurrent work on a stream of items, with the results in the order of the items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8192
"""How many results may wait for a slower one before them."""


async def each_in_order(
    items: Iterable[T],
    work: Callable[[T], Awaitable[R]],
    done: Callable[[R], None],
    *,
    at_once: int,
    ahead: int = AHEAD,
) -> None:
    """Calls ``done(await work(item))`` for every item, in order, with ``at_once`` running.

    At most ``ahead`` results wait for a slower one before them, so memory is bounded however
    long the stream and however slow one item. The first exception cancels the rest and is
    raised as itself.
    """
    source = enumerate(items)
    finished: dict[int, R] = {}
    room = asyncio.Semaphore(max(ahead, at_once))
    position = 0

    async def worker() -> None:
        nonlocal position
        while True:
            await room.acquire()
            try:
                index, item = next(source)
            except StopIteration:
                room.release()  # another worker may be waiting to see the end too
                return
            finished[index] = await work(item)
            while position in finished:
                done(finished.pop(position))
                position += 1
                room.release()

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first plain exception inside a group: the one a user is told about."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
