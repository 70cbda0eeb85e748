"""The section [engine] of run.toml: what carries the work of a run. No result depends on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["local", "processes"]


class EngineSettings(BaseModel):
    """Where work that can be cut into shards is done; the same bytes come of it anywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["auto", "local", "processes"] = "auto"
    """"auto": processes where there is more than one core and enough to do, else this process."""
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    """How many at a time; None: one for each core."""
