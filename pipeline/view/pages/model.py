"""The model: what was measured of it, what it gets wrong, and a box to try it."""

from __future__ import annotations

from functools import partial

from pipeline.view.index.values import RowEntry
from pipeline.view.pages.page import Asked, MissingError, Page
from pipeline.view.reading.evaluated import (
    evaluation_folder,
    pictures,
    read_errors,
    report_tables,
)
from pipeline.view.reading.senses_of_model import disambiguated, lemma_map, open_model
from pipeline.view.reading.site import Site
from schemas.errors import InputError, ViconwsdError
from schemas.predictions import PREDICTIONS
from schemas.text import normalise

LOADING = "The model is being loaded."
ERRORS_SHOWN = 15
"""Lemmas with errors on a page."""
MOST_SPOTS = 600
"""Contexts of a lemma in a map; those of each sense are taken evenly."""
LONGEST_SENTENCE = 1_000
WIDTH, HEIGHT, RIM = 900, 520, 26


def model_page(site: Site, asked: Asked) -> Page:
    """The tables of the last evaluation, its pictures, its errors, and the box."""
    folder, number = evaluation_folder(site), asked.number("page")
    errors = read_errors(folder) if folder else ()
    text, lemma = normalise(asked.text("sentence"))[:LONGEST_SENTENCE], asked.text("lemma")
    answer, fault = None, ""
    model = site.model_folder()
    if text and model is not None:
        opened = site.jobs.result("model", model, partial(open_model, model), LOADING)
        try:
            answer = disambiguated(opened, text, lemma)
        except ViconwsdError as error:
            fault = str(error)
    values = {
        "has_model": model is not None,
        "sections": report_tables(folder) if folder else [],
        "has_answers": folder is not None and (folder / PREDICTIONS).is_file(),
        "pictures": pictures(folder) if folder else [],
        "errors": errors[ERRORS_SHOWN * (number - 1) : ERRORS_SHOWN * number],
        "n_errors": len(errors),
        "page": number,
        "pages": max(1, -(-len(errors) // ERRORS_SHOWN)),
        "asked_sentence": text,
        "lemma": lemma,
        "answer": answer,
        "fault": fault,
    }
    return Page("model.html", "Model", values)


def map_page(site: Site, asked: Asked) -> Page:
    """All contexts of a lemma and its glosses, as the model sees them."""
    model = site.model_folder()
    if model is None:
        raise MissingError("there is no model here: train one, or name one with --model")
    with site.index() as index:
        lemma = index.lemma(asked.text("lemma"))
        if lemma is None:
            raise MissingError(f"no word {asked.text('lemma')!r} here")
        senses = index.senses(lemma.key)
        each = max(1, MOST_SPOTS // max(1, len(senses)))
        rows: list[RowEntry] = []
        for sense in senses:
            rows += index.rows_of(sense, 1, each)
    opened = site.jobs.result("model", model, partial(open_model, model), LOADING)
    if opened.language.code != site.language().code:
        raise InputError("the model is of another language than these words")
    about = (model, lemma.key, len(rows))
    work = partial(lemma_map, opened, senses, rows)
    spots = site.jobs.result("map", about, work, "The contexts are being laid out.")
    values = {
        "word": lemma,
        "senses": senses,
        "spots": spots,
        "n_rows": len(rows),
        "width": WIDTH,
        "height": HEIGHT,
        "rim": RIM,
    }
    return Page("map.html", lemma.lemma, values)
