"""The row that `judge` writes of every vote."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.records import Count, NonEmpty, Provenance, Record


class CastVote(Record):
    """One judge's blind choice for one context, with what it was shown."""

    context_id: NonEmpty
    judge: NonEmpty
    chosen_sense_id: str | None
    """None: none of these."""
    agrees: bool
    """Whether that is the sense the context was written for, or one nothing tells apart from it."""
    candidates: Annotated[tuple[NonEmpty, ...], Field(min_length=1)]
    """The senses in the order in which they were shown."""
    position: Count
    """The place of the chosen one among them, from 1; 0: none of these."""
    unconditional: bool
    """Whether the judge was asked whatever the others had said."""
    provenance: Provenance
