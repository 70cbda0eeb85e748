"""What `select` drops and what it only flags."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Action = Literal["drop", "flag"]

DEFAULT_THRESHOLD = 0.6
"""Two neighbouring units changed in a sentence of 12: 10 of 16 bigrams are shared."""


class SelectSettings(BaseModel):
    """Every setting that can change which contexts are selected.

    An exact duplicate within a sense is always dropped. ``flag`` keeps the contexts and gives
    near-duplicates one ``cluster``, so that the split keeps them together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    near_duplicate_threshold: Annotated[float, Field(ge=0.5, le=1.0)] = DEFAULT_THRESHOLD
    """Jaccard similarity of unit bigrams from which two contexts are near-duplicates."""

    near_duplicates_in_sense: Action = "drop"
    duplicates_across_senses: Action = "drop"
    """Equal and nearly equal contexts of different senses, of one lemma or of several."""

    clusters: Literal["keep", "drop"] = "keep"
    """Of senses of one lemma that nothing tells apart, "drop" leaves the first one its contexts."""
    judge_disagreements: Action = "drop"
    unjudged: Action = "drop"
    """Contexts that the judge was asked about and gave no valid answer to."""
    audited_bad: Action = "drop"
    audited_unsure: Action = "flag"
    max_contexts_per_sense: Annotated[int, Field(ge=1)] | None = None
