"""The human audit inside a release: its figures, with numbers in the place of people's names."""

from __future__ import annotations

import re
from pathlib import Path

from audits.figures import REPORT_FILE, ROW, AuditReport, CriterionQuality, read_report
from schemas.errors import InputError
from schemas.files import write_text

AUDIT = REPORT_FILE
_NUMBERED = re.compile(r"annotator \d+")


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
    for name in _names(report):
        numbers.setdefault(name, f"annotator {len(numbers) + 1}")
    return report.model_copy(
        update={
            "annotators": tuple(
                each.model_copy(update={"annotator": numbers[each.annotator]})
                for each in report.annotators
            ),
            "agreement": tuple(
                criterion.model_copy(
                    update={
                        "pairs": tuple(
                            pair.model_copy(
                                update={
                                    "first": numbers[pair.first],
                                    "second": numbers[pair.second],
                                }
                            )
                            for pair in criterion.pairs
                        )
                    }
                )
                for criterion in report.agreement
            ),
            "self_agreement": tuple(
                each.model_copy(update={"annotator": numbers[each.annotator]})
                for each in report.self_agreement
            ),
        }
    )


def require_anonymous(folder: Path) -> None:
    """Raises where a release folder's audit names a person."""
    report = read_audit(folder)
    if report is not None and not all(_NUMBERED.fullmatch(name) for name in _names(report)):
        raise InputError(
            f"{folder / AUDIT}: names its annotators; put it there with `viconwsd card --audit DIR`"
        )


def whole_rows(report: AuditReport) -> CriterionQuality:
    """The quality of rows as a whole: good where every question is answered well."""
    return report.of(ROW)


def _names(report: AuditReport) -> list[str]:
    """Every name in the report, annotators first."""
    pairs = [pair for criterion in report.agreement for pair in criterion.pairs]
    return [
        *(each.annotator for each in report.annotators),
        *(name for pair in pairs for name in (pair.first, pair.second)),
        *(each.annotator for each in report.self_agreement),
    ]
