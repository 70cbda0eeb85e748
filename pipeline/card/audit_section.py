"""The card's section on the human audit."""

from __future__ import annotations

from collections.abc import Iterator

from audits.figures import AuditReport, Coefficient, Interval
from languages.language import Language
from pipeline.card.audit import whole_rows
from schemas.markdown import escaped, grouped, percent, table

_UNSURE = {
    "not_good": "an unsure answer and an open dispute count as not good",
    "left_out": "items with an unsure answer or an open dispute are left out",
}
_MODES = {
    "review": "They saw the intended sense and judged whether the row is right.",
    "blind": "They chose among the senses without seeing which one was intended.",
}


_RECORDED = (
    "> **Recorded answers.** Nobody read these sentences: the filled-in sheets come with the "
    "software and are made up, to show what this section looks like. Its figures say nothing "
    "about the sentences."
)


def audit_text(report: AuditReport | None, language: Language, *, recorded: bool) -> str:
    """The sample, the estimate with its interval, agreement between annotators, strata.

    ``recorded`` says that the release is a demonstration, and so is what came back.
    """
    if report is None:
        return "No human audit has been made of this release."
    return "\n\n".join([*([_RECORDED] if recorded else []), *_parts(report, language)])


def _parts(report: AuditReport, language: Language) -> Iterator[str]:
    people = len(report.annotators)
    who = "one native reader" if people == 1 else f"{people} native readers"
    strata = " × ".join(escaped(field.replace("_", " ")) for field in report.strata_fields)
    yield (
        f"{grouped(report.sampled)} of {grouped(report.population)} sentences were drawn at random"
        f"{f' within strata ({strata})' if strata else ''} and given to {who} of "
        f"{language.names.english}, who are not named. {_MODES[report.mode]}"
    )
    share = whole_rows(report).share
    if share is None:
        yield "No answers have come back yet, so there is no estimate."
        return
    yield (
        f"**{percent(share.value)} of the sentences are estimated to be good in every respect** "
        f"(95 % interval {_interval(share)}; stratified estimate, in which "
        f"{_UNSURE[report.unsure_rule]})."
    )
    yield _criteria(report)
    yield "Agreement of the readers, over the items that two or more of them answered:"
    yield _agreement(report)
    if report.disagreements:
        yield f"Disagreements not yet settled: {grouped(report.disagreements)}."
    yield _strata(report)


def _criteria(report: AuditReport) -> str:
    rows = [
        (
            escaped(quality.criterion),
            escaped(quality.question),
            percent(quality.share.value) if quality.share else "–",
            _interval(quality.share),
            quality.answered,
            quality.unsure,
        )
        for quality in report.quality
    ]
    header = ("criterion", "question", "good", "95 % interval", "answered", "unsure or open")
    return table(header, rows, left=2)


def _agreement(report: AuditReport) -> str:
    rows = [
        (
            escaped(each.criterion),
            each.items,
            percent(each.raw.value),
            _coefficient(each.alpha),
            _coefficient(each.fleiss),
            ", ".join(_coefficient(pair.kappa) for pair in each.pairs) or "–",
        )
        for each in report.agreement
    ]
    header = (
        "criterion", "items", "all the same", "Krippendorff's alpha", "Fleiss' kappa",
        "Cohen's kappa by pair",
    )  # fmt: skip
    return table(header, rows)


def _strata(report: AuditReport) -> str:
    rows = [
        (
            escaped(stratum.stratum),
            stratum.population,
            stratum.sampled,
            percent(stratum.share.value) if stratum.share else "–",
            _interval(stratum.share),
        )
        for stratum in whole_rows(report).strata
    ]
    return table(("stratum", "sentences", "drawn", "good", "95 % interval"), rows)


def _interval(share: Interval | None) -> str:
    return "–" if share is None else f"{percent(share.low)} to {percent(share.high)}"


def _coefficient(figure: Coefficient) -> str:
    if figure.value is None:
        return "not defined"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
