"""Stage ``glosses``: one definition per synset, asked for in rounds until it passes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from languages.language import Language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.equality import equal_glosses
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.rules import GlossRules
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.gloss_requests import NAME, Attempt, gloss_request
from pipeline.stages.own_glosses import OwnGlosses, own_glosses, problems_of
from pipeline.stages.rejecting import REQUEST_CODES, phrased, rejected, unanswered
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import GlossSettings, decisive
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt, load
from prompts.replies import GlossReply
from prompts.tasks import GlossTask
from schemas.errors import ItemError, UsageError
from schemas.records import Gloss, Provenance, Reject
from schemas.tables import write_table

VERSION = 1
_PROMPT_TOKENS, _REPLY_TOKENS = 450, 60
_CODES = {
    **phrased(GlossRules.codes),
    **REQUEST_CODES,
    "no_gloss": "the synset got no acceptable gloss in all its rounds",
}


def glosses_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings."""
    settings = parts.section(GlossSettings)
    endpoint = settings.endpoint(parts.llm)
    prompt = load(settings.prompt, parts.language, GlossTask, parts.folder)
    if settings.source == "rewrite" and "rewrite" not in prompt.text:
        raise UsageError(
            f"{prompt.source}: does not use the field 'rewrite', without which [glosses] source "
            'cannot be "rewrite"'
        )

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(mode="json", include={"source", "rounds", "max_siblings"})
        own |= {
            "language": parts.language.code,
            "rules": settings.rules.decisive(parts.language),
        }
        return own | {"prompt": prompt.digest, "llm": decisive(endpoint)}

    async def run(work: StageWork) -> Counts:
        index = _index(work.inputs, parts.language)
        async with work.open_model(endpoint) as llm:
            return await _Rounds(settings, prompt, index, work, llm, parts.language).run()

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[GlossReply]]:
        index = _index(inputs, parts.language)
        own = _own(index, settings, parts.language)
        for synset_id in index.synsets:
            if synset_id not in own.kept:
                attempt = own.attempts.get(synset_id, Attempt())
                yield gloss_request(prompt, index, synset_id, settings, attempt)

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        return RequestEstimate(counts.get("synsets", 0), _PROMPT_TOKENS)

    def foreseen(counts: Counts) -> Counts:
        return {"glosses": counts.get("synsets", 0)}

    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "link"),
        tables={"glosses": Gloss},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(endpoint, _REPLY_TOKENS, listed, estimated, foreseen),
    )


DEFINITION = StageDefinition(NAME, GlossSettings, glosses_stage)


def _index(inputs: Mapping[str, Upstream], language: Language) -> SynsetIndex:
    return SynsetIndex(inputs["synsets"].table("synsets"), language, inputs["link"].table("links"))


def _own(index: SynsetIndex, settings: GlossSettings, language: Language) -> OwnGlosses:
    keep = settings.source == "keep"
    return own_glosses(index, settings.rules, language) if keep else OwnGlosses()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A gloss and what its provenance is made of: a fifth of the record's size in memory."""

    gloss: str
    request_key: str = ""
    model: str = ""
    round: int = 0
    """0: it is the source's own."""

    def provenance(self, prompt: Prompt) -> Provenance | None:
        if not self.round:
            return None
        return Provenance(
            request_key=self.request_key,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            model=self.model,
            sample=self.round - 1,
            round=self.round,
        )


@dataclass(frozen=True, slots=True)
class _Outcome:
    synset_id: str
    gloss: _Kept | None
    reject: Reject | None
    problems: tuple[str, ...]
    final: bool = False


@dataclass(slots=True)
class _Rounds:
    """Round by round: ask for what is missing, check each reply, then compare all glosses.

    Comparing waits for the end of a round, so that which of two equal glosses stays depends on
    their ids alone and not on which reply came first.
    """

    settings: GlossSettings
    prompt: Prompt
    index: SynsetIndex
    work: StageWork
    llm: LanguageModel
    language: Language
    accepted: dict[str, _Kept] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    _checker: GlossChecker = field(init=False)

    def __post_init__(self) -> None:
        self._checker = GlossChecker(self.settings.rules, self.language)

    async def run(self) -> Counts:
        pending = await self._keep_own()
        rounds = self.work.rounds(self.settings.rounds)
        for attempt in rounds:
            for round_ in attempt:
                pending = await self._round(round_, pending) if pending else []
            pending = sorted([*pending, *self.given_up])
            self.given_up.clear()
        for synset_id in pending:
            self.work.reject(
                Reject(
                    stage=NAME,
                    item_id=synset_id,
                    code="no_gloss",
                    detail=f"no acceptable gloss in {rounds[-1].stop - 1} rounds",
                    text="; ".join(self.index.synsets[synset_id].lemmas),
                )
            )
        write_table(self.work.table("glosses"), Gloss, self._rows())
        counts = {"glosses": len(self.accepted)}
        if self.settings.source == "keep":
            counts["from_source"] = sum(not kept.round for kept in self.accepted.values())
        return counts | {FAILED: len(pending)}

    async def _keep_own(self) -> list[str]:
        """Takes what may stay of the source's definitions; the synsets that must be asked for."""
        # Of a whole WordNet this takes half a minute, in which the display goes on.
        own = await asyncio.to_thread(_own, self.index, self.settings, self.language)
        self.accepted.update({synset_id: _Kept(gloss) for synset_id, gloss in own.kept.items()})
        self.attempts.update(own.attempts)
        for synset_id, (gloss, findings) in own.rejected.items():
            self.work.reject(rejected(NAME, synset_id, gloss, findings, None))
        return [synset_id for synset_id in self.index.synsets if synset_id not in self.accepted]

    def _rows(self) -> Iterator[Gloss]:
        for synset_id in sorted(self.accepted):
            kept = self.accepted[synset_id]
            made_by = kept.provenance(self.prompt)
            yield Gloss(synset_id=synset_id, gloss=kept.gloss, provenance=made_by)

    async def _round(self, round_: int, pending: list[str]) -> list[str]:
        self.work.progress.begin(len(pending), f"round {round_}")
        again: list[str] = []
        settled = frozenset(self.accepted)

        def done(outcome: _Outcome) -> None:
            self.work.progress.advance()
            if outcome.reject is not None:
                self.work.reject(outcome.reject)
            if outcome.gloss is not None:
                self.accepted[outcome.synset_id] = outcome.gloss
                self.work.progress.accepted += 1
            elif outcome.final:
                self.given_up.append(outcome.synset_id)
            else:
                self._attempt(outcome.synset_id).problems = outcome.problems
                again.append(outcome.synset_id)

        await each_in_order(
            pending,
            lambda synset_id: self._ask(synset_id, round_),
            done,
            at_once=2 * self.llm.settings.max_in_flight,
        )
        return sorted([*again, *self._withdraw_repeats(settled)])

    def _withdraw_repeats(self, settled: frozenset[str]) -> list[str]:
        """Takes back every new gloss that repeats a settled one, or one with an earlier id."""
        texts = {synset_id: row.gloss for synset_id, row in self.accepted.items()}
        groups = self.index.sibling_groups()
        repeats = equal_glosses(texts, self.language, self.settings.rules, groups, settled)
        for synset_id, finding in sorted(repeats.items()):
            kept = self.accepted.pop(synset_id)
            self.work.reject(
                rejected(NAME, synset_id, kept.gloss, [finding], kept.provenance(self.prompt))
            )
            self.work.progress.accepted -= 1
            attempt = self._attempt(synset_id)
            attempt.problems = problems_of(kept.gloss, [finding], self.language)
            attempt.avoid = (*attempt.avoid, kept.gloss)
        return sorted(repeats)

    def _attempt(self, synset_id: str) -> Attempt:
        return self.attempts.setdefault(synset_id, Attempt())

    async def _ask(self, synset_id: str, round_: int) -> _Outcome:
        attempt = self._attempt(synset_id)
        request = gloss_request(self.prompt, self.index, synset_id, self.settings, attempt, round_)
        asker = Asker(self.llm, self.prompt, self.work.tally)
        try:
            reply, made_by = await asker.ask(request, round_)
        except ItemError as error:
            row = unanswered(NAME, synset_id, error)
            return _Outcome(synset_id, None, row, (), final=is_final(error))
        entry = self.index.synsets[synset_id]
        checked = self._checker.check(GlossDraft(reply.gloss, entry.lemmas, entry.pos))
        if not isinstance(checked, str):
            row = rejected(NAME, synset_id, reply.gloss, checked, made_by)
            return _Outcome(synset_id, None, row, problems_of(reply.gloss, checked, self.language))
        kept = _Kept(checked, made_by.request_key, made_by.model, round_)
        return _Outcome(synset_id, kept, None, ())
