"""The quality of the population, estimated question by question and for the row as a whole.

Stated rules. An unsure answer, an open dispute and "partly" are not good; with the rule
``left_out``, unsure and open items leave the share, and a stratum weighs as much as the part of
it that is decided. An item without an answer is missing: its stratum's other items stand for it.
Strata without answers are outside of the estimate, and ``covered`` says what is inside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from audits.answers.judgements import Judgements, row_verdict
from audits.figures import (
    ROW,
    AnswerShare,
    CriterionQuality,
    Interval,
    StratumQuality,
)
from audits.key import Stratum
from audits.questions import OPEN, Question, Verdict
from audits.settings import UnsureRule
from audits.statistics.exact import exact
from audits.statistics.intervals import stratified
from languages.audit import AuditTexts


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """What an item came to: the verdict and the category of its answer; None if not answered."""

    stratum: str
    verdict: Verdict | None
    category: str | None


def question_quality(
    judgements: Judgements, question: Question, rule: UnsureRule, texts: AuditTexts
) -> CriterionQuality:
    """The quality by one question, whose answers get their labels from ``texts``."""
    judged = []
    for context_id, item in judgements.items.items():
        code = judgements.answer(context_id, question)
        judged.append(
            JudgedItem(
                item.stratum,
                None if code is None else question.verdict(code, item.intended),
                None if code is None else question.category(code, item.intended),
            )
        )
    labels = question.labels(texts)
    return quality(question.code, question.meaning, judgements.key.strata, judged, rule, labels)


def row_quality(judgements: Judgements, rule: UnsureRule) -> CriterionQuality:
    """The quality of rows as a whole."""
    judged = []
    for context_id, item in judgements.items.items():
        verdict = row_verdict(judgements.verdicts(context_id))
        open_ = verdict == "unsure" and judgements.disputed(context_id)
        judged.append(JudgedItem(item.stratum, verdict, OPEN if open_ else verdict))
    return quality(ROW, "every answer is good", judgements.key.strata, judged, rule)


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
    return CriterionQuality(
        criterion=criterion,
        question=meaning,
        share=_overall(parts, rule),
        answered=sum(part.answered for part in parts),
        missing=sum(item.verdict is None for item in judged),
        unsure=sum(part.unsure for part in parts),
        open=sum(item.category == OPEN for item in judged),
        covered=sum(part.population for part in answered) / population,
        answers=_answer_shares(answered, by_stratum, labels),
        strata=tuple(parts),
    )


def _stratum(stratum: Stratum, items: list[JudgedItem], rule: UnsureRule) -> StratumQuality:
    verdicts = Counter(item.verdict for item in items if item.verdict is not None)
    answered, good, unsure = verdicts.total(), verdicts["good"], verdicts["unsure"]
    n, population = _counted(answered, unsure, stratum.population, rule)
    share = None
    if n:
        low, high = exact(good, n, population)
        share = Interval(value=good / n, low=low, high=high)
    return StratumQuality(
        stratum=stratum.name,
        population=stratum.population,
        sampled=stratum.sampled,
        answered=answered,
        good=good,
        unsure=unsure,
        share=share,
    )


def _counted(answered: int, unsure: int, population: int, rule: UnsureRule) -> tuple[int, float]:
    """How many answered items the share counts, and of how many rows they are a sample."""
    if rule == "not_good" or not answered:
        return answered, float(population)
    decided = answered - unsure
    return decided, max(float(decided), population * decided / answered)


def _overall(parts: Sequence[StratumQuality], rule: UnsureRule) -> Interval | None:
    counted = [
        (part.good, *_counted(part.answered, part.unsure, part.population, rule)) for part in parts
    ]
    counted = [(good, n, population) for good, n, population in counted if n]
    if not counted:
        return None
    good, n, population = (
        np.array(column, dtype=np.float64) for column in zip(*counted, strict=True)
    )
    bounds = stratified(good, n, population)
    return Interval(
        value=float(bounds.value[0]), low=float(bounds.low[0]), high=float(bounds.high[0])
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
        given = Counter(i.category for i in by_stratum[part.stratum] if i.category is not None)
        counts.update(given)
        for code, count in given.items():
            shares[code] += part.population / population * count / part.answered
    return tuple(
        AnswerShare(
            code=code,
            label=labels.get(code, code),
            count=counts[code],
            share=shares[code],
        )
        for code in sorted(counts, key=lambda code: (-shares[code], code))
    )
