"""The card's pictures: bar charts as PNG whose bytes depend on the numbers alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from languages.card import PlotText, PlotTexts
from pipeline.card.audit import whole_rows
from pipeline.card.facts import CardFacts
from schemas.plot_style import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

FOLDER = "plots"
_MOST_BARS = 12
_LOG_FROM = 200


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of the card: its path beside the README, its bytes, and what it shows in words."""

    path: str
    png: bytes
    caption: str


_ENGLISH = PlotTexts(
    senses_per_lemma=PlotText(
        title="Senses per lemma",
        x="senses",
        y="lemmas",
        caption="Senses per lemma of the inventory.",
    ),
    log_scale="log scale",
    contexts_per_sense=PlotText(
        title="Contexts per sense",
        x="contexts",
        y="senses",
        caption="Contexts per sense; orange: fewer than the {wanted} wanted.",
    ),
    wanted="wanted {wanted}",
    rejections_by_code=PlotText(
        title="Rejections by code", x="rejected items", caption="Rejected items by code."
    ),
    audit_by_stratum=PlotText(
        title="Audit by stratum",
        x="share judged good, 95 % interval",
        caption="Share of sentences judged good in the human audit, by stratum, with 95 % "
        "intervals.",
    ),
)


def draw_plots(facts: CardFacts) -> tuple[Plot, ...]:
    """The pictures for which there is data, their words in the data's language and in English."""
    import matplotlib as mpl

    own = facts.language.card.own
    words = _both(own.plots, _ENGLISH) if own else _ENGLISH
    drawn = []
    # names of strata and codes are drawn as they are: a dollar sign begins no formula
    with mpl.rc_context(
        {"font.family": "DejaVu Sans", "text.usetex": False, "text.parse_math": False}
    ):
        for name, draw in _DRAWERS.items():
            figure = draw(facts, words)
            if figure is not None:
                caption = getattr(words, name).caption
                caption = caption.format(wanted=facts.manifest.coverage.wanted)
                drawn.append(Plot(f"{FOLDER}/{name}.png", _png(figure), caption))
    return tuple(drawn)


def _both(own: PlotTexts, english: PlotTexts) -> PlotTexts:
    """The words of two languages beside each other; of captions, the English one first."""
    both: dict[str, PlotText | str] = {}
    for field in fields(PlotTexts):
        a, b = getattr(own, field.name), getattr(english, field.name)
        both[field.name] = (
            f"{a} · {b}"
            if isinstance(a, str)
            else PlotText(
                title=f"{a.title} · {b.title}",
                x=f"{a.x} · {b.x}",
                y=f"{a.y} · {b.y}" if b.y else "",
                caption=f"{b.caption} {a.caption}",
            )
        )
    return PlotTexts(**both)  # type: ignore[arg-type]


def _png(figure: Figure) -> bytes:
    """The bytes without the software's name or a date, so that equal figures give equal bytes."""
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _senses_per_lemma(facts: CardFacts, words: PlotTexts) -> Figure | None:
    values = _with_tail(facts.lemmas_by_senses)
    if not values:
        return None
    figure, axes = _canvas(words.senses_per_lemma)
    _columns(axes, values, STYLE.good)
    if max(values.values()) >= _LOG_FROM:
        axes.set_yscale("log")
        axes.set_ylim(0.5, 2 * max(values.values()))  # room for the number on the highest bar
        axes.yaxis.set_major_formatter("{x:,.0f}")  # powers of ten would be formulas
        axes.set_ylabel(f"{words.senses_per_lemma.y} ({words.log_scale})")
    return figure


def _contexts_per_sense(facts: CardFacts, words: PlotTexts) -> Figure | None:
    coverage = facts.manifest.coverage
    if not coverage.senses_by_contexts:
        return None
    values = _with_tail(coverage.senses_by_contexts, most=max(_MOST_BARS, coverage.wanted + 2))
    figure, axes = _canvas(words.contexts_per_sense)
    enough = [_lower_end(label) >= coverage.wanted for label in values]
    colours = [STYLE.good if good else STYLE.lacking for good in enough]
    _columns(axes, values, colours)
    note = words.wanted.format(wanted=coverage.wanted)
    axes.set_title(note, loc="right", fontsize=STYLE.small, color=STYLE.note)
    return figure


def _rejections_by_code(facts: CardFacts, words: PlotTexts) -> Figure | None:
    if not facts.rejects:
        return None
    items = list(facts.rejects.items())
    values = dict(items[:20])
    if len(items) > 20:
        values["…"] = sum(count for _, count in items[20:])
    figure, axes = _canvas(words.rejections_by_code, rows=len(values))
    _rows(axes, values)
    return figure


def _audit_by_stratum(facts: CardFacts, words: PlotTexts) -> Figure | None:
    if facts.audit is None:
        return None
    strata = [
        (f"{stratum.stratum} ({stratum.answered})", stratum.share)
        for stratum in whole_rows(facts.audit).strata
        if stratum.share is not None
    ]
    if not strata:
        return None
    figure, axes = _canvas(words.audit_by_stratum, rows=len(strata))
    places = range(len(strata))
    middle = [share.value for _, share in strata]
    errors = [
        [max(0.0, share.value - share.low) for _, share in strata],
        [max(0.0, share.high - share.value) for _, share in strata],
    ]
    axes.errorbar(middle, list(places), xerr=errors, fmt="o", color=STYLE.good, capsize=4)
    axes.set_yticks(list(places), [name for name, _ in strata])
    axes.set_ylim(len(strata) - 0.5, -0.5)
    axes.set_xlim(0, 1.02)
    axes.grid(axis="x", color=STYLE.grid)
    return figure


_DRAWERS = {
    "senses_per_lemma": _senses_per_lemma,
    "contexts_per_sense": _contexts_per_sense,
    "rejections_by_code": _rejections_by_code,
    "audit_by_stratum": _audit_by_stratum,
}


def _with_tail(values: Mapping[int, int], most: int = _MOST_BARS) -> dict[str, int]:
    """The counts by value, everything from ``most`` on in one last bar ("12+")."""
    if not values:
        return {}
    kept = {str(n): values.get(n, 0) for n in range(min(values), min(most, max(values)) + 1)}
    if max(values) > most:
        del kept[str(most)]
        kept[f"{most}+"] = sum(count for n, count in values.items() if n >= most)
    return kept


def _lower_end(label: str) -> int:
    return int(label.rstrip("+"))


def _canvas(words: PlotText, rows: int | None = None) -> tuple[Figure, Axes]:
    """An empty chart; ``rows`` makes room for that many horizontal bars.

    Made without pyplot: no global state, no window system, no font but DejaVu Sans, which
    matplotlib brings along and which has the letters of all languages in Latin script.
    """
    from matplotlib.figure import Figure

    height = 3.6 if rows is None else 1.4 + 0.32 * rows
    figure = Figure(figsize=(7.2, height), dpi=STYLE.dpi, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(words.title, loc="left", fontsize=STYLE.title, fontweight="bold")
    axes.set_xlabel(words.x)
    axes.set_ylabel(words.y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _columns(axes: Axes, values: Mapping[str, int], colour: str | Sequence[str]) -> None:
    bars = axes.bar(list(values), list(values.values()), color=colour)
    axes.bar_label(
        bars, labels=[f"{v:,}" if v else "" for v in values.values()], fontsize=STYLE.small
    )
    axes.yaxis.set_major_locator(_whole_numbers())
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.margins(y=0.1)  # room for the number on the highest bar


def _rows(axes: Axes, values: Mapping[str, int]) -> None:
    bars = axes.barh(list(values), list(values.values()), color=STYLE.neutral)
    axes.bar_label(
        bars, labels=[f"{v:,}" for v in values.values()], fontsize=STYLE.small, padding=3
    )
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylim(len(values) - 0.4, -0.6)


def _whole_numbers() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)
