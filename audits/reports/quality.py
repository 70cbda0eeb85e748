"""The quality of the population, estimated question by question and for the row as a whole.

Stated rules. A row counts the mean of its annotators' verdicts, or the adjudicated one. An unsure
answer and "partly" are not good; with the rule ``left_out``, unsure answers leave the share, and a
stratum weighs as much as the part of it that is decided. An item without an answer is missing: its
stratum's other items stand for it, and beside the estimate stands what it would be if all missing
ones were bad, or good. Strata without answers are outside of the estimate, and ``covered`` says
what is inside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from audits.answers.judgements import Judgements, row_verdict
from audits.figures import (
    ROW,
    AnnotatorRate,
    AnswerShare,
    CriterionQuality,
    Interval,
    Span,
    StratumQuality,
)
from audits.key import Stratum
from audits.questions import Question, UnsureRule, Verdict
from audits.statistics.dawid_skene import fit
from audits.statistics.verdicts import Rated, share_of_good
from languages.audit import AuditTexts

MODELLED_FROM = 30
"""Rows with three annotators or more from which what rows are can be told from what people err."""


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """What an item came to: the verdicts of its annotators, by name, and their answers.

    ``verdict`` is the one of all together, None while an answer is missing; an adjudicated item has
    one verdict under the empty name, and ``said`` what its annotators said before that.
    """

    stratum: str
    verdict: Verdict | None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    open: bool = False
    said: Mapping[str, Verdict] = field(default_factory=dict)

    def decided(self, rule: UnsureRule) -> dict[str, Verdict]:
        """The verdicts that count."""
        left = rule == "left_out"
        return {who: said for who, said in self.verdicts.items() if said != "unsure" or not left}


def question_quality(
    judgements: Judgements, question: Question, rule: UnsureRule, texts: AuditTexts
) -> CriterionQuality:
    """The quality by one question, whose answers get their labels from ``texts``."""
    judged = []
    for context_id, item in judgements.items.items():
        settled = judgements.adjudicated.get(context_id, {}).get(question.code)
        said = judgements.codes(context_id, question)
        codes = said if settled is None else {"": settled}
        judged.append(
            JudgedItem(
                item.stratum,
                judgements.verdict(context_id, question),
                {who: question.verdict(code, item.intended) for who, code in codes.items()},
                tuple(question.category(code, item.intended) for code in codes.values()),
                judgements.open(context_id, question),
                {who: question.verdict(code, item.intended) for who, code in said.items()},
            )
        )
    labels = question.labels(texts)
    return quality(question.code, question.meaning, judgements.key.strata, judged, rule, labels)


def row_quality(judgements: Judgements, rule: UnsureRule) -> CriterionQuality:
    """The quality of rows as a whole."""
    return quality(
        ROW, "every answer is good", judgements.key.strata, judged_rows(judgements), rule
    )


def judged_rows(
    judgements: Judgements, wanted: Callable[[str], bool] = lambda _: True
) -> list[JudgedItem]:
    """What each of the wanted rows as a whole came to."""
    return [
        _judged_row(judgements, context_id) for context_id in judgements.items if wanted(context_id)
    ]


def _judged_row(judgements: Judgements, context_id: str) -> JudgedItem:
    verdicts = judgements.row_verdicts(context_id)
    return JudgedItem(
        judgements.items[context_id].stratum,
        row_verdict(judgements.verdicts(context_id)),
        verdicts,
        tuple(verdicts.values()),
        judgements.disputed(context_id) and len(set(verdicts.values())) > 1,
        verdicts,
    )


def quality(
    criterion: str,
    meaning: str,
    strata: Sequence[Stratum],
    judged: Sequence[JudgedItem],
    rule: UnsureRule,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> CriterionQuality:
    """The figures of one criterion from what its items came to."""
    by_stratum: dict[str, list[JudgedItem]] = {stratum.name: [] for stratum in strata}
    for item in judged:
        by_stratum[item.stratum].append(item)
    parts = [_stratum(stratum, by_stratum[stratum.name], rule) for stratum in strata]
    answered = [part for part in parts if part.answered]
    population = sum(part.population for part in parts)
    share = estimate(strata, judged, rule)
    return CriterionQuality(
        criterion=criterion,
        question=meaning,
        share=share,
        answered=sum(part.answered for part in parts),
        missing=sum(not item.verdicts for item in judged),
        unsure=sum(part.unsure for part in parts),
        open=sum(item.open for item in judged),
        covered=sum(part.population for part in answered) / population,
        disputes=_span(strata, judged, rule, lambda item: item.open) if share else None,
        missing_counted=_span(strata, judged, rule, lambda item: not item.verdicts)
        if share
        else None,
        modelled=_modelled(strata, judged),
        annotators=_annotators(strata, judged, rule),
        answers=_answer_shares(answered, by_stratum, labels),
        strata=tuple(parts),
    )


def estimate(
    strata: Sequence[Stratum], judged: Sequence[JudgedItem], rule: UnsureRule
) -> Interval | None:
    """The share of good rows in the strata that have answers, with its interval."""
    counted: dict[str, int] = {}
    rows: list[Rated] = []
    n_answered: Counter[str] = Counter()
    n_decided: dict[str, float] = defaultdict(float)
    for item in judged:
        if not item.verdicts:
            continue
        decided = item.decided(rule)
        n_answered[item.stratum] += 1
        n_decided[item.stratum] += len(decided) / len(item.verdicts)
        if decided:
            place = counted.setdefault(item.stratum, len(counted))
            good = {who: float(said == "good") for who, said in decided.items()}
            rows.append(Rated(place, good))
    if not rows:
        return None
    n_rows = Counter(row.stratum for row in rows)
    sizes = {stratum.name: stratum.population for stratum in strata}
    population = [
        max(float(n_rows[at]), sizes[name] * n_decided[name] / n_answered[name])
        for name, at in counted.items()
    ]
    bounds = share_of_good(rows, np.array(population))
    return Interval(
        value=float(bounds.value[0]), low=float(bounds.low[0]), high=float(bounds.high[0])
    )


def _span(
    strata: Sequence[Stratum],
    judged: Sequence[JudgedItem],
    rule: UnsureRule,
    doubtful: Callable[[JudgedItem], bool],
) -> Span | None:
    """The estimate if all items of a kind were bad, and if they were good; None without any."""
    if not any(map(doubtful, judged)):
        return None
    ends = []
    verdicts: tuple[Verdict, Verdict] = ("bad", "good")
    for verdict in verdicts:
        taken = [
            JudgedItem(item.stratum, verdict, {"": verdict}) if doubtful(item) else item
            for item in judged
        ]
        share = _mean(strata, taken, rule)
        ends.append(share)
    return Span(low=ends[0], high=ends[1])


def _mean(strata: Sequence[Stratum], judged: Sequence[JudgedItem], rule: UnsureRule) -> float:
    """The estimate without its interval."""
    value: dict[str, float] = defaultdict(float)
    counted: dict[str, float] = defaultdict(float)
    answered: Counter[str] = Counter()
    for item in judged:
        decided = item.decided(rule)
        if item.verdicts:
            answered[item.stratum] += 1
        if decided:
            good = sum(said == "good" for said in decided.values())
            value[item.stratum] += good / len(decided)
            counted[item.stratum] += 1
    sizes = {
        s.name: s.population * counted[s.name] / answered[s.name] for s in strata if counted[s.name]
    }
    total = sum(sizes.values())
    return sum(size / total * value[name] / counted[name] for name, size in sizes.items())


def _modelled(strata: Sequence[Stratum], judged: Sequence[JudgedItem]) -> float | None:
    """The share of rows that are good by the model of Dawid and Skene; unsure is not good."""
    said = [item for item in judged if item.said]
    if sum(len(item.said) > 2 for item in said) < MODELLED_FROM:
        return None
    ratings = [{who: int(v == "good") for who, v in item.said.items()} for item in said]
    posterior = fit(ratings, 2).posterior[:, 1]
    sums: dict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for item, good in zip(said, posterior.tolist(), strict=True):
        sums[item.stratum] += good
        counts[item.stratum] += 1
    sizes = {s.name: s.population for s in strata if counts[s.name]}
    total = sum(sizes.values())
    return sum(size / total * sums[name] / counts[name] for name, size in sizes.items())


def _annotators(
    strata: Sequence[Stratum], judged: Sequence[JudgedItem], rule: UnsureRule
) -> tuple[AnnotatorRate, ...]:
    """Every annotator's own estimate, from the rows that they read alone or with others."""
    names = sorted({who for item in judged for who in item.said if who})
    rates = []
    for name in names:
        own = [
            JudgedItem(item.stratum, None, {name: item.said[name]})
            for item in judged
            if name in item.said
        ]
        rates.append(
            AnnotatorRate(annotator=name, answered=len(own), share=estimate(strata, own, rule))
        )
    return tuple(rates)


def _stratum(stratum: Stratum, items: list[JudgedItem], rule: UnsureRule) -> StratumQuality:
    answered = [item for item in items if item.verdicts]
    good = sum(
        sum(said == "good" for said in item.verdicts.values()) / len(item.verdicts)
        for item in answered
    )
    return StratumQuality(
        stratum=stratum.name,
        population=stratum.population,
        sampled=stratum.sampled,
        answered=len(answered),
        good=good,
        unsure=sum(item.verdict == "unsure" for item in answered),
        share=estimate([stratum], items, rule),
    )


def _answer_shares(
    parts: Sequence[StratumQuality],
    by_stratum: dict[str, list[JudgedItem]],
    labels: Mapping[str, str],
) -> tuple[AnswerShare, ...]:
    """The estimated share of every answer among the rows of the strata with answers."""
    population = sum(part.population for part in parts)
    shares: dict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for part in parts:
        for item in by_stratum[part.stratum]:
            counts.update(item.categories)
            for code in item.categories:
                weight = part.population / population / part.answered / len(item.categories)
                shares[code] += weight
    return tuple(
        AnswerShare(
            code=code,
            label=labels.get(code, code),
            count=counts[code],
            share=shares[code],
        )
        for code in sorted(counts, key=lambda code: (-shares[code], code))
    )
