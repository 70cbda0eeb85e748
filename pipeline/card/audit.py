"""The human audit in the few numbers that the card shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

AUDIT = "audit.json"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval, from so many rows."""

    name: str
    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What people found in the sample; nobody is named."""

    rows: int
    annotators: int
    overall: Estimate
    strata: tuple[Estimate, ...]
    criteria: tuple[Estimate, ...]
    agreement: tuple[tuple[str, float | None], ...]
    method: str


def read_audit(folder: Path) -> AuditSummary | None:
    """The audit of a release folder; None where none was made."""
    return None
