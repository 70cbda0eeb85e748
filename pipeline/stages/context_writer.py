"""Asking for contexts in rounds, each sentence checked, until every sense has its number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from languages.language import Language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.duplicates import Accepted
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, unmark
from pipeline.engine.stage import StageWork
from pipeline.llm.model import LanguageModel
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.context_requests import NAME, Prompts, group_request, single_request
from pipeline.stages.rejecting import rejected, unanswered
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings
from schemas.errors import ItemError
from schemas.ids import context_id
from schemas.records import Context, Provenance, Reject

PROBLEMS_SHOWN = 10
_EXAMPLE = re.compile(r'"([^"\[\]]*\[\[[^"\[\]]+\]\][^"\[\]]*[.!?…])"')


class ContextWriter:
    """Asks for contexts, checks each sentence, and asks again for what is missing."""

    def __init__(
        self,
        settings: ContextSettings,
        prompts: Prompts,
        senses: Senses,
        work: StageWork,
        llm: LanguageModel,
        language: Language,
    ) -> None:
        self._language = language
        self._settings = settings
        self._rounds = work.rounds(settings.rounds)
        self._prompts = prompts
        self._senses = senses
        self._single = Asker(llm, prompts.single, work.tally)
        self._group = Asker(llm, prompts.group, work.tally)
        texts = (prompts.single.text, prompts.group.text)
        self._examples = tuple(sound for text in texts for sound in example_sentences(text))
        self._checker = ContextChecker(senses.inventory.lemma_keys(), settings.rules, language)

    async def fill(self, unit: list[Wanted]) -> list[Wanted]:
        """Brings every sense of a unit to its number, or to the end of its rounds."""
        first, *others = self._rounds
        if len(unit) > 1:
            await self._ask_together(unit)
            first = first[1:]
        for wanted in unit:
            await self._attempt(wanted, first)
            for rounds in others:
                if not wanted.accepted:
                    wanted.given_up = False
                    await self._attempt(wanted, rounds)
            if not wanted.accepted:
                wanted.rejects.append(_without_any(wanted, self._rounds[-1].stop - 1))
        return unit

    async def _attempt(self, wanted: Wanted, rounds: range) -> None:
        for round_ in rounds:
            if wanted.given_up or len(wanted.accepted) >= self._settings.per_sense:
                return
            await self._ask_single(wanted, round_)

    async def _ask_single(self, wanted: Wanted, round_: int) -> None:
        request = single_request(wanted, round_, self._prompts.single, self._senses, self._settings)
        try:
            reply, made_by = await self._single.ask(request, round_)
        except ItemError as error:
            _failed([wanted], error)
            return
        self._take(wanted, reply.contexts, made_by)

    async def _ask_together(self, unit: list[Wanted]) -> None:
        request = group_request(unit, self._prompts.group, self._senses, self._settings)
        try:
            reply, made_by = await self._group.ask(request, 1)
        except ItemError as error:
            _failed(unit, error)
            return
        key = self._language.match_key
        sentences: dict[str, list[str]] = {}
        for word in reply.words:
            sentences.setdefault(key(word.lemma), []).extend(word.contexts)
        for wanted in unit:
            self._take(wanted, sentences.get(key(wanted.lemma), []), made_by)

    def _take(self, wanted: Wanted, marked: Iterable[str], made_by: Provenance) -> None:
        """Sorts the sentences of a reply into accepted and rejected."""
        wanted.problems.clear()
        gloss = self._senses.glosses[wanted.synset_id]
        # Weak models send the prompt's own examples back, with their target in the place of ours.
        rules = self._settings.rules
        seen = wanted.seen = wanted.seen or Accepted(
            self._language, rules.near_duplicate, self._examples, rules.off
        )
        for text in marked:
            outcome = self._checker.check(ContextDraft(text, wanted.lemma, gloss))
            if isinstance(outcome, Sound):
                repeats = seen.finding(outcome)
                if repeats is not None:
                    self._drop(wanted, text, (repeats,), made_by)
                elif len(wanted.accepted) < self._settings.per_sense:
                    seen.add(outcome)
                    wanted.accepted.append(_context(wanted, outcome, made_by))
            else:
                self._drop(wanted, text, outcome, made_by)

    def _drop(
        self, wanted: Wanted, text: str, findings: tuple[Finding, ...], made_by: Provenance
    ) -> None:
        wanted.rejects.append(rejected(NAME, wanted.sense_id, text, findings, made_by))
        if len(wanted.problems) < PROBLEMS_SHOWN:
            quoted = self._language.findings.quoted
            wanted.problems.append(quoted.format(text=text, reason=findings[0].reason))


def example_sentences(template: str) -> tuple[Sound, ...]:
    """The marked sentences that a prompt template shows as examples, in its JSON strings."""
    found = (unmark(text) for text in _EXAMPLE.findall(template))
    return tuple(sound for sound in found if sound is not None)


def _context(wanted: Wanted, sound: Sound, made_by: Provenance) -> Context:
    return Context(
        context_id=context_id(wanted.sense_id, sound.sentence, sound.start, sound.end),
        sense_id=wanted.sense_id,
        sentence=sound.sentence,
        target_start=sound.start,
        target_end=sound.end,
        provenance=made_by,
    )


def _failed(unit: list[Wanted], error: ItemError) -> None:
    for wanted in unit:
        wanted.given_up = wanted.given_up or (is_final(error) and len(unit) == 1)
        wanted.rejects.append(unanswered(NAME, wanted.sense_id, error))


def _without_any(wanted: Wanted, rounds: int) -> Reject:
    return Reject(
        stage=NAME,
        item_id=wanted.sense_id,
        code="no_contexts",
        detail=f"no acceptable context in {rounds} rounds",
        text=wanted.lemma,
    )
