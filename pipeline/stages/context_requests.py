"""The requests that ask for contexts: of one sense, or of several lemmas of a synset."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.llm.request import Request
from pipeline.stages.asking import Asker
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import ContextsReply, GroupedContextsReply, described
from prompts.tasks import ContextsGroupTask, ContextsTask, WantedWord

NAME = "contexts"
"""Of the stage; items and rejects begin with it."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The template for one lemma, and the one for several lemmas of a synset."""

    single: Prompt
    group: Prompt


def first_request(
    unit: list[Wanted], prompts: Prompts, senses: Senses, settings: ContextSettings
) -> Request[ContextsReply] | Request[GroupedContextsReply]:
    """The request that a unit of senses begins with."""
    if len(unit) > 1:
        return group_request(unit, prompts.group, senses, settings)
    return single_request(unit[0], 1, prompts.single, senses, settings)


def single_request(
    wanted: Wanted, round_: int, prompt: Prompt, senses: Senses, settings: ContextSettings
) -> Request[ContextsReply]:
    """Asks for the contexts that one sense is still short of."""
    entry = senses.inventory.synsets[wanted.synset_id]
    task = ContextsTask(
        lemma=wanted.lemma,
        pos=entry.pos,
        supersense=entry.supersense,
        gloss=senses.glosses[wanted.synset_id],
        other_senses=senses.other_glosses(wanted),
        n=settings.per_sense - len(wanted.accepted),
        problems=tuple(wanted.problems),
        already=wanted.sentences,
    )
    item = f"{NAME}/{wanted.sense_id}/{round_}"
    reply = described(ContextsReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, item, round_)


def group_request(
    unit: list[Wanted], prompt: Prompt, senses: Senses, settings: ContextSettings
) -> Request[GroupedContextsReply]:
    """Asks for the contexts of several lemmas of one synset."""
    synset_id = unit[0].synset_id
    entry = senses.inventory.synsets[synset_id]
    task = ContextsGroupTask(
        words=tuple(
            WantedWord(
                wanted.lemma,
                settings.per_sense - len(wanted.accepted),
                senses.other_glosses(wanted),
                already=wanted.sentences,
            )
            for wanted in unit
        ),
        pos=entry.pos,
        supersense=entry.supersense,
        gloss=senses.glosses[synset_id],
    )
    item = f"{NAME}/{unit[0].sense_id}+{len(unit) - 1}/1"
    reply = described(GroupedContextsReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, item, 1)
