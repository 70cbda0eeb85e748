"""Stage ``judge``: a model says which sense each sentence uses, not told which was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from languages.language import Language
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.select.records import UnjudgedContext
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.rejecting import REQUEST_CODES, unanswered
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.senses import glosses_by_synset
from pipeline.stages.settings import JudgeSettings, decisive
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt, load
from prompts.render import render
from prompts.replies import JudgeReply, described
from prompts.tasks import JudgeTask
from schemas.errors import ItemError
from schemas.ids import sense_id, synset_of
from schemas.records import Context, Provenance, Reject, Verdict
from schemas.tables import TableWriter, count_rows, read_table

NAME = "judge"
VERSION = 2  # what got no verdict stands in a table of its own
_PROMPT_TOKENS, _SENTENCE_TOKENS, _CHOICE_TOKENS = 250, 30, 16
_CODES = REQUEST_CODES | {"unjudged": "the judge gave no valid choice in all its rounds"}


def judge_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings; a judge that is switched off leaves an empty table."""
    settings = parts.section(JudgeSettings)
    endpoint = settings.endpoint(parts.llm)
    prompt = load(settings.prompt, parts.language, JudgeTask, parts.folder)

    def result_settings() -> Mapping[str, object]:
        if not settings.enabled:
            return {"enabled": False}
        own = settings.model_dump(
            mode="json", include={"enabled", "rounds", "together", "per_request", "monosemous"}
        )
        return own | {"prompt": prompt.digest, "llm": decisive(endpoint)}

    async def run(work: StageWork) -> Counts:
        tally = _Tally()
        with (
            TableWriter(work.table("verdicts"), Verdict) as table,
            TableWriter(work.table("unjudged"), UnjudgedContext) as unjudged,
        ):
            if settings.enabled:
                bench = Bench(work.inputs, settings, parts.language)
                work.progress.begin(len(bench))

                def done(batch: _Batch) -> None:
                    for reject in batch.rejects:
                        work.reject(reject)
                    verdicts = sorted(batch.verdicts.values(), key=lambda row: row.context_id)
                    table.extend(verdicts)
                    for row in batch.open():
                        unjudged.append(UnjudgedContext(context_id=row.context_id))
                    tally.add(batch)
                    work.progress.advance(len(batch.contexts))
                    work.progress.accepted = tally.agree

                async with work.open_model(endpoint) as llm:
                    judge = _Judge(settings, prompt, work, llm)
                    await each_in_order(
                        bench.batches(),
                        judge.decide,
                        done,
                        at_once=2 * llm.settings.max_in_flight,
                    )
        return tally.counts()

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[JudgeReply]]:
        if settings.enabled:
            for batch in Bench(inputs, settings, parts.language).batches():
                yield _request(batch, batch.contexts, prompt, 1)

    size = 1 if settings.together == "context" else settings.per_request

    def estimated(counts: Counts) -> RequestEstimate:
        """The contexts of a sense share requests; those of two senses never do."""
        senses, contexts = counts.get("senses", 0), counts.get("contexts", 0)
        if not settings.enabled or not senses:
            return RequestEstimate(0, 0)
        per_sense = -(-contexts // senses)
        if not settings.monosemous:
            senses -= counts.get("senses_monosemous", 0)
        of_a_sense = -(-per_sense // size)
        prompt_tokens = _PROMPT_TOKENS + _SENTENCE_TOKENS * -(-per_sense // of_a_sense)
        return RequestEstimate(senses * of_a_sense, prompt_tokens)

    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses", "contexts"),
        tables={"verdicts": Verdict, "unjudged": UnjudgedContext},
        settings=result_settings,
        run=run,
        codes=_CODES,
        requests=Requests(
            endpoint,
            _CHOICE_TOKENS * size,
            listed,
            estimated,
            lambda _: {},
            asks=settings.enabled,
        ),
    )


DEFINITION = StageDefinition(NAME, JudgeSettings, judge_stage)


@dataclass(frozen=True, slots=True)
class _Candidate:
    sense_id: str
    gloss: str


@dataclass(slots=True)
class _Batch:
    """Contexts that share a request, and what the judge said of each."""

    lemma: str
    contexts: list[Context]
    candidates: tuple[_Candidate, ...]
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def open(self) -> list[Context]:
        """The contexts without a verdict so far."""
        return [row for row in self.contexts if row.context_id not in self.verdicts]


class Bench:
    """The contexts to be judged, each batch with the candidate senses of its lemma."""

    def __init__(
        self, inputs: Mapping[str, Upstream], settings: JudgeSettings, language: Language
    ) -> None:
        self._inventory = SynsetIndex(inputs["synsets"].table("synsets"), language)
        self._glosses = glosses_by_synset(inputs["glosses"].table("glosses"))
        self._path = inputs["contexts"].table("contexts")
        self._settings = settings

    def __len__(self) -> int:
        return count_rows(self._path, Context)

    def batches(self) -> Iterator[_Batch]:
        """Batches in the order of the contexts' ids."""
        rows = read_table(self._path, Context)
        for sense, group in groupby(rows, key=lambda row: row.sense_id):
            contexts = list(group)
            lemma = self._lemma(sense)
            candidates = self._candidates(lemma)
            if len(candidates) == 1 and not self._settings.monosemous:
                continue
            size = 1 if self._settings.together == "context" else self._settings.per_request
            for start in range(0, len(contexts), size):
                batch = contexts[start : start + size]
                yield _Batch(lemma, batch, _shuffled(candidates, batch[0].context_id))

    def _lemma(self, sense: str) -> str:
        synset = synset_of(sense)
        lemmas = self._inventory.synsets[synset].lemmas
        return next(lemma for lemma in lemmas if sense_id(synset, lemma) == sense)

    def _candidates(self, lemma: str) -> list[_Candidate]:
        senses = self._inventory.senses_of_lemma(lemma)
        return [
            _Candidate(sense, self._glosses[synset])
            for synset, sense in senses
            if synset in self._glosses
        ]


class _Judge:
    """Asks for the choices of a batch, and again for those that a reply left out."""

    def __init__(
        self, settings: JudgeSettings, prompt: Prompt, work: StageWork, llm: LanguageModel
    ) -> None:
        self._rounds = work.rounds(settings.rounds)
        self._prompt = prompt
        self._asker = Asker(llm, prompt, work.tally)

    async def decide(self, batch: _Batch) -> _Batch:
        for rounds in self._rounds:
            await self._attempt(batch, rounds)
        for row in batch.open():
            batch.rejects.append(_unjudged(row, self._rounds[-1].stop - 1))
        return batch

    async def _attempt(self, batch: _Batch, rounds: range) -> None:
        for round_ in rounds:
            open_ = batch.open()
            if not open_:
                return
            try:
                reply, made_by = await self._asker.ask(
                    _request(batch, open_, self._prompt, round_), round_
                )
            except ItemError as error:
                batch.rejects.append(unanswered(NAME, open_[0].context_id, error))
                if is_final(error):
                    return
            else:
                _record(batch, open_, reply, made_by)


def _record(batch: _Batch, asked: list[Context], reply: JudgeReply, made_by: Provenance) -> None:
    """Keeps the choices that name a sentence and a candidate that were shown."""
    shown = tuple(candidate.sense_id for candidate in batch.candidates)
    for choice in reply.choices:
        if choice.sentence > len(asked) or choice.sense > len(shown):
            continue
        context = asked[choice.sentence - 1]
        batch.verdicts[context.context_id] = Verdict(
            context_id=context.context_id,
            chosen_sense_id=shown[choice.sense - 1] if choice.sense else None,
            candidates=shown,
            provenance=made_by,
        )


def _request(
    batch: _Batch, contexts: list[Context], prompt: Prompt, round_: int
) -> Request[JudgeReply]:
    task = JudgeTask(
        lemma=batch.lemma,
        marked_sentences=tuple(_marked(row) for row in contexts),
        candidates=tuple(candidate.gloss for candidate in batch.candidates),
    )
    item = f"{NAME}/{contexts[0].context_id}/{round_}"
    reply = described(JudgeReply, prompt.language.prompts.reply_fields)
    return Asker.request(render(prompt, task), reply, item, round_)


def _marked(row: Context) -> str:
    start, end = row.target_start, row.target_end
    return f"{row.sentence[:start]}[[{row.sentence[start:end]}]]{row.sentence[end:]}"


def _shuffled(candidates: list[_Candidate], seed: str) -> tuple[_Candidate, ...]:
    """The candidates in an order that depends on ``seed`` and on nothing else."""

    def place(candidate: _Candidate) -> bytes:
        return hashlib.sha256(f"{seed}\0{candidate.sense_id}".encode()).digest()

    return tuple(sorted(candidates, key=place))


def _unjudged(row: Context, rounds: int) -> Reject:
    return Reject(
        stage=NAME,
        item_id=row.context_id,
        code="unjudged",
        detail=f"no valid choice in {rounds} rounds",
        text=row.sentence,
    )


@dataclass(slots=True)
class _Tally:
    agree: int = 0
    other_sense: int = 0
    none_of_these: int = 0
    unjudged: int = 0

    def add(self, batch: _Batch) -> None:
        self.unjudged += len(batch.contexts) - len(batch.verdicts)
        for row in batch.contexts:
            verdict = batch.verdicts.get(row.context_id)
            if verdict is None:
                continue
            self.agree += verdict.chosen_sense_id == row.sense_id
            self.none_of_these += verdict.chosen_sense_id is None
            self.other_sense += verdict.chosen_sense_id not in (None, row.sense_id)

    def counts(self) -> Counts:
        return {
            "verdicts": self.agree + self.other_sense + self.none_of_these,
            "agree": self.agree,
            "other_sense": self.other_sense,
            "none_of_these": self.none_of_these,
            FAILED: self.unjudged,
        }
