"""Rows for what a stage drops: one per dropped text, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checks.finding import Finding
from schemas.errors import ItemError
from schemas.records import Provenance, Reject


def rejected(
    stage: str, item_id: str, text: str, findings: Sequence[Finding], made_by: Provenance
) -> Reject:
    """A text that failed checks: the first finding gives the code, the others stand in detail."""
    also = "".join(f"; {finding.code}: {finding.detail}" for finding in findings[1:])
    return Reject(
        stage=stage,
        item_id=item_id,
        code=findings[0].code,
        detail=findings[0].detail + also,
        text=text,
        provenance=made_by,
    )


def unanswered(stage: str, item_id: str, error: ItemError) -> Reject:
    """A request without a usable reply."""
    return Reject(stage=stage, item_id=item_id, code=error.code, detail=error.detail, text="")
