"""What the card says of the judges: who they are, how they agree, what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from audits.figures import Coefficient
from pipeline.card.facts import CardFacts
from pipeline.panel.figures import JudgeFigures, PanelFigures, PlaceFigures
from schemas.markdown import code_span, escaped, grouped, percent, table


def panel_text(facts: CardFacts) -> str:
    """The judges as a table, their agreement, and warnings; empty where nothing is known."""
    panel = facts.manifest.panel
    return "\n\n".join(_parts(facts, panel)) if panel else ""


def _parts(facts: CardFacts, panel: PanelFigures) -> Iterator[str]:
    yield from (f"**{escaped(line)}.**" for line in warnings(facts, panel))
    many = len(panel.judges) > 1
    asked = (
        " The first was asked about every sentence, the others where the votes left a doubt and "
        "about a random share, on which they are compared here."
        if many
        else ""
    )
    yield (
        f"{grouped(panel.votes)} votes on {grouped(panel.contexts)} sentences, "
        f"{panel.votes_per_context:.2f} a sentence.{asked} Of ambiguous lemmas:"
    )
    header = (
        "judge", "model", "votes", "sentences compared", "for the intended sense", "by guessing",
        "most favoured place", "kappa with auditors",
    )  # fmt: skip
    yield table(header, [_row(judge) for judge in panel.judges], left=2)
    pairs = [
        (
            f"{code_span(pair.one)}, {code_span(pair.other)}",
            pair.contexts,
            percent(pair.same / pair.contexts),
            _value(pair.kappa),
        )
        for pair in panel.pairs
        if pair.contexts
    ]
    if pairs:
        yield table(("judges", "sentences", "same choice", "kappa"), pairs)
        yield (
            f"Krippendorff's alpha of all judges is {_value(panel.alpha)}; kappa and alpha are "
            "over whether the intended sense was chosen."
        )


def warnings(facts: CardFacts, panel: PanelFigures) -> Iterator[str]:
    """What is wrong with the judges, and which of them wrote the sentences."""
    stages = (
        stage for stage in facts.manifest.stages if stage.name.partition(".")[0] == "contexts"
    )
    writers = {model for stage in stages for model in stage.models}
    for judge in panel.judges:
        for model in sorted(writers.intersection(judge.models)):
            yield f"Judge {judge.judge} wrote the sentences too ({model}): it judges itself"
    for line in panel.warnings:
        yield line[:1].upper() + line[1:]


def _row(judge: JudgeFigures) -> tuple[object, ...]:
    compared = judge.unconditional
    place = max(
        (each for each in judge.places if each.z is not None),
        key=lambda each: each.choices - each.expected,
        default=None,
    )
    return (
        code_span(judge.judge),
        ", ".join(map(code_span, judge.models)),
        judge.votes,
        compared,
        percent(judge.for_meant / compared) if compared else "–",
        percent(judge.expected_for_meant / compared) if compared else "–",
        _place(place) if place else "–",
        _value(judge.with_auditors),
    )


def _place(place: PlaceFigures) -> str:
    seen, expected = percent(place.choices / place.of), percent(place.expected / place.of)
    return f"{place.place}: {seen}, {expected} expected, z = {place.z:.1f}"


def _value(figure: Coefficient | None) -> str:
    """A coefficient with its interval; a dash where there is none."""
    if figure is None or figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"
