"""The ``[audit]`` section of a run's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from audits.questions import UnsureRule
from languages.audit import AuditMode

Allocation = Literal["proportional", "equal", "neyman"]

StratumField = Literal[
    "pos", "polysemy", "judged", "agreement", "doubt", "model", "prompt_version", "round"
]

Share = Annotated[float, Field(ge=0, le=1)]
AnnotatorName = Annotated[str, Field(pattern=r"^[\w][\w.\- ]{0,39}$")]


SECONDS_PER_ROW: Mapping[AuditMode, int] = {"review": 45, "blind": 40, "pairs": 40}
"""What a row takes; assumed: a sentence, a definition and three answers."""


def minutes(n_rows: int, mode: AuditMode) -> int:
    """How long an annotator will need for so many rows, to five minutes."""
    return max(5, 5 * round(n_rows * SECONDS_PER_ROW[mode] / 60 / 5))


class AuditSettings(BaseModel):
    """How an audit is drawn, shared out and read; every value has a usable default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = "audit"
    mode: AuditMode = "review"
    seed: int = 0
    size: Annotated[int, Field(ge=1)] | None = None
    margin: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    """Half the width of the wanted 95 % interval; works the size out."""
    assurance: Annotated[float, Field(ge=0.5, lt=1)] | None = None
    """How likely the margin is to be met; without it the margin is that of an average audit."""
    expected: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """The quality assumed where ``margin`` asks for a size; 0.5 is the worst case."""
    strata: tuple[StratumField, ...] = ("pos", "polysemy")
    allocation: Allocation = "proportional"
    min_per_stratum: Annotated[int, Field(ge=1)] = 2
    annotators: Annotated[tuple[AnnotatorName, ...], Field(min_length=1)] = ("A", "B")
    overlap: Share = 0.2
    """The share of the items that every annotator gets."""
    repeats: Share = 0.05
    """The share of an annotator's items that come a second time, unmarked."""
    unsure: UnsureRule = "not_good"
    """Whether an unsure answer counts as not good, or leaves the item out of the share."""

    @field_validator("annotators")
    @classmethod
    def _names_differ(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError(f"annotators {', '.join(names)}: each needs a name of its own")
        for name in names:
            if name.casefold().startswith("adjudication"):
                raise ValueError(f"annotator {name}: this name is kept for adjudication sheets")
        return names

    @model_validator(mode="after")
    def _one_way_to_a_size(self) -> Self:
        if self.size is not None and self.margin is not None:
            raise ValueError("give a size or a margin, not both")
        return self
