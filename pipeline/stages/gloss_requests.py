"""The requests that ask for the definition of a synset."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.llm.request import Request
from pipeline.stages.asking import Asker
from pipeline.stages.settings import GlossSettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import GlossReply, described
from prompts.tasks import GlossTask, OtherSynset

NAME = "glosses"
"""Of the stage; items and rejects begin with it."""


@dataclass(slots=True)
class Attempt:
    """What earlier rounds have found out about a synset's definition."""

    problems: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


def gloss_request(
    prompt: Prompt,
    index: SynsetIndex,
    synset_id: str,
    settings: GlossSettings,
    attempt: Attempt,
    round_: int = 1,
) -> Request[GlossReply]:
    """Asks for the definition of a synset, in the light of what was rejected before."""
    task = _task(index, synset_id, settings, attempt, prompt.language.code)
    reply = described(GlossReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, f"{NAME}/{synset_id}/{round_}", round_)


def _task(
    index: SynsetIndex, synset_id: str, settings: GlossSettings, attempt: Attempt, language: str
) -> GlossTask:
    entry = index.synsets[synset_id]
    room = settings.max_siblings
    siblings = []
    for lemma in entry.lemmas:
        others = index.siblings(synset_id, lemma)[:room]
        room -= len(others)
        if others:
            siblings.append((lemma, tuple(_other(index, other) for other in others)))
    stated = entry.source_gloss
    own = stated is not None and stated.language == language
    return GlossTask(
        lemmas=entry.lemmas,
        pos=entry.pos,
        supersense=entry.supersense,
        source_gloss=stated.text if stated else None,
        source_language=stated.language if stated else "",
        hypernyms=entry.hypernyms,
        source_examples=tuple(example.text for example in entry.source_examples),
        siblings=tuple(siblings),
        problems=attempt.problems,
        avoid=attempt.avoid,
        rewrite=settings.source == "rewrite" and own,
        hint=entry.hint,
    )


def _other(index: SynsetIndex, synset_id: str) -> OtherSynset:
    entry = index.synsets[synset_id]
    definition = entry.source_gloss.text if entry.source_gloss else ""
    return OtherSynset(entry.lemmas, entry.pos, entry.supersense, definition)
