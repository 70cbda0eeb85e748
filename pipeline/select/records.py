"""The row that `select` writes."""

from __future__ import annotations

from schemas.records import Audited, Context, Judged, NonEmpty


class SelectedContext(Context):
    """A context that stays, with what the judge and the auditors said of it."""

    judged: Judged
    audited: Audited
    cluster: NonEmpty
    """The least context id among its near-duplicates that also stay; its own id if none do."""
