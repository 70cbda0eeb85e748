"""How good the data is: variety and cues, the judges, the audits, what the splits share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from audits.figures import ROW, Interval
from languages.find import find_language
from pipeline.card.facts import PER_SENSE, first_sentences
from pipeline.release.manifest import ReleaseManifest
from pipeline.release.overlaps import Overlap, Shared
from pipeline.variety.held import Held, held
from pipeline.variety.measures import Variety, sampled, variety
from pipeline.view.pages.counted import Place, table_of
from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.audit_desk import folders
from pipeline.view.reading.site import Site
from pipeline.view.reading.table import COUNT, LONGER, ONE_OF

WIDTH = 300
"""Of a drawing of intervals, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Diversity:
    """How varied the first training rows are, and how far they are as their slots asked."""

    variety: Variety
    held: dict[str, Held]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share with its interval, as places in a drawing."""

    at: float
    low: float
    high: float


def quality_page(site: Site, _: Asked) -> Page:
    """The figures of the release; of a run without one, that there is none."""
    manifest, folder, audits = site.manifest(), site.release_folder(), site.audits()
    if manifest is None or folder is None:
        return Page("quality.html", "Quality", {"manifest": None})
    told = "The sentences are being measured."
    about = tuple(split.content_hash for split in manifest.splits)
    found = site.jobs.result("diversity", about, partial(_measured, folder, manifest), told)
    shown = audits.shown if audits else None
    kinds, pairs = manifest.leakage.by_pair()
    values = {
        "manifest": manifest,
        "diversity": found,
        "panel": manifest.panel,
        "audits": audits,
        "shown": shown,
        "strata": shown.report.of(ROW).strata if shown else (),
        "whisker": whisker,
        "width": WIDTH,
        "leakage": manifest.leakage,
        "votes_of": partial(_votes_of, site),
        "blind_of": partial(_blind_of, site),
        "both_of": partial(_both_of, site),
        "items_of": partial(_items_of, site, shown.folder if shown else ""),
        "verdicts": [
            table_of("judge", "verdicts", where) if _votes(site) else None
            for where in ({}, {"agrees": True})
        ],
        "shared": shared,
        "kinds": kinds,
        "pairs": pairs,
    }
    return Page("quality.html", "Quality", values)


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
    """The same sample that the card measures."""
    language = find_language(manifest.language)
    sentences = first_sentences(folder, manifest)
    found = variety(sampled(sentences.by_sense, PER_SENSE, language), language)
    return Diversity(found, held(sentences.slots, language))
