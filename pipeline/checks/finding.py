"""The result of a check, and the form of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

CaseT = TypeVar("CaseT")
ExampleT = TypeVar("ExampleT")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: its code, what exactly is wrong, and how to say so to the model in Vietnamese."""

    code: str
    detail: str
    reason_vi: str


@dataclass(frozen=True, slots=True)
class Rule(Generic[CaseT, ExampleT]):
    """A check, named by its code, with one example that passes and one that fails."""

    check: Callable[[CaseT], Finding | None]
    passing: ExampleT
    failing: ExampleT

    @property
    def code(self) -> str:
        """The code of the findings of this rule."""
        return self.check.__name__

    @property
    def message(self) -> str:
        """What is wrong where this rule finds something: its docstring's first line."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


class Settings(BaseModel):
    """Bounds and switches of a family of rules; each family says which codes it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_syllables: int = Field(ge=1)
    max_syllables: int = Field(ge=1)
    min_vietnamese: float = Field(default=0.6, ge=0, le=1)
    """Share of counted words that are well-formed Vietnamese syllables."""
    min_accented: float = Field(default=0.15, ge=0, le=1)
    """Share of counted words with a letter beyond ASCII; plain text without accents has none."""
    off: tuple[str, ...] = ()
    """Codes of rules that are not applied."""

    def known_codes(self) -> tuple[str, ...]:
        """The codes of the family's rules."""
        raise NotImplementedError

    def always_on(self) -> tuple[str, ...]:
        """The codes of rules that keep spans exact and rows writable."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _rules_fit_together(self) -> Self:
        if self.min_syllables > self.max_syllables:
            raise ValueError(
                f"min_syllables {self.min_syllables} is above max_syllables {self.max_syllables}"
            )
        known = self.known_codes()
        unknown = sorted(set(self.off) - set(known))
        if unknown:
            raise ValueError(f"no rule has the code {unknown[0]!r}; codes: {', '.join(known)}")
        needed = sorted(set(self.off) & set(self.always_on()))
        if needed:
            raise ValueError(
                f"the rule {needed[0]!r} keeps spans exact or rows writable and cannot be off"
            )
        return self
