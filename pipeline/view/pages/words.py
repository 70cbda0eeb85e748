"""The lists: lemmas, rows and rejects, a screenful at a time."""

from __future__ import annotations

from pipeline.view.index.queries import ORDERS, PAGE_ROWS, STATES, RowFilter
from pipeline.view.pages.page import Asked, Page
from pipeline.view.reading.site import Site
from schemas.text import normalise

LONGEST_QUERY = 200


def words_page(site: Site, asked: Asked) -> Page:
    """Lemmas by the number of their senses, with a part of speech, of a state."""
    order, state = asked.one_of("order", *ORDERS), asked.one_of("state", "", *STATES)
    pos, supersense = asked.text("pos"), asked.text("supersense")
    number = asked.number("page")
    with site.index() as index:
        found = index.lemmas(order, state, pos, supersense, number)
        kinds = {name: index.kinds(name) for name in ("pos", "supersense")}
        has_doubts = index.fact("doubts") > 0
        shown = found.entries if asked.text("glosses") else ()
        senses = {entry.key: index.senses(entry.key) for entry in shown}
    given = {"order": order, "state": state, "pos": pos, "supersense": supersense}
    values = {
        "found": found,
        "given": given,
        "kinds": kinds,
        "senses": senses,
        "states": [state for state in STATES if state != "doubted" or has_doubts],
        **_paged(number, found.total),
    }
    return Page("words.html", "Words", values)


def rows_page(site: Site, asked: Asked) -> Page:
    """Rows that meet conditions, and those whose sentence holds a text."""
    wanted = RowFilter(**{name: asked.text(name) for name in RowFilter.__dataclass_fields__})
    query = normalise(asked.text("q"))[:LONGEST_QUERY]
    bare, number = asked.text("bare") == "1", asked.number("page")
    with site.index() as index:
        lemmas = index.lemmas_like(query, bare) if query and number == 1 else ()
        found = index.search(query, bare, wanted, number) if query else index.rows(wanted, number)
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
        "given": wanted.given | ({"q": query} if query else {}) | ({"bare": "1"} if bare else {}),
        "filter": wanted,
        "counts": counts,
        "supersenses": kinds,
        **_paged(number, found.total),
    }
    return Page("rows.html", "Search" if query else "Contexts", values)


def rejects_page(site: Site, asked: Asked) -> Page:
    """What stages dropped, with the reasons."""
    stage, code, number = asked.text("stage"), asked.text("code"), asked.number("page")
    with site.index() as index:
        found = index.rejects(stage, code, number)
        codes = index.reject_codes()
    values = {
        "found": found,
        "given": {"stage": stage, "code": code},
        "codes": codes,
        "meanings": meanings(site),
        **_paged(number, found.total),
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


def _paged(number: int, total: int) -> dict[str, int]:
    return {"page": number, "pages": max(1, -(-total // PAGE_ROWS))}
