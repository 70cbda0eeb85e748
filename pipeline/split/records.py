"""The row that `split` writes."""

from __future__ import annotations

from schemas.records import NonEmpty, Record, Split


class Assignment(Record):
    """The part a selected context belongs to; rows stand in the order of the selected table."""

    context_id: NonEmpty
    split: Split
