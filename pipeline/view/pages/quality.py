"""How good the data is: variety and cues, the judges, the audits, what the splits share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audits.figures import ROW, Interval
from languages.find import find_language
from pipeline.card.facts import PER_SENSE, first_sentences
from pipeline.release.manifest import ReleaseManifest
from pipeline.variety.held import Held, held
from pipeline.variety.measures import Variety, sampled, variety
from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.site import Site

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
        "kinds": kinds,
        "pairs": pairs,
    }
    return Page("quality.html", "Quality", values)


def whisker(share: Interval) -> Whisker:
    """Where the share and the ends of its interval lie."""
    return Whisker(*(round(WIDTH * value, 1) for value in (share.value, share.low, share.high)))


def _measured(folder: Path, manifest: ReleaseManifest) -> Diversity:
    """The same sample that the card measures."""
    language = find_language(manifest.language)
    sentences = first_sentences(folder, manifest)
    found = variety(sampled(sentences.by_sense, PER_SENSE, language), language)
    return Diversity(found, held(sentences.slots, language))
