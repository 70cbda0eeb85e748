"""The way of one row: what it was made from, what asked for it, and all that was said of it."""

from __future__ import annotations

from dataclasses import dataclass

from audits.rounds import AUDITS, read_rounds
from pipeline.panel.records import CastVote
from pipeline.release.records import ExampleProvenance
from pipeline.view.reading.site import Site
from pipeline.view.reading.stored import rows_of_context
from schemas.records import Context, Example, Provenance, Slot


@dataclass(frozen=True, slots=True)
class AuditAnswer:
    """What one auditor answered to one question; the adjudicated answer has no auditor."""

    audit: str
    auditor: str
    question: str
    answer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Way:
    """What is known of a row beside the row itself."""

    provenance: Provenance | None
    slot: Slot | None
    votes: tuple[CastVote, ...]
    audits: tuple[AuditAnswer, ...]


def way_of(site: Site, context_id: str) -> Way:
    """The way of a row, as far as the run or the release tells."""
    tables, run = site.tables().rows, site.run()
    found = rows_of_context(tables.paths, tables.record, context_id)
    row = found[0] if found else None
    provenance = row.provenance if isinstance(row, Context) else None
    if tables.provenance:
        made = rows_of_context(tables.provenance, ExampleProvenance, context_id)
        provenance = made[0].provenance if made else None
    judge = run.output("judge") if run and not site.looked.release else None
    votes = [judge.table("votes")] if judge and "votes" in judge.manifest.tables else []
    return Way(
        provenance,
        row.slot if isinstance(row, Context | Example) else None,
        tuple(rows_of_context(votes, CastVote, context_id)),
        tuple(_answers(site, context_id)),
    )


def _answers(site: Site, context_id: str) -> list[AuditAnswer]:
    """Every answer of the run's audits about a row."""
    config = site.config()
    if config is None or site.looked.release:
        return []
    found = []
    for each in read_rounds(config.folder / AUDITS):
        said = each.judgements
        if context_id not in said.items:
            continue
        intended = said.items[context_id].intended
        given = {**said.given.get(context_id, {}), "": said.adjudicated.get(context_id, {})}
        found += [
            AuditAnswer(
                each.folder.name,
                auditor,
                question.code,
                answers[question.code],
                question.verdict(answers[question.code], intended),
            )
            for auditor, answers in given.items()
            for question in said.asked
            if question.code in answers
        ]
    return found
