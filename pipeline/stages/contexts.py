"""Stage ``contexts``: sentences for every sense, asked for until each has its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from pathlib import Path

from pipeline.checks.reference import MESSAGE, Reference, count_of
from pipeline.checks.rules import ContextRules
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.progress import Progress
from pipeline.engine.shards import REJECTS, Sharded, ShardTables
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.select.settings import SelectSettings
from pipeline.stages.context_intake import ContextIntake
from pipeline.stages.context_requests import NAME, ContextRequests, Prompts
from pipeline.stages.context_writer import ContextWriter
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.passes import DROPPED
from pipeline.stages.rejecting import REQUEST_CODES, phrased
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.senses import Senses, Wanted, savings
from pipeline.stages.settings import ContextSettings, decisive
from pipeline.stages.shortage import Shortage
from pipeline.variety.plan import SlotPlan
from prompts.catalogue import load
from prompts.replies import ContextsReply
from prompts.tasks import ContextsGroupTask, ContextsTask
from schemas.records import Context
from schemas.tables import TableWriter

VERSION = 3  # sentences are numbered, and have slots
WISHES = "wishes"
"""What a template shows of slots; where one does not, nothing is asked of single sentences."""
_Further = tuple[Wanted, range]
_REFILL = (
    f"as if {DROPPED:.0%} of a pass's sentences were dropped; counted once the pass before is done"
)
_PROMPT_TOKENS, _SENTENCE_TOKENS = 900, 45
_WORTH = 2_000
"""Senses that take several times as long as starting processes does."""
_CODES = {
    **phrased(ContextRules.codes),
    **MESSAGE,
    **REQUEST_CODES,
    "no_contexts": "the sense got no acceptable sentence in all its rounds",
}


def contexts_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings."""
    settings = parts.section(ContextSettings)
    endpoint = settings.endpoint(parts.llm)
    prompts = Prompts(
        load(settings.prompt, parts.language, ContextsTask, parts.folder),
        load(settings.group_prompt, parts.language, ContextsGroupTask, parts.folder),
    )
    plan = SlotPlan(parts.language, settings.slots)
    planned = settings.slots.on and all(
        WISHES in prompt.text for prompt in (prompts.single, prompts.group)
    )

    before = parts.turn.before(NAME, "select")

    def shortage(inputs: Mapping[str, Upstream]) -> Shortage:
        written, selected = (inputs[name] for name in before)
        return Shortage.of(written, selected, parts.section(SelectSettings).max_contexts_per_sense)

    def further(requests: ContextRequests, inputs: Mapping[str, Upstream]) -> Iterator[_Further]:
        """Every sense with what was written for it, and the numbers that are written now."""
        short = shortage(inputs)
        for unit in short.with_written(requests.senses.units()):
            for wanted in unit:
                wanted.n = short.of_sense(wanted)
                yield wanted, requests.further(wanted.n, parts.turn.number - 1)

    def requests_for(inputs: Mapping[str, Upstream]) -> ContextRequests:
        senses = Senses(inputs, settings, parts.language)
        return ContextRequests(prompts, senses, settings, plan if planned else None)

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(
            mode="json",
            include={
                *("source", "rounds", "per_sense", "per_request", "lemmas_per_request"),
                *("which", "per_kind"),
                *("max_siblings", "temperature_step"),
            },
        )
        own |= parts.reference()
        own["slots"] = plan.decisive() if planned else False
        own |= {"language": parts.language.code, "rules": settings.rules.decisive(parts.language)}
        digests = {"prompt": prompts.single.digest, "group_prompt": prompts.group.digest}
        return own | digests | {"llm": decisive(endpoint)}

    def writing(inputs: Mapping[str, Upstream]) -> _Writing:
        return _Writing(requests_for(inputs), settings, parts)

    async def run(work: StageWork) -> Counts:
        what = writing(work.inputs)
        senses, found = what.requests.senses, Counter[str]()
        work.progress.begin(len(senses))
        async with work.open_model(endpoint) as llm:
            writer = what.writer(work, llm)
            with TableWriter(work.table("contexts"), Context) as table:

                def done(results: list[Wanted]) -> None:
                    for wanted in results:
                        for row in wanted.rejects:
                            work.reject(row)
                        table.extend(what.rows(wanted, found, work.progress))

                async def refill(sense: _Further) -> list[Wanted]:
                    return [await writer.refill(*sense)]

                at_once = 2 * llm.settings.max_in_flight
                if before:
                    short = further(what.requests, work.inputs)
                    await each_in_order(short, refill, done, at_once=at_once)
                else:
                    await each_in_order(senses.units(), writer.fill, done, at_once=at_once)
        return _counts(found, settings, parts)

    async def run_shard(
        what: _Writing,
        number: int,
        work: StageWork,
        output: ShardTables,
        all_begun: Callable[[], None],
    ) -> Counts:
        found = Counter[str]()
        async with work.open_model(endpoint) as llm:
            writer = what.writer(work, llm)

            async def fill(unit: tuple[int, list[Wanted]]) -> tuple[int, list[Wanted]]:
                return unit[0], await writer.fill(unit[1])

            def done(unit: tuple[int, list[Wanted]]) -> None:
                position, results = unit
                rejects = [row for wanted in results for row in wanted.rejects]
                for row in rejects:
                    work.reject(row)
                output.add(REJECTS, position, rejects)
                rows = [what.rows(wanted, found, work.progress) for wanted in results]
                output.add("contexts", position, [row for each in rows for row in each])

            def units() -> Iterator[tuple[int, list[Wanted]]]:
                yield from what.requests.senses.shard(number)
                all_begun()

            at_once = 2 * llm.settings.max_in_flight
            await each_in_order(units(), fill, done, at_once=at_once)
        return _counts(found, settings, parts)

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[ContextsReply]]:
        requests = requests_for(inputs)
        if before:
            for wanted, numbers in further(requests, inputs):
                if numbers:
                    yield requests.single(wanted, numbers, 1)
            return
        reference = Reference(parts.checks, parts.language)
        intake = ContextIntake(settings, requests, parts.language, reference)
        for unit in requests.senses.units():
            asked = intake.begin(unit)
            for portion in requests.portions(max((wanted.n for wanted in asked), default=0)):
                wanted_now = [wanted for wanted in asked if wanted.n >= portion.start]
                if lacking := [wanted for wanted in wanted_now if wanted.lacking(portion)]:
                    yield requests.first(lacking, portion)  # type: ignore[misc]

    def n_senses(counts: Counts) -> int:
        few = settings.which == "ambiguous" or settings.per_kind.monosemous == 0
        return counts.get("senses", 0) - (counts.get("senses_monosemous", 0) if few else 0)

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        if before:
            return RequestEstimate(round(n_senses(counts) * short_share), _PROMPT_TOKENS)
        by_size = -(-n_senses(counts) // settings.lemmas_per_request)
        units = max(by_size, counts.get("synsets", 0) if by_size else 0)
        return RequestEstimate(
            units * -(-settings.per_sense // settings.per_request), _PROMPT_TOKENS
        )

    def foreseen(counts: Counts) -> Counts:
        return {"contexts": settings.per_sense * n_senses(counts)}

    def n_senses_in(inputs: Mapping[str, Upstream]) -> int:
        counts = {**inputs["synsets"].manifest.counts}
        return n_senses(counts)

    def prepare(inputs: Mapping[str, Upstream], _: Path) -> _Writing:
        return writing(inputs)

    def told(inputs: Mapping[str, Upstream]) -> Iterator[str]:
        if before and not inputs.keys() >= {*before}:
            yield _REFILL
        elif "synsets" in inputs and not before:
            senses = inputs["synsets"].table("senses")
            yield from savings(senses, settings, parts.language)

    share = parts.turn.rewritten
    short_share = 1 - (1 - share) ** settings.per_sense  # of senses that lost a sentence
    a_request = settings.per_request * settings.lemmas_per_request
    if before:
        a_request = ceil(settings.per_sense * share / short_share)
    return AskingStage(
        name=parts.turn.name(NAME),
        version=VERSION,
        inputs=("synsets", "glosses", *before),
        tables={"contexts": Context},
        settings=result_settings,
        run=run,
        codes=_CODES,
        sharded=None if before else Sharded(n_senses_in, _WORTH, prepare, run_shard),
        requests=Requests(
            *(endpoint, a_request * _SENTENCE_TOKENS, listed, estimated, foreseen),
            told=told,
        ),
    )


DEFINITION = StageDefinition(NAME, ContextSettings, contexts_stage, repeats=True)


class _Writing:
    """What the stage needs beside a model, whoever runs it."""

    def __init__(
        self, requests: ContextRequests, settings: ContextSettings, parts: RunParts
    ) -> None:
        self.requests = requests
        self._settings = settings
        self._language = parts.language
        self._reference = Reference(parts.checks, parts.language)
        self._intake = ContextIntake(settings, requests, parts.language, self._reference)

    def writer(self, work: StageWork, llm: LanguageModel) -> ContextWriter:
        """Asks ``llm`` for what is reported to ``work``."""
        return ContextWriter(self._settings, self.requests, work, llm, self._intake, self._language)

    def rows(self, wanted: Wanted, found: Counter[str], progress: Progress) -> list[Context]:
        """The sentences of a sense that is done, counted, in the order of their ids."""
        own = wanted.rows()
        rows = [*wanted.before, *own]
        found["senses"] += 1
        found["contexts"] += len(rows)
        found["from_source"] += sum(row.provenance is None for row in rows)
        found["near"] += sum(self._reference.shared(row.sentence) is not None for row in rows)
        found["complete"] += len(own) == wanted.n
        found["without"] += not rows
        progress.accepted += len(rows)
        progress.advance()
        return sorted(rows, key=lambda row: row.context_id)


def _counts(found: Counter[str], settings: ContextSettings, parts: RunParts) -> Counts:
    return {
        "senses": found["senses"],
        "contexts": found["contexts"],
        **({"from_source": found["from_source"]} if settings.source == "keep" else {}),
        "senses_complete": found["complete"],
        "senses_short": found["senses"] - found["complete"] - found["without"],
        FAILED if parts.turn.is_last else "senses_without": found["without"],
        **count_of(found["near"], parts.checks),
    }
