"""Whether the rows of an earlier release are where they were, from the released files alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from languages.language import Language
from pipeline.split.pins import FREE, SPLITS, Pins, read_pins
from schemas.errors import RunError
from schemas.records import Split

Count = Annotated[int, Field(ge=0)]


class Moved(BaseModel):
    """Rows that an earlier release had in another part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    was: Split
    now: Split
    count: Count


class SincePrevious(BaseModel):
    """What became of the rows of an earlier release."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Count
    """Of the earlier release."""
    kept: Count
    """Rows of it that are in this one, in the same part."""
    gone: Count
    new: Count
    """Rows of this release that the earlier one did not have."""
    moved: tuple[Moved, ...]


def since_previous(folder: Path, pins: Pins, language: Language) -> SincePrevious:
    """Compares the Parquet files of a release with the parts of an earlier one."""
    now = read_pins(folder, language)
    was = pins.of(now.contexts)
    old = was != FREE
    kept = int((was[old] == now.parts[old]).sum())
    return SincePrevious(
        rows=len(pins.contexts),
        kept=kept,
        gone=len(pins.contexts) - int(old.sum()),
        new=int((~old).sum()),
        moved=tuple(_moves(was[old], now.parts[old])),
    )


def require_no_moves(found: SincePrevious) -> None:
    """Raises RunError naming the first parts between which a row moved."""
    for moved in found.moved:
        raise RunError(
            f"{moved.count} rows of the earlier release moved from {moved.was.value} to "
            f"{moved.now.value}; split the contexts again"
        )


def _moves(was: np.ndarray, now: np.ndarray) -> Iterator[Moved]:
    for a, before in enumerate(SPLITS):
        for b, after in enumerate(SPLITS):
            count = int(((was == a) & (now == b)).sum())
            if a != b and count:
                yield Moved(was=before, now=after, count=count)
