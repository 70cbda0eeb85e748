"""Stage ``link``: every synset finds its synset in Princeton WordNet, as far as that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork, Upstream
from pipeline.link.evidence import Evidence, LinkRow
from pipeline.link.linker import Chosen, linked, with_definition
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Request
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.link_files import LinkFiles, Lookup
from pipeline.stages.link_requests import (
    NAME,
    Ballot,
    ballots,
    batches,
    choice_request,
    equivalents_request,
)
from pipeline.stages.rejecting import REQUEST_CODES, unanswered
from pipeline.stages.requests import AskingStage, RequestEstimate, Requests
from pipeline.stages.settings import LinkSettings, decisive
from prompts.catalogue import Prompt, load
from prompts.replies import CounterpartReply, EquivalentsReply
from prompts.tasks import CounterpartTask, EquivalentsTask
from schemas.errors import ItemError
from schemas.records import Link
from schemas.tables import write_table

R = TypeVar("R", bound=BaseModel)

VERSION = 2  # borrowed words
_PROMPT_TOKENS, _REPLY_TOKENS = 500, 60
_UNCLEAR = 0.8
"""About which share of the synsets has candidates of which none is clear."""


def link_stage(parts: RunParts) -> AskingStage:
    """The stage bound to its settings; where nothing is set, it takes what the source states."""
    settings = parts.section(LinkSettings)
    files = LinkFiles.of(settings, parts.folder)
    endpoint = settings.endpoint(parts.llm)
    prompts = _Prompts(
        load(settings.prompt, parts.language, EquivalentsTask, parts.folder),
        load(settings.choice_prompt, parts.language, CounterpartTask, parts.folder),
    )

    def result_settings() -> Mapping[str, object]:
        stated: dict[str, object] = {"kind": parts.source.kind, **files.digests()}
        if settings.looks:
            stated |= {"language": parts.language.code, "min_confidence": settings.min_confidence}
        if settings.asks:
            deciding = {"rounds", "equivalents", "choose", "per_request"}
            stated |= settings.model_dump(mode="json", include=deciding)
            stated |= {"prompts": [prompts.equivalents.digest, prompts.choice.digest]}
            stated |= settings.model_dump(include={"max_candidates", "clear", "trust"})
            stated |= {"llm": decisive(endpoint)}
        return stated

    def lookup_of(inputs: Mapping[str, Upstream], done: frozenset[str]) -> Lookup:
        before = inputs["synsets"]
        return files.lookup(before.table("synsets"), before.table("rejects"), done, parts.language)

    async def run(work: StageWork) -> Counts:
        synsets = work.inputs["synsets"].table("synsets")
        stated, ids = await asyncio.to_thread(files.stated, synsets, parts.source.kind)
        counts = {}
        links: list[Link] = []
        unsure: list[Link] = []
        if settings.looks:
            work.progress.begin(0, "reading Princeton WordNet and the word lists")
            done = frozenset(link.synset_id for link in stated)
            lookup = await asyncio.to_thread(lookup_of, work.inputs, done)
            search = _Search(settings, prompts, lookup, work)
            if settings.asks:
                async with work.open_model(endpoint) as llm:
                    await search.ask(llm)
            else:
                await search.look()
            number = lookup.english.number
            links = linked(
                search.found,
                lookup.english,
                ids,
                choices=search.choices,
                trust=settings.trust,
                taken=[number[link.princeton] for link in stated if link.princeton in number],
            )
            unsure = [link for link in links if link.link_confidence < settings.min_confidence]
            links = [link for link in links if link.link_confidence >= settings.min_confidence]
            counts = {"from_source": len(stated), "unsure": len(unsure)}
            counts |= {FAILED: search.failed} if settings.asks else {}
            stated = [with_definition(link, lookup.english) for link in stated]
        links = sorted([*stated, *links], key=lambda link: link.synset_id)
        write_table(work.table("links"), Link, links)
        write_table(work.table("unsure"), Link, unsure)
        return {"links": len(links), **counts}

    def listed(inputs: Mapping[str, Upstream]) -> Iterator[Request[Any]]:
        """The choices as they are before any English words are known."""
        if not settings.asks:
            return
        stated, _ = files.stated(inputs["synsets"].table("synsets"), parts.source.kind)
        lookup = lookup_of(inputs, frozenset(link.synset_id for link in stated))
        if settings.equivalents:
            for batch in batches(lookup.rows, settings):
                yield equivalents_request(prompts.equivalents, lookup, batch)
        if settings.choose:
            for ballot in ballots(list(lookup.finder.find(lookup.rows)), settings):
                yield choice_request(prompts.choice, lookup, ballot)

    def estimated(counts: Counts, _: Mapping[str, Upstream]) -> RequestEstimate:
        synsets = counts.get("synsets", 0)
        of_words = -(-synsets // settings.per_request) if settings.equivalents else 0
        of_choices = round(_UNCLEAR * synsets) if settings.choose else 0
        return RequestEstimate(of_words + of_choices, _PROMPT_TOKENS)

    return AskingStage(
        name=NAME,
        version=VERSION,
        inputs=("synsets",),
        tables={"links": Link, "unsure": Link},
        settings=result_settings,
        run=run,
        codes=REQUEST_CODES,
        requests=Requests(
            endpoint, _REPLY_TOKENS, listed, estimated, lambda _: {}, asks=settings.asks
        ),
    )


DEFINITION = StageDefinition(NAME, LinkSettings, link_stage)


@dataclass(frozen=True, slots=True)
class _Prompts:
    equivalents: Prompt
    choice: Prompt


@dataclass(slots=True)
class _Search:
    """Evidence for all rows, and what a model says of them."""

    settings: LinkSettings
    prompts: _Prompts
    lookup: Lookup
    work: StageWork
    found: list[Evidence] = field(default_factory=list)
    choices: dict[str, Chosen] = field(default_factory=dict)
    failed: int = 0
    """Requests that got no usable answer in all their rounds."""

    async def look(self, said: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Finds the candidates of all rows, with the English words that were said of them."""
        said = said or {}
        rows = [replace(row, said=said.get(row.synset_id, ())) for row in self.lookup.rows]
        await asyncio.to_thread(self._find, rows)

    def _find(self, rows: Sequence[LinkRow]) -> None:
        self.work.progress.begin(len(rows), "looking for counterparts")
        for evidence in self.lookup.finder.find(rows):
            self.found.append(evidence)
            self.work.progress.advance()

    async def ask(self, llm: LanguageModel) -> None:
        """English words, where they are wanted; then the candidates; then choices."""
        said: dict[str, tuple[str, ...]] = {}
        at_once = 2 * llm.settings.max_in_flight
        if self.settings.equivalents:
            asker = Asker(llm, self.prompts.equivalents, self.work.tally)

            def heard(words: Mapping[str, tuple[str, ...]]) -> None:
                said.update(words)
                self.work.progress.advance(self.settings.per_request)

            self.work.progress.begin(len(self.lookup.rows), "English words")
            groups = batches(self.lookup.rows, self.settings)
            await each_in_order(
                groups, lambda batch: self._words(asker, batch), heard, at_once=at_once
            )
        await self.look(said)
        if self.settings.choose:
            asker = Asker(llm, self.prompts.choice, self.work.tally)

            def chosen(answer: tuple[str, Chosen | None]) -> None:
                self.work.progress.advance()
                if answer[1] is not None:
                    self.choices[answer[0]] = answer[1]

            open_ = list(ballots(self.found, self.settings))
            self.work.progress.begin(len(open_), "choices")
            await each_in_order(
                open_, lambda ballot: self._choice(asker, ballot), chosen, at_once=at_once
            )

    async def _words(self, asker: Asker, batch: tuple[LinkRow, ...]) -> dict[str, tuple[str, ...]]:
        def asked(round_: int) -> Request[EquivalentsReply]:
            return equivalents_request(self.prompts.equivalents, self.lookup, batch, round_)

        reply = await self._answer(asker, batch[0].synset_id, asked)
        answers = reply.synsets if reply else ()
        return {
            batch[answer.number - 1].synset_id: tuple(word.strip() for word in answer.english)
            for answer in answers
            if answer.number <= len(batch)
        }

    async def _choice(self, asker: Asker, ballot: Ballot) -> tuple[str, Chosen | None]:
        def asked(round_: int) -> Request[CounterpartReply]:
            return choice_request(self.prompts.choice, self.lookup, ballot, round_)

        shown = ballot.candidates
        reply = await self._answer(asker, ballot.row.synset_id, asked)
        if reply is None or reply.entry > len(shown):
            return ballot.row.synset_id, None
        return ballot.row.synset_id, Chosen(shown, shown[reply.entry - 1] if reply.entry else None)

    async def _answer(
        self, asker: Asker, item: str, asked: Callable[[int], Request[R]]
    ) -> R | None:
        """The reply to the first round that has a usable one."""
        for rounds in self.work.rounds(self.settings.rounds):
            for round_ in rounds:
                try:
                    reply, _ = await asker.ask(asked(round_), round_)
                except ItemError as error:
                    self.work.reject(unanswered(NAME, item, error))
                    if is_final(error):
                        break
                else:
                    return reply
        self.failed += 1
        return None
