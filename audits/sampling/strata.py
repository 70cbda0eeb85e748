"""Strata: the parts of the population that an audit samples, and estimates, one by one."""

from __future__ import annotations

from collections.abc import Callable

from audits.sampling.candidates import AuditCandidate
from audits.settings import StratumField
from schemas.errors import UsageError

SEPARATOR = " / "


AGREEMENTS = ((1.0, "unanimous"), (0.5, "divided"), (0.0, "against"))
"""The least share of the judges' votes for a row's own sense, and how such rows are called."""
DOUBTS = ((0.9, "sure"), (0.5, "leaning"), (0.0, "doubting"))
"""The least probability that a model gives to a row's own sense, and how such rows are called."""
UNKNOWN = "unknown"


def _value(candidate: AuditCandidate, field: StratumField) -> object:
    if field == "agreement":
        return _level(candidate.agreement, AGREEMENTS)
    if field == "doubt":
        return _level(candidate.doubt, DOUBTS)
    return getattr(candidate, field)


def _level(value: float | None, levels: tuple[tuple[float, str], ...]) -> str:
    if value is None:
        return UNKNOWN
    return next(name for least, name in levels if value >= least)


def stratum_of(fields: tuple[StratumField, ...]) -> Callable[[AuditCandidate], str]:
    """The function that names a candidate's stratum, as ``noun / same_pos``; "all" without fields.

    It raises :class:`UsageError` for a candidate that does not know a field: a stratum of the
    unknown would mix what the caller wanted apart.
    """

    def stratum(candidate: AuditCandidate) -> str:
        values = []
        for field in fields:
            value = _value(candidate, field)
            if value is None:
                raise UsageError(
                    f"stratum {field}: context {candidate.context_id} has no provenance; leave "
                    f"{field} out of the strata or give the release's provenance folder"
                )
            values.append(str(value))
        return SEPARATOR.join(values) or "all"

    return stratum
