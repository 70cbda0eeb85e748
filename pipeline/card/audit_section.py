"""The card's section on the human audit."""

from __future__ import annotations

from collections.abc import Iterator

from audits.figures import AuditReport, AuditRound, Coefficient, Interval, ReleaseAudits, Span
from languages.language import Language
from pipeline.card.audit import whole_rows
from schemas.markdown import escaped, grouped, percent, table

_UNSURE = {
    "not_good": "an unsure answer counts as not good",
    "left_out": "unsure answers are left out",
}
_MODES = {
    "review": "They saw the intended sense and judged whether the row is right.",
    "blind": "They chose among the senses without seeing which one was intended.",
    "pairs": "They were not told how a pair is labelled.",
}


_RECORDED = (
    "> **Recorded answers.** Nobody read these sentences: the filled-in sheets come with the "
    "software and are made up, to show what this section looks like. Its figures say nothing "
    "about the sentences."
)


def audit_text(audits: ReleaseAudits | None, language: Language, *, recorded: bool) -> str:
    """Every round; of the latest the estimate with its interval, agreement, strata.

    ``recorded`` says that the release is a demonstration, and so is what came back.
    """
    if audits is None:
        return "No human audit has been made of this release."
    parts = [_RECORDED] if recorded else []
    if len(audits.rounds) > 1:
        parts += _rounds(audits)
    if not audits.rounds:
        parts.append("No human audit of its sentences has been made.")
    elif audits.shown is None:
        parts.append(
            "None of them is of this release: most of the rows that they were drawn from are not "
            "in it, and their figures say nothing of it."
        )
    else:
        parts += _parts(audits.shown, language, recorded=recorded)
    if audits.pairs is not None:
        parts.append(_pairs(audits.pairs))
    return "\n\n".join(parts)


def _pairs(report: AuditReport) -> str:
    """What the audit of the pairs across languages says, in a paragraph."""
    row = whole_rows(report)
    drawn = (
        f"Of the {grouped(report.population)} pairs of `word_in_context_en` "
        f"{grouped(report.sampled)} were drawn at random and read by "
        f"{grouped(len(report.annotators))} people, who were not told how a pair is labelled."
    )
    if row.share is None:
        return f"{drawn} No answers have come back yet."
    alpha = _kappa(report)
    return (
        f"{drawn} **{percent(row.share.value)} of the labels are estimated to be right** (95 % "
        f"interval {_interval(row.share)}; {_UNSURE[report.unsure_rule]}).{alpha}"
    )


def _kappa(report: AuditReport) -> str:
    found = report.agreement[0].alpha.value
    return "" if found is None else f" Agreement of the readers: Krippendorff's alpha {found:.2f}."


def _rounds(audits: ReleaseAudits) -> Iterator[str]:
    yield f"{grouped(len(audits.rounds))} rounds of audits count, the first one drawn first:"
    rows = [
        (
            escaped(each.folder),
            each.report.mode,
            _source(each),
            each.report.sampled,
            whole_rows(each.report).answered,
            _good(each),
            each.here,
        )
        for each in audits.rounds
    ]
    header = (
        "audit", "mode", "drawn from", "rows", "answered", "good as drawn", "rows still here",
    )  # fmt: skip
    yield table(header, rows, left=3)
    if audits.judged_otherwise:
        yield (
            f"{grouped(audits.judged_otherwise)} rows were judged otherwise by a later round; the "
            "newer answer counts."
        )


def _source(each: AuditRound) -> str:
    drawn = each.drawn_from
    if drawn is None:
        return "rows before release"
    told = f"{escaped(drawn.name)} {escaped(drawn.version)}, `{escaped(drawn.digest)}`"
    if each.as_drawn:
        return f"{told} (this release)"
    return told if each.of_this_release else f"{told} (another release)"


def _good(each: AuditRound) -> str:
    share = whole_rows(each.report).share
    if share is None or not each.of_this_release:
        return "–"
    return f"{percent(share.value)} ({_interval(share)})"


def _parts(each: AuditRound, language: Language, *, recorded: bool) -> Iterator[str]:
    report = each.report
    people = len(report.annotators)
    who = f"{people} made-up readers" if recorded else f"{people} native readers"
    if people == 1:
        who = "one made-up reader" if recorded else "one native reader"
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
        f"(95 % interval {_interval(share)}; stratified estimate, in which a sentence counts the "
        f"mean of its readers' verdicts and {_UNSURE[report.unsure_rule]})."
    )
    yield _still_here(each)
    yield _criteria(report)
    yield _spans(report)
    yield "Agreement of the readers, over the items that two or more of them answered:"
    yield _agreement(report)
    if report.disagreements:
        yield f"Disagreements not yet settled: {grouped(report.disagreements)}."
    yield _strata(report)


def _still_here(each: AuditRound) -> str:
    """How many of the rows are in the release, and what it is worth without those dropped."""
    drawn, report = each.drawn_from, each.report
    source = (
        "the selected rows"
        if drawn is None
        else f"release {escaped(drawn.name)} {escaped(drawn.version)} (`{escaped(drawn.digest)}`)"
    )
    if each.as_drawn:
        return f"The sample was drawn from {source}: this one."
    gone = f", {grouped(each.gone)} are gone for other reasons" if each.gone else ""
    after = each.after
    told = (
        f" Without those dropped, **{percent(after.value)}** are estimated to be good (95 % "
        f"interval {_interval(after)})."
        if after
        else ""
    )
    return (
        f"The sample was drawn from {source}. Of its {grouped(report.sampled)} sentences "
        f"{grouped(each.here)} are in this release; {grouped(each.dropped)} were judged bad and "
        f"dropped{gone}.{told}"
    )


def _spans(report: AuditReport) -> str:
    """The estimate at worst and at best, by each reader alone, and by the model of their errors."""
    row = whole_rows(report)
    told = []
    if row.disputes:
        told.append(f"If all disputes were bad, or good: {_interval(row.disputes)}.")
    if row.missing_counted:
        told.append(
            f"If all {grouped(row.missing)} sentences without an answer were bad, or good: "
            f"{_interval(row.missing_counted)}."
        )
    rates = [percent(each.share.value) for each in row.annotators if each.share]
    if len(rates) > 1:
        told.append(f"From each reader's verdicts alone: {', '.join(rates)}.")
    if row.modelled is not None:
        told.append(
            f"By a model of the readers' errors (Dawid and Skene): {percent(row.modelled)}."
        )
    return " ".join(told) or "Every sentence has an answer, and no dispute is open."


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
            _coefficient(each.ac1),
            _coefficient(each.alpha),
            _coefficient(each.fleiss),
            ", ".join(_coefficient(pair.kappa) for pair in each.pairs) or "–",
        )
        for each in report.agreement
    ]
    header = (
        "criterion", "items", "all the same", "AC1", "Krippendorff's alpha", "Fleiss' kappa",
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


def _interval(share: Interval | Span | None) -> str:
    return "–" if share is None else f"{percent(share.low)} to {percent(share.high)}"


def _coefficient(figure: Coefficient) -> str:
    if figure.value is None:
        return "not defined"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
