"""How large the parts of the split are meant to be."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.records import Split

Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class SplitSettings(BaseModel):
    """Shares of all rows; training keeps the rest. ``seed`` picks another split of equal kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    validation: Share = 0.05
    test_seen: Share = 0.05
    test_unseen_sense: Share = 0.05
    test_unseen_lemma: Share = 0.05
    seed: int = 0
    previous: str | None = None
    """An earlier release whose rows stay in their parts: its folder, relative to run.toml, or a
    data set on the Hub, USER/NAME or USER/NAME@REVISION. None: the release that this run published
    last, if it did; "" none at all."""

    @model_validator(mode="after")
    def _training_is_the_largest(self) -> Self:
        held = self.validation + self.test_seen + self.test_unseen_sense + self.test_unseen_lemma
        if held > 0.5:
            raise ValueError(
                f"the shares of validation and test add up to {held:g}; at most 0.5 can be held out"
            )
        return self

    def share(self, split: Split) -> float:
        """The share of all rows that a held-out part is meant to have."""
        return float(getattr(self, split.value))
