"""Stage ``rephrase``: released sentences in other words and in another language, sense kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack

from languages.find import find_language
from pipeline.checks.rules import ContextRules
from pipeline.checks.translations import MESSAGES
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.request import Request
from pipeline.stages.asking import Asker
from pipeline.stages.context_intake import example_sentences
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.judge_bench import in_requests, shuffled
from pipeline.stages.judge_panel import Judge, judge_request
from pipeline.stages.rejecting import REQUEST_CODES, phrased
from pipeline.stages.rephrase_requests import NAME, Rephrased, rephrase_request
from pipeline.stages.rephrase_rounds import Checks, Outcome, Rephraser, foreseen
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import (
    ONLY_JUDGE,
    ContextSettings,
    JudgeSettings,
    RephraseSettings,
    decisive,
)
from prompts.catalogue import load
from prompts.replies import JudgeReply, RephraseReply
from prompts.tasks import JudgeTask, RephraseTask
from schemas.errors import UsageError
from schemas.records import RephrasedAs, Rephrasing
from schemas.tables import TableWriter

VERSION = 1
_PROMPT_TOKENS, _SENTENCE_TOKENS, _CHOICE_TOKENS = 450, 45, 16
_CODES = {
    **phrased(ContextRules.codes),
    **MESSAGES,
    **REQUEST_CODES,
    "meaning_lost": "a judge that was not told the sense took the target for another one",
    "unjudged": "the judge gave no valid choice in all its rounds",
}


def rephrase_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings; where no kind is set it asks nothing."""
    settings, judging = parts.section(RephraseSettings), parts.section(JudgeSettings)
    kinds, to = settings.kinds, find_language(settings.to)
    if RephrasedAs.TRANSLATION in kinds and to == parts.language:
        raise UsageError(
            f'[rephrase] to = "{to.code}" is the language of the run: name another one, or leave '
            '"translation" out of kinds'
        )
    endpoint, judge_endpoint = settings.endpoint(parts.llm), judging.endpoints(parts.llm)[0]
    names = {
        RephrasedAs.PARAPHRASE: settings.prompt,
        RephrasedAs.TRANSLATION: settings.translate_prompt,
    }
    prompts = {
        kind: load(names[kind], parts.language, RephraseTask, parts.folder) for kind in kinds
    }
    judge_prompt = load(judging.prompt, parts.language, JudgeTask, parts.folder)
    rules = parts.section(ContextSettings).rules

    def result_settings() -> Mapping[str, object]:
        if not kinds:
            return {"kinds": []}
        deciding = {"kinds", "to", "rounds", "per_sense", "per_request", "splits"}
        own = settings.model_dump(mode="json", include=deciding)
        own |= {"language": parts.language.code, "rules": rules.decisive(parts.language)}
        own |= {"prompts": [prompts[kind].digest for kind in kinds], "llm": decisive(endpoint)}
        judge = {"rounds": judging.rounds, "size": judging.size, "prompt": judge_prompt.digest}
        return own | {"judge": judge | {"llm": decisive(judge_endpoint)}}

    def rephrased_of(inputs: Mapping[str, Upstream]) -> Rephrased:
        return Rephrased(inputs, settings, parts.language)

    async def run(work: StageWork) -> Counts:
        found = Counter[str]()
        with TableWriter(work.table("rephrasings"), Rephrasing) as table:
            if not kinds:
                return _counts(found, kinds)
            rephrased = rephrased_of(work.inputs)
            work.progress.begin(len(rephrased.bench))

            def done(outcome: Outcome) -> None:
                for reject in outcome.rejects:
                    work.reject(reject)
                table.extend(outcome.rows)
                found.update(row.kind.value for row in outcome.rows)
                found[FAILED] += outcome.failed
                work.progress.accepted += len(outcome.rows)
                work.progress.advance(len(outcome.docket.contexts))

            async with AsyncExitStack() as stack:
                llm = await stack.enter_async_context(work.open_model(endpoint))
                reader = await stack.enter_async_context(work.open_model(judge_endpoint))
                shown = [s for prompt in prompts.values() for s in example_sentences(prompt.text)]
                rephraser = Rephraser(
                    rephrased,
                    Checks(rules, rephrased, parts.language, to, shown),
                    {kind: Asker(llm, prompts[kind], work.tally) for kind in kinds},
                    Judge(
                        ONLY_JUDGE,
                        judge_prompt,
                        Asker(reader, judge_prompt, work.tally),
                        judging.size,
                        rephrased.bench.meaning,
                        NAME,
                    ),
                    judging.rounds,
                    work.rounds(settings.rounds),
                    parts.language,
                )
                at_once = 2 * llm.settings.max_in_flight
                await each_in_order(rephrased.dockets(), rephraser.rephrase, done, at_once=at_once)
        return _counts(found, kinds)

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[RephraseReply]]:
        rephrased = rephrased_of(inputs)
        for docket in rephrased.dockets() if kinds else ():
            for group in rephrased.groups(rephrased.drawn(docket)):
                yield rephrase_request(prompts[group.kind], group, rephrased, docket.lemma)

    def to_be_judged(inputs: Mapping[str, Upstream]) -> Iterator[Request[JudgeReply]]:
        rephrased = rephrased_of(inputs)
        for docket in rephrased.dockets() if kinds else ():
            judged = foreseen(rephrased.drawn(docket), kinds)
            for together in in_requests(judged, judging.size):
                shown = shuffled(docket.candidates, together[0].context_id)
                yield judge_request(docket, together, shown, ONLY_JUDGE, judge_prompt, 1, NAME)

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        requests = -(-settings.per_sense // settings.per_request) * counts.get("senses", 0)
        return RequestEstimate(requests * len(kinds), _PROMPT_TOKENS)

    def judged_in(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        texts = settings.per_sense * counts.get("senses", 0) * len(kinds)
        return RequestEstimate(-(-texts // judging.size), _PROMPT_TOKENS)

    judge_requests = Requests(
        judge_endpoint,
        _CHOICE_TOKENS * judging.size,
        to_be_judged,
        judged_in,
        lambda _: {},
        asks=bool(kinds),
    )
    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses", "select", "split"),
        tables={"rephrasings": Rephrasing},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(
            endpoint,
            _SENTENCE_TOKENS * min(settings.per_sense, settings.per_request),
            listed,
            estimated,
            lambda _: {},
            asks=bool(kinds),
            others=(judge_requests,),
        ),
    )


DEFINITION = StageDefinition(NAME, RephraseSettings, rephrase_stage)


def _counts(found: Counter[str], kinds: tuple[RephrasedAs, ...]) -> Counts:
    if not kinds:
        return {"rephrasings": 0}
    told = {f"{kind.value}s": found[kind.value] for kind in kinds}
    return {"rephrasings": sum(told.values()), **told, FAILED: found[FAILED]}
