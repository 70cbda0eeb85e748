"""The pages by the names in their addresses."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.view.pages.answers import answers_page
from pipeline.view.pages.audits import audits_page
from pipeline.view.pages.compare import compare_page
from pipeline.view.pages.model import map_page, model_page
from pipeline.view.pages.page import Asked, MakePage, MissingError, Page
from pipeline.view.pages.quality import quality_page
from pipeline.view.pages.replies import replies_page
from pipeline.view.pages.row import reply_page, row_page
from pipeline.view.pages.run import plan_page, run_page
from pipeline.view.pages.table import table_page
from pipeline.view.pages.word import word_page
from pipeline.view.pages.words import rejects_page, rows_page, senses_page, words_page
from pipeline.view.reading.site import Site

PAGES: Mapping[str, MakePage] = {
    "run": run_page,
    "plan": plan_page,
    "word": word_page,
    "words": words_page,
    "senses": senses_page,
    "rows": rows_page,
    "table": table_page,
    "replies": replies_page,
    "rejects": rejects_page,
    "row": row_page,
    "reply": reply_page,
    "quality": quality_page,
    "compare": compare_page,
    "model": model_page,
    "map": map_page,
    "answers": answers_page,
    "audits": audits_page,
}


def no_page(_: Site, __: Asked) -> Page:
    """Of a name that is none of theirs."""
    raise MissingError("there is no such page")
