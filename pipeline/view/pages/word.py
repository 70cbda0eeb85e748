"""A word: its senses side by side, with their contexts and what was dropped."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from operator import attrgetter

from pipeline.view.index.values import RejectEntry, RowEntry
from pipeline.view.pages.page import Asked, MissingError, Page
from pipeline.view.pages.words import meanings
from pipeline.view.reading.site import Site

SHOWN_ROWS = 12
"""Contexts of a sense at first; a link shows all."""
ALL_ROWS = 1_000
SHOWN_REJECTS = 300


def word_page(site: Site, asked: Asked) -> Page:
    """The lemma in ``lemma``; with ``all``, all contexts of its senses."""
    text, most = asked.text("lemma"), ALL_ROWS if asked.text("all") else SHOWN_ROWS
    with site.index() as index:
        lemma = index.lemma(text)
        if lemma is None:
            raise MissingError(f"no word {text!r} here")
        senses = index.senses(lemma.key)
        rows: dict[str, tuple[RowEntry, ...]] = {
            sense.sense_id: index.rows_of(sense, 1, most) for sense in senses
        }
        rejects = index.rejects_of(senses, SHOWN_REJECTS)
        before, after = index.beside(lemma.key)
    values = {
        "lemma": lemma,
        "senses": senses,
        "rows": rows,
        "rejects": _by_code(rejects),
        "n_rejects": len(rejects),
        "most_rejects": SHOWN_REJECTS,
        "meanings": meanings(site),
        "has_model": site.model_folder() is not None,
        "before": before,
        "after": after,
        "numbers": {sense.sense_id: at for at, sense in enumerate(senses, start=1)},
    }
    return Page("word.html", lemma.lemma, values)


def _by_code(rejects: tuple[RejectEntry, ...]) -> list[tuple[str, str, list[RejectEntry]]]:
    """Rejects by stage and code, the most frequent code first."""
    found: dict[tuple[str, str], list[RejectEntry]] = defaultdict(list)
    for (stage, code), entries in groupby(rejects, key=attrgetter("stage", "code")):
        found[stage, code] += entries
    ordered = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [(stage, code, entries) for (stage, code), entries in ordered]
