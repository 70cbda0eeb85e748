"""Something that is done every few seconds beside the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def now_and_then(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Calls a function every so many seconds, in a thread, for as long as the body runs."""
    stop = Event()

    def work() -> None:
        while not stop.wait(seconds):
            do()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
