"""The leakage report: which splits share what, and whether they may."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.records import Split


class Shared(StrEnum):
    """What two splits can have in common, or a row can lack."""

    LEMMA = "lemma"
    """A lemma, compared by match key."""
    SYNSET = "synset"
    EXACT = "exact_duplicate"
    """A sentence, compared by the letters and digits of its match key."""
    NEAR = "near_duplicate"
    """Pairs of contexts whose unit bigrams have at least the threshold's Jaccard similarity."""
    CONTEXT_ID = "context_id"
    SENSE_NOT_IN_TRAIN = "sense_not_in_train"
    """Senses of validation or test_seen that have no training row."""
    LEMMA_NOT_IN_TRAIN = "lemma_not_in_train"
    """Lemmas of test_unseen_sense that have no training row."""


class Overlap(BaseModel):
    """How many of one thing two splits share, with some of them by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shared: Shared
    left: Split
    right: Split
    count: Annotated[int, Field(ge=0)]
    allowed: bool
    """False where the split's definition demands a count of 0."""
    ids: tuple[str, ...] = ()
    """Of what is shared but not allowed, the first ids in order (pairs as ``a = b``)."""

    @property
    def leaks(self) -> bool:
        """True if this overlap breaks the definition of the split."""
        return self.count > 0 and not self.allowed


class LeakageReport(BaseModel):
    """Every overlap of every two splits, recomputed from the released files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near_duplicate_threshold: float
    rows: dict[Split, int]
    overlaps: tuple[Overlap, ...]

    @property
    def leaks(self) -> tuple[Overlap, ...]:
        """The overlaps that must not be; empty for a sound release."""
        return tuple(overlap for overlap in self.overlaps if overlap.leaks)

    def by_pair(self) -> tuple[tuple[Shared, ...], list[tuple[Split, Split, list[Overlap | None]]]]:
        """What can be shared, and how much of each by every two splits; None: that is not asked."""
        kinds = tuple(dict.fromkeys(overlap.shared for overlap in self.overlaps))
        found = {(o.left, o.right, o.shared): o for o in self.overlaps}
        pairs = dict.fromkeys((o.left, o.right) for o in self.overlaps)
        return kinds, [(a, b, [found.get((a, b, kind)) for kind in kinds]) for a, b in pairs]

    @property
    def clean(self) -> bool:
        """True if nothing leaks."""
        return not self.leaks
