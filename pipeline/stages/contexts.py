"""Stage ``contexts``: sentences for every sense, asked for until each has its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pipeline.checks.rules import ContextRules
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.request import Request
from pipeline.stages.context_intake import ContextIntake
from pipeline.stages.context_requests import NAME, Prompts, first_request
from pipeline.stages.context_writer import ContextWriter
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.rejecting import REQUEST_CODES, phrased
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings, decisive
from prompts.catalogue import load
from prompts.replies import ContextsReply
from prompts.tasks import ContextsGroupTask, ContextsTask
from schemas.records import Context
from schemas.tables import TableWriter

VERSION = 2  # the prompt's own examples count as seen
_PROMPT_TOKENS, _SENTENCE_TOKENS = 600, 45
_CODES = {
    **phrased(ContextRules.codes),
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

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(
            mode="json",
            include={"source", "rounds", "per_sense", "lemmas_per_request", "max_siblings"},
        )
        own |= {"language": parts.language.code, "rules": settings.rules.decisive(parts.language)}
        digests = {"prompt": prompts.single.digest, "group_prompt": prompts.group.digest}
        return own | digests | {"llm": decisive(endpoint)}

    async def run(work: StageWork) -> Counts:
        senses = Senses(work.inputs, settings, parts.language)
        coverage: Counter[int] = Counter()
        n_own = 0
        work.progress.begin(len(senses))
        async with work.open_model(endpoint) as llm:
            writer = ContextWriter(settings, prompts, senses, work, llm, parts.language)
            with TableWriter(work.table("contexts"), Context) as table:

                def done(results: list[Wanted]) -> None:
                    nonlocal n_own
                    for wanted in results:
                        for row in wanted.rejects:
                            work.reject(row)
                        table.extend(sorted(wanted.accepted, key=lambda row: row.context_id))
                        n_own += sum(row.provenance is None for row in wanted.accepted)
                        coverage[len(wanted.accepted)] += 1
                        work.progress.accepted += len(wanted.accepted)
                        work.progress.advance()

                await each_in_order(
                    senses.units(), writer.fill, done, at_once=2 * llm.settings.max_in_flight
                )
        return _counts(coverage, settings, n_own)

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[ContextsReply]]:
        senses = Senses(inputs, settings, parts.language)
        intake = ContextIntake(settings, prompts, senses, parts.language)
        for unit in senses.units():
            if asked := intake.begin(unit):
                yield first_request(asked, prompts, senses, settings)  # type: ignore[misc]

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        by_size = -(-counts.get("senses", 0) // settings.lemmas_per_request)
        units = max(by_size, counts.get("synsets", 0) if by_size else 0)
        return RequestEstimate(units, _PROMPT_TOKENS)

    def foreseen(counts: Counts) -> Counts:
        return {"contexts": settings.per_sense * counts.get("senses", 0)}

    reply_tokens = settings.per_sense * settings.lemmas_per_request * _SENTENCE_TOKENS
    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses"),
        tables={"contexts": Context},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(endpoint, reply_tokens, listed, estimated, foreseen),
    )


DEFINITION = StageDefinition(NAME, ContextSettings, contexts_stage)


def _counts(coverage: Counter[int], settings: ContextSettings, n_own: int) -> Counts:
    senses, complete = coverage.total(), coverage[settings.per_sense]
    return {
        "senses": senses,
        "contexts": sum(n * count for n, count in coverage.items()),
        **({"from_source": n_own} if settings.source == "keep" else {}),
        "senses_complete": complete,
        "senses_short": senses - complete - coverage[0],
        FAILED: coverage[0],
    }
