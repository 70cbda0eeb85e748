"""The reasons that annotators gave for bad and unsure answers."""

from __future__ import annotations

from collections import Counter

from audits.answers.judgements import Judgements
from audits.figures import ReasonCount
from languages.audit import AuditTexts


def reason_counts(judgements: Judgements, texts: AuditTexts) -> tuple[ReasonCount, ...]:
    """How often each was given, by question; hidden repeats do not count."""
    found: list[ReasonCount] = []
    for question in judgements.asked:
        counts: Counter[tuple[str, str]] = Counter()
        for by_annotator in judgements.given.values():
            for given in by_annotator.values():
                reason = question.reason(given)
                if reason is not None:
                    counts[given[question.code], reason] += 1
        told = texts.questions[question.code]
        found += [
            ReasonCount(
                criterion=question.code,
                answer=answer,
                reason=reason,
                label=told.reasons[reason],
                count=count,
            )
            for (answer, reason), count in sorted(
                counts.items(), key=lambda each: (-each[1], each[0])
            )
        ]
    return tuple(found)
