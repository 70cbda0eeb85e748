"""Round by round: ask for the definitions that are missing, check each, then compare them all.

What a request shows is fixed before the requests of its wave are sent, and comparing waits for
their end. So neither the requests nor the outcome depend on which reply came first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from languages.language import Language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.equality import equal_glosses
from pipeline.checks.finding import Finding, only_doubts
from pipeline.checks.glosses import clean_gloss
from pipeline.checks.reference import Reference, count_of
from pipeline.engine.manifest import FAILED
from pipeline.engine.ordered import each_in_order
from pipeline.engine.stage import Counts, StageWork
from pipeline.llm.model import LanguageModel
from pipeline.stages.asking import Asker, is_final
from pipeline.stages.gloss_clusters import cluster_ids, leaders
from pipeline.stages.gloss_groups import GlossGroup, GlossGroups
from pipeline.stages.gloss_readers import BlindReading, GlossReaders
from pipeline.stages.gloss_requests import NAME, AskedGlosses, GlossRequests
from pipeline.stages.own_glosses import own_glosses_of, problem_of
from pipeline.stages.rejecting import rejected, unanswered
from pipeline.stages.settings import GlossSettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import Prompt
from prompts.replies import GlossesReply, SynsetGloss
from schemas.errors import ItemError
from schemas.records import Gloss, Provenance, Reject
from schemas.tables import write_table

PROBLEMS_SHOWN = 4
"""Rejected definitions of a synset that a request tells of, the latest ones."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A gloss and what its provenance is made of: a fifth of the record's size in memory."""

    gloss: str
    request_key: str = ""
    model: str = ""
    round: int = 0
    """0: it is the source's own."""

    @classmethod
    def of(cls, gloss: str, made_by: Provenance) -> _Kept:
        return cls(gloss, made_by.request_key, made_by.model, made_by.round)

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
class _Doubtful:
    """A definition that may be sound, and what speaks against it."""

    kept: _Kept
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Answered:
    """A group's reply with where it comes from, or why there is none."""

    group: GlossGroup
    asked: AskedGlosses
    reply: GlossesReply | None = None
    made_by: Provenance | None = None
    error: ItemError | None = None


@dataclass(slots=True)
class GlossRounds:
    """The work of the stage on all synsets."""

    settings: GlossSettings
    requests: GlossRequests
    work: StageWork
    llm: LanguageModel
    language: Language
    reference: Reference
    readers: GlossReaders | None = None
    """Who reads each new definition blind; None: nobody."""
    accepted: dict[str, _Kept] = field(default_factory=dict)
    """The definitions that stand, by synset."""
    alike: dict[str, _Kept] = field(default_factory=dict)
    """Synsets that are the same as another; the text is the id that was named."""
    doubtful: dict[str, list[_Doubtful]] = field(default_factory=dict)
    """Definitions in which only doubts were found: where no round brings a better one, one of them
    stands."""
    problems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    senseless: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    one_by_one: set[str] = field(default_factory=set)
    """Synsets of groups whose request failed."""
    _groups: GlossGroups = field(init=False)
    _checker: GlossChecker = field(init=False)

    def __post_init__(self) -> None:
        self._groups = GlossGroups(self.index, self.settings.per_request)
        self._checker = GlossChecker(self.settings.rules, self.language)

    @property
    def index(self) -> SynsetIndex:
        """All synsets."""
        return self.requests.index

    async def run(self) -> Counts:
        """Writes the table of glosses; what the manifest counts."""
        await self._keep_own()
        rounds = self.work.rounds(self.settings.rounds)
        taken_doubtful = 0
        for attempt in rounds:
            for round_ in attempt:
                await self._round(round_)
            taken_doubtful += await self._settle(attempt[-1])
            self.given_up.clear()
        for synset_id, several in sorted(self.doubtful.items()):
            for each in several:
                self._reject(synset_id, each.kept, each.findings)
        for synset_id in self._missing():
            self.work.reject(_without(synset_id, self.index, rounds[-1].stop - 1))
        cluster_of = cluster_ids(self._leaders())
        write_table(self.work.table("glosses"), Gloss, self._rows(cluster_of))
        readings = self.readers.rows if self.readers is not None else ()
        write_table(self.work.table("readings"), BlindReading, readings)
        counts = {"glosses": len(self.accepted) + len(self.alike)}
        if self.settings.source == "keep":
            counts["from_source"] = sum(not kept.round for kept in self.accepted.values())
        if cluster_of:
            counts["in_clusters"] = len(cluster_of)
        if taken_doubtful:
            counts["doubtful"] = taken_doubtful
        if self.senseless:
            counts["senseless"] = len(self.senseless)
        near = sum(self.reference.shared(kept.gloss) is not None for kept in self.accepted.values())
        counts |= count_of(near, self.reference.settings)
        if self.readers is not None:
            counts |= {"read_blind": self.readers.read, "named_blind": self.readers.named}
            if self.readers.unread:
                counts["unread"] = self.readers.unread
            self.work.remarks.extend(self.readers.warnings)
        return counts | {FAILED: len(self._missing())}

    async def _keep_own(self) -> None:
        """Takes what may stay of the source's definitions."""
        # Of a whole WordNet this takes half a minute, in which the display goes on.
        own = await asyncio.to_thread(own_glosses_of, self.index, self.settings, self.language)
        self.accepted.update({synset_id: _Kept(gloss) for synset_id, gloss in own.kept.items()})
        self.problems.update(own.problems)
        for synset_id, (gloss, findings) in own.rejected.items():
            self.work.reject(rejected(NAME, synset_id, gloss, findings, None))

    def _missing(self) -> list[str]:
        """The synsets that have neither a definition nor a like, and of which sense can be made."""
        done = self.accepted.keys() | self.alike.keys() | self.senseless
        return [synset_id for synset_id in self.index.synsets if synset_id not in done]

    def _rows(self, cluster_of: dict[str, str]) -> Iterator[Gloss]:
        leader_of = self._leaders()
        for synset_id in sorted(self.accepted.keys() | self.alike.keys()):
            leader = self.accepted[leader_of.get(synset_id, synset_id)]
            kept = self.alike.get(synset_id, leader)
            yield Gloss(
                synset_id=synset_id,
                gloss=leader.gloss,
                provenance=kept.provenance(self.requests.prompt),
                cluster=cluster_of.get(synset_id),
            )

    def _leaders(self) -> dict[str, str]:
        named = {synset_id: kept.gloss for synset_id, kept in self.alike.items()}
        return leaders(named, self.accepted.keys())

    # -- a round -------------------------------------------------------------------------------

    async def _round(self, round_: int) -> None:
        wanted = [synset for synset in self._missing() if synset not in self.given_up]
        if not wanted:
            return
        settled = frozenset(self.accepted)
        self.work.progress.begin(len(wanted), f"round {round_}")
        if round_ == 1:
            for wave in self._groups.waves(wanted):
                await self._wave(wave, round_)
        else:
            await self._wave(self._groups.at_once(wanted, self.one_by_one), round_)
        await self._verify(settled, round_)

    async def _wave(self, groups: list[GlossGroup], round_: int) -> None:
        """Asks for groups that do not see each other's answers."""
        settled = frozenset(self.accepted)
        leader_of = self._leaders()
        known = {synset: kept.gloss for synset, kept in self.accepted.items()}
        known |= {synset: known[leader] for synset, leader in leader_of.items()}

        async def ask(group: GlossGroup) -> _Answered:
            asked = self.requests.of(group, known, self.problems, round_)
            asker = Asker(self.llm, self.requests.prompt, self.work.tally)
            try:
                reply, made_by = await asker.ask(asked.request, round_)
            except ItemError as error:
                return _Answered(group, asked, error=error)
            return _Answered(group, asked, reply, made_by)

        await each_in_order(groups, ask, self._take, at_once=2 * self.llm.settings.max_in_flight)
        self._withdraw_repeats(settled)
        self._withdraw_unlike()

    def _take(self, answered: _Answered) -> None:
        """Sorts what a reply says of each synset that was asked for."""
        synsets = answered.group.synsets
        self.work.progress.advance(len(synsets))
        if answered.reply is None or answered.made_by is None:
            assert answered.error is not None
            self._not_answered(synsets, answered.error)
            return
        for entry in answered.reply.glosses:
            if entry.number <= len(synsets):
                synset_id = synsets[entry.number - 1]
                self._sort(synset_id, entry, answered.asked.shown, answered.made_by)

    def _not_answered(self, synsets: tuple[str, ...], error: ItemError) -> None:
        """One synset of several may be the reason: the next round asks for each by itself."""
        for synset_id in synsets:
            self.work.reject(unanswered(NAME, synset_id, error))
            if len(synsets) > 1:
                self.one_by_one.add(synset_id)
            elif is_final(error):
                self.given_up.add(synset_id)

    def _sort(
        self, synset_id: str, said: SynsetGloss, shown: tuple[str, ...], made_by: Provenance
    ) -> None:
        """A definition, a like or neither: a definition that is given is looked at alone."""
        if not said.gloss.strip() and said.same_as > 0:
            self._same(synset_id, said.same_as, shown, made_by)
        elif not said.gloss.strip():
            self.senseless.add(synset_id)
            detail = "the model gave neither a definition nor a like"
            self.work.reject(
                Reject(
                    stage=NAME,
                    item_id=synset_id,
                    code="gloss_senseless",
                    detail=detail,
                    text="; ".join(self.index.synsets[synset_id].lemmas),
                    provenance=made_by,
                )
            )
        else:
            checked = self._checked(synset_id, said.gloss)
            if isinstance(checked, str):
                self.accepted[synset_id] = _Kept.of(checked, made_by)
                self.work.progress.accepted += 1
            elif only_doubts(checked):
                found = _Doubtful(_Kept.of(clean_gloss(said.gloss), made_by), checked)
                self.doubtful.setdefault(synset_id, []).append(found)
                self._tell(synset_id, said.gloss, checked)
            else:
                self._refuse(synset_id, said.gloss, checked, made_by)

    def _same(
        self, synset_id: str, number: int, shown: tuple[str, ...], made_by: Provenance
    ) -> None:
        like = shown[number - 1] if number <= len(shown) else synset_id
        entries = self.index.synsets
        if like != synset_id and entries[like].pos == entries[synset_id].pos:
            self.alike[synset_id] = _Kept.of(like, made_by)
            self.work.progress.accepted += 1
        else:
            reason = self.language.findings.no_like.format(found=number)
            detail = f"same as {number}, which is not shown or of another part of speech"
            found = Finding("not_the_same", detail, reason)
            self._refuse(synset_id, f"= {number}", (found,), made_by)

    def _checked(self, synset_id: str, gloss: str) -> str | tuple[Finding, ...]:
        checked = self._checker.check(self.index.draft(synset_id, gloss))
        sound = isinstance(checked, str) or only_doubts(checked)
        copied = self.reference.finding(clean_gloss(gloss)) if sound else None
        return checked if copied is None else (copied,)

    def _refuse(
        self,
        synset_id: str,
        gloss: str,
        findings: tuple[Finding, ...],
        made_by: Provenance | None,
    ) -> None:
        self.work.reject(rejected(NAME, synset_id, gloss, findings, made_by))
        self._tell(synset_id, gloss, findings)

    def _tell(self, synset_id: str, gloss: str, findings: tuple[Finding, ...]) -> None:
        """Has the next request for the synset say what is wrong with a definition."""
        told = problem_of(gloss, findings, self.language)
        earlier = self.problems.get(synset_id, ())
        self.problems[synset_id] = (*earlier, told)[-PROBLEMS_SHOWN:]

    # -- what is taken back --------------------------------------------------------------------

    def _take_back(self, synset_id: str, findings: tuple[Finding, ...]) -> None:
        kept = self.accepted.pop(synset_id)
        self._reject(synset_id, kept, findings)
        self._tell(synset_id, kept.gloss, findings)
        self.work.progress.accepted -= 1

    def _reject(self, synset_id: str, kept: _Kept, findings: tuple[Finding, ...]) -> None:
        made_by = kept.provenance(self.requests.prompt)
        self.work.reject(rejected(NAME, synset_id, kept.gloss, findings, made_by))

    async def _settle(self, round_: int) -> int:
        """Where an attempt brought only doubtful definitions, takes the first of least doubts.

        How many stand: they are compared and read like all others.
        """
        settled = frozenset(self.accepted)
        taken = [synset_id for synset_id in self._missing() if synset_id in self.doubtful]
        for synset_id in taken:
            best = min(self.doubtful[synset_id], key=lambda each: len(each.findings))
            self.doubtful[synset_id].remove(best)
            self.accepted[synset_id] = best.kept
            self.work.progress.accepted += 1
        if taken:
            self._withdraw_repeats(settled)
            await self._verify(settled, round_)
        return sum(synset_id in self.accepted for synset_id in taken)

    def _withdraw_repeats(self, settled: frozenset[str]) -> None:
        """Takes back every new gloss that repeats a settled one, or one with an earlier id."""
        texts = {synset_id: kept.gloss for synset_id, kept in self.accepted.items()}
        groups = self.index.sibling_groups()
        repeats = equal_glosses(texts, self.language, self.settings.rules, groups, settled)
        for synset_id, finding in sorted(repeats.items()):
            self._take_back(synset_id, (finding,))

    async def _verify(self, settled: frozenset[str], round_: int) -> None:
        """Takes back every new definition that its readers take for another synset's."""
        if self.readers is None:
            return
        fresh = {
            synset_id: kept.gloss
            for synset_id, kept in self.accepted.items()
            if synset_id not in settled
        }
        same = cluster_ids(self._leaders())
        for synset_id, taken in (await self.readers.misread(fresh, same, round_)).items():
            others = [" = ".join(self.index.synsets[other].lemmas) for other in taken if other]
            reason = self.language.findings.misread.format(found="”, “".join(dict.fromkeys(others)))
            detail = f"taken for {', '.join(other or 'none of those shown' for other in taken)}"
            self._take_back(synset_id, (Finding("gloss_unverified", detail, reason),))
        self._withdraw_unlike()

    def _withdraw_unlike(self) -> None:
        """Takes back likes that lead to no definition, or to one that does not fit the synset."""
        leader_of = self._leaders()
        for synset_id in sorted(self.alike):
            leader = leader_of.get(synset_id)
            faults = self._unfit(synset_id, leader) if leader else ()
            if leader and not faults:
                continue
            made_by = self.alike.pop(synset_id).provenance(self.requests.prompt)
            self.work.progress.accepted -= 1
            if leader:
                self._refuse(synset_id, self.accepted[leader].gloss, faults, made_by)

    def _unfit(self, synset_id: str, leader: str) -> tuple[Finding, ...]:
        """What is wrong with another synset's definition as this one's; doubts that it was taken
        with do not count again."""
        gloss = self.accepted[leader].gloss
        found, own = self._checked(synset_id, gloss), self._checked(leader, gloss)
        known = set() if isinstance(own, str) else {each.code for each in own}
        if isinstance(found, str) or all(each.doubt and each.code in known for each in found):
            return ()
        return found


def _without(synset_id: str, index: SynsetIndex, rounds: int) -> Reject:
    return Reject(
        stage=NAME,
        item_id=synset_id,
        code="no_gloss",
        detail=f"no acceptable gloss in {rounds} rounds",
        text="; ".join(index.synsets[synset_id].lemmas),
    )
