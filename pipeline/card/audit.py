"""The human audits inside a release: their figures, with numbers in the place of people's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from audits.figures import (
    REPORT_FILE,
    ROW,
    AuditReport,
    AuditRound,
    CriterionQuality,
    ReleaseAudits,
)
from audits.key import DrawnRelease
from audits.questions import UnsureRule
from audits.reports.report import make_report
from audits.reports.standing import RowsNow, release_audits
from audits.rounds import Round
from audits.sampling.candidates import glosses_now, has_pairs, pair_candidates
from languages.language import Language
from pipeline.release.manifest import ReleaseManifest
from schemas.errors import InputError
from schemas.files import read_json, write_text
from schemas.ids import content_digest

AUDIT = REPORT_FILE
_NUMBERED = re.compile(r"annotator \d+")
_NAMING = frozenset({"annotator", "first", "second", "adjudicators"})
"""The fields of a report that hold somebody's name."""
_DIGEST = 16
"""Hexadecimal characters of a release's digest: enough to tell releases apart."""


def read_audits(folder: Path) -> ReleaseAudits | None:
    """The audits of a release folder; None where none was made."""
    path = folder / AUDIT
    if not path.is_file():
        return None
    return read_json(
        path,
        ReleaseAudits,
        "the audits of a release of this version",
        "run the stage release again",
        InputError,
    )


def named(manifest: ReleaseManifest) -> DrawnRelease:
    """A release by name, version and the content of its examples."""
    digest = content_digest(*(split.content_hash for split in manifest.splits))
    return DrawnRelease(name=manifest.name, version=manifest.version, digest=digest[:_DIGEST])


def attach_audits(
    release: Path,
    rounds: Sequence[Round],
    language: Language,
    rule: UnsureRule,
    pair_rounds: Sequence[Round] = (),
) -> ReleaseAudits | None:
    """Puts the audits into a release folder without names; the card must be rendered anew.

    ``pair_rounds`` are the audits of its pairs across languages, the first one drawn first.
    """
    pairs = _of_pairs(release, pair_rounds, language, rule)
    if not rounds and pairs is None:
        return None
    wanted = {name for each in rounds for name in each.judgements.items}
    now = RowsNow(named(ReleaseManifest.read(release)), glosses_now(release, wanted))
    found = release_audits(rounds, now, language, rule).model_copy(update={"pairs": pairs})
    write_audits(found, release)
    return found


def _of_pairs(
    release: Path, rounds: Sequence[Round], language: Language, rule: UnsureRule
) -> AuditReport | None:
    """The figures of the last audit of which most pairs are in the release."""
    if not rounds:
        return None
    there = {each.context_id for each in pair_candidates(release)} if has_pairs(release) else set()
    for each in reversed(rounds):
        items = each.judgements.items
        if 2 * sum(name in there for name in items) > len(items):
            return make_report(each.judgements, language, rule)
    return None


def write_audits(found: ReleaseAudits, release: Path) -> None:
    """Writes the audits of a release without names."""
    write_text(release / AUDIT, anonymous(found).model_dump_json(indent=2) + "\n")


def require_of_this_release(found: AuditRound, release: Path) -> None:
    """Raises for an audit of another release."""
    if found.of_this_release:
        return
    drawn = found.drawn_from
    told = f"drawn from {drawn.name} {drawn.version}, {drawn.digest}; " if drawn else ""
    kept = found.here + found.gone
    raise InputError(
        f"audit {found.folder}: of another release than {release} ({told}{found.here} of {kept} "
        "rows that it did not judge bad are there); give the release that it was drawn from"
    )


def anonymous(found: ReleaseAudits) -> ReleaseAudits:
    """The same figures with "annotator 1", "annotator 2" and so on for the names."""
    numbers: dict[str, str] = {}
    return ReleaseAudits.model_validate(
        _renamed(
            found.model_dump(mode="json"),
            lambda name: numbers.setdefault(name, f"annotator {len(numbers) + 1}"),
        )
    )


def require_anonymous(folder: Path) -> None:
    """Raises where a release folder's audit names a person."""
    found = read_audits(folder)
    names: dict[str, str] = {}
    if found is not None:
        _renamed(found.model_dump(mode="json"), lambda name: names.setdefault(name, name))
    if not all(_NUMBERED.fullmatch(name) for name in names):
        raise InputError(
            f"{folder / AUDIT}: names its annotators; put it there with `viconwsd card --audit DIR`"
        )


def _renamed(value: Any, rename: Callable[[str], str], key: str = "") -> Any:
    """A report's JSON with another name wherever a person is named."""
    if isinstance(value, dict):
        return {name: _renamed(inner, rename, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, rename, key if isinstance(inner, str) else "") for inner in value]
    return rename(value) if key in _NAMING else value


def whole_rows(report: AuditReport) -> CriterionQuality:
    """The quality of rows as a whole: good where every question is answered well."""
    return report.of(ROW)
