"""The requests that ask for contexts: of one sense, or of several lemmas of a synset.

The sentences of a sense are numbered from 1 and asked for in portions of equal size. The first
request of a portion depends on the sense and the portion alone, the later ones on what came of
those before them: none depends on how many sentences are wanted in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.llm.request import Request
from pipeline.stages.asking import Asker
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings
from pipeline.variety.plan import SlotPlan
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import ContextsReply, GroupedContextsReply, described
from prompts.tasks import ContextsGroupTask, ContextsTask, WantedWord
from schemas.records import Slot

NAME = "contexts"
"""Of the stage; items and rejects begin with it."""
_OVERUSED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Prompts:
    """The template for one lemma, and the one for several lemmas of a synset."""

    single: Prompt
    group: Prompt


@dataclass(frozen=True, slots=True)
class ContextRequests:
    """Makes the requests of a stage."""

    prompts: Prompts
    senses: Senses
    settings: ContextSettings
    plan: SlotPlan | None
    """The slots of the sentences; None: nothing is asked of single ones."""

    def portions(self, per_sense: int) -> Iterator[range]:
        """The numbers of the sentences, portion by portion, until there are as many."""
        size = self.settings.per_request
        for start in range(1, per_sense + 1, size):
            yield range(start, start + size)

    def further(self, lacking: int, earlier_passes: int) -> range:
        """The numbers of sentences that are written again: after all that any pass before has."""
        size = self.settings.per_request
        of_a_pass = -(-self.settings.per_sense // size) * size
        start = 1 + of_a_pass * earlier_passes
        return range(start, start + lacking)

    def first(
        self, unit: Sequence[Wanted], portion: range
    ) -> Request[ContextsReply] | Request[GroupedContextsReply]:
        """The request that a portion of a unit of senses begins with."""
        if len(unit) > 1:
            return self.group(unit, portion)
        return self.single(unit[0], portion, 1)

    def single(self, wanted: Wanted, portion: range, round_: int) -> Request[ContextsReply]:
        """Asks for the sentences of a portion that one sense still lacks."""
        entry = self.senses.inventory.synsets[wanted.synset_id]
        numbers = wanted.lacking(portion)
        first = round_ == 1
        task = ContextsTask(
            lemma=wanted.lemma,
            pos=entry.pos,
            supersense=entry.supersense,
            gloss=self.senses.glosses[wanted.synset_id],
            other_senses=self.senses.other_glosses(wanted),
            n=len(numbers),
            problems=() if first else tuple(wanted.problems),
            already=wanted.own if first and not wanted.before else wanted.sentences,
            wishes=self._wishes(wanted, numbers),
            overused=() if first else wanted.overused[:_OVERUSED_SHOWN],
        )
        item = f"{NAME}/{wanted.sense_id}{_named(portion)}/{round_}"
        reply = described(ContextsReply, self.prompts.single.language.prompts.reply_fields)
        step, sample = self.settings.temperature_step, portion.start - 1
        rendered = render(self.prompts.single, task)
        return Asker.request(rendered, reply, item, round_, step, first_sample=sample)

    def group(self, unit: Sequence[Wanted], portion: range) -> Request[GroupedContextsReply]:
        """Asks for the sentences of a portion for several lemmas of one synset."""
        synset_id = unit[0].synset_id
        entry = self.senses.inventory.synsets[synset_id]
        words = []
        for wanted in unit:
            numbers = wanted.lacking(portion)
            others = self.senses.other_glosses(wanted)
            wishes = self._wishes(wanted, numbers)
            words.append(
                WantedWord(wanted.lemma, len(numbers), others, already=wanted.own, wishes=wishes)
            )
        gloss = self.senses.glosses[synset_id]
        task = ContextsGroupTask(tuple(words), entry.pos, entry.supersense, gloss)
        item = f"{NAME}/{unit[0].sense_id}+{len(unit) - 1}{_named(portion)}/1"
        reply = described(GroupedContextsReply, self.prompts.group.language.prompts.reply_fields)
        rendered = render(self.prompts.group, task)
        return Asker.request(rendered, reply, item, 1, first_sample=portion.start - 1)

    def slot(self, wanted: Wanted, number: int) -> Slot | None:
        """What the sentence of a number is asked to be like."""
        if self.plan is None:
            return None
        entry = self.senses.inventory.synsets[wanted.synset_id]
        return self.plan.slot(wanted.sense_id, number, entry.pos, entry.supersense)

    def _wishes(self, wanted: Wanted, numbers: Sequence[int]) -> tuple[str, ...]:
        if self.plan is None:
            return ()
        pos = self.senses.inventory.synsets[wanted.synset_id].pos
        slots = (self.slot(wanted, number) for number in numbers)
        return tuple(self.plan.wish(slot, pos) for slot in slots if slot is not None)


def _named(portion: range) -> str:
    """A portion as a part of a label; the first has no name."""
    return f"/{portion.start}-{portion.stop - 1}" if portion.start > 1 else ""
