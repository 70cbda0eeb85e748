"""Batches on their way: made, found again after a kill or a lost answer, looked at, and read."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.llm.batches.book import WRITTEN, Batch, Book
from pipeline.llm.batches.intake import Intake, in_groups
from pipeline.llm.batches.quota import WAITS, Quota, turn
from pipeline.llm.batches.service import GONE, BatchService, BatchState, named_file
from pipeline.llm.budget import Budget
from pipeline.llm.faults import RefusedError, TransientError
from pipeline.llm.ledger import Ledger
from pipeline.llm.meter import Meter
from pipeline.llm.settings import EndpointSettings
from schemas.errors import RunError, ServiceError, UsageError
from schemas.numbers import counted

UPLOADING, SUBMITTED = "uploading", "submitted"
DONE = frozenset({"completed", "succeeded", "success", "ended"})
READS = 3
"""How often results are read in which requests are missing, before these count as lost."""
FRUITLESS = 3
"""Batches in a row that brought nothing, after which the run stops."""
LONGEST_OUTAGE_S = 60.0
"""Between two tries while a provider cannot be reached."""

Open = Callable[[EndpointSettings, str | None], BatchService]


@dataclass(slots=True)
class Stores:
    """Where a run keeps what it pays, and counts it."""

    folder: Path
    """Of the batches' files."""
    ledger: Ledger
    book: Book
    budget: Budget
    meter: Meter


@dataclass(slots=True)
class Carrier:
    """Brings every batch that is open in the ledger to its end, one step at a time.

    Whatever it does stands in the ledger before the next step, so that it may be killed at any
    point and begun again. ``endpoints`` are those of today's run.toml.
    """

    stores: Stores
    endpoints: Sequence[EndpointSettings]
    open_service: Open
    _services: dict[tuple[str, str, str | None], BatchService] = field(default_factory=dict)
    _next: dict[int, float] = field(default_factory=dict)
    _reads: Counter[int] = field(default_factory=Counter)
    _quota: Quota = field(init=False)
    _down_since: dict[str, float] = field(default_factory=dict)
    _fruitless: int = 0
    _told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._quota = Quota(self.stores.folder, self.stores.book, self._tell)

    async def close(self) -> None:
        """Close all connections."""
        for service in self._services.values():
            await service.close()
        self._services.clear()

    async def settle(self, *, detach: bool = False) -> None:
        """Return when no batch is open any more.

        With ``detach``, RunError as soon as all are at the provider; so where only files are left,
        which somebody else has to answer.
        """
        try:
            while batches := self._reachable():
                for batch in sorted(batches, key=turn):
                    if time.monotonic() >= self._next.get(batch.id, 0):
                        self._next[batch.id] = time.monotonic() + await self._step(batch)
                left = self._reachable()
                self._show(left)
                self._leave(left, detach=detach)
                pause = min((self._next.get(each.id, 0) for each in left), default=0)
                await asyncio.sleep(max(0.0, pause - time.monotonic()))
        except asyncio.CancelledError:
            left = [each for each in self._reachable() if each.batch_id]
            if left:
                self.stores.meter.note(
                    f"{_batches(left)} with {_requests(left)} go on at the provider; run again to"
                    " read them, or stop them with `viconwsd batches cancel`"
                )
            raise
        finally:
            self.stores.meter.batches = ""

    def settings_of(self, batch: Batch) -> EndpointSettings | None:
        """Today's settings of a batch's endpoint; None where there are none any more."""
        same = [each for each in self.endpoints if each.endpoint == batch.endpoint]
        same.sort(key=lambda each: (each.model != batch.model, each.batch.kind != batch.kind))
        if not same:
            return None
        kind = {"batch": same[0].batch.model_copy(update={"kind": batch.kind})}
        return same[0].model_copy(update=kind)

    def is_for_nothing(self, batch: Batch) -> bool:
        """Whether nothing of a batch was sent, and run.toml asks other models or interfaces now."""
        asked = {(each.endpoint, each.model, each.batch.kind) for each in self.endpoints}
        wanted = (batch.endpoint, batch.model, batch.kind) in asked
        sent = batch.batch_id is not None or batch.tried is not None or batch.kind == "file"
        return not sent and not wanted and self.settings_of(batch) is not None

    def service_of(self, batch: Batch, settings: EndpointSettings) -> BatchService:
        """The provider of a batch, reached with the key that it was made with."""
        name = (batch.endpoint, batch.kind, batch.key_variable)
        if name not in self._services:
            made_with = batch.key_variable
            if made_with not in settings.key_variables and not os.environ.get(made_with or "-"):
                raise UsageError(
                    f"batch {batch.token} was made with the key in {made_with}, which is not set,"
                    " and run.toml does not name it any more: export it, or give the batch up:"
                    f" `viconwsd batches cancel --forget {batch.token}`"
                )
            self._services[name] = self.open_service(settings, batch.key_variable)
        return self._services[name]

    def _reachable(self) -> list[Batch]:
        found = []
        for batch in self.stores.book.batches(open_only=True):
            if self.settings_of(batch) is not None:
                found.append(batch)
            else:
                self._tell(
                    f"batch {batch.token} waits at {batch.endpoint}, which run.toml does not name"
                    f" any more: put it back, or `viconwsd batches cancel --forget {batch.token}`"
                )
        return found

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.stores.meter.note(line)

    def _show(self, batches: Sequence[Batch]) -> None:
        states = Counter(batch.state for batch in batches)
        listed = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
        done = sum(batch.done for batch in batches)
        since = min((batch.created for batch in batches), default=time.time())
        minutes = int(time.time() - since) // 60
        self.stores.meter.batches = (
            f"{_batches(batches)} ({listed}), {done:,} of {_requests(batches)} answered,"
            f" {minutes} min since the first was written"
        )

    def _leave(self, batches: Sequence[Batch], *, detach: bool) -> None:
        """RunError where nothing is left to be done here, or where that is wanted."""
        files = [batch for batch in batches if batch.kind == "file"]
        if files and len(files) == len(batches):
            paths = ", ".join(str(self.path_of(batch)) for batch in files)
            raise RunError(
                f"{_requests(files)} wait in {paths}: have each file answered (`vllm run-batch"
                " -i FILE -o OUT --model MODEL`), then `viconwsd batches import OUT`, and run again"
            )
        if detach and batches and all(each.batch_id or each.state == WAITS for each in batches):
            raise RunError(
                f"{_batches(batches)} with {_requests(batches)} are on their way: run the same"
                " command again to read them and go on; `viconwsd batches` lists them"
            )

    # -- one step ------------------------------------------------------------------------------

    async def _step(self, batch: Batch) -> float:
        """Bring a batch one step further; the seconds until the next one."""
        settings = self.settings_of(batch)
        assert settings is not None
        poll_s = settings.batch.poll_s
        if batch.kind == "file":
            return poll_s
        service = self.service_of(batch, settings)
        try:
            wait_s = await (
                self._look(batch, service, settings)
                if batch.batch_id
                else self._submit(batch, service, settings)
            )
        except TransientError as fault:
            if fault.status != 429:  # a limit on looking is no outage
                since = self._down_since.setdefault(batch.endpoint, time.time())
                moment = time.strftime("%H:%M", time.localtime(since))
                self._tell(f"waiting since {moment}: {fault.detail}; what is there goes on there")
            return max(fault.retry_after_s or 0.0, min(poll_s, LONGEST_OUTAGE_S))
        except RefusedError as refused:
            raise ServiceError(
                f"batch {batch.token}: {refused.detail}; see [llm.batch] too (kind ="
                f" {batch.kind!r})"
            ) from refused
        if self._down_since.pop(batch.endpoint, None) is not None:
            self._told.clear()
        return wait_s

    async def _submit(
        self, batch: Batch, service: BatchService, settings: EndpointSettings
    ) -> float:
        book, path, poll_s = self.stores.book, self.path_of(batch), settings.batch.poll_s
        if self._quota.waits_its_turn(batch):
            return poll_s
        if batch.tried is not None:  # made, perhaps: its id never arrived
            found = await service.find(
                batch, self._known(), lambda key: bool(book.items([key], batch.id))
            )
            if found == "undecided":
                return poll_s
            if found != "absent":
                return self._submitted(batch, found, poll_s)
            left_s = batch.tried + settings.batch.grace_s - time.time()
            if left_s > 0:
                return min(left_s, poll_s)
        if batch.file_id is None:
            file_id = await service.files.find(path.name) if batch.state == UPLOADING else None
            if file_id is None:
                if not path.exists():  # nothing of it was ever sent
                    self.forget(batch, "its file is gone", "given up")
                    return 0.0
                book.note(batch.id, state=UPLOADING)
                file_id = await service.files.upload(path.name, path)
            book.note(batch.id, file_id=file_id, state="uploaded")
            batch = book.batch(batch.id)
        book.note(batch.id, tried=time.time())
        try:
            id_ = await service.create(batch, path)
        except TransientError as fault:
            if fault.status is not None and fault.status < 500:  # it was not made
                book.note(batch.id, tried=None, state=WAITS if fault.status == 429 else WRITTEN)
            raise
        except RefusedError as refused:
            gone = refused.status == 404 and batch.file_id and path.exists()
            book.note(batch.id, tried=None, **({"file_id": None} if gone else {}))
            if gone and self._reads[-batch.id] < READS:  # a file is kept for some days only
                self._reads[-batch.id] += 1
                return poll_s
            raise
        except ServiceError:
            book.note(batch.id, tried=None)
            raise
        return self._submitted(batch, id_, poll_s)

    def _submitted(self, batch: Batch, id_: str, poll_s: float) -> float:
        self.stores.book.note(batch.id, batch_id=id_, state=SUBMITTED)
        self.stores.meter.note(f"batch {id_}: {_requests([batch])} of {batch.stage} submitted")
        return poll_s

    def _known(self) -> frozenset[str]:
        return frozenset(each.batch_id for each in self.stores.book.batches() if each.batch_id)

    async def _look(self, batch: Batch, service: BatchService, settings: EndpointSettings) -> float:
        assert batch.batch_id is not None
        book, poll_s = self.stores.book, settings.batch.poll_s
        try:
            look = await service.look(batch.batch_id)
        except RefusedError as refused:
            if refused.status not in GONE:
                raise
            look = BatchState("gone", ended=True, done=batch.requests)
        if (look.state, look.done, look.failed) != (batch.state, batch.done, batch.failed):
            book.note(batch.id, state=look.state, done=look.done, failed=look.failed)
        if not look.ended:
            return poll_s
        if look.must_wait:
            self._quota.rejected(batch, look.rejected, settings.batch.tail)
            return poll_s
        if look.rejected:
            self.forget(batch, look.rejected)
            await self._forget_rejected(batch.endpoint)
            raise ServiceError(
                f"batch {batch.batch_id} was rejected whole: {look.rejected}; correct the"
                " settings of this endpoint and run again"
            )
        return await self._read(batch, look, service, settings)

    async def _forget_rejected(self, endpoint: str) -> None:
        """What was rejected beside a batch would stop the next run for the same reason."""
        for batch in self.stores.book.batches(open_only=True):
            settings = self.settings_of(batch)
            if batch.endpoint != endpoint or batch.batch_id is None or settings is None:
                continue
            with suppress(TransientError, RefusedError):
                look = await self.service_of(batch, settings).look(batch.batch_id)
                if look.rejected and not look.must_wait:
                    self.forget(batch, look.rejected)

    async def _read(
        self, batch: Batch, look: BatchState, service: BatchService, settings: EndpointSettings
    ) -> float:
        """Put all results into the ledger; then the batch is read."""
        stores = self.stores
        intake = self.intake_of(batch, settings)
        for file in look.files:
            try:
                async for lines in in_groups(service.files.lines(file)):
                    intake.take([service.read(line) for line in lines])
            except RefusedError as refused:
                if refused.status not in GONE:
                    raise
                self._tell(f"results {file} of batch {batch.batch_id} are gone")
        answered, refused_, _ = stores.book.counts(batch)
        missing = list(stores.book.unanswered(batch))
        if intake.foreign and len(missing) == batch.requests:
            raise ServiceError(
                f"batch {batch.batch_id} holds no reply to any of our requests: it is another's;"
                f" forget it with `viconwsd batches cancel --forget {batch.token}`"
            )
        if missing and (look.files or look.done):
            self._reads[batch.id] += 1
            if self._reads[batch.id] < READS:
                return min(settings.batch.poll_s, LONGEST_OUTAGE_S)
        counted_ = look.done or (batch.requests if look.state in DONE else 0)
        lost = missing[: max(0, counted_ - answered)]
        self._quota.ended()
        intake.finish(look.state, lost)
        self.path_of(batch).unlink(missing_ok=True)
        again = batch.requests - answered - refused_
        stores.meter.note(
            f"batch {batch.batch_id} {look.state}: {counted(answered, 'reply', 'replies')}"
            + (f", {refused_:,} refused" if refused_ else "")
            + (f", {again:,} to be asked again" if again else "")
            + (f", {len(lost):,} of them lost and perhaps billed" if lost else "")
        )
        self._fruitless = 0 if answered or refused_ else self._fruitless + 1
        if self._fruitless >= FRUITLESS:
            raise ServiceError(
                f"{FRUITLESS} batches in a row brought nothing (the last one: {look.state});"
                ' run again later, or set [llm] mode = "online"'
            )
        return 0.0

    def forget(self, batch: Batch, why: str, state: str = "rejected") -> None:
        """Give a batch up of which nothing was billed: its requests are unpaid as before."""
        stores = self.stores
        self._quota.ended()
        stores.budget.settle(stores.book.counts(batch)[2], 0)
        stores.book.finish(batch, state, why)
        with suppress(OSError):
            self.path_of(batch).unlink()

    def intake_of(self, batch: Batch, settings: EndpointSettings) -> Intake:
        """What puts the lines of a batch into the ledger."""
        stores = self.stores
        return Intake(batch, settings, stores.ledger, stores.book, stores.budget, stores.meter)

    def path_of(self, batch: Batch) -> Path:
        """The file of a batch, until it is read."""
        return self.stores.folder / named_file(batch.token)


def _batches(batches: Sequence[Batch]) -> str:
    return counted(len(batches), "batch", "batches")


def _requests(batches: Sequence[Batch]) -> str:
    return counted(sum(batch.requests for batch in batches), "request")
