"""Draws an audit and writes its folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from audits.assignment import Assigned, assign
from audits.candidates import AuditCandidate, KnownSense, Origin
from audits.columns import audit_item, protected_cells, protected_columns
from audits.figures import AuditReport
from audits.inventory import Inventory
from audits.key import (
    KEY_FILE,
    WORKBOOKS,
    AuditItem,
    AuditKey,
    Sheet,
    SheetRow,
    Stratum,
    read_key,
    write_key,
    writing_sheet,
)
from audits.rowkey import audit_tag, row_key, sheet_letter
from audits.sampling import Sample, draw
from audits.settings import AuditSettings
from audits.workbook import write_workbook
from schemas.errors import UsageError
from schemas.ids import content_digest
from schemas.tables import TableWriter

FindOrigins = Callable[[set[str]], Mapping[str, Origin]]


def create_audit(
    folder: Path,
    candidates: Iterable[AuditCandidate],
    senses: Iterable[KnownSense],
    settings: AuditSettings,
    earlier: AuditReport | None = None,
    find_origins: FindOrigins | None = None,
) -> AuditKey:
    """Draws the sample and writes key, sheets and workbooks into ``folder``.

    An audit that is already there is never drawn over: the same audit, which an interrupted draw
    may have left in part, is completed; another is a usage error. A workbook that is there stays
    as it is: it may hold answers.
    ``find_origins`` tells the origins of drawn contexts that came without.
    """
    items, assigned, key = _drawn(candidates, senses, settings, earlier, find_origins)
    if (folder / KEY_FILE).exists():
        there = read_key(folder)
        if there != key:
            raise UsageError(
                f"{folder}: holds the audit {there.audit_id}, and these settings or rows draw "
                f"{key.audit_id}; give the new audit another name, or delete the folder"
            )
    write_key(folder, key, items)
    by_id = {item.context_id: item for item in items}
    columns = protected_columns(settings.mode, items)
    for place, (annotator, rows) in enumerate(assigned.items()):
        sheet = Sheet(name=annotator, kind="annotator", letter=sheet_letter(place), columns=columns)
        workbook = folder / WORKBOOKS / f"{annotator}.xlsx"
        with writing_sheet(folder, sheet) as table:
            shown = recorded(sheet_rows(key.audit_id, sheet, rows, by_id), table)
            if workbook.exists():
                deque(shown, maxlen=0)
            else:
                write_workbook(workbook, sheet, shown, len(rows), by_id, settings.mode)
    return key


def _drawn(
    candidates: Iterable[AuditCandidate],
    senses: Iterable[KnownSense],
    settings: AuditSettings,
    earlier: AuditReport | None,
    find_origins: FindOrigins | None,
) -> tuple[list[AuditItem], dict[str, list[Assigned]], AuditKey]:
    """The audit's items, its sheets' rows and its key; the candidates are let go."""
    sample = draw(candidates, settings, earlier)
    if find_origins is not None:
        sample = _with_origins(sample, find_origins)
    inventory = Inventory.around((drawn.candidate for drawn in sample.drawn), senses)
    items = [audit_item(drawn, inventory, settings.mode, settings.seed) for drawn in sample.drawn]
    return items, assign(sample, settings), _key(sample, items, settings)


def sheet_rows(
    audit_id: str, sheet: Sheet, rows: Iterable[Assigned], items: dict[str, AuditItem]
) -> Iterator[SheetRow]:
    """The rows of a sheet with their cells and keys."""
    for number, row in enumerate(rows, start=1):
        item = items[row.context_id]
        cells = protected_cells(item, sheet.columns)
        yield SheetRow(
            row_key=row_key(audit_id, sheet.letter, number, cells),
            number=number,
            context_id=row.context_id,
            is_repeat=row.is_repeat,
            n_choices=len(item.choices),
            cells=cells,
        )


def recorded(rows: Iterable[SheetRow], table: TableWriter[SheetRow]) -> Iterator[SheetRow]:
    """The rows, each written to the key's table on its way to the workbook."""
    for row in rows:
        table.append(row)
        yield row


def _with_origins(sample: Sample, find_origins: FindOrigins) -> Sample:
    unknown = {d.candidate.context_id for d in sample.drawn if d.candidate.model is None}
    found = find_origins(unknown) if unknown else {}
    drawn = tuple(
        replace(d, candidate=replace(d.candidate, **found[d.candidate.context_id]._asdict()))
        if d.candidate.context_id in found
        else d
        for d in sample.drawn
    )
    return replace(sample, drawn=drawn)


def _key(sample: Sample, items: list[AuditItem], settings: AuditSettings) -> AuditKey:
    drawn = content_digest(
        settings.model_dump_json(exclude={"unsure", "size", "margin", "expected"}),
        *(item.model_dump_json() for item in items),
    )
    audit_id = f"{settings.name}-{drawn[:12]}"
    return AuditKey(
        audit_id=audit_id,
        tag=audit_tag(audit_id),
        name=settings.name,
        mode=settings.mode,
        seed=settings.seed,
        strata_fields=settings.strata,
        allocation=settings.allocation,
        annotators=settings.annotators,
        overlap=settings.overlap,
        repeats=settings.repeats,
        strata=tuple(
            Stratum(name=name, population=sample.population[name], sampled=size)
            for name, size in sample.sizes.items()
        ),
    )
