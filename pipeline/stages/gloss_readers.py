"""The round trip: from a definition alone, which synset is it of?

A reader sees the definition and the lemmas of the synset, of its siblings and of near neighbours,
shuffled, and says which of them is defined. A definition that is taken for another one's as often
as it is shown does not tell its synset apart.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import StageWork
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.panel.figures import CHANCE_Z, LEAST_VOTES
from pipeline.stages.asking import Asker
from pipeline.stages.gloss_requests import other_synset
from pipeline.stages.settings import VerifySettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import VerifyReply, described
from prompts.tasks import VerifyTask
from schemas.errors import ItemError
from schemas.numbers import counted
from schemas.records import NonEmpty, Record, same_coarse
from schemas.text import units

LABEL = "verify"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one definition."""

    synset_id: str
    misread: tuple[str, ...] = ()
    """What all its readings took it for; "" for none of those shown. Empty where one was right,
    or none was to be had."""
    named: bool = False
    """Whether the word that came to mind was one of the synset's lemmas."""
    first: bool | None = None
    """Whether the first reading was right; None where there is none."""
    shown: int = 1
    """Synsets to choose from."""
    lost: bool = False
    """Whether a reading was asked for and not to be had."""


class BlindReading(Record):
    """A row of the stage's table of readings: a definition that was read, and what came of it."""

    synset_id: NonEmpty
    gloss: NonEmpty
    round: Annotated[int, Field(ge=1)]
    at_first_sight: bool
    """Whether its first reading took it for its own synset's."""
    misread: tuple[str, ...]
    """What all its readings took it for; "" for none of those shown. Empty where one was right."""
    named: bool
    """Whether the word that came to mind was one of the synset's lemmas."""


class Neighbours:
    """The synsets that a definition could be taken for: siblings, then near ones."""

    def __init__(self, index: SynsetIndex) -> None:
        self._index = index
        self._alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._kind: defaultdict[str, list[str]] = defaultdict(list)
        for synset_id, entry in index.synsets.items():
            self._kind[entry.supersense].append(synset_id)
            for unit in self._units(synset_id):
                self._alike[entry.supersense, unit].append(synset_id)
        for several in (*self._alike.values(), *self._kind.values()):
            several.sort(key=_place)

    def _units(self, synset_id: str) -> dict[str, None]:
        lemmas = self._index.synsets[synset_id].lemmas
        key = self._index.match_key
        return dict.fromkeys(unit for lemma in lemmas for unit in units(key(lemma)))

    def of(self, synset_id: str, most: int, same: Mapping[str, str]) -> tuple[str, ...]:
        """At most so many: siblings, those that share a rare unit of a lemma, any of the kind.

        Synsets of one cluster are left out: nothing is to tell them apart.
        """
        entry = self._index.synsets[synset_id]
        found: dict[str, None] = {}

        def take(others: Iterable[str]) -> None:
            for other in others:
                if len(found) == most:
                    return
                if not same_coarse(other, synset_id, same):
                    found[other] = None

        for lemma in entry.lemmas:
            take(self._index.siblings(synset_id, lemma))
        shared = [self._alike[entry.supersense, unit] for unit in self._units(synset_id)]
        for others in sorted(shared, key=len):
            take(others)
        kind = self._kind[entry.supersense]
        start = kind.index(synset_id)
        take(kind[start + 1 : start + 1 + most])
        take(kind[:most])
        return tuple(found)


@dataclass(slots=True)
class Readings:
    """The requests that ask for readings."""

    settings: VerifySettings
    prompt: Prompt
    index: SynsetIndex
    _neighbours: Neighbours = field(init=False)

    def __post_init__(self) -> None:
        self._neighbours = Neighbours(self.index)

    def near(self, synset_id: str, same: Mapping[str, str]) -> tuple[str, ...]:
        """The synsets that a definition is to be told from; without any there is nothing to ask."""
        return self._neighbours.of(synset_id, self.settings.candidates - 1, same)

    def of(
        self, synset_id: str, gloss: str, near: tuple[str, ...], round_: int, turn: int
    ) -> tuple[Request[VerifyReply], tuple[str, ...]]:
        """A reading of a definition, and the synsets in the order in which they are shown."""
        shown = _shuffled((synset_id, *near), f"{synset_id}\0{turn}")
        task = VerifyTask(
            gloss,
            tuple(other_synset(self.index, at, other, None) for at, other in enumerate(shown, 1)),
        )
        number = (round_ - 1) * self.settings.rounds + turn + 1
        reply = described(VerifyReply, self.prompt.language.prompts.reply_fields)
        item = f"{LABEL}/{synset_id}/{number}"
        return Asker.request(render(self.prompt, task), reply, item, number), shown

    def foreseen(self, synset_ids: Iterable[str]) -> Iterator[Request[VerifyReply]]:
        """First readings, with the lemmas in the place of definitions that are yet to be made."""
        for synset_id in synset_ids:
            if near := self.near(synset_id, {}):
                text = "; ".join(self.index.synsets[synset_id].lemmas)
                yield self.of(synset_id, text, near, 1, 0)[0]


@dataclass(slots=True)
class GlossReaders:
    """Asks for readings of definitions."""

    readings: Readings
    work: StageWork
    llm: LanguageModel
    rows: list[BlindReading] = field(default_factory=list)
    unread: int = 0
    """Definitions that stand although a reading of them was not to be had."""
    right: int = 0
    """First readings that were; beside them how many guessing would bring, and its variance."""
    expected: float = 0.0
    variance: float = 0.0

    @property
    def read(self) -> int:
        """Definitions that were read, one that was read in two rounds twice."""
        return len(self.rows)

    @property
    def named(self) -> int:
        """Readings to which a lemma of the synset came to mind."""
        return sum(row.named for row in self.rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the readings, a line each."""
        found = []
        if self.unread:
            stand = "stands" if self.unread == 1 else "stand"
            found.append(
                f"{counted(self.unread, 'definition')} {stand} unread: "
                "their readers gave no usable answer"
            )
        better = self.right - self.expected
        if self.read >= LEAST_VOTES and better <= CHANCE_Z * math.sqrt(self.variance):
            found.append(
                "the reader of definitions is no better than chance: at first sight it took "
                f"{self.right:,} of {self.read:,} for their own synset's, where guessing brings "
                f"{self.expected:.0f}; ask another model in [glosses.verify.llm], or leave verify "
                "off"
            )
        return tuple(found)

    async def misread(
        self, glosses: Mapping[str, str], same: Mapping[str, str], round_: int
    ) -> dict[str, tuple[str, ...]]:
        """The definitions that no reading took for their own synset's, with what they were taken
        for; one of which a request had no reply is not among them."""
        wrong: dict[str, tuple[str, ...]] = {}
        self.work.progress.begin(len(glosses), f"round {round_}, read blind")

        async def read(synset_id: str) -> Reading:
            return await self._read(synset_id, glosses[synset_id], same, round_)

        def done(reading: Reading) -> None:
            self.work.progress.advance()
            self._count(reading, glosses[reading.synset_id], round_)
            if reading.misread:
                wrong[reading.synset_id] = reading.misread

        at_once = 2 * self.llm.settings.max_in_flight
        await each_in_order(sorted(glosses), read, done, at_once=at_once)
        return wrong

    def _count(self, reading: Reading, gloss: str, round_: int) -> None:
        self.unread += reading.lost
        if reading.first is not None:
            row = BlindReading(
                synset_id=reading.synset_id,
                gloss=gloss,
                round=round_,
                at_first_sight=reading.first,
                misread=reading.misread,
                named=reading.named,
            )
            self.rows.append(row)
            self.right += reading.first
            self.expected += 1 / reading.shown
            self.variance += (1 - 1 / reading.shown) / reading.shown

    async def _read(
        self, synset_id: str, gloss: str, same: Mapping[str, str], round_: int
    ) -> Reading:
        near = self.readings.near(synset_id, same)
        taken: list[str] = []
        asker = Asker(self.llm, self.readings.prompt, self.work.tally)
        for turn in range(self.readings.settings.rounds if near else 0):
            request, shown = self.readings.of(synset_id, gloss, near, round_, turn)
            try:
                reply, _ = await asker.ask(request, request.sample + 1)
            except ItemError:
                first = False if taken else None
                return Reading(synset_id, first=first, shown=len(shown), lost=True)
            chosen = shown[reply.choice - 1] if 0 < reply.choice <= len(shown) else ""
            if chosen == synset_id:
                index = self.readings.index
                lemmas = {index.match_key(lemma) for lemma in index.synsets[synset_id].lemmas}
                named = index.match_key(reply.word) in lemmas
                return Reading(synset_id, named=named, first=not taken, shown=len(shown))
            taken.append(chosen)
        first = False if taken else None
        return Reading(synset_id, tuple(taken), first=first, shown=len(near) + 1)


def _place(synset_id: str) -> bytes:
    return hashlib.sha256(synset_id.encode()).digest()


def _shuffled(synsets: tuple[str, ...], seed: str) -> tuple[str, ...]:
    """In an order that depends on ``seed`` and on nothing else."""
    return tuple(
        sorted(synsets, key=lambda synset: hashlib.sha256(f"{seed}\0{synset}".encode()).digest())
    )
