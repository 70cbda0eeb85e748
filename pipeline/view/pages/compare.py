"""Two releases or runs beside each other: figures, and rows added, dropped or moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from pipeline.engine.manifest import StageManifest
from pipeline.release.manifest import ReleaseManifest
from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.pages.counted import Place, of_release, of_stage
from pipeline.view.pages.page import Asked, Page, paged
from pipeline.view.reading.comparison import KINDS, SENSES, ChangedRow, compare
from pipeline.view.reading.run_state import RunState
from pipeline.view.reading.site import Site


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of both, whether it is a share, and where its rows are in either."""

    name: str
    now: float | None
    before: float | None
    is_share: bool = False
    place: Place | None = None


def compare_page(site: Site, asked: Asked) -> Page:
    """What became of the rows, and of the figures of stages, of what ``--against`` named."""
    other = site.other()
    now, before = site.manifest(), other.manifest() if other else None
    one, two = site.run(), other.run() if other else None
    values: dict[str, object] = {
        "found": None,
        "has_release": now is not None,
        "stages": stage_figures(one, two) if one and two else (),
    }
    if other is not None and now is not None and before is not None:
        values |= _of_releases(site, other, asked, now, before)
    return Page("compare.html", "Compare", values)


def _of_releases(
    site: Site, other: Site, asked: Asked, now: ReleaseManifest, before: ReleaseManifest
) -> dict[str, object]:
    paths = site.index_path(), other.index_path()
    told = "The two releases are being compared."
    found = site.jobs.result("compare", paths, partial(compare, *paths), told)
    first = sorted(KINDS[:3], key=lambda each: not found.counts[each])
    kind, number = asked.one_of("kind", *first, *KINDS[3:], *SENSES), asked.number("page")
    move = asked.text("before"), asked.text("now")
    rows = found.senses[kind] if kind in SENSES else _moved(found.rows[kind], *move)
    counts = {(one, two): n for one, two, n in found.moves}
    total = counts.get(move, found.counts[kind]) if kind == "moved" else found.counts[kind]
    return {
        "found": found,
        "kinds": KINDS,
        "kind": kind,
        "of_senses": kind in SENSES,
        "rows": rows[PAGE_ROWS * (number - 1) : PAGE_ROWS * number],
        "listed": len(rows),
        "total_": total,
        "given": {"kind": kind, "before": move[0], "now": move[1]},
        **paged(number, len(rows)),
        "figures": _figures(now, before),
        "names": (f"{now.name} {now.version}", f"{before.name} {before.version}"),
    }


def _moved(rows: tuple[ChangedRow, ...], before: str, now: str) -> tuple[ChangedRow, ...]:
    """The rows that went from a part to another, if these are given."""
    return tuple(row for row in rows if before in ("", row.before) and now in ("", row.now))


@dataclass(frozen=True, slots=True)
class StageFigure:
    """A figure of a stage in two runs; None where a run has not finished the stage."""

    stage: str
    name: str
    now: Decimal | int | None
    before: Decimal | int | None
    code: str = ""
    """Of what was rejected, where that is what is counted."""
    currency: str = ""
    """Where it is money."""
    places: tuple[Place | None, Place | None] = (None, None)
    """Where its rows are in either run."""


def stage_figures(now: RunState, before: RunState) -> tuple[StageFigure, ...]:
    """Counts, rejects by code and money of every stage that either run has finished."""
    names = dict.fromkeys(stage.name for run in (now, before) for stage in run.stages)
    figures = (
        figure
        for name in names
        for figure in _of_stage(name, _made(now, name), _made(before, name))
    )
    return tuple(figure for figure in figures if figure.now or figure.before)


def _made(run: RunState, name: str) -> StageManifest | None:
    output = run.output(name)
    return output.manifest if output else None


def _of_stage(
    stage: str, now: StageManifest | None, before: StageManifest | None
) -> Iterator[StageFigure]:
    both = [made for made in (now, before) if made is not None]
    for key in dict.fromkeys(key for made in both for key in made.counts):
        n, m = (made.counts.get(key, 0) if made else None for made in (now, before))
        places = of_stage(stage, key, now), of_stage(stage, key, before)
        yield StageFigure(stage, key, n, m, places=places)
    for code in dict.fromkeys(code for made in both for code in made.rejects):
        n, m = (made.rejects.get(code, 0) if made else None for made in (now, before))
        place: Place = "rejects", {"stage": stage, "code": code}
        yield StageFigure(stage, code, n, m, code=code, places=(place, place))
    for currency in dict.fromkeys(made.usage.currency for made in both if made.usage.requests):
        cost, other = (
            made.usage.cost if made and made.usage.currency == currency else None
            for made in (now, before)
        )
        yield StageFigure(stage, "money", cost, other, currency=currency)


def _figures(now: ReleaseManifest, before: ReleaseManifest) -> list[Figure]:
    def counts(manifest: ReleaseManifest) -> dict[str, int]:
        found = {
            "examples": manifest.counts.examples,
            "senses": manifest.counts.senses,
            "lemmas": manifest.counts.lemmas,
            "glosses": manifest.counts.glosses,
            "senses_with_examples": manifest.counts.senses_with_examples,
            "senses_short": manifest.coverage.senses_short,
        }
        return found | {split.split.value: split.rows for split in manifest.splits}

    one, other = counts(now), counts(before)
    figures = [
        Figure(_NAMES.get(key, key.replace("_", " ")), n, other.get(key), place=of_release(key))
        for key, n in one.items()
    ]
    shares = now.judge.agreement, before.judge.agreement
    return [*figures, Figure("agreement of the judges", *shares, is_share=True)]


_NAMES = {
    "examples": "contexts",
    "glosses": "definitions",
    "senses_with_examples": "senses with contexts",
    "senses_short": "senses short of contexts",
}
