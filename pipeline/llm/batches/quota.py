"""What a provider takes at a time: what is too much waits its turn, or becomes two batches."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson

from pipeline.llm.batches.book import Batch, Book
from pipeline.llm.batches.service import named_file
from schemas.errors import ServiceError
from schemas.files import explained, sync_folder
from schemas.numbers import counted

WAITS = "waits for the quota"
ALONE = 8
"""How often a small batch is rejected for the quota, before the run stops."""


@dataclass(slots=True)
class Quota:
    """Knows which endpoints are full, from what they rejected and from what has ended since.

    ``tell`` says a line to people, once.
    """

    folder: Path
    book: Book
    tell: Callable[[str], None]
    _ended: int = 0
    _full_at: dict[str, int] = field(default_factory=dict)
    """How many batches had ended when an endpoint was found to be full."""
    _alone: Counter[int] = field(default_factory=Counter)

    def ended(self) -> None:
        """A batch has ended: there may be room again."""
        self._ended += 1

    def waits_its_turn(self, batch: Batch) -> bool:
        """Whether nothing has ended since the endpoint was found to be full."""
        full = self._full_at.get(batch.endpoint) == self._ended
        return full and batch.state == WAITS and self._has_company(batch)

    def rejected(self, batch: Batch, why: str, floor: int) -> None:
        """Leave a batch until another has ended; where none is under way, halve it.

        ServiceError where one of ``floor`` requests or fewer is rejected again and again.
        """
        name, requests = batch.batch_id, counted(batch.requests, "request")
        self.book.note(batch.id, batch_id=None, tried=None, state=WAITS)
        self._full_at[batch.endpoint] = self._ended
        if self._has_company(batch):
            self.tell(f"{batch.endpoint} takes no more for now ({why}): the rest waits")
        elif batch.requests > max(1, floor):
            self._halve(batch)
            self.tell(
                f"batch {name}: {requests} are more than the provider takes at once ({why}): they"
                " are halved"
            )
        elif self._alone[batch.id] + 1 >= ALONE:
            raise ServiceError(
                f"batch {name} of {requests} was rejected {ALONE} times, though no other of this"
                f" run is under way: {why}; run again when others have ended there, raise the"
                ' quota, or set [llm] mode = "online"'
            )
        else:
            self._alone[batch.id] += 1
            self.tell(f"{batch.endpoint} takes nothing for now, though nothing is there: {why}")

    def _has_company(self, batch: Batch) -> bool:
        """Whether another batch is under way at the same endpoint."""
        there = self.book.batches(open_only=True)
        return any(e.batch_id and e.endpoint == batch.endpoint and e.id != batch.id for e in there)

    def _halve(self, batch: Batch) -> None:
        """Put two batches in the place of one, in files and in the ledger.

        Until the ledger has them, the files of the halves are nobody's: the next run clears them.
        """
        whole = self.folder / named_file(batch.token)
        halves: dict[str, list[str]] = {}
        with explained(whole), whole.open("rb") as lines:
            for size in (batch.requests // 2, None):
                token = secrets.token_hex(8)
                keys = halves.setdefault(token, [])
                with (self.folder / named_file(token)).open("wb") as file:
                    for line in islice(lines, size):
                        keys.append(orjson.loads(line)["custom_id"])
                        file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            sync_folder(self.folder)
        self.book.replace(batch, halves)
        whole.unlink(missing_ok=True)


def turn(batch: Batch) -> tuple[bool, int, int]:
    """In the order of their making; of those that wait for the quota the smallest first."""
    waits = batch.state == WAITS
    return waits, batch.requests if waits else 0, batch.id
