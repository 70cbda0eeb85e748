"""Concurrent work on a stream of items, with the results in the order of the items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from pipeline.engine.handed_out import HandedOut, is_handed_out

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
    raised as itself. An item whose request was handed out is left out, and the others go on; then
    HandedOut is raised.
    """
    source = enumerate(items)
    finished: dict[int, tuple[R] | None] = {}
    room = asyncio.Semaphore(max(ahead, at_once))
    position = n_handed_out = 0

    async def worker() -> None:
        nonlocal position, n_handed_out
        while True:
            await room.acquire()
            try:
                index, item = next(source)
            except StopIteration:
                room.release()  # another worker may be waiting to see the end too
                return
            try:
                finished[index] = (await work(item),)
            except (HandedOut, BaseExceptionGroup) as error:
                if not is_handed_out(error):
                    raise
                finished[index] = None
                n_handed_out += 1
            while position in finished:
                if result := finished.pop(position):
                    done(*result)
                position += 1
                room.release()

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        raise first_of(failures) from None
    if n_handed_out:
        raise HandedOut


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first plain exception inside a group: the one a user is told about."""
    error: BaseException = group.split(HandedOut)[1] or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
