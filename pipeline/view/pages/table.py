"""The rows of a stage's table, or of an audit's, as they were written."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import orjson

from pipeline.checks.reference import Reference
from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.pages.page import Asked, MissingError, Page, paged
from pipeline.view.reading.audit_desk import folders
from pipeline.view.reading.site import Site
from pipeline.view.reading.table import NEAR, OF, ONE_OF, column_of, parse_where, table_rows

COMPARED = "The texts are being compared with the reference."
LONGEST_CELL = 400
"""Characters of a cell that are shown."""
OF_AUDITS = ("items", "population")


def table_page(site: Site, asked: Asked) -> Page:
    """The ``table`` of a ``stage`` or ``audit``: its rows ``where``, or groups ``by`` a column."""
    stage, audit, name = asked.text("stage"), asked.text("audit"), asked.text("table")
    number, by = asked.number("page"), asked.text("by")
    where = parse_where(asked.text("where"))
    path = _audited(site, audit, name) if audit else _made(site, stage, name)
    meant = {key: _meant(site, path, key, wanted) for key, wanted in where.items()}
    found = table_rows(path, meant, by, PAGE_ROWS * (number - 1), PAGE_ROWS)
    given = {"stage": stage, "audit": audit, "table": name, "where": asked.text("where"), "by": by}
    at = found.columns.index("context_id") if "context_id" in found.columns else None
    values = {
        "of": audit or stage,
        "table": name,
        "conditions": [(key, _cell(value)) for key, value in where.items()],
        "columns": found.columns,
        "rows": [[_cell(value) for value in row] for row in found.rows],
        "ids": _known(site, [str(row[at]) for row in found.rows] if at is not None else []),
        "total_": found.total,
        "given": given,
        **paged(number, found.total),
    }
    return Page("table.html", name, values)


def _made(site: Site, stage: str, name: str) -> Path:
    run = site.run()
    output = run.output(stage) if run else None
    if output is None or name not in output.manifest.tables:
        raise MissingError(f"no table {name!r} of a stage {stage!r} that is done")
    return output.table(name)


def _meant(site: Site, path: Path, column: str, wanted: object) -> object:
    """A condition that only the run can tell, by the values that meet it."""
    sign, value = next(iter(wanted.items()), ("", "")) if isinstance(wanted, dict) else ("", "")
    if sign == OF:
        stage, _, table = str(value).partition("/")
        return {ONE_OF: column_of(_made(site, stage, table), column)}
    if sign == NEAR:
        work = partial(_near, site, path, column)
        return {ONE_OF: site.jobs.result("near", (path, column), work, COMPARED)}
    return wanted


def _near(site: Site, path: Path, column: str) -> list[str]:
    config = site.config()
    if config is None or config.checks.reference is None:
        return []
    file = config.resolve(config.checks.reference)
    settings = config.checks.model_copy(update={"reference": file})
    reference = Reference(settings, config.language)
    return [text for text in column_of(path, column) if reference.shared(str(text)) is not None]


def _audited(site: Site, audit: str, name: str) -> Path:
    folder = folders(site).get(audit)
    if folder is None or name not in OF_AUDITS:
        raise MissingError(f"no table {name!r} of an audit {audit!r}")
    return folder / f"{name}.parquet"


def _known(site: Site, context_ids: list[str]) -> list[str | None]:
    """Each id, if its row is among those that have pages."""
    if not context_ids:
        return []
    with site.index() as index:
        return [each if index.row(each) is not None else None for each in context_ids]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
