"""Stopping a run from outside: calmly at the first signal, at once at the second."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_stoppably(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns; KeyboardInterrupt where Ctrl-C or SIGTERM stopped it.

    At the first signal ``work`` is cancelled, and may wait for what it has begun; at the second it
    may not.
    """

    async def watched() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop() -> None:
            if task.cancelling():
                raise KeyboardInterrupt
            task.cancel()

        loop.add_signal_handler(signal.SIGTERM, stop)  # asyncio does the same for Ctrl-C itself
        try:
            return await work
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
