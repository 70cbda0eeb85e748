"""The result of a check, and the form of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

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
    """Bounds and switches of a family of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")
