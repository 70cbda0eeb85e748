"""What a pass over a stage hands out: unpaid requests, on disk at once, in files of one batch."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.engine.handed_out import HandedOut
from pipeline.llm.batches.book import WRITTEN, Batch, BatchItem, Book
from pipeline.llm.batches.service import named_file
from pipeline.llm.body import Prepared
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.settings import EndpointSettings, Price
from schemas.files import explained, sync_folder

AT_ONCE = 1000
"""Requests that are written into the ledger together."""
FAULTS_BORNE = 2
"""Batches in which a request may come back with a passing fault, before it is asked online."""
AUTO_TAILS = 10
"""In mode "auto" a batch is worth the wait from so many tails on."""

LineOf = Callable[[EndpointSettings, str, bytes], bytes]
"""A request's line in a file, as the endpoint's kind of batch wants it."""


@dataclass(slots=True)
class _Part:
    """A batch that is being written."""

    settings: EndpointSettings
    id: int
    token: str
    path: Path
    file: BinaryIO
    size: int = 0
    requests: int = 0
    bound: int = 0
    dearest: int = 0
    waiting: list[BatchItem] = field(default_factory=list)


Group = tuple[str, str, str]
"""Endpoint, model and stage: what shares batches."""


class Outbox:
    """Takes unpaid requests of one pass after the other; keeps their keys in memory, no more.

    A pass takes no more than what the budget has room for at the worst.
    """

    def __init__(self, folder: Path, book: Book, budget: Budget, line_of: LineOf) -> None:
        self._folder = folder
        self._book = book
        self._budget = budget
        self._line_of = line_of
        self._parts: dict[Group, list[_Part]] = {}
        self._taken: set[bytes] = set()
        self._online: set[bytes] = set()
        self._kept = self._too_dear = 0
        self._on_their_way = self._failing = True
        self.restart()

    def restart(self) -> None:
        """Begin another pass."""
        self._on_their_way = bool(self._book.batches(open_only=True))
        self._failing = self._book.has_failed_items()
        self._kept = self._too_dear = 0

    @property
    def too_dear(self) -> int:
        """The worst case of the first request that the budget had no room for; 0: none."""
        return self._too_dear

    def hand_out(self, settings: EndpointSettings, prepared: Prepared) -> None:
        """Keep a request for a batch and raise HandedOut; return where it is to be asked online."""
        key = bytes.fromhex(prepared.key)
        if key in self._online:
            return
        can_ask = settings.batch.kind != "file"
        if can_ask and self._failing and self._book.times_failed(prepared.key) >= FAULTS_BORNE:
            return
        on_its_way = self._on_their_way and self._book.is_on_its_way(prepared.key)
        if key not in self._taken and not on_its_way:
            self._keep(settings, prepared)
        raise HandedOut

    def _keep(self, settings: EndpointSettings, prepared: Prepared) -> None:
        terms = terms_of(settings)
        tokens = prepared.prompt_bound, prepared.completion_bound
        bound = cost_pico(terms, *tokens) if terms else 0
        room = self._budget.room  # what is asked online meanwhile takes of it
        if room is not None and (self._too_dear or bound > room - self._kept):
            self._too_dear = self._too_dear or bound
            return
        self._kept += bound
        line = self._line_of(settings, prepared.key, prepared.body) + b"\n"
        part = self._part(settings, prepared.stage, len(line))
        with explained(part.path):
            part.file.write(line)
        part.size += len(line)
        part.requests += 1
        part.dearest = max(part.dearest, bound)
        part.bound += bound
        part.waiting.append(BatchItem(prepared.key, prepared.label, prepared.sample, bound))
        self._taken.add(bytes.fromhex(prepared.key))
        if len(part.waiting) >= AT_ONCE:
            self._save(part)

    def _part(self, settings: EndpointSettings, stage: str, size: int) -> _Part:
        """The file that has room for a line of ``size`` bytes."""
        limits = settings.batch
        parts = self._parts.setdefault((settings.endpoint, settings.model, stage), [])
        if parts:
            last = parts[-1]
            if last.requests < limits.max_requests and last.size + size <= limits.max_bytes:
                return last
            self._save(last)
        token = secrets.token_hex(8)
        path = self._folder / (named_file(token) + ".part")
        with explained(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            file = path.open("wb")
        terms = terms_of(settings)
        variables = settings.key_variables
        id_ = self._book.begin(
            {
                "token": token,
                "kind": limits.kind,
                "endpoint": settings.endpoint,
                "model": settings.model,
                "stage": stage,
                "key_variable": variables[len(parts) % len(variables)],
                "terms": terms.model_dump_json() if terms else None,
                "currency": terms.currency if terms else None,
                "created": int(time.time()),
            }
        )
        part = _Part(settings, id_, token, path, file)
        parts.append(part)
        return part

    def _save(self, part: _Part) -> None:
        self._book.add_items(part.id, part.waiting)
        part.waiting.clear()

    def close(self) -> list[Batch]:
        """End the pass: the batches that are worth it, as intents on disk.

        The requests of a group that is smaller are asked online in the next pass; those of a
        batch whose room was taken online after it was written are handed out again.
        """
        made: list[Batch] = []
        self._kept = 0
        self._online.clear()
        for group in self._parts.values():
            requests, limits = sum(part.requests for part in group), group[0].settings.batch
            enough = limits.tail * (AUTO_TAILS if group[0].settings.mode == "auto" else 1)
            is_tail = requests < enough and limits.kind != "file" and not self._too_dear
            for part in group:
                self._save(part)
                if is_tail:
                    self._online.update(bytes.fromhex(key) for key in self._discard(part))
                elif (room := self._budget.room) is not None and part.bound > room:
                    self._too_dear = self._too_dear or part.dearest
                    self._discard(part)
                else:
                    made.append(self._finish(part))
        self._parts.clear()
        self._taken.clear()
        return made

    def abandon(self) -> None:
        """Close the files of a pass that ended by an error; the next run forgets them."""
        for group in self._parts.values():
            for part in group:
                part.file.close()
        self._parts.clear()

    def _discard(self, part: _Part) -> list[str]:
        part.file.close()
        part.path.unlink(missing_ok=True)
        keys = self._book.keys(part.id)
        self._book.drop(part.id)
        return keys

    def _finish(self, part: _Part) -> Batch:
        """The file whole and named, then the intent."""
        with explained(part.path):
            part.file.flush()
            os.fsync(part.file.fileno())
            part.file.close()
            part.path.rename(part.path.with_suffix(""))
            sync_folder(self._folder)
        self._budget.hold(part.bound)
        self._book.note(part.id, state=WRITTEN, requests=part.requests, bound_pico=part.bound)
        return self._book.batch(part.id)


def terms_of(settings: EndpointSettings) -> Price | None:
    """The price of a request in a batch."""
    return settings.price and settings.price.discounted(settings.batch.discount)
