"""Two releases beside each other: figures, and the rows that were added, dropped or moved."""

from __future__ import annotations

from functools import partial

from pipeline.release.manifest import ReleaseManifest
from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.comparison import KINDS, compare
from pipeline.view.reading.site import Site

Figure = tuple[str, float | None, float | None, bool]
"""A figure's name, its value now and before, and whether it is a share."""


def compare_page(site: Site, asked: Asked) -> Page:
    """What became of the rows of the release that was named with ``--against``."""
    now, before = site.manifest(), site.other_manifest()
    if now is None or before is None:
        return Page("compare.html", "Compare", {"found": None, "has_release": now is not None})
    paths = site.index_path(), site.other_index_path()
    told = "The two releases are being compared."
    found = site.jobs.result("compare", paths, partial(compare, *paths), told)
    first = sorted(KINDS, key=lambda each: not found.counts[each])
    kind, number = asked.one_of("kind", *first), asked.number("page")
    rows = found.rows[kind]
    values = {
        "found": found,
        "has_release": True,
        "kinds": KINDS,
        "kind": kind,
        "rows": rows[PAGE_ROWS * (number - 1) : PAGE_ROWS * number],
        "listed": len(rows),
        "page": number,
        "pages": max(1, -(-len(rows) // PAGE_ROWS)),
        "figures": _figures(now, before),
        "names": (f"{now.name} {now.version}", f"{before.name} {before.version}"),
    }
    return Page("compare.html", "Compare", values)


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
