"""A small audit report written by hand, with people's names in it."""

from __future__ import annotations

from audits.figures import (
    AnnotatorProgress,
    AnnotatorRate,
    AnswerShare,
    AuditReport,
    AuditRound,
    Coefficient,
    CriterionAgreement,
    CriterionQuality,
    Interval,
    OutcomeCounts,
    PairAgreement,
    ReleaseAudits,
    ReleaseName,
    SelfAgreement,
    Span,
    StratumQuality,
)

KAPPA = Coefficient(value=0.74, low=0.61, high=0.85)


def tiny_audits(low: float = 0.85, **changed: object) -> ReleaseAudits:
    """The same as the only round, drawn from an earlier state of the release."""
    found = AuditRound(
        folder="audit",
        number=1,
        drawn_from=ReleaseName(name="mẫu", version="0.9", digest="0123456789abcdef"),
        as_drawn=False,
        of_this_release=True,
        latest=True,
        here=27,
        dropped=2,
        gone=1,
        after=Interval(value=0.94, low=low, high=0.98),
        report=tiny_audit(low),
    )
    return ReleaseAudits(rounds=(found.model_copy(update=changed),), judged_otherwise=0)


def tiny_audit(low: float = 0.85) -> AuditReport:
    """Two people, two strata, one question; the third stratum has no answers."""
    share = Interval(value=0.92, low=low, high=0.97)
    strata = (
        _stratum("noun × same_pos", 120, 20, Interval(value=0.9, low=0.7, high=0.97)),
        _stratum("verb × cross_pos", 60, 10, Interval(value=1.0, low=0.72, high=1.0)),
        _stratum("adv × same_pos", 20, 0, None),
    )
    return AuditReport(
        audit_id="a1b2c3",
        name="audit",
        mode="review",
        seed=0,
        strata_fields=("pos", "polysemy"),
        allocation="proportional",
        unsure_rule="not_good",
        population=200,
        sampled=30,
        annotators=(
            AnnotatorProgress(annotator="Nguyễn Thị Lan", rows=20, complete=20, started=20),
            AnnotatorProgress(annotator="Trần Bình", rows=16, complete=16, started=16),
        ),
        outcomes=OutcomeCounts(good=27, bad=2, unsure=1),
        adjudicators=("Nguyễn Thị Lan",),
        disagreements=1,
        quality=(
            _quality("row", "the row as a whole", share, strata),
            _quality("natural", "Câu có tự nhiên không?", share, strata),
        ),
        agreement=(
            CriterionAgreement(
                criterion="natural",
                items=6,
                raw=Coefficient(value=0.9, low=0.6, high=0.98),
                alpha=KAPPA,
                ac1=Coefficient(value=0.88, low=None, high=None),
                fleiss=Coefficient(value=None, low=None, high=None),
                pairs=(
                    PairAgreement(
                        first="Nguyễn Thị Lan", second="Trần Bình", items=6, raw=KAPPA, kappa=KAPPA
                    ),
                ),
            ),
        ),
        self_agreement=(
            SelfAgreement(
                annotator="Trần Bình", criterion="natural", repeats=2, raw=KAPPA, kappa=KAPPA
            ),
        ),
        worst_strata=(),
        worst_lemmas=(),
        worst_prompts=(),
    )


def _quality(
    criterion: str, question: str, share: Interval, strata: tuple[StratumQuality, ...]
) -> CriterionQuality:
    return CriterionQuality(
        criterion=criterion,
        question=question,
        share=share,
        answered=30,
        missing=0,
        unsure=1,
        open=1,
        covered=0.9,
        disputes=Span(low=0.9, high=0.93),
        missing_counted=None,
        modelled=0.95,
        annotators=(
            AnnotatorRate(annotator="Nguyễn Thị Lan", answered=20, share=share),
            AnnotatorRate(annotator="Trần Bình", answered=16, share=share),
        ),
        answers=(AnswerShare(code="yes", label="có", count=27, share=0.92),),
        strata=strata,
    )


def _stratum(name: str, population: int, answered: int, share: Interval | None) -> StratumQuality:
    return StratumQuality(
        stratum=name,
        population=population,
        sampled=answered,
        answered=answered,
        good=answered,
        unsure=0,
        share=share,
    )
