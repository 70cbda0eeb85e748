"""Stage ``contexts``: sentences for every sense, asked for until each has its number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.duplicates import Accepted
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, unmark
from pipeline.engine.ordered import each_in_order
from pipeline.engine.runner import FAILED
from pipeline.engine.stage import Counts, Estimate, Requests, Stage, Upstream, Work
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.llm.settings import EndpointSettings
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.inventory import Inventory
from pipeline.stages.rejecting import rejected, unanswered
from pipeline.stages.settings import ContextSettings, decisive
from prompts.catalogue import Prompt, load
from prompts.render import render
from prompts.replies import ContextsReply, GroupedContextsReply
from prompts.tasks import ContextsGroupTask, ContextsTask, WantedWord
from schemas.errors import ItemError
from schemas.ids import context_id
from schemas.records import Context, Gloss, Provenance, Reject, Sense
from schemas.tables import TableWriter, count_rows, read_table
from schemas.text import match_key

NAME = "contexts"
VERSION = 2  # the prompt's own examples count as seen
PROBLEMS_SHOWN = 10
_EXAMPLE = re.compile(r'"([^"\[\]]*\[\[[^"\[\]]+\]\][^"\[\]]*[.!?…])"')
_SENTENCE_TOKENS = 45


def stage(settings: ContextSettings, llm: EndpointSettings) -> Stage:
    """The stage bound to its settings."""
    endpoint = settings.endpoint(llm)
    prompts = Prompts(
        load(settings.prompt, ContextsTask), load(settings.group_prompt, ContextsGroupTask)
    )

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(
            mode="json",
            include={"rounds", "per_sense", "lemmas_per_request", "max_siblings", "rules"},
        )
        digests = {"prompt": prompts.single.digest, "group_prompt": prompts.group.digest}
        return own | digests | {"llm": decisive(endpoint)}

    async def run(work: Work) -> Counts:
        senses = Senses(work.inputs, settings)
        coverage: Counter[int] = Counter()
        work.progress.begin(len(senses))
        async with work.open_model(endpoint) as llm:
            writer = ContextWriter(settings, prompts, senses, work, llm)
            with TableWriter(work.table("contexts"), Context) as table:

                def done(results: list[_Wanted]) -> None:
                    for wanted in results:
                        for row in wanted.rejects:
                            work.reject(row)
                        table.extend(sorted(wanted.accepted, key=lambda row: row.context_id))
                        coverage[len(wanted.accepted)] += 1
                        work.progress.accepted += len(wanted.accepted)
                        work.progress.advance()

                await each_in_order(
                    senses.units(), writer.fill, done, at_once=2 * llm.settings.max_in_flight
                )
        return _counts(coverage, settings.per_sense)

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[ContextsReply]]:
        senses = Senses(inputs, settings)
        for unit in senses.units():
            yield first_request(unit, prompts, senses, settings)  # type: ignore[misc]

    def estimated(counts: Counts) -> Estimate:
        units = -(-counts.get("senses", 0) // settings.lemmas_per_request)
        each = settings.per_sense * settings.lemmas_per_request * _SENTENCE_TOKENS
        return Estimate(units, 600, each)

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses"),
        tables={"contexts": Context},
        settings=result_settings,
        run=run,
        requests=Requests(endpoint, listed, estimated),
    )


@dataclass(frozen=True, slots=True)
class Prompts:
    """The template for one lemma, and the one for several lemmas of a synset."""

    single: Prompt
    group: Prompt


@dataclass(slots=True)
class _Wanted:
    """One sense on its way to its number of contexts."""

    sense_id: str
    synset_id: str
    lemma: str
    accepted: list[Context] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seen: Accepted | None = None
    given_up: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(row.sentence for row in self.accepted)


class Senses:
    """The senses that have a gloss, in units that share a first request."""

    def __init__(self, inputs: Mapping[str, Upstream], settings: ContextSettings) -> None:
        self.inventory = Inventory(inputs["synsets"].table("synsets"))
        self.glosses = glosses_by_synset(inputs["glosses"].table("glosses"))
        self._path = inputs["synsets"].table("senses")
        self._settings = settings

    def __len__(self) -> int:
        if len(self.glosses) == len(self.inventory.synsets):
            return count_rows(self._path, Sense)
        return sum(len(self.inventory.synsets[synset].lemmas) for synset in self.glosses)

    def units(self) -> Iterator[list[_Wanted]]:
        """Senses of one synset, as many together as the settings allow, in the order of ids."""
        size = self._settings.lemmas_per_request
        rows = (row for row in read_table(self._path, Sense) if row.synset_id in self.glosses)
        for _, group in groupby(rows, key=lambda row: row.synset_id):
            senses = [_Wanted(row.sense_id, row.synset_id, row.lemma) for row in group]
            for start in range(0, len(senses), size):
                yield senses[start : start + size]

    def other_glosses(self, wanted: _Wanted) -> tuple[str, ...]:
        """The glosses of the lemma's other senses, as many as a prompt shows."""
        others = self.inventory.siblings(wanted.synset_id, wanted.lemma)
        known = (self.glosses[other] for other in others if other in self.glosses)
        return tuple(known)[: self._settings.max_siblings]


class ContextWriter:
    """Asks for contexts, checks each sentence, and asks again for what is missing."""

    def __init__(
        self,
        settings: ContextSettings,
        prompts: Prompts,
        senses: Senses,
        work: Work,
        llm: LanguageModel,
    ) -> None:
        self._settings = settings
        self._prompts = prompts
        self._senses = senses
        self._single = Asker(llm, prompts.single, work.tally)
        self._group = Asker(llm, prompts.group, work.tally)
        texts = (prompts.single.text, prompts.group.text)
        self._examples = tuple(sound for text in texts for sound in example_sentences(text))
        self._checker = ContextChecker(senses.inventory.lemma_keys(), settings.rules)

    async def fill(self, unit: list[_Wanted]) -> list[_Wanted]:
        """Brings every sense of a unit to its number, or to the end of its rounds."""
        first = 1
        if len(unit) > 1:
            await self._ask_together(unit)
            first = 2
        for wanted in unit:
            for round_ in range(first, self._settings.rounds + 1):
                if wanted.given_up or len(wanted.accepted) >= self._settings.per_sense:
                    break
                await self._ask_single(wanted, round_)
            if not wanted.accepted:
                wanted.rejects.append(_without_any(wanted, self._settings.rounds))
        return unit

    async def _ask_single(self, wanted: _Wanted, round_: int) -> None:
        request = single_request(wanted, round_, self._prompts.single, self._senses, self._settings)
        try:
            reply, made_by = await self._single.ask(request, round_)
        except ItemError as error:
            _failed([wanted], error)
            return
        self._take(wanted, reply.contexts, made_by)

    async def _ask_together(self, unit: list[_Wanted]) -> None:
        request = group_request(unit, self._prompts.group, self._senses, self._settings)
        try:
            reply, made_by = await self._group.ask(request, 1)
        except ItemError as error:
            _failed(unit, error)
            return
        sentences: dict[str, list[str]] = {}
        for word in reply.words:
            sentences.setdefault(match_key(word.lemma), []).extend(word.contexts)
        for wanted in unit:
            self._take(wanted, sentences.get(match_key(wanted.lemma), []), made_by)

    def _take(self, wanted: _Wanted, marked: Iterable[str], made_by: Provenance) -> None:
        """Sorts the sentences of a reply into accepted and rejected."""
        wanted.problems.clear()
        gloss = self._senses.glosses[wanted.synset_id]
        # Weak models send the prompt's own examples back, with their target in the place of ours.
        seen = wanted.seen = wanted.seen or Accepted(self._settings.rules, self._examples)
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
        self, wanted: _Wanted, text: str, findings: tuple[Finding, ...], made_by: Provenance
    ) -> None:
        wanted.rejects.append(rejected(NAME, wanted.sense_id, text, findings, made_by))
        if len(wanted.problems) < PROBLEMS_SHOWN:
            wanted.problems.append(f"“{text}”: {findings[0].reason_vi}")


def example_sentences(template: str) -> tuple[Sound, ...]:
    """The marked sentences that a prompt template shows as examples, in its JSON strings."""
    found = (unmark(text) for text in _EXAMPLE.findall(template))
    return tuple(sound for sound in found if sound is not None)


def first_request(
    unit: list[_Wanted], prompts: Prompts, senses: Senses, settings: ContextSettings
) -> Request[ContextsReply] | Request[GroupedContextsReply]:
    """The request that a unit of senses begins with."""
    if len(unit) > 1:
        return group_request(unit, prompts.group, senses, settings)
    return single_request(unit[0], 1, prompts.single, senses, settings)


def single_request(
    wanted: _Wanted, round_: int, prompt: Prompt, senses: Senses, settings: ContextSettings
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
    return Asker.request(render(prompt, task), ContextsReply, item, round_)


def group_request(
    unit: list[_Wanted], prompt: Prompt, senses: Senses, settings: ContextSettings
) -> Request[GroupedContextsReply]:
    """Asks for the contexts of several lemmas of one synset."""
    synset_id = unit[0].synset_id
    entry = senses.inventory.synsets[synset_id]
    task = ContextsGroupTask(
        words=tuple(
            WantedWord(wanted.lemma, settings.per_sense, senses.other_glosses(wanted))
            for wanted in unit
        ),
        pos=entry.pos,
        supersense=entry.supersense,
        gloss=senses.glosses[synset_id],
    )
    item = f"{NAME}/{unit[0].sense_id}+{len(unit) - 1}/1"
    return Asker.request(render(prompt, task), GroupedContextsReply, item, 1)


def glosses_by_synset(table: Path) -> dict[str, str]:
    """The gloss of every synset that has one."""
    return {row.synset_id: row.gloss for row in read_table(table, Gloss)}


def _context(wanted: _Wanted, sound: Sound, made_by: Provenance) -> Context:
    return Context(
        context_id=context_id(wanted.sense_id, sound.sentence, sound.start, sound.end),
        sense_id=wanted.sense_id,
        sentence=sound.sentence,
        target_start=sound.start,
        target_end=sound.end,
        provenance=made_by,
    )


def _failed(unit: list[_Wanted], error: ItemError) -> None:
    for wanted in unit:
        wanted.given_up = wanted.given_up or (is_final(error) and len(unit) == 1)
        wanted.rejects.append(unanswered(NAME, wanted.sense_id, error))


def _without_any(wanted: _Wanted, rounds: int) -> Reject:
    return Reject(
        stage=NAME,
        item_id=wanted.sense_id,
        code="no_contexts",
        detail=f"no acceptable context in {rounds} rounds",
        text=wanted.lemma,
    )


def _counts(coverage: Counter[int], per_sense: int) -> Counts:
    senses = coverage.total()
    return {
        "senses": senses,
        "contexts": sum(n * count for n, count in coverage.items()),
        "senses_complete": coverage[per_sense],
        "senses_short": senses - coverage[per_sense] - coverage[0],
        FAILED: coverage[0],
    }
