"""Rephrasings of a lemma's sentences: asked for, checked, and read blind for their sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from languages.language import Language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.duplicates import Accepted
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, mark, unmark
from pipeline.checks.rules import ContextRules
from pipeline.checks.translations import TranslationChecker
from pipeline.engine.ordered import each_in_order
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.judge_bench import Docket, Judged
from pipeline.stages.judge_panel import Judge
from pipeline.stages.rejecting import rejected, unanswered
from pipeline.stages.rephrase_requests import (
    NAME,
    Rephrased,
    SentenceGroup,
    Source,
    rephrase_request,
)
from schemas.errors import ItemError
from schemas.ids import content_digest, synset_of
from schemas.records import Provenance, Reject, RephrasedAs, Rephrasing

_ID_CHARS = 16
PROBLEMS_SHOWN = 10


@dataclass(slots=True)
class Outcome:
    """What became of a lemma's sentences."""

    docket: Docket
    rows: list[Rephrasing] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    failed: int = 0
    """Sentences of which no request had a usable reply."""


class Checks:
    """What of a model's rephrasings can be a row, whatever they mean."""

    def __init__(
        self,
        rules: ContextRules,
        rephrased: Rephrased,
        language: Language,
        to: Language,
        examples: Sequence[Sound],
    ) -> None:
        lexicon = rephrased.index.lemma_keys()
        self._rephrased, self._language = rephrased, language
        self._paraphrases = ContextChecker(lexicon, rules, language)
        self._translations = TranslationChecker(rules, language, to)
        self._rules, self._examples = rules, tuple(examples)

    def accepted(self, docket: Docket) -> Accepted:
        """All sentences of the lemma, none of which a paraphrase may be again."""
        sounds = [sound for each in docket.contexts if (sound := unmark(each.marked))]
        rules = self._rules
        return Accepted(self._language, rules.near_duplicate, [*self._examples, *sounds], rules.off)

    def check(
        self, kind: RephrasedAs, text: str, source: Source, seen: Accepted
    ) -> Sound | tuple[Finding, ...]:
        """The sentence with its target's span, or everything that is wrong with it."""
        if kind is RephrasedAs.TRANSLATION:
            return self._translations.check(text, source.sound)
        entry = self._rephrased.index.synsets[synset_of(source.sense_id)]
        marked = unmark(text)
        forms = (
            lemma
            for lemma in entry.lemmas
            if marked and self._language.is_form(marked.target, lemma, entry.pos)
        )
        lemma = next(forms, source.sound.target)
        gloss = self._rephrased.bench.gloss(entry.synset_id)
        found = self._paraphrases.check(ContextDraft(text, lemma, gloss, entry.pos))
        if isinstance(found, Sound) and (like := seen.finding(found)) is not None:
            return (like,)
        return found


@dataclass(frozen=True, slots=True)
class Rephraser:
    """Takes lemmas through their rounds."""

    rephrased: Rephrased
    checks: Checks
    askers: Mapping[RephrasedAs, Asker]
    judge: Judge
    judge_rounds: int
    attempts: Sequence[range]
    language: Language

    async def rephrase(self, docket: Docket) -> Outcome:
        """Rephrases the drawn sentences of a lemma until all are, or the rounds are through."""
        outcome, seen = Outcome(docket), self.checks.accepted(docket)
        groups = self.rephrased.groups(self.rephrased.drawn(docket))
        answered: set[tuple[str, RephrasedAs]] = set()
        for rounds in self.attempts:
            for group in groups:
                group.given_up = False
            for round_ in rounds:
                drafts = await self._ask_all(docket, groups, round_, seen, outcome)
                answered |= {(d.source.context_id, d.group.kind) for d in drafts}
                await self._judge(docket, [d for d in drafts if d.row], seen, outcome)
        missing = {(s.context_id, group.kind) for group in groups for s in group.sources}
        outcome.failed = len(missing - answered)
        outcome.rows.sort(key=lambda row: (row.context_id, row.kind))
        return outcome

    async def _ask_all(
        self,
        docket: Docket,
        groups: Sequence[SentenceGroup],
        round_: int,
        seen: Accepted,
        outcome: Outcome,
    ) -> list[_Draft]:
        """Asks for what is missing, all groups at once."""
        open_ = [group for group in groups if group.sources and not group.given_up]
        drafts: list[_Draft] = []

        async def ask(group: SentenceGroup) -> tuple[list[_Draft], list[Reject]]:
            return await self._ask(docket, group, round_, seen)

        def done(result: tuple[list[_Draft], list[Reject]]) -> None:
            drafts.extend(result[0])
            outcome.rejects += result[1]

        if open_:
            await each_in_order(open_, ask, done, at_once=len(open_))
        return drafts

    async def _ask(
        self, docket: Docket, group: SentenceGroup, round_: int, seen: Accepted
    ) -> tuple[list[_Draft], list[Reject]]:
        """What the model says of a group's sentences; what cannot be used is rejected."""
        asker = self.askers[group.kind]
        request = rephrase_request(asker.prompt, group, self.rephrased, docket.lemma, round_)
        try:
            reply, made_by = await asker.ask(request, round_)
        except ItemError as error:
            group.given_up = is_final(error)
            return [], [unanswered(NAME, group.sources[0].context_id, error)]
        group.problems.clear()
        drafts: dict[str, _Draft] = {}
        rejects: list[Reject] = []
        for said in reply.rephrased:
            if said.sentence > len(group.sources):
                continue
            source = group.sources[said.sentence - 1]
            if source.context_id in drafts:
                continue
            draft = drafts[source.context_id] = _Draft(group, source, said.text, made_by)
            found = self.checks.check(group.kind, said.text, source, seen)
            if isinstance(found, Sound):
                draft.row = self._row(draft, found)
            else:
                rejects.append(self._rejected(draft, found))
        return list(drafts.values()), rejects

    async def _judge(
        self, docket: Docket, drafts: Sequence[_Draft], seen: Accepted, outcome: Outcome
    ) -> None:
        """Keeps the rows of which a judge, not told the sense, says that they have it."""
        judged = [_judged(draft.row) for draft in drafts if draft.row]
        by_all = range(1, self.judge_rounds + 1)
        outcome.rejects += await self.judge.ask(docket, judged, by_all)
        for draft, each in zip(drafts, judged, strict=True):
            row = draft.row
            assert row is not None
            dropped: Finding | None = None
            if not each.votes:
                detail = f"no valid choice in {self.judge_rounds} rounds"
                dropped = Finding("unjudged", detail, "")
            elif not each.votes[-1].agrees:
                detail = f"read as {each.votes[-1].chosen_sense_id or 'none of the senses'}"
                dropped = Finding("meaning_lost", detail, self.language.findings.meaning_lost)
            elif row.kind is RephrasedAs.PARAPHRASE:
                dropped = seen.finding(_sound(row))  # of another one of this round
            if dropped is not None:
                outcome.rejects.append(self._rejected(draft, (dropped,)))
                continue
            if row.kind is RephrasedAs.PARAPHRASE:
                seen.add(_sound(row))
            outcome.rows.append(row)
            draft.group.sources.remove(draft.source)

    def _rejected(self, draft: _Draft, found: tuple[Finding, ...]) -> Reject:
        """The row of what is dropped; the next request is told of it."""
        problems = draft.group.problems
        if found[0].reason and len(problems) < PROBLEMS_SHOWN:
            quoted = self.language.findings.quoted
            problems.append(quoted.format(text=draft.text, reason=found[0].reason))
        return rejected(NAME, draft.source.context_id, draft.text, found, draft.made_by)

    def _row(self, draft: _Draft, sound: Sound) -> Rephrasing:
        source, kind = draft.source, draft.group.kind
        code = self.language.code
        if kind is RephrasedAs.TRANSLATION:
            code = self.rephrased.settings.to
        span = f"{sound.start}:{sound.end}"
        digest = content_digest(source.context_id, kind.value, code, sound.sentence, span)
        return Rephrasing(
            rephrasing_id=digest[:_ID_CHARS],
            kind=kind,
            language=code,
            context_id=source.context_id,
            sense_id=source.sense_id,
            sentence=sound.sentence,
            target_start=sound.start,
            target_end=sound.end,
            split=source.split,
            provenance=draft.made_by,
        )


@dataclass(slots=True)
class _Draft:
    """A model's text for a sentence; without a row it has been rejected."""

    group: SentenceGroup
    source: Source
    text: str
    made_by: Provenance
    row: Rephrasing | None = None


def _sound(row: Rephrasing) -> Sound:
    return Sound(row.sentence, row.target_start, row.target_end)


def _judged(row: Rephrasing) -> Judged:
    marked = mark(row.sentence, row.target_start, row.target_end)
    return Judged(0, row.rephrasing_id, row.sense_id, row.sentence, marked)


def foreseen(sources: Sequence[Source], kinds: Sequence[RephrasedAs]) -> list[Judged]:
    """What the judge is about to be asked, the sentences in the place of their rephrasings."""
    return [
        Judged(0, f"{source.context_id}/{kind.value}", source.sense_id, "", source.marked)
        for kind in kinds
        for source in sources
    ]
