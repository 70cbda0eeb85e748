"""The audits of the run, with the pages that their annotators answer on."""

from __future__ import annotations

from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.audit_desk import RETURNED, desks
from pipeline.view.reading.site import Site


def audits_page(site: Site, _: Asked) -> Page:
    """A link to the page of every annotator."""
    found = desks(site)
    return Page("audits.html", "Audits", {"desks": found, "returned": RETURNED})
