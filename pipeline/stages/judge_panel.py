"""The judges at work: each asked blind, another where the votes so far leave a doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import StageWork
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.panel.records import CastVote
from pipeline.panel.rule import Meaning, in_doubt
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.judge_bench import Docket, Judged, Option, digest, in_requests, shuffled
from pipeline.stages.rejecting import unanswered
from pipeline.stages.settings import ONLY_JUDGE, JudgeSettings
from prompts.catalogue import Prompt
from prompts.render import render
from prompts.replies import JudgeReply, described
from prompts.tasks import JudgeTask
from schemas.errors import ItemError
from schemas.records import Provenance, Reject

NAME = "judge"
"""Of the stage; items and rejects begin with it."""


@dataclass(slots=True)
class Decided:
    """A docket when its judges are done."""

    docket: Docket
    rejects: list[Reject] = field(default_factory=list)


class Panel:
    """Takes dockets through the judges, in the order of the settings."""

    def __init__(
        self,
        settings: JudgeSettings,
        prompt: Prompt,
        work: StageWork,
        models: Sequence[LanguageModel],
        meaning: Callable[[str], Meaning],
    ) -> None:
        self._settings = settings
        self._meaning = meaning
        self._attempts = work.rounds(settings.rounds)
        self._judges = [
            Judge(name, prompt, Asker(model, prompt, work.tally), settings.size, meaning)
            for name, model in zip(settings.names, models, strict=True)
        ]

    async def decide(self, docket: Docket) -> Decided:
        """Has every context judged until its votes leave no doubt, or the judges are through."""
        decided = Decided(docket)
        choose_control(docket, self._settings)
        for rounds in self._attempts:
            pending = [judged for judged in docket.contexts if not judged.votes]
            await self._ask_surely(docket, pending, rounds, decided)
            for judge in self._judges[1:]:
                doubted = [each for each in pending if not each.by_all and self._in_doubt(each)]
                decided.rejects += await judge.ask(docket, doubted, rounds)
        n_rounds = self._attempts[-1].stop - 1
        for judged in docket.contexts:
            if not judged.votes:
                decided.rejects.append(_unjudged(judged, n_rounds))
        return decided

    async def _ask_surely(
        self, docket: Docket, pending: Sequence[Judged], rounds: range, decided: Decided
    ) -> None:
        """Asks the first judge about all, and the others at the same time about what all judge."""
        of_all = [judged for judged in pending if judged.by_all]

        async def ask(judge: Judge) -> list[Reject]:
            first = judge is self._judges[0]
            return await judge.ask(docket, pending if first else of_all, rounds)

        at_once = len(self._judges)
        await each_in_order(self._judges, ask, decided.rejects.extend, at_once=at_once)
        order = [judge.name for judge in self._judges]
        for judged in of_all:  # whoever answered first
            judged.votes.sort(key=lambda vote: order.index(vote.judge))

    def _in_doubt(self, judged: Judged) -> bool:
        chosen = [vote.chosen_sense_id for vote in judged.votes]
        votes = [sense and self._meaning(sense) for sense in chosen]
        return in_doubt(votes, self._meaning(judged.sense_id))


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge at work, for the stage of that name."""

    name: str
    prompt: Prompt
    asker: Asker
    size: int
    meaning: Callable[[str], Meaning]
    stage: str = NAME

    async def ask(
        self,
        docket: Docket,
        contexts: Sequence[Judged],
        rounds: range,
    ) -> list[Reject]:
        """Gives the contexts this judge's votes, as far as it gives valid answers."""
        requests = list(in_requests(contexts, self.size))
        rejects: list[Reject] = []
        if requests:
            work = partial(self._ask_together, docket, rounds)
            await each_in_order(requests, work, rejects.extend, at_once=len(requests))
        return rejects

    async def _ask_together(
        self, docket: Docket, rounds: range, contexts: list[Judged]
    ) -> list[Reject]:
        """Asks about these contexts, and again about those that a reply left out."""
        rejects: list[Reject] = []
        shown = _shown(docket, self.name, contexts)
        for round_ in rounds:
            contexts = [judged for judged in contexts if not _voted(judged, self.name)]
            if not contexts:
                break
            request = judge_request(
                docket, contexts, shown, self.name, self.prompt, round_, self.stage
            )
            try:
                reply, made_by = await self.asker.ask(request, round_)
            except ItemError as error:
                rejects.append(unanswered(self.stage, contexts[0].context_id, error))
                if is_final(error):
                    break
            else:
                self._count(contexts, shown, reply, made_by)
        return rejects

    def _count(
        self,
        asked: list[Judged],
        shown: tuple[Option, ...],
        reply: JudgeReply,
        made_by: Provenance,
    ) -> None:
        """Keeps the choices that name a sentence and a candidate that were shown."""
        for choice in reply.choices:
            if choice.sentence > len(asked) or choice.sense > len(shown):
                continue
            judged = asked[choice.sentence - 1]
            chosen = shown[choice.sense - 1].sense_id if choice.sense else None
            judged.votes.append(
                CastVote(
                    context_id=judged.context_id,
                    judge=self.name,
                    chosen_sense_id=chosen,
                    agrees=chosen is not None
                    and self.meaning(chosen) == self.meaning(judged.sense_id),
                    candidates=tuple(candidate.sense_id for candidate in shown),
                    position=choice.sense,
                    unconditional=judged.by_all or not judged.votes,
                    provenance=made_by,
                )
            )


def choose_control(docket: Docket, settings: JudgeSettings) -> None:
    """Marks the contexts that every judge is asked about: whole requests, by their ids."""
    if len(settings.names) == 1 or len(docket.candidates) == 1:
        return
    for together in in_requests(docket.contexts, settings.size):
        drawn = int.from_bytes(digest(f"control\0{together[0].context_id}")[:8])
        for judged in together:
            judged.by_all = drawn < settings.control * 2**64


def sure_requests(
    docket: Docket, settings: JudgeSettings, prompt: Prompt, place: int
) -> Iterator[Request[JudgeReply]]:
    """The first-round requests that the judge at ``place`` gets whatever the others say."""
    choose_control(docket, settings)
    name = settings.names[place]
    asked = [judged for judged in docket.contexts if not place or judged.by_all]
    for together in in_requests(asked, settings.size):
        shown = _shown(docket, name, together)
        yield judge_request(docket, together, shown, name, prompt, 1)


def judge_request(
    docket: Docket,
    contexts: Sequence[Judged],
    shown: tuple[Option, ...],
    judge: str,
    prompt: Prompt,
    round_: int,
    stage: str = NAME,
) -> Request[JudgeReply]:
    """Asks one judge for the senses of some contexts."""
    task = JudgeTask(
        lemma=docket.lemma,
        marked_sentences=tuple(judged.marked for judged in contexts),
        candidates=tuple(candidate.gloss for candidate in shown),
    )
    who = stage if judge == ONLY_JUDGE else f"{stage}/{judge}"
    item = f"{who}/{contexts[0].context_id}/{round_}"
    reply = described(JudgeReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, item, round_)


def _shown(docket: Docket, judge: str, contexts: Sequence[Judged]) -> tuple[Option, ...]:
    """An order of the candidates of this judge's own."""
    return shuffled(docket.candidates, f"{judge}\0{contexts[0].context_id}")


def _voted(judged: Judged, judge: str) -> bool:
    return any(vote.judge == judge for vote in judged.votes)


def _unjudged(judged: Judged, rounds: int) -> Reject:
    return Reject(
        stage=NAME,
        item_id=judged.context_id,
        code="unjudged",
        detail=f"no valid choice in {rounds} rounds",
        text=judged.sentence,
    )
