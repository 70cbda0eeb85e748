"""Lines of results into the ledger, per request: the first reply stays, faults are told apart."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Sequence

from pipeline.llm.batches.book import Batch, BatchItem, Book, Outcome
from pipeline.llm.batches.service import Line
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.faults import RefusedError, said_in, status_fault
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Failure, Loss, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.reading import EnvelopeError, error_in, read_envelope
from pipeline.llm.settings import EndpointSettings, Price
from schemas.errors import ServiceError

GROUP = 2000
"""Lines that are written into the ledger together."""
_KEY = re.compile("[0-9a-f]{32}")
ALL_REFUSED = 2
"""So many refused lines and not one reply: what is wrong is no single request."""


class Intake:
    """Takes the lines of one batch; what it has taken is on disk.

    ``settings`` are those of the batch's endpoint as they stand today: only how its errors read
    depends on them. Taking the same lines again changes nothing.
    """

    def __init__(
        self,
        batch: Batch,
        settings: EndpointSettings,
        ledger: Ledger,
        book: Book,
        budget: Budget,
        meter: Meter,
    ) -> None:
        self._batch = batch
        self._settings = settings
        self._ledger = ledger
        self._book = book
        self._budget = budget
        self._meter = meter
        self._terms = Price.model_validate_json(batch.terms) if batch.terms else None
        self._refused: dict[str, Failure] = {}
        self._stop: ServiceError | None = None
        self.foreign = 0
        """Lines about requests that are none of this batch's."""
        self.unreadable = 0
        """Lines that are no whole lines."""

    def take(self, lines: Sequence[Line | None]) -> int:
        """Put a group of lines into the ledger; how many requests of the batch they are about."""
        read: dict[str, Line] = {}
        for line in lines:  # of two lines on a request the one with a reply counts, else the first
            if line is not None and (line.key not in read or read[line.key].status != 200):
                read[line.key] = line
        self.unreadable += sum(line is None for line in lines)
        hexed = [key for key in read if _is_key(key)]
        items = self._book.items(hexed, self._batch.id) if hexed else {}
        self.foreign += len(read) - len(items)
        paid = self._ledger.paid(items)
        replies: list[PaidReply] = []
        losses: list[Loss] = []
        outcomes: dict[str, Outcome] = {}
        settled = 0
        for key, item in items.items():
            if key in paid:
                continue
            if item.outcome in ("transient", "unsent") and read[key].status != 200:
                continue  # read before
            outcome = self._read(read[key], item, replies, losses)
            if outcome is None:
                settled += item.bound_pico
            else:
                outcomes[key] = outcome
        if replies or losses:
            self._ledger.record_all(replies, losses)
        self._budget.settle(
            settled,
            sum(row.cost_pico or 0 for row in replies) + sum(row.cost_pico for row in losses),
            sum(row.cost_pico or 0 for row in replies) + sum(row.bound_pico for row in losses),
        )
        for reply in replies:
            self._meter.arrived(reply)
        if outcomes:
            self._book.note_outcomes(self._batch.id, outcomes)
        return len(items)

    def _read(
        self, line: Line, item: BatchItem, replies: list[PaidReply], losses: list[Loss]
    ) -> Outcome | None:
        """What became of a request: None where it has a reply, which is added to ``replies``."""
        if not line.status:
            return "unsent"
        if line.status != 200:
            status, said = line.status, said_in(line.body)
        else:
            failed = error_in(line.body)
            if failed is None:
                try:
                    replies.append(self._reply(line, item))
                except EnvelopeError:
                    losses.append(self.loss(item, "bad_body"))
                    return "transient"
                return None
            status, said = failed
        fault = status_fault(self._settings, status, said, {})
        if isinstance(fault, ServiceError):
            self._stop = fault
            return "unsent"
        if isinstance(fault, RefusedError):
            refused = fault.item_error()
            self._refused[item.key] = Failure(
                item.key, item.item, int(time.time()), refused.code, refused.detail
            )
            return "refused"
        if fault.maybe_billed or b'"choices"' in line.body:
            losses.append(self.loss(item, fault.cause))
        return "transient"

    def _reply(self, line: Line, item: BatchItem) -> PaidReply:
        completion = read_envelope(line.body)
        tokens = completion.prompt_tokens, completion.completion_tokens
        cost = None
        if self._terms is not None:
            counted = tokens[0] is not None and tokens[1] is not None
            cost = item.bound_pico
            if counted:
                cost = cost_pico(
                    self._terms, tokens[0] or 0, tokens[1] or 0, completion.cached_tokens
                )
        return PaidReply(
            key=item.key,
            item=item.item,
            sample=item.sample,
            endpoint=self._batch.endpoint,
            model=self._batch.model,
            created=int(time.time()),
            prompt_tokens=tokens[0],
            completion_tokens=tokens[1],
            cost_pico=cost,
            finish_reason=completion.finish_reason,
            currency=self._batch.currency,
            body=line.body,
        )

    def loss(self, item: BatchItem, cause: str) -> Loss:
        """A request that may be billed at its worst case, and whose reply will not come."""
        now, bound = int(time.time()), item.bound_pico
        return Loss(item.key, item.item, now, cause, bound, bound, self._batch.currency)

    def finish(self, state: str, lost: Iterable[BatchItem] = ()) -> None:
        """Read to the end: refused requests fail for good, ``lost`` ones count as billed.

        ServiceError where all were refused, or where a line says that nothing can be asked.
        """
        answered, refused, left = self._book.counts(self._batch)
        losses = [self.loss(item, "missing") for item in lost]
        self._ledger.record_all((), losses)
        owed = sum(row.bound_pico for row in losses)
        self._budget.settle(left, owed, owed)
        self._meter.lost += len(losses)
        stop = self._stop
        if not answered and refused >= ALL_REFUSED and refused == self._batch.requests:
            first = next(iter(self._refused.values())).detail if self._refused else "refused"
            stop = ServiceError(
                f"all {refused:,} requests of batch {self._batch.batch_id} were refused: {first};"
                " correct the settings of this endpoint and run again"
            )
        elif self._refused:
            self._ledger.record_failure(*self._refused.values())
            self._meter.refused += len(self._refused)
        detail = str(stop) if stop else ""
        self._book.finish(self._batch, state, detail)
        if stop is not None:
            raise stop


async def in_groups(lines: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The lines that are not empty, by groups."""
    group: list[bytes] = []
    async for line in lines:
        if line.strip():
            group.append(line)
        if len(group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


def _is_key(text: object) -> bool:
    return isinstance(text, str) and _KEY.fullmatch(text) is not None
