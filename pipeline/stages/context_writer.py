"""Asking for contexts in rounds until every sense has its number."""

from __future__ import annotations

from languages.language import Language
from pipeline.engine.stage import StageWork
from pipeline.llm.model import LanguageModel
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.context_intake import ContextIntake
from pipeline.stages.context_requests import NAME, ContextRequests
from pipeline.stages.rejecting import unanswered
from pipeline.stages.senses import Wanted
from pipeline.stages.settings import ContextSettings
from schemas.errors import ItemError
from schemas.records import Reject


class ContextWriter:
    """Asks for contexts, and again for what is missing."""

    def __init__(
        self,
        settings: ContextSettings,
        requests: ContextRequests,
        work: StageWork,
        llm: LanguageModel,
        intake: ContextIntake,
        language: Language,
    ) -> None:
        self._language = language
        self._rounds = work.rounds(settings.rounds)
        self._requests = requests
        self._single = Asker(llm, requests.prompts.single, work.tally)
        self._group = Asker(llm, requests.prompts.group, work.tally)
        self._intake = intake

    async def fill(self, unit: list[Wanted]) -> list[Wanted]:
        """Brings every sense of a unit to its number, or to the end of its rounds."""
        asked = self._intake.begin(unit)
        for portion in self._requests.portions(max((wanted.n for wanted in asked), default=0)):
            await self._fill(asked, portion, self._rounds[0])
        for wanted in asked:
            for rounds in self._rounds[1:]:
                if not wanted.accepted:
                    wanted.given_up = False
                    for portion in self._requests.portions(wanted.n):
                        await self._attempt(wanted, portion, rounds)
            if not wanted.accepted:
                wanted.rejects.append(_without_any(wanted, self._rounds[-1].stop - 1))
        return unit

    async def refill(self, wanted: Wanted, numbers: range) -> Wanted:
        """Writes these further sentences of a sense, or comes to the end of its rounds."""
        for rounds in self._rounds:
            if rounds is self._rounds[0] or not (wanted.before or wanted.accepted):
                wanted.given_up = False
                await self._attempt(wanted, numbers, rounds)
        if not wanted.before and not wanted.accepted:
            wanted.rejects.append(_without_any(wanted, self._rounds[-1].stop - 1))
        return wanted

    async def _fill(self, asked: list[Wanted], portion: range, rounds: range) -> None:
        due = [each for each in asked if each.n >= portion.start and not each.given_up]
        lacking = [each for each in due if self._intake.is_short(each) and each.lacking(portion)]
        if len(lacking) > 1:
            await self._ask_together(lacking, portion)
            rounds = rounds[1:]
        for wanted in lacking:
            await self._attempt(wanted, portion, rounds)

    async def _attempt(self, wanted: Wanted, portion: range, rounds: range) -> None:
        for round_ in rounds:
            if wanted.given_up or not (self._intake.is_short(wanted) and wanted.lacking(portion)):
                return
            await self._ask_single(wanted, portion, round_)

    async def _ask_single(self, wanted: Wanted, portion: range, round_: int) -> None:
        request = self._requests.single(wanted, portion, round_)
        try:
            reply, made_by = await self._single.ask(request, round_)
        except ItemError as error:
            _failed([wanted], error)
            return
        self._intake.take(wanted, reply.contexts, made_by, portion)

    async def _ask_together(self, unit: list[Wanted], portion: range) -> None:
        request = self._requests.group(unit, portion)
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
            self._intake.take(wanted, sentences.get(key(wanted.lemma), []), made_by, portion)


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
