"""Draws an audit and writes its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from audits.figures import AuditReport
from audits.key import (
    KEY_FILE,
    AuditItem,
    AuditKey,
    DrawnRelease,
    PopulationRow,
    Sheet,
    Stratum,
    read_key,
    write_key,
)
from audits.sampling.assignment import Assigned, assign
from audits.sampling.candidates import AuditCandidate, KnownSense, Origin
from audits.sampling.draw import FIRST, Sample, draw
from audits.sampling.earlier import EarlierRounds
from audits.sampling.items import audit_item
from audits.sampling.neighbours import NeighbouringSenses
from audits.settings import AuditSettings
from audits.sheets.columns import protected_cells, protected_columns
from audits.sheets.rowkey import audit_tag, sheet_letter
from audits.sheets.write import sheet_row, write_sheet
from languages.language import Language
from schemas.errors import UsageError
from schemas.ids import content_digest

FindOrigins = Callable[[set[str]], Mapping[str, Origin]]


def create_audit(
    folder: Path,
    candidates: Iterable[AuditCandidate],
    senses: Iterable[KnownSense],
    settings: AuditSettings,
    language: Language,
    earlier: AuditReport | None = None,
    find_origins: FindOrigins | None = None,
    release: DrawnRelease | None = None,
    rounds: EarlierRounds = FIRST,
    *,
    workbooks: bool = True,
) -> AuditKey:
    """Draws the sample and writes key, sheets and, if wanted, workbooks into ``folder``.

    An audit that is already there is never drawn over: the same audit, which an interrupted draw
    may have left in part, is completed; another is a usage error. A workbook that is there stays
    as it is: it may hold answers.
    ``find_origins`` tells the origins of drawn contexts that came without, ``release`` what the
    candidates are the rows of, ``rounds`` what the audits before this one have drawn.
    """
    sample = draw(candidates, settings, earlier, rounds)
    items, assigned, key = _drawn(sample, senses, settings, language, find_origins)
    key = key.model_copy(
        update={"release": release, "round": rounds.number, "earlier": rounds.names}
    )
    if (folder / KEY_FILE).exists():
        there = read_key(folder)
        if there != key:
            raise UsageError(
                f"{folder}: holds the audit {there.audit_id}, and these settings or rows draw "
                f"{key.audit_id}; give the new audit another name, or delete the folder"
            )
    everyone = (PopulationRow(context_id=i, stratum=s) for i, s in sample.everyone)
    write_key(folder, key, items, everyone)
    texts, by_id = language.audit, {item.context_id: item for item in items}
    columns = protected_columns(key.mode, items, texts)
    for place, (annotator, assigned_rows) in enumerate(assigned.items()):
        sheet = Sheet(name=annotator, kind="annotator", letter=sheet_letter(place), columns=columns)
        rows = (
            sheet_row(
                key,
                sheet,
                number,
                by_id[row.context_id],
                protected_cells(by_id[row.context_id], key.mode, columns, language),
                is_repeat=row.is_repeat,
            )
            for number, row in enumerate(assigned_rows, start=1)
        )
        write_sheet(folder, key, sheet, rows, len(assigned_rows), by_id, texts, workbook=workbooks)
    return key


def _drawn(
    sample: Sample,
    senses: Iterable[KnownSense],
    settings: AuditSettings,
    language: Language,
    find_origins: FindOrigins | None,
) -> tuple[list[AuditItem], dict[str, list[Assigned]], AuditKey]:
    """The audit's items, its sheets' rows and its key; the candidates are let go."""
    if find_origins is not None:
        sample = _with_origins(sample, find_origins)
    drawn = (each.candidate for each in sample.drawn)
    neighbours = NeighbouringSenses.around(drawn, senses, language)
    items = [audit_item(each, neighbours, settings.mode, settings.seed) for each in sample.drawn]
    items = sorted([*items, *sample.carried], key=lambda item: item.context_id)
    return items, assign(sample, settings), _key(sample, items, settings, language)


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


def _key(
    sample: Sample, items: list[AuditItem], settings: AuditSettings, language: Language
) -> AuditKey:
    drawn = content_digest(
        settings.model_dump_json(exclude={"unsure", "size", "margin", "expected", "assurance"}),
        *(item.model_dump_json() for item in items),
    )
    audit_id = f"{settings.name}-{drawn[:12]}"
    return AuditKey(
        audit_id=audit_id,
        tag=audit_tag(audit_id),
        name=settings.name,
        language=language.code,
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
