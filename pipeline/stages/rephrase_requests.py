"""Which sentences are rephrased, and what a model is asked of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from pipeline.checks.marks import Sound, unmark
from pipeline.engine.stage import Upstream
from pipeline.llm.request import Request
from pipeline.select.records import SelectedContext
from pipeline.split.pins import SPLITS
from pipeline.split.records import Assignment
from pipeline.stages.asking import WARMER, Asker
from pipeline.stages.judge_bench import Bench, Docket, Judged, digest
from pipeline.stages.settings import RephraseSettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import RephraseReply, described
from prompts.tasks import RephraseTask
from schemas.ids import synset_of
from schemas.records import RephrasedAs, Split
from schemas.tables import read_batches

NAME = "rephrase"
"""Of the stage; items and rejects begin with it."""
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Source:
    """A released sentence that is to be rephrased."""

    context_id: str
    sense_id: str
    split: Split
    sound: Sound
    marked: str


@dataclass(slots=True)
class SentenceGroup:
    """Sentences of one sense that are rephrased in one way, in one request."""

    kind: RephrasedAs
    sources: list[Source]
    problems: list[str] = field(default_factory=list)
    given_up: bool = False


class Rephrased:
    """The sentences of a run that are rephrased, lemma by lemma."""

    def __init__(
        self, inputs: Mapping[str, Upstream], settings: RephraseSettings, language: Language
    ) -> None:
        selected = inputs["select"].table("selected")
        self.settings = settings
        self.index = SynsetIndex(inputs["synsets"].table("synsets"), language)
        self.bench = Bench(inputs, selected, language, record=SelectedContext)
        self._split = _splits(selected, inputs["split"].table("splits"))

    def dockets(self) -> Iterator[Docket]:
        """All lemmas, with all their selected sentences."""
        return self.bench.dockets()

    def drawn(self, docket: Docket) -> list[Source]:
        """Of each sense's sentences in the wanted parts a few, which a digest takes."""
        found: dict[str, list[Source]] = defaultdict(list)
        for judged in sorted(docket.contexts, key=lambda each: digest(f"{NAME}{each.context_id}")):
            own = found[judged.sense_id]
            if len(own) < self.settings.per_sense and (source := self._source(judged)):
                own.append(source)
        return [source for _, own in sorted(found.items()) for source in own]

    def _source(self, judged: Judged) -> Source | None:
        at = int(self._split[judged.row])
        sound = unmark(judged.marked)  # none of a sentence that has brackets of its own
        if at == _NOWHERE or SPLITS[at] not in self.settings.splits or sound is None:
            return None
        return Source(judged.context_id, judged.sense_id, SPLITS[at], sound, judged.marked)

    def groups(self, sources: Sequence[Source]) -> list[SentenceGroup]:
        """The sentences in requests: each kind by itself, a sense's together."""
        of_sense: dict[str, list[Source]] = defaultdict(list)
        for source in sources:
            of_sense[source.sense_id].append(source)
        size = self.settings.per_request
        return [
            SentenceGroup(kind, own[start : start + size])
            for kind in self.settings.kinds
            for own in of_sense.values()
            for start in range(0, len(own), size)
        ]


def _splits(selected: Path, splits: Path) -> NDArray[np.int8]:
    """By row of ``selected`` the number of its part; -1 where it has none."""
    number = {split.value: at for at, split in enumerate(SPLITS)}
    assigned = (
        (name, number[split])
        for batch in read_batches(splits, Assignment)
        for name, split in zip(
            batch["context_id"].to_pylist(), batch["split"].to_pylist(), strict=True
        )
    )

    def parts() -> Iterator[int]:
        expected = next(assigned, None)
        for batch in read_batches(selected, SelectedContext, ["context_id"]):
            for name in batch["context_id"].to_pylist():
                here = expected is not None and name == expected[0]
                yield expected[1] if expected is not None and here else _NOWHERE
                if here:
                    expected = next(assigned, None)

    return np.fromiter(parts(), dtype=np.int8)


def rephrase_request(
    prompt: Prompt,
    group: SentenceGroup,
    rephrased: Rephrased,
    lemma: str,
    round_: int = 1,
) -> Request[RephraseReply]:
    """Asks for the sentences of a group, in other words or in the other language."""
    key = prompt.language.match_key
    translated = group.kind is RephrasedAs.TRANSLATION
    entry = rephrased.index.synsets[synset_of(group.sources[0].sense_id)]
    others = [each for each in entry.lemmas if key(each) != key(lemma)]
    task = RephraseTask(
        lemma=lemma,
        pos=entry.pos,
        gloss=rephrased.bench.gloss(entry.synset_id),
        marked_sentences=tuple(source.marked for source in group.sources),
        synonyms=() if translated else tuple(others),
        to=rephrased.settings.to if translated else "",
        problems=tuple(group.problems),
    )
    reply = described(RephraseReply, prompt.language.prompts.reply_fields)
    item = f"{NAME}/{group.sources[0].context_id}/{group.kind.value}/{round_}"
    return Asker.request(render(prompt, task), reply, item, round_, WARMER)
