"""The pages by the names in their addresses."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.view.pages.page import Asked, MakePage, MissingError, Page
from pipeline.view.pages.row import reply_page, row_page
from pipeline.view.pages.run import run_page
from pipeline.view.pages.word import word_page
from pipeline.view.pages.words import rejects_page, rows_page, words_page
from pipeline.view.reading.site import Site

PAGES: Mapping[str, MakePage] = {
    "run": run_page,
    "word": word_page,
    "words": words_page,
    "rows": rows_page,
    "rejects": rejects_page,
    "row": row_page,
    "reply": reply_page,
}


def no_page(_: Site, __: Asked) -> Page:
    """Of a name that is none of theirs."""
    raise MissingError("there is no such page")
