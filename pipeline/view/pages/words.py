"""The lists: lemmas, rows and rejects, a screenful at a time."""

from __future__ import annotations

from pipeline.view.index.queries import ORDERS, SENSE_STATES, STATES, RowFilter
from pipeline.view.pages.page import Asked, Page, paged
from pipeline.view.reading.site import Site
from schemas.text import normalise

LONGEST_QUERY = 200
PARTS = ("split", "also")


def words_page(site: Site, asked: Asked) -> Page:
    """Lemmas by the number of their senses, with a part of speech, of a state."""
    order, state = asked.one_of("order", *ORDERS), asked.one_of("state", "", *STATES)
    pos, supersense, parts = asked.text("pos"), asked.text("supersense"), _parts(asked)
    number = asked.number("page")
    with site.index() as index:
        found = index.lemmas(order, state, pos, supersense, number, parts)
        kinds = {name: index.kinds(name) for name in ("pos", "supersense")}
        has_doubts = index.fact("doubts") > 0
        shown = found.entries if asked.text("glosses") else ()
        senses = {entry.key: index.senses(entry.key) for entry in shown}
    given = {"order": order, "state": state, "pos": pos, "supersense": supersense}
    given |= {name: asked.text(name) for name in PARTS}
    values = {
        "parts": parts,
        "found": found,
        "given": given,
        "kinds": kinds,
        "senses": senses,
        "states": [state for state in STATES if state != "doubted" or has_doubts],
        **paged(number, found.total),
    }
    return Page("words.html", "Words", values)


def _parts(asked: Asked) -> list[str]:
    """The parts of which there must be rows: of each, or of one of several with commas between."""
    return [part for name in PARTS if (part := asked.text(name))]


def senses_page(site: Site, asked: Asked) -> Page:
    """Senses of a state, of a lemma, with rows of a part."""
    state, number = asked.one_of("state", *SENSE_STATES), asked.number("page")
    lemma, parts = asked.text("lemma"), _parts(asked)
    with site.index() as index:
        found = index.senses_of_kind(state, lemma, parts, number)
    given = {"state": state, "lemma": lemma} | {name: asked.text(name) for name in PARTS}
    values = {"found": found, "given": given, "parts": parts, **paged(number, found.total)}
    return Page("senses.html", "Senses", values)


def rows_page(site: Site, asked: Asked) -> Page:
    """Rows that meet conditions, and those whose sentence holds a text."""
    wanted = RowFilter(**{name: asked.text(name) for name in RowFilter.__dataclass_fields__})
    query = normalise(asked.text("q"))[:LONGEST_QUERY]
    bare, number, lemma = asked.text("bare") == "1", asked.number("page"), asked.text("lemma")
    sense = asked.text("sense")
    with site.index() as index:
        lemmas = index.lemmas_like(query, bare) if query and number == 1 else ()
        if query:
            found = index.search(query, bare, wanted, number)
        else:
            found = index.rows(wanted, number, lemma, sense)
        counts = {
            name: index.counted_by(name, RowFilter())
            for name in ("split", "pos", "judged", "audited")
        }
        kinds = index.kinds("supersense")
    values = {
        "found": found,
        "lemmas": lemmas,
        "query": query,
        "bare": bare,
        "given": wanted.given
        | {"q": query, "bare": "1" if bare else ""}
        | {"lemma": lemma, "sense": sense},
        "of": lemma or sense,
        "filter": wanted,
        "counts": counts,
        "supersenses": kinds,
        **paged(number, found.total),
    }
    return Page("rows.html", "Search" if query else "Contexts", values)


def rejects_page(site: Site, asked: Asked) -> Page:
    """What stages dropped, with the reasons."""
    stage, code, number = asked.text("stage"), asked.text("code"), asked.number("page")
    lemma, sense = asked.text("lemma"), asked.text("sense")
    with site.index() as index:
        found = index.rejects(stage, code, number, lemma=lemma, sense=sense)
        codes = index.reject_codes()
    values = {
        "found": found,
        "given": {"stage": stage, "code": code, "lemma": lemma, "sense": sense},
        "codes": codes,
        "meanings": meanings(site),
        **paged(number, found.total),
    }
    return Page("rejects.html", "Rejected", values)


def meanings(site: Site) -> dict[tuple[str, str], str]:
    """What each code of each stage means."""
    run = site.run()
    known = [stage.manifest for stage in run.stages if stage.manifest] if run else []
    found = {(m.stage, code): text for m in known for code, text in m.codes.items()}
    manifest = site.manifest()
    if manifest is not None:
        for stage in manifest.stages:
            found |= {(stage.name, code): text for code, text in stage.codes.items()} | found
    return found
