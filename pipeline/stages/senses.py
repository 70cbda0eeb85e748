"""The senses that are to get contexts, and how far each has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from languages.language import Language
from pipeline.checks.cues import Cues
from pipeline.checks.duplicates import Accepted
from pipeline.engine.stage import Upstream
from pipeline.stages.settings import ContextSettings
from pipeline.stages.synset_index import SynsetIndex
from schemas.records import Context, Gloss, Reject, Sense
from schemas.tables import count_rows, read_table


@dataclass(slots=True)
class Wanted:
    """One sense on its way to its number of contexts."""

    sense_id: str
    synset_id: str
    lemma: str
    accepted: dict[int, Context] = field(default_factory=dict)
    """By the number of the sentence."""
    rejects: list[Reject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    overused: tuple[str, ...] = ()
    """Words that no further sentence may have."""
    seen: Accepted | None = None
    cues: Cues | None = None
    given_up: bool = False

    def lacking(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those of the numbers that have no sentence yet."""
        return tuple(number for number in numbers if number not in self.accepted)

    def rows(self, per_sense: int) -> list[Context]:
        """So many accepted sentences, those of the lowest numbers."""
        return [row for _, row in sorted(self.accepted.items())][:per_sense]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences accepted so far, by their numbers."""
        return tuple(row.sentence for _, row in sorted(self.accepted.items()))

    @property
    def own(self) -> tuple[str, ...]:
        """Those that are the source's own."""
        kept = sorted(self.accepted.items())
        return tuple(row.sentence for _, row in kept if row.provenance is None)


class Senses:
    """The senses that have a gloss, in units that share a first request."""

    def __init__(
        self, inputs: Mapping[str, Upstream], settings: ContextSettings, language: Language
    ) -> None:
        self.inventory = SynsetIndex(inputs["synsets"].table("synsets"), language)
        self.glosses = glosses_by_synset(inputs["glosses"].table("glosses"))
        self._path = inputs["synsets"].table("senses")
        self._settings = settings

    def __len__(self) -> int:
        if len(self.glosses) == len(self.inventory.synsets):
            return count_rows(self._path, Sense)
        return sum(len(self.inventory.synsets[synset].lemmas) for synset in self.glosses)

    def units(self) -> Iterator[list[Wanted]]:
        """Senses of one synset, as many together as the settings allow, in the order of ids."""
        size = self._settings.lemmas_per_request
        rows = (row for row in read_table(self._path, Sense) if row.synset_id in self.glosses)
        for _, group in groupby(rows, key=lambda row: row.synset_id):
            senses = [Wanted(row.sense_id, row.synset_id, row.lemma) for row in group]
            for start in range(0, len(senses), size):
                yield senses[start : start + size]

    def other_glosses(self, wanted: Wanted) -> tuple[str, ...]:
        """The glosses of the lemma's other senses, as many as a prompt shows."""
        others = self.inventory.siblings(wanted.synset_id, wanted.lemma)
        known = (self.glosses[other] for other in others if other in self.glosses)
        return tuple(known)[: self._settings.max_siblings]


def glosses_by_synset(table: Path) -> dict[str, str]:
    """The gloss of every synset that has one."""
    return {row.synset_id: row.gloss for row in read_table(table, Gloss)}
