"""What a model is asked about counterparts: English words of synsets, and blind choices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from languages.prompts import ReplyFields
from pipeline.link.english import EnglishIndex
from pipeline.link.evidence import Evidence, LinkRow
from pipeline.link.posterior import scored, with_none
from pipeline.llm.request import Request
from pipeline.stages.asking import Asker
from pipeline.stages.link_files import Lookup
from pipeline.stages.settings import LinkSettings
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import CounterpartReply, EquivalentsReply, described
from prompts.tasks import CounterpartTask, EquivalentsTask, NamedSynset

NAME = "link"
"""Of the stage; items and rejects begin with it."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A row whose counterpart a model chooses, and the candidates in the order they are shown."""

    row: LinkRow
    candidates: tuple[int, ...]


def batches(rows: Sequence[LinkRow], settings: LinkSettings) -> Iterator[tuple[LinkRow, ...]]:
    """The rows whose English words are asked for together."""
    for start in range(0, len(rows), settings.per_request):
        yield tuple(rows[start : start + settings.per_request])


def ballots(found: Sequence[Evidence], settings: LinkSettings) -> Iterator[Ballot]:
    """The rows of which no candidate is clear, with their most probable ones.

    The order depends on the ids of row and candidate, and on nothing else.
    """
    for evidence in found:
        scores, none = scored(evidence)
        likely, _ = with_none(scores, none)
        if likely.max() < settings.clear:
            best = sorted(range(len(likely)), key=lambda at: (-likely[at], at))
            shown = [int(evidence.candidates[at]) for at in best[: settings.max_candidates]]
            row = evidence.row
            yield Ballot(row, tuple(sorted(shown, key=lambda n: _place(row.synset_id, n))))


def equivalents_request(
    prompt: Prompt, lookup: Lookup, batch: Sequence[LinkRow], round_: int = 1
) -> Request[EquivalentsReply]:
    """Asks for the English words of several synsets."""
    task = EquivalentsTask(tuple(_named(lookup, row) for row in batch))
    item = f"{NAME}/{batch[0].synset_id}/{round_}"
    return Asker.request(render(prompt, task), _reply_of(prompt), item, round_)


def choice_request(
    prompt: Prompt, lookup: Lookup, ballot: Ballot, round_: int = 1
) -> Request[CounterpartReply]:
    """Asks which candidate a synset translates, if any."""
    shown = tuple(_entry(lookup.english, n) for n in ballot.candidates)
    task = CounterpartTask(_named(lookup, ballot.row), shown)
    reply = described(CounterpartReply, _fields(prompt))
    item = f"{NAME}/{ballot.row.synset_id}/choice/{round_}"
    return Asker.request(render(prompt, task), reply, item, round_)


def _reply_of(prompt: Prompt) -> type[EquivalentsReply]:
    return described(EquivalentsReply, _fields(prompt))


def _fields(prompt: Prompt) -> ReplyFields:
    return prompt.language.prompts.reply_fields


def _named(lookup: Lookup, row: LinkRow) -> NamedSynset:
    synset = lookup.synsets[row.synset_id]
    return NamedSynset(synset.lemmas, synset.pos, synset.supersense)


def _entry(english: EnglishIndex, n: int) -> str:
    synset = english.synsets[n]
    return f"{', '.join(word.replace('_', ' ') for word in synset.words)}: {synset.definition}"


def _place(seed: str, n: int) -> bytes:
    return hashlib.sha256(f"{seed}\0{n}".encode()).digest()
