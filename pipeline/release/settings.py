"""What a release is called and how its files are cut."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ReleaseSettings(BaseModel):
    """Every setting that can change a byte of the release folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)] = "viconwsd"
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "0.1.0"
    licence: str | None = None
    """An SPDX or Hub licence name; None carries the source's licence over."""

    max_shard_mb: Annotated[float, Field(gt=0)] = 256.0
    """A shard is closed at the first row group that reaches this many megabytes (10^6 bytes)."""

    max_shard_rows: Annotated[int, Field(ge=1)] | None = None
    row_group_rows: Annotated[int, Field(ge=1)] = 16_384
    contexts_per_sense: Annotated[int, Field(ge=1)] = 10
    """How many contexts a sense was meant to get: coverage is reported against it."""

    word_in_context_en: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    """The confidence from which a link makes rows of the table ``word_in_context_en``; None: no
    such table. The English sentences are those of ``[link] wordnet``."""

    near_duplicate_threshold: Annotated[float, Field(ge=0.5, le=1.0)] = 0.6
    """The Jaccard similarity from which the leakage report calls two contexts near-duplicates.

    At least that of [select], which dropped or marked those that were found from there on.
    """
