"""Asking for contexts in rounds until every sense has its number."""

from __future__ import annotations

from languages.language import Language
from pipeline.engine.stage import StageWork
from pipeline.llm.model import LanguageModel
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.context_intake import ContextIntake
from pipeline.stages.context_requests import NAME, Prompts, group_request, single_request
from pipeline.stages.rejecting import unanswered
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings
from schemas.errors import ItemError
from schemas.records import Reject


class ContextWriter:
    """Asks for contexts, and again for what is missing."""

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
        self._intake = ContextIntake(settings, prompts, senses, language)

    async def fill(self, unit: list[Wanted]) -> list[Wanted]:
        """Brings every sense of a unit to its number, or to the end of its rounds."""
        asked = self._intake.begin(unit)
        first, *others = self._rounds
        if len(asked) > 1:
            await self._ask_together(asked)
            first = first[1:]
        for wanted in asked:
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
            if wanted.given_up or not self._intake.is_short(wanted):
                return
            await self._ask_single(wanted, round_)

    async def _ask_single(self, wanted: Wanted, round_: int) -> None:
        request = single_request(wanted, round_, self._prompts.single, self._senses, self._settings)
        try:
            reply, made_by = await self._single.ask(request, round_)
        except ItemError as error:
            _failed([wanted], error)
            return
        self._intake.take(wanted, reply.contexts, made_by)

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
            self._intake.take(wanted, sentences.get(key(wanted.lemma), []), made_by)


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
