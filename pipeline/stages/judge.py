"""Stage ``judge``: models say which sense each sentence uses, not told which was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from math import ceil
from pathlib import Path

from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.shards import REJECTS, Sharded, ShardTables
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.request import Request
from pipeline.llm.settings import EndpointSettings
from pipeline.panel.ballots import Ballots
from pipeline.panel.figures import panel_figures
from pipeline.panel.records import CastVote
from pipeline.select.records import UnjudgedContext
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.judge_bench import Bench, Docket, copy_contexts
from pipeline.stages.judge_panel import NAME, Decided, Panel, sure_requests
from pipeline.stages.passes import Pass
from pipeline.stages.rejecting import REQUEST_CODES
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import ContextSettings, JudgeSettings, decisive
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import load
from prompts.replies import JudgeReply
from prompts.tasks import JudgeTask
from schemas.records import Verdict
from schemas.tables import TableWriter, read_table

VERSION = 3  # sentences of a lemma's senses are mixed; several judges
_PROMPT_TOKENS, _SENTENCE_TOKENS, _CANDIDATE_TOKENS, _CHOICE_TOKENS = 250, 30, 15, 16
_WORTH = 20_000
"""Contexts that take several times as long as starting processes does."""
_COPY = "contexts.arrow"
_CODES = REQUEST_CODES | {"unjudged": "no judge gave a valid choice in all its rounds"}


def judge_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings; a judge that is switched off leaves empty tables."""
    settings = parts.section(JudgeSettings)
    endpoints = settings.endpoints(parts.llm)
    prompt = load(settings.prompt, parts.language, JudgeTask, parts.folder)
    contexts, before = parts.turn.name("contexts"), parts.turn.before(NAME)

    def bench_of(inputs: Mapping[str, Upstream], copy: Path | None = None) -> Bench:
        voted = [inputs[name].table("votes") for name in before]
        return Bench(
            inputs,
            inputs[contexts].table("contexts"),
            parts.language,
            monosemous=settings.monosemous,
            voted=voted,
            copy=copy,
        )

    def result_settings() -> Mapping[str, object]:
        if not settings.enabled:
            return {"enabled": False}
        own = settings.model_dump(
            mode="json", include={"enabled", "rounds", "together", "per_request", "monosemous"}
        )
        if settings.members:
            judges = zip(settings.names, map(decisive, endpoints), strict=True)
            own |= {"members": [[*judge] for judge in judges], "control": settings.control}
        else:
            own["llm"] = decisive(endpoints[0])
        return own | {"prompt": prompt.digest}

    async def run(work: StageWork) -> Counts:
        with (
            TableWriter(work.table("verdicts"), Verdict) as verdicts,
            TableWriter(work.table("votes"), CastVote) as votes,
            TableWriter(work.table("unjudged"), UnjudgedContext) as unjudged,
        ):
            if not settings.enabled:
                return _counts(Counter(), settings, parts.turn)
            bench = bench_of(work.inputs)
            ballots = Ballots(len(bench), settings.names, bench.meaning)
            work.progress.begin(len(bench))
            for at, cast in bench.voted():
                votes.extend(cast)
                ballots.add(at, cast)
                work.progress.advance()

            def done(result: Decided) -> None:
                for reject in result.rejects:
                    work.reject(reject)
                for judged in sorted(result.docket.contexts, key=lambda each: each.row):
                    votes.extend(judged.votes)
                    ballots.add(judged.row, judged.votes)
                    work.progress.accepted += any(vote.agrees for vote in judged.votes)
                work.progress.advance(len(result.docket.contexts))

            async with AsyncExitStack() as stack:
                models = [
                    await stack.enter_async_context(work.open_model(endpoint))
                    for endpoint in endpoints
                ]
                panel = Panel(settings, prompt, work, models, bench.meaning)
                at_once = 2 * max(model.settings.max_in_flight for model in models)
                await each_in_order(bench.dockets(), panel.decide, done, at_once=at_once)
            found = Counter[str]()
            for row in ballots.verdicts(bench.ids()):
                verdicts.append(row)
                found[_kind(row)] += 1
                found["votes"] += len(row.votes)
            for name in bench.ids_of(ballots.without_votes()):
                unjudged.append(UnjudgedContext(context_id=name))
                found[FAILED] += 1
        _say(work)
        return _counts(found, settings, parts.turn)

    async def run_shard(
        bench: Bench,
        number: int,
        work: StageWork,
        output: ShardTables,
        all_begun: Callable[[], None],
    ) -> Counts:
        part, found = bench.part(number), Counter[str]()
        ballots = Ballots(len(part.rows), settings.names, bench.meaning)
        place = {row: at for at, row in enumerate(part.rows)}
        async with AsyncExitStack() as stack:
            models = [
                await stack.enter_async_context(work.open_model(endpoint)) for endpoint in endpoints
            ]
            panel = Panel(settings, prompt, work, models, bench.meaning)

            async def decide(docket: tuple[int, Docket]) -> tuple[int, Decided]:
                return docket[0], await panel.decide(docket[1])

            def done(judged: tuple[int, Decided]) -> None:
                position, result = judged
                for reject in result.rejects:
                    work.reject(reject)
                output.add(REJECTS, position, result.rejects)
                of_docket = sorted(result.docket.contexts, key=lambda each: each.row)
                output.add("votes", position, [vote for each in of_docket for vote in each.votes])
                for each in of_docket:
                    ballots.add(place[each.row], each.votes)
                    work.progress.accepted += any(vote.agrees for vote in each.votes)
                work.progress.advance(len(of_docket))

            def dockets() -> Iterator[tuple[int, Docket]]:
                yield from part.dockets
                all_begun()

            at_once = 2 * max(model.settings.max_in_flight for model in models)
            await each_in_order(dockets(), decide, done, at_once=at_once)
        row_of = {name: row for row, (name, _) in zip(part.rows, part.ids, strict=True)}
        for verdict in ballots.verdicts(part.ids):
            output.add("verdicts", row_of[verdict.context_id], [verdict])
            found[_kind(verdict)] += 1
            found["votes"] += len(verdict.votes)
        for at in ballots.without_votes():
            unjudged = UnjudgedContext(context_id=part.ids[at][0])
            output.add("unjudged", part.rows[at], [unjudged])
            found[FAILED] += 1
        return _counts(found, settings, parts.turn)

    def copied(inputs: Mapping[str, Upstream], folder: Path) -> None:
        copy_contexts(inputs[contexts].table("contexts"), folder / _COPY)

    sharded = Sharded(
        n_items=lambda inputs: inputs[contexts].manifest.tables["contexts"].rows,
        worth=_WORTH,
        prepare=lambda inputs, folder: bench_of(inputs, folder / _COPY),
        run=run_shard,
        spread=copied,
        finish=_say,
    )

    def requests_of(place: int) -> Requests:
        def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[JudgeReply]]:
            if settings.enabled:
                for docket in bench_of(inputs).dockets():
                    yield from sure_requests(docket, settings, prompt, place)

        def estimated(counts: Counts, inputs: Mapping[str, Upstream]) -> RequestEstimate:
            """As many contexts for every sense; those of a lemma share requests."""
            senses, contexts = counts.get("senses", 0), counts.get("contexts", 0)
            if not settings.enabled or not senses or "synsets" not in inputs:
                return RequestEstimate(0, 0)
            index = SynsetIndex(inputs["synsets"].table("synsets"), parts.language)
            per_sense, share = contexts / senses, parts.turn.rewritten
            return _estimate(index.polysemy(), per_sense, share, settings, control=place > 0)

        return Requests(
            endpoints[place],
            _CHOICE_TOKENS * settings.size,
            listed,
            estimated,
            lambda _: {},
            asks=settings.enabled,
        )

    first, *others = [requests_of(place) for place in range(len(endpoints))]
    writer = parts.section(ContextSettings).endpoint(parts.llm)
    return AskingStage(
        name=parts.turn.name(NAME),
        version=VERSION,
        inputs=("synsets", "glosses", contexts, *before),
        tables={"verdicts": Verdict, "votes": CastVote, "unjudged": UnjudgedContext},
        settings=result_settings,
        run=run,
        codes=_CODES,
        show_details=_shown,
        sharded=None if before or not settings.enabled else sharded,
        requests=replace(
            first,
            others=tuple(others),
            remarks=tuple(_remarks(settings, endpoints, writer)) if settings.enabled else (),
        ),
    )


DEFINITION = StageDefinition(NAME, JudgeSettings, judge_stage, repeats=True)


def _say(work: StageWork) -> None:
    """What the votes of all say of the judges."""
    figures = panel_figures(read_table(work.table("votes"), CastVote), {})
    work.remarks.extend(figures.warnings)
    work.details.update(contexts=figures.contexts, votes=figures.votes, requests=figures.requests)


def _estimate(
    polysemy: Mapping[int, int],
    per_sense: float,
    share: float,
    settings: JudgeSettings,
    *,
    control: bool,
) -> RequestEstimate:
    """From the number of lemmas by the number of their senses, and the share that is new."""
    requests = sentences = candidates = 0.0
    for n_senses, n_lemmas in polysemy.items():
        if n_senses == 1 and (control or not settings.monosemous):
            continue
        all_ = round(per_sense * n_senses)
        some_are_new = 1 - (1 - share) ** all_
        asked = settings.control if control else 1.0
        of_lemma = some_are_new * -(-ceil(share * all_) // settings.size) * asked
        requests += n_lemmas * of_lemma
        sentences += n_lemmas * share * all_ * asked
        candidates += n_lemmas * of_lemma * n_senses
    if not requests:
        return RequestEstimate(0, 0)
    tokens = _SENTENCE_TOKENS * sentences + _CANDIDATE_TOKENS * candidates
    return RequestEstimate(round(requests), _PROMPT_TOKENS + round(tokens / requests))


def _remarks(
    settings: JudgeSettings, endpoints: Sequence[EndpointSettings], writer: EndpointSettings
) -> Iterator[str]:
    for name, endpoint in zip(settings.names, endpoints, strict=True):
        if (endpoint.endpoint, endpoint.model) == (writer.endpoint, writer.model):
            who = f"judge {name}" if settings.members else "the judge"
            yield f"{who} is the model that writes the contexts: it judges itself"
    if len(settings.names) > 1:
        yield (
            f"where the votes leave a doubt, {', '.join(settings.names[1:])} are asked too: "
            f"at most {len(settings.names) - 1} times as many requests again"
        )


def _shown(details: Counts) -> Sequence[str]:
    contexts = details.get("contexts", 0)
    if not contexts:
        return ()
    votes, requests = details["votes"] / contexts, details["requests"] / contexts
    return (f"{votes:.2f} votes and {requests:.2f} requests a context",)


def _kind(row: Verdict) -> str:
    if row.agrees:
        return "agree"
    return "none_of_these" if row.chosen_sense_id is None else "other_sense"


def _counts(found: Counter[str], settings: JudgeSettings, turn: Pass) -> Counts:
    kinds = ("agree", "other_sense", "none_of_these")
    return {
        "verdicts": sum(found[kind] for kind in kinds),
        **({"votes": found["votes"]} if settings.members else {}),
        **{kind: found[kind] for kind in kinds},
        FAILED if turn.is_last else "unjudged": found[FAILED],
    }
