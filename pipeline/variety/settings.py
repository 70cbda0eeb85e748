"""The section [contexts.slots] of run.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Weights = dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]]
"""Name of a value -> how often it is drawn; values that are not named keep their weight."""


class SlotSettings(BaseModel):
    """How often each value of a dimension is asked for; names are those of the language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool = True
    """Whether anything is asked of single sentences; ``slots = false`` is the same."""
    at_most: Annotated[int, Field(ge=1, le=8)] = 2
    """Wishes of a sentence, its walk of life included; small models lose sentences by more."""
    domain: Weights = Field(default_factory=dict)
    style: Weights = Field(default_factory=dict)
    region: Weights = Field(default_factory=dict)
    sentence: Weights = Field(default_factory=dict)
    length: Weights = Field(default_factory=dict)
    function: Weights = Field(default_factory=dict)
    position: Weights = Field(default_factory=dict)
    collocate: Weights = Field(default_factory=dict)
