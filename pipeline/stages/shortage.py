"""What senses are short of after a pass over contexts, judge and select."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline.engine.shards import REJECTS
from pipeline.engine.stage import Upstream
from pipeline.select.codes import SelectCode
from pipeline.select.records import SelectedContext
from pipeline.stages.senses import Wanted
from schemas.ids import sense_of
from schemas.records import Context, Reject
from schemas.tables import read_batches, read_table


@dataclass(frozen=True, slots=True)
class Shortage:
    """What earlier passes wrote, and how many sentences each sense lacks after their selection."""

    written: Path
    kept: Mapping[str, int]
    """Sense id -> how many sentences are selected."""
    unwanted: frozenset[str]
    """Senses that are not selected whatever is written for them."""
    most: int | None
    """How many of a sense are selected at most."""

    @classmethod
    def of(cls, contexts: Upstream, select: Upstream, most: int | None) -> Shortage:
        """From the tables of the pass before."""
        kept: Counter[str] = Counter()
        for batch in read_batches(select.table("selected"), SelectedContext, ["sense_id"]):
            kept.update(batch["sense_id"].to_pylist())
        clustered = (
            sense_of(row.item_id)
            for row in read_table(select.table(REJECTS), Reject)
            if row.code == SelectCode.CLUSTERED
        )
        return cls(contexts.table("contexts"), kept, frozenset(clustered), most)

    def of_sense(self, wanted: Wanted) -> int:
        """How many sentences are to be written again for a sense."""
        if wanted.sense_id in self.unwanted:
            return 0
        goal = wanted.n if self.most is None else min(wanted.n, self.most)
        return max(0, goal - self.kept.get(wanted.sense_id, 0))

    def with_written(self, units: Iterable[list[Wanted]]) -> Iterator[list[Wanted]]:
        """The units, each sense with what earlier passes wrote for it, in the same order."""
        groups = groupby(read_table(self.written, Context), key=lambda row: row.sense_id)
        head = next(groups, None)
        for unit in units:
            for wanted in unit:
                if head is not None and head[0] == wanted.sense_id:
                    wanted.before = tuple(head[1])
                    head = next(groups, None)
            yield unit
