"""Many requests through one model, as many at a time as it takes, in flat memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Answer, R, Request
from schemas.errors import ItemError


async def ask_all(
    model: LanguageModel, requests: Iterable[Request[R]], *, workers: int | None = None
) -> AsyncIterator[tuple[Request[R], Answer[R] | ItemError]]:
    """Each request with its answer, or with the error that ended it, in order of completion.

    ``requests`` is drawn from as places fall free. Any other error ends the iteration, and
    what is under way is cancelled. Twice as many workers as requests in flight, by default:
    those that wait for a retry or for the disk hold nobody up.
    """
    n_workers = workers or 2 * model.settings.max_in_flight
    source = iter(requests)
    done: asyncio.Queue[tuple[Request[R], Answer[R] | ItemError] | BaseException | None]
    done = asyncio.Queue(n_workers)

    async def work() -> None:
        try:
            for request in source:  # shared: each worker takes the next one
                try:
                    await done.put((request, await model.ask(request)))
                except ItemError as err:
                    await done.put((request, err))
        except asyncio.CancelledError:
            raise
        except BaseException as err:
            await done.put(err)
        else:
            await done.put(None)

    crew = [asyncio.create_task(work()) for _ in range(n_workers)]
    try:
        at_work = n_workers
        while at_work:
            outcome = await done.get()
            if outcome is None:
                at_work -= 1
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                yield outcome
    finally:
        for task in crew:
            task.cancel()
        await asyncio.wait(crew)
