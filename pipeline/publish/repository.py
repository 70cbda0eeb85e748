"""A repository of the Hub by kind and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["dataset", "model"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository's kind and name."""

    kind: Kind
    repo_id: str

    def __str__(self) -> str:
        return f"{'data set' if self.kind == 'dataset' else self.kind} {self.repo_id}"
