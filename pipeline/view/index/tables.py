"""What an index is made from: a release's tables, or those that a run has made so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from languages.language import Language
from schemas.ids import content_digest
from schemas.records import (
    Example,
    Gloss,
    InventorySense,
    Link,
    Record,
    Reject,
    Sense,
    Synset,
)
from schemas.tables import count_rows, read_batches, read_table

FORMAT = 4
"""Of the index; another one makes all indexes anew."""


@dataclass(frozen=True, slots=True)
class RowTables:
    """Tables of contexts, whatever stage wrote them."""

    paths: tuple[Path, ...]
    record: type[Record]
    provenance: tuple[Path, ...] = ()
    """Tables of :class:`pipeline.release.records.ExampleProvenance`; none: the rows have it."""

    @property
    def released(self) -> bool:
        """Whether the rows have a split."""
        return issubclass(self.record, Example)


@dataclass(frozen=True, slots=True)
class Stages:
    """The senses of a run that has no release yet, stage by stage."""

    synsets: Path
    senses: Path
    glosses: Path | None = None
    links: Path | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """All that an index is made from."""

    language: Language
    identity: str
    """Changes when any of the tables does."""
    senses: tuple[Path, ...] = ()
    """Tables of :class:`InventorySense`; none: ``stages`` has them."""
    stages: Stages | None = None
    rows: RowTables = field(default_factory=lambda: RowTables((), Example))
    rejects: tuple[tuple[str, Path], ...] = ()
    """The rejects of each stage, by its name."""
    wanted: int = 0
    """Contexts that a sense should have; 0: nobody says."""

    @property
    def digest(self) -> str:
        """What the index is named by."""
        return content_digest(str(FORMAT), self.language.code, self.identity)[:16]

    def lemmas(self) -> Iterator[str]:
        """The lemma of every sense, as it is spelled there."""
        for path in self.senses:
            for batch in read_batches(path, InventorySense, ["lemma"]):
                yield from batch["lemma"].to_pylist()
        if self.stages is not None:
            for batch in read_batches(self.stages.senses, Sense, ["lemma"]):
                yield from batch["lemma"].to_pylist()

    def inventory(self) -> Iterator[InventorySense]:
        """Every sense; ``n_contexts`` is 0 where no release says how many there are."""
        if self.stages is not None:
            yield from _of_stages(self.stages)
        for path in self.senses:
            yield from read_table(path, InventorySense)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, batch by batch, with the columns that the index needs."""
        of_release = ["split", "judged", "audited", "votes"]
        columns = ["context_id", "sense_id", "sentence", "target_start", "target_end"]
        known = set(self.rows.record.model_fields)
        wanted = [*columns, *(name for name in of_release if name in known)]
        for path in self.rows.paths:
            yield from read_batches(path, self.rows.record, wanted)

    def n_rows(self) -> int:
        """How many rows there are."""
        return sum(count_rows(path, self.rows.record) for path in self.rows.paths)

    def rejected(self) -> Iterator[tuple[str, Reject]]:
        """What each stage dropped."""
        for stage, path in self.rejects:
            for row in read_table(path, Reject):
                yield stage, row


def _of_stages(stages: Stages) -> Iterator[InventorySense]:
    supersense = {row.synset_id: row.supersense for row in read_table(stages.synsets, Synset)}
    glosses = read_table(stages.glosses, Gloss) if stages.glosses else ()
    links = read_table(stages.links, Link) if stages.links else ()
    gloss, link = {g.synset_id: g for g in glosses}, {k.synset_id: k for k in links}
    for sense in read_table(stages.senses, Sense):
        own, linked = gloss.get(sense.synset_id), link.get(sense.synset_id)
        yield InventorySense(
            **sense.model_dump(),
            supersense=supersense.get(sense.synset_id, "?"),
            gloss=own.gloss if own else None,
            n_contexts=0,
            cluster=own.cluster if own else None,
            ili=linked.ili if linked else None,
            princeton=linked.princeton if linked else None,
            link_confidence=linked.link_confidence if linked else None,
        )
