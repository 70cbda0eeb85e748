"""Stage ``glosses``: one definition per synset, asked for in rounds until it passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from languages.language import Language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.equality import equal_glosses
from pipeline.checks.finding import Finding
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.rules import GlossRules
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.rejecting import REQUEST_CODES, phrased, rejected, unanswered
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import GlossSettings, decisive
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt, load
from prompts.render import render
from prompts.replies import GlossReply, described
from prompts.tasks import GlossTask, OtherSynset
from schemas.errors import ItemError
from schemas.records import Gloss, Provenance, Reject
from schemas.tables import write_table

NAME = "glosses"
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
    prompt = load(settings.prompt, parts.language, GlossTask)

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(mode="json", include={"rounds", "max_siblings"})
        own |= {
            "language": parts.language.code,
            "rules": settings.rules.decisive(parts.language),
        }
        return own | {"prompt": prompt.digest, "llm": decisive(endpoint)}

    async def run(work: StageWork) -> Counts:
        inventory = SynsetIndex(work.inputs["synsets"].table("synsets"), parts.language)
        async with work.open_model(endpoint) as llm:
            return await _Rounds(settings, prompt, inventory, work, llm, parts.language).run()

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[GlossReply]]:
        inventory = SynsetIndex(inputs["synsets"].table("synsets"), parts.language)
        for synset_id in inventory.synsets:
            yield _request(prompt, _task(inventory, synset_id, settings, _Attempt()), synset_id, 1)

    def estimated(counts: Counts) -> RequestEstimate:
        return RequestEstimate(counts.get("synsets", 0), _PROMPT_TOKENS)

    def foreseen(counts: Counts) -> Counts:
        return {"glosses": counts.get("synsets", 0)}

    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets",),
        tables={"glosses": Gloss},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(endpoint, _REPLY_TOKENS, listed, estimated, foreseen),
    )


DEFINITION = StageDefinition(NAME, GlossSettings, glosses_stage)


@dataclass(slots=True)
class _Attempt:
    """What earlier rounds have found out about a synset's definition."""

    problems: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A gloss and what its provenance is made of: a fifth of the record's size in memory."""

    gloss: str
    request_key: str
    model: str
    round: int

    def provenance(self, prompt: Prompt) -> Provenance:
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
    inventory: SynsetIndex
    work: StageWork
    llm: LanguageModel
    language: Language
    accepted: dict[str, _Kept] = field(default_factory=dict)
    attempts: dict[str, _Attempt] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    _checker: GlossChecker = field(init=False)

    def __post_init__(self) -> None:
        self._checker = GlossChecker(self.settings.rules, self.language)

    async def run(self) -> Counts:
        pending = list(self.inventory.synsets)
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
                    text="; ".join(self.inventory.synsets[synset_id].lemmas),
                )
            )
        write_table(self.work.table("glosses"), Gloss, self._rows())
        return {"glosses": len(self.accepted), FAILED: len(pending)}

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
        groups = self.inventory.sibling_groups()
        repeats = equal_glosses(texts, self.language, self.settings.rules, groups, settled)
        for synset_id, finding in sorted(repeats.items()):
            kept = self.accepted.pop(synset_id)
            self.work.reject(
                rejected(NAME, synset_id, kept.gloss, [finding], kept.provenance(self.prompt))
            )
            self.work.progress.accepted -= 1
            attempt = self._attempt(synset_id)
            attempt.problems = self._problems(kept.gloss, [finding])
            attempt.avoid = (*attempt.avoid, kept.gloss)
        return sorted(repeats)

    def _attempt(self, synset_id: str) -> _Attempt:
        return self.attempts.setdefault(synset_id, _Attempt())

    async def _ask(self, synset_id: str, round_: int) -> _Outcome:
        task = _task(self.inventory, synset_id, self.settings, self._attempt(synset_id))
        asker = Asker(self.llm, self.prompt, self.work.tally)
        try:
            reply, made_by = await asker.ask(_request(self.prompt, task, synset_id, round_), round_)
        except ItemError as error:
            row = unanswered(NAME, synset_id, error)
            return _Outcome(synset_id, None, row, (), final=is_final(error))
        checked = self._checker.check(GlossDraft(reply.gloss, task.lemmas, task.pos))
        if not isinstance(checked, str):
            row = rejected(NAME, synset_id, reply.gloss, checked, made_by)
            return _Outcome(synset_id, None, row, self._problems(reply.gloss, checked))
        kept = _Kept(checked, made_by.request_key, made_by.model, round_)
        return _Outcome(synset_id, kept, None, ())

    def _problems(self, gloss: str, findings: Sequence[Finding]) -> tuple[str, ...]:
        quoted = self.language.findings.quoted
        return tuple(quoted.format(text=gloss, reason=found.reason) for found in findings)


def _task(
    inventory: SynsetIndex, synset_id: str, settings: GlossSettings, attempt: _Attempt
) -> GlossTask:
    entry = inventory.synsets[synset_id]
    room = settings.max_siblings
    siblings = []
    for lemma in entry.lemmas:
        others = inventory.siblings(synset_id, lemma)[:room]
        room -= len(others)
        if others:
            siblings.append((lemma, tuple(_other(inventory, other) for other in others)))
    return GlossTask(
        lemmas=entry.lemmas,
        pos=entry.pos,
        supersense=entry.supersense,
        source_gloss=entry.source_gloss.text if entry.source_gloss else None,
        source_language=entry.source_gloss.language if entry.source_gloss else "",
        hypernyms=entry.hypernyms,
        source_examples=tuple(example.text for example in entry.source_examples),
        siblings=tuple(siblings),
        problems=attempt.problems,
        avoid=attempt.avoid,
    )


def _other(inventory: SynsetIndex, synset_id: str) -> OtherSynset:
    entry = inventory.synsets[synset_id]
    definition = entry.source_gloss.text if entry.source_gloss else ""
    return OtherSynset(entry.lemmas, entry.pos, entry.supersense, definition)


def _request(prompt: Prompt, task: GlossTask, synset_id: str, round_: int) -> Request[GlossReply]:
    item = f"{NAME}/{synset_id}/{round_}"
    reply = described(GlossReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, item, round_)
