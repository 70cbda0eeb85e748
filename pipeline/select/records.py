"""The row that `select` writes, and one that it reads."""

from __future__ import annotations

from schemas.records import Audited, Context, Judged, NonEmpty, Record, Vote


class SelectedContext(Context):
    """A context that stays, with what the judge and the auditors said of it."""

    judged: Judged
    audited: Audited
    votes: tuple[Vote, ...] | None = None
    agreement: float | None = None
    """The share of the votes for its sense; None where there are no votes."""
    cluster: NonEmpty
    """The least context id among its near-duplicates that also stay; its own id if none do."""


class UnjudgedContext(Record):
    """A context that the judge was asked about and gave no valid answer to."""

    context_id: NonEmpty
