"""Strata: the parts of the population that an audit samples, and estimates, one by one."""

from __future__ import annotations

from collections.abc import Callable

from audits.sampling.candidates import AuditCandidate
from audits.settings import StratumField
from schemas.errors import UsageError

SEPARATOR = " / "


def stratum_of(fields: tuple[StratumField, ...]) -> Callable[[AuditCandidate], str]:
    """The function that names a candidate's stratum, as ``noun / same_pos``; "all" without fields.

    It raises :class:`UsageError` for a candidate that does not know a field: a stratum of the
    unknown would mix what the caller wanted apart.
    """

    def stratum(candidate: AuditCandidate) -> str:
        values = []
        for field in fields:
            value = getattr(candidate, field)
            if value is None:
                raise UsageError(
                    f"stratum {field}: context {candidate.context_id} has no provenance; leave "
                    f"{field} out of the strata or give the release's provenance folder"
                )
            values.append(str(value))
        return SEPARATOR.join(values) or "all"

    return stratum
