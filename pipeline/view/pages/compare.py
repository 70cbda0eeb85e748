"""Two releases or runs beside each other: figures, and rows added, dropped or moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from pipeline.engine.manifest import StageManifest
from pipeline.release.manifest import ReleaseManifest
from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.pages.page import Asked, Page
from pipeline.view.pages.run import ROWS_OF
from pipeline.view.reading.comparison import KINDS, compare
from pipeline.view.reading.run_state import RunState
from pipeline.view.reading.site import Site

Figure = tuple[str, float | None, float | None, bool]
"""A figure's name, its value now and before, and whether it is a share."""


def compare_page(site: Site, asked: Asked) -> Page:
    """What became of the rows, and of the figures of stages, of what ``--against`` named."""
    now, before = site.manifest(), site.other_manifest()
    one, other = site.run(), site.other_run()
    values: dict[str, object] = {
        "found": None,
        "has_release": now is not None,
        "stages": stage_figures(one, other) if one and other else (),
        "rows_of": ROWS_OF,
    }
    if now is not None and before is not None:
        values |= _of_releases(site, asked, now, before)
    return Page("compare.html", "Compare", values)


def _of_releases(
    site: Site, asked: Asked, now: ReleaseManifest, before: ReleaseManifest
) -> dict[str, object]:
    paths = site.index_path(), site.other_index_path()
    told = "The two releases are being compared."
    found = site.jobs.result("compare", paths, partial(compare, *paths), told)
    first = sorted(KINDS, key=lambda each: not found.counts[each])
    kind, number = asked.one_of("kind", *first), asked.number("page")
    rows = found.rows[kind]
    return {
        "found": found,
        "kinds": KINDS,
        "kind": kind,
        "rows": rows[PAGE_ROWS * (number - 1) : PAGE_ROWS * number],
        "listed": len(rows),
        "page": number,
        "pages": max(1, -(-len(rows) // PAGE_ROWS)),
        "figures": _figures(now, before),
        "names": (f"{now.name} {now.version}", f"{before.name} {before.version}"),
    }


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
        yield StageFigure(stage, key, n, m)
    for code in dict.fromkeys(code for made in both for code in made.rejects):
        n, m = (made.rejects.get(code, 0) if made else None for made in (now, before))
        yield StageFigure(stage, code, n, m, code=code)
    for currency in dict.fromkeys(made.usage.currency for made in both if made.usage.requests):
        cost, other = (
            made.usage.cost if made and made.usage.currency == currency else None
            for made in (now, before)
        )
        yield StageFigure(stage, "money", cost, other, currency=currency)


def _figures(now: ReleaseManifest, before: ReleaseManifest) -> list[Figure]:
    def counts(manifest: ReleaseManifest) -> dict[str, float | None]:
        found: dict[str, float | None] = {
            "contexts": manifest.counts.examples,
            "senses": manifest.counts.senses,
            "lemmas": manifest.counts.lemmas,
            "definitions": manifest.counts.glosses,
            "senses with contexts": manifest.counts.senses_with_examples,
            "senses short of contexts": manifest.coverage.senses_short,
        }
        found |= {split.split.value.replace("_", " "): split.rows for split in manifest.splits}
        return found

    one, other = counts(now), counts(before)
    figures = [(name, one[name], other.get(name), False) for name in one]
    shares = now.judge.agreement, before.judge.agreement
    return [*figures, ("agreement of the judges", *shares, True)]
