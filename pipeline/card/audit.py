"""The human audit inside a release: its figures, with numbers in the place of people's names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audits.figures import REPORT_FILE, ROW, AuditReport, CriterionQuality, read_report
from schemas.errors import InputError
from schemas.files import write_text

AUDIT = REPORT_FILE
_NUMBERED = re.compile(r"annotator \d+")
_NAMING = frozenset({"annotator", "first", "second"})
"""The fields of a report that hold somebody's name."""


def read_audit(folder: Path) -> AuditReport | None:
    """The audit report of a release folder; None where none was made."""
    path = folder / AUDIT
    return read_report(path) if path.is_file() else None


def attach_audit(report: AuditReport, release: Path) -> None:
    """Puts a report into a release folder without the names; the card must be rendered anew."""
    write_text(release / AUDIT, anonymous(report).model_dump_json(indent=2) + "\n")


def anonymous(report: AuditReport) -> AuditReport:
    """The same figures with "annotator 1", "annotator 2" and so on for the names."""
    numbers: dict[str, str] = {}
    found = report.model_dump(mode="json")
    return AuditReport.model_validate(
        _renamed(found, lambda name: numbers.setdefault(name, f"annotator {len(numbers) + 1}"))
    )


def require_anonymous(folder: Path) -> None:
    """Raises where a release folder's audit names a person."""
    report = read_audit(folder)
    names: dict[str, str] = {}
    if report is not None:
        _renamed(report.model_dump(mode="json"), lambda name: names.setdefault(name, name))
    if not all(_NUMBERED.fullmatch(name) for name in names):
        raise InputError(
            f"{folder / AUDIT}: names its annotators; put it there with `viconwsd card --audit DIR`"
        )


def _renamed(value: Any, rename: Callable[[str], str], key: str = "") -> Any:
    """A report's JSON with another name wherever a person is named."""
    if isinstance(value, dict):
        return {name: _renamed(inner, rename, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, rename) for inner in value]
    return rename(value) if key in _NAMING else value


def whole_rows(report: AuditReport) -> CriterionQuality:
    """The quality of rows as a whole: good where every question is answered well."""
    return report.of(ROW)
