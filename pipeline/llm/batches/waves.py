"""Waves: what a pass of a stage hands out is paid in batches before the next pass."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.carrier import Carrier, Stores
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.batches.service import MARK, named_file
from schemas.files import explained
from schemas.numbers import counted


@dataclass(slots=True)
class Waves:
    """The requests of a run that go out in batches."""

    stores: Stores
    outbox: Outbox
    carrier: Carrier
    detach: bool = False
    """Whether to end as soon as all batches are at the provider."""

    async def resume(self) -> None:
        """Go on with the batches of earlier runs, and return when all of them are read.

        What a killed run had only begun to write is forgotten: none of it was sent.
        """
        stores = self.stores
        stores.book.drop_unfinished()
        batches = stores.book.batches(open_only=True)
        kept = {named_file(batch.token) for batch in batches}
        with explained(stores.folder):
            for path in stores.folder.glob(f"{MARK}-*"):
                if path.name not in kept:
                    path.unlink()
        for batch in batches:
            worst = stores.book.counts(batch)[2]
            if self.carrier.settings_of(batch) is None:
                stores.budget.settle(0, worst)  # nothing would ever give it back to who waits
            else:
                stores.budget.hold(worst)
            if self.carrier.is_for_nothing(batch):
                stores.meter.note(
                    f"batch {batch.token} was not sent, and {batch.model} is not asked so any more:"
                    " what is still wanted of it is handed out again"
                )
                self.carrier.forget(batch, "before it was sent", "given up")
        if batches:
            await self.carrier.settle(detach=self.detach)
        self.outbox.restart()

    async def handed_out(self) -> None:
        """Return when what the pass handed out is in the ledger, or is to be asked online."""
        made = self.outbox.close()
        if made:
            self.stores.meter.note(_wave(made))
        elif worst := self.outbox.too_dear:
            await self.stores.budget.set_aside_for(worst)  # raises where it will never fit
            self.stores.budget.settle(worst, 0)
        await self.carrier.settle(detach=self.detach)
        self.outbox.restart()


def _wave(made: list[Batch]) -> str:
    requests = sum(batch.requests for batch in made)
    of = counted(len(made), "batch", "batches")
    return f"{counted(requests, 'request')} handed out in {of}"
