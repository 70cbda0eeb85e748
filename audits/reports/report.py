"""Makes the report of an audit."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import median

from audits.answers.judgements import Judgements, read_judgements
from audits.answers.outcomes import outcomes_of
from audits.figures import (
    REPORT_FILE,
    AnnotatorProgress,
    AuditReport,
    CriterionAgreement,
    OutcomeCounts,
    PairAgreement,
    SelfAgreement,
)
from audits.questions import Question, UnsureRule
from audits.reports.markdown import report_text
from audits.reports.quality import question_quality, row_quality
from audits.reports.reasons import reason_counts
from audits.reports.worst import worst_lemmas, worst_prompts, worst_strata
from audits.statistics.agreement import cohen, fleiss, gwet, krippendorff, raw_agreement
from languages.language import Language
from schemas.files import write_text

MARKDOWN_FILE = "report.md"


def write_report(folder: Path, language: Language, rule: UnsureRule = "not_good") -> AuditReport:
    """Writes ``audit.json`` and ``report.md`` into the audit folder and returns the report."""
    report = make_report(read_judgements(folder), language, rule)
    write_text(folder / MARKDOWN_FILE, report_text(report))
    write_text(folder / REPORT_FILE, report.model_dump_json(indent=2) + "\n")
    return report


def make_report(judgements: Judgements, language: Language, rule: UnsureRule) -> AuditReport:
    """All figures of an audit."""
    key, asked = judgements.key, judgements.asked
    counts = Counter(outcomes_of(judgements).values())
    return AuditReport(
        audit_id=key.audit_id,
        name=key.name,
        mode=key.mode,
        seed=key.seed,
        strata_fields=key.strata_fields,
        allocation=key.allocation,
        unsure_rule=rule,
        population=key.population,
        sampled=key.sampled,
        annotators=tuple(_progress(judgements, name) for name in judgements.annotators),
        outcomes=OutcomeCounts(good=counts["good"], bad=counts["bad"], unsure=counts["unsure"]),
        adjudicators=judgements.adjudicators,
        disagreements=sum(judgements.disputed(context_id) for context_id in judgements.items),
        quality=(
            row_quality(judgements, rule),
            *(question_quality(judgements, question, rule, language.audit) for question in asked),
        ),
        reasons=reason_counts(judgements, language.audit),
        agreement=tuple(_agreement(judgements, question) for question in asked),
        self_agreement=tuple(
            _self_agreement(judgements, name, question)
            for name in judgements.annotators
            for question in asked
        ),
        worst_strata=worst_strata(judgements),
        worst_lemmas=worst_lemmas(judgements, language.match_key),
        worst_prompts=worst_prompts(judgements),
    )


def _progress(judgements: Judgements, annotator: str) -> AnnotatorProgress:
    codes = {question.code for question in judgements.asked}
    rows, seconds = judgements.rows[annotator], judgements.seconds.get(annotator)
    return AnnotatorProgress(
        annotator=annotator,
        rows=len(rows),
        complete=sum(codes <= row.keys() for row in rows),
        started=sum(bool(codes & row.keys()) for row in rows),
        seconds=round(median(seconds), 1) if seconds else None,
    )


def _agreement(judgements: Judgements, question: Question) -> CriterionAgreement:
    ratings = [judgements.codes(context_id, question) for context_id in sorted(judgements.items)]
    ratings = [item for item in ratings if len(item) > 1]
    seed, annotators = judgements.key.seed, judgements.annotators
    pairs = []
    for first, second in combinations(annotators, 2):
        both = [
            {first: item[first], second: item[second]}
            for item in ratings
            if first in item and second in item
        ]
        pairs.append(
            PairAgreement(
                first=first,
                second=second,
                items=len(both),
                raw=raw_agreement(both),
                kappa=cohen(both, first, second, seed),
            )
        )
    return CriterionAgreement(
        criterion=question.code,
        items=len(ratings),
        raw=raw_agreement(ratings),
        alpha=krippendorff(ratings, seed),
        ac1=gwet(ratings, len(question.verdicts), seed),
        fleiss=fleiss(ratings, len(annotators), seed),
        pairs=tuple(pairs),
    )


def _self_agreement(judgements: Judgements, annotator: str, question: Question) -> SelfAgreement:
    code = question.code
    both = [
        {"first": repeat.first[code], "second": repeat.second[code]}
        for repeat in judgements.repeats
        if repeat.annotator == annotator and code in repeat.first and code in repeat.second
    ]
    return SelfAgreement(
        annotator=annotator,
        criterion=code,
        repeats=len(both),
        raw=raw_agreement(both),
        kappa=cohen(both, "first", "second", judgements.key.seed),
    )
