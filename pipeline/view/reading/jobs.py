"""What takes longer than a page may: done once in the background, by name."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemas.errors import StorageError, ViconwsdError

T = TypeVar("T")
AT_ONCE_S = 0.08
"""A job that is done by then needs no page that asks for patience."""


class WorkingError(Exception):
    """A job is under way; the message says which, as a text of the interface."""


@dataclass(slots=True)
class _Job:
    found: Any = None
    fault: ViconwsdError | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Jobs:
    """The jobs of a site; the latest of each name is kept with what it was about."""

    patience_s: float = AT_ONCE_S
    _jobs: dict[str, tuple[object, _Job]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def result(self, name: str, about: object, work: Callable[[], T], told: str) -> T:
        """What the work found. WorkingError with ``told`` while it is under way; its fault."""
        with self._lock:
            known = self._jobs.get(name)
            if known is None or known[0] != about:
                job = _Job()
                self._jobs[name] = (about, job)
                threading.Thread(target=_run, args=(job, work), daemon=True).start()
            else:
                job = known[1]
        if not job.done.wait(self.patience_s):
            raise WorkingError(told)
        if job.fault is not None:
            with self._lock:  # whoever asks again has it tried again
                self._jobs.pop(name, None)
            raise job.fault
        found: T = job.found
        return found


def _run(job: _Job, work: Callable[[], Any]) -> None:
    try:
        job.found = work()
    except ViconwsdError as error:
        job.fault = error
    except Exception as error:
        job.fault = StorageError(f"{type(error).__name__}: {error}")
    finally:
        job.done.set()
