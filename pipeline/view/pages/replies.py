"""What the ledger holds: replies, requests without an answer, requests that failed for good."""

from __future__ import annotations

from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.pages.page import Asked, MissingError, Page, paged
from pipeline.view.reading.paid import KINDS, LedgerFilter, listed
from pipeline.view.reading.site import Site

LATEST = 253_402_300_799
"""The last second of the year 9999, after which none can be written down."""


def replies_page(site: Site, asked: Asked) -> Page:
    """Entries of the ledger of a kind, of a stage, with a cause, of a stretch of time."""
    ledger = site.ledger()
    if ledger is None:
        raise MissingError("a release alone has no ledger, and so no replies")
    kind, number = asked.one_of("kind", *KINDS), asked.number("page")
    wanted = LedgerFilter(
        asked.text("stage"),
        asked.text("cause") if kind != "replies" else "",
        asked.number("first", 0, LATEST),
        asked.number("end", 0, LATEST),
        asked.text("repairs") == "1",
    )
    entries, total = listed(ledger, kind, wanted, PAGE_ROWS * (number - 1), PAGE_ROWS)
    given = {name: asked.text(name) for name in ("stage", "cause", "first", "end", "repairs")}
    values = {
        "entries": entries,
        "total_": total,
        "kind": kind,
        "wanted": wanted,
        "given": given | {"kind": kind},
        **paged(number, total),
    }
    return Page("replies.html", "Replies", values)
