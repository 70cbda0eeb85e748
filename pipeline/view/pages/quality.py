"""How good the data is: variety and cues, the judges, the audits, what the splits share.

Of a run without a release as far as its tables tell; what the splits share is told of a release.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from audits.figures import ROW, AuditReport, Interval
from audits.key import POPULATION_FILE
from languages.find import find_language
from pipeline.card.facts import first_sentences
from pipeline.release.manifest import ReleaseManifest
from pipeline.release.overlaps import Overlap, Shared
from pipeline.view.pages.counted import Place, table_of
from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.audit_desk import folders
from pipeline.view.reading.run_quality import MEASURED, Diversity, diversity_of, run_quality
from pipeline.view.reading.site import Site
from pipeline.view.reading.table import COUNT, LONGER, ONE_OF, table_rows
from schemas.errors import InputError

WIDTH = 300
"""Of a drawing of intervals, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share with its interval, as places in a drawing."""

    at: float
    low: float
    high: float


def quality_page(site: Site, _: Asked) -> Page:
    """The figures of the release; of a run without one, those of its tables."""
    manifest, folder = site.manifest(), site.release_folder()
    if manifest is None or folder is None:
        return Page("quality.html", "Quality", _of_run(site) | _places(site))
    return Page("quality.html", "Quality", _of_release(site, manifest, folder) | _places(site))


def _of_release(site: Site, manifest: ReleaseManifest, folder: Path) -> dict[str, Any]:
    about = tuple(split.content_hash for split in manifest.splits)
    work = partial(_measured, folder, manifest)
    audits, judge = site.audits(), manifest.judge
    shown = audits.shown if audits else None
    kinds, pairs = manifest.leakage.by_pair()
    return {
        "released": True,
        "splits": manifest.splits,
        "diversity": site.jobs.result("diversity", about, work, MEASURED),
        "panel": manifest.panel,
        "judged": judge.judged_before_selection,
        "agreement": judge.agreement,
        "agreed": judge.agreed_before_selection,
        "after": shown.after if shown else None,
        **_audited(site, shown.report if shown else None, shown.folder if shown else ""),
        "leakage": manifest.leakage,
        "kinds": kinds,
        "pairs": pairs,
    }


def _of_run(site: Site) -> dict[str, Any]:
    config = site.config()
    found = run_quality(site, config) if config else None
    judged, agreed = (found.judged, found.agreed) if found else (0, 0)
    return {
        "released": False,
        "splits": (),
        "diversity": found.diversity if found else None,
        "panel": found.panel if found else None,
        "judged": judged,
        "agreement": agreed / judged if judged else None,
        "agreed": agreed,
        "after": None,
        **_audited(site, found.audit if found else None, found.audit_folder if found else ""),
        "leakage": None,
    }


def _audited(site: Site, report: AuditReport | None, folder: str) -> dict[str, Any]:
    return {
        "report": report,
        "strata": report.of(ROW).strata if report else (),
        "items_of": partial(_items_of, site, folder),
        "population_of": partial(_population_of, site, folder),
    }


def _places(site: Site) -> dict[str, Any]:
    """Where numbers lead, and what drawings need."""
    return {
        "whisker": whisker,
        "width": WIDTH,
        "votes_of": partial(_votes_of, site),
        "blind_of": partial(_blind_of, site),
        "both_of": partial(_both_of, site),
        "verdicts": [
            table_of("judge", "verdicts", where) if _votes(site) else None
            for where in ({}, {"agrees": True})
        ],
        "shared": shared,
    }


def whisker(share: Interval) -> Whisker:
    """Where the share and the ends of its interval lie."""
    return Whisker(*(round(WIDTH * value, 1) for value in (share.value, share.low, share.high)))


def _votes_of(site: Site, judge: str, **conditions: object) -> Place | None:
    """A judge's votes that meet conditions; they are the run's, not the release's."""
    return table_of("judge", "votes", {"judge": judge} | conditions) if _votes(site) else None


def _blind_of(site: Site, judge: str, **conditions: object) -> Place | None:
    """A judge's votes without knowing of others' and with a choice, that meet conditions."""
    blind = {"unconditional": True, "candidates": {LONGER: 1}}
    return _votes_of(site, judge, **blind, **conditions)


def _both_of(site: Site, one: str, other: str) -> Place | None:
    """The contexts for which two judges voted without knowing of each other."""
    where = {"judge": {ONE_OF: [one, other]}, "unconditional": True, COUNT: 2}
    return table_of("judge", "votes", where, "context_id") if _votes(site) else None


def _items_of(site: Site, audit: str, stratum: str = "") -> Place | None:
    """The rows of an audit's stratum, or all of them, if the audit is there."""
    if audit not in folders(site):
        return None
    where = orjson.dumps({"stratum": stratum}).decode() if stratum else ""
    return "table", {"audit": audit, "table": "items", "where": where}


def _population_of(site: Site, audit: str, stratum: str, size: int) -> Place | None:
    """The rows that a stratum was drawn from, if the audit kept as many of them.

    One of version 0.1 kept none, an older one of 0.2 did not tell their strata, and of a later
    round those are not there which an earlier one read and that are gone since.
    """
    place, where = _items_of(site, audit, stratum), {"stratum": stratum}
    path = folders(site)[audit] / POPULATION_FILE if place else None
    if place is None or path is None or not path.is_file():
        return None
    try:
        kept = table_rows(path, where, "", 0, 0).total
    except InputError:
        return None
    return ("table", place[1] | {"table": path.stem}) if kept == size else None


def _votes(site: Site) -> bool:
    run = site.run()
    judge = run.output("judge") if run and not site.looked.release else None
    return judge is not None and "votes" in judge.manifest.tables


def shared(found: Overlap) -> Place | None:
    """Where the lemmas or synsets are that two parts share."""
    parts = {"split": found.left.value, "also": found.right.value}
    if found.shared is Shared.LEMMA:
        return "words", parts
    return ("senses", {"state": "synset"} | parts) if found.shared is Shared.SYNSET else None


def _measured(folder: Path, manifest: ReleaseManifest) -> Diversity:
    """Of the first training rows."""
    return diversity_of(first_sentences(folder, manifest), find_language(manifest.language))
