"""The run: its stages with state, counts and money, its rejects, its requests over time."""

from __future__ import annotations

from pipeline.view.pages.page import Asked, Page
from pipeline.view.pages.words import meanings
from pipeline.view.reading.paid import read_paid
from pipeline.view.reading.site import Site


def run_page(site: Site, _: Asked) -> Page:
    """The run as it is now; of a release alone, the stages that made it."""
    run, manifest, ledger = site.run(), site.manifest(), site.ledger()
    values = {
        "run": run,
        "manifest": manifest,
        "paid": read_paid(ledger) if ledger else None,
        "meanings": meanings(site),
    }
    return Page("run.html", "Run" if run else "Release", values)
