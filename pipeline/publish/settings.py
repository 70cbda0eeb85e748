"""The [publish] section of run.toml; the command line's options win over it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class PublishSettings(BaseModel):
    """Where a release goes. A token has no place here: it comes from HF_TOKEN or a saved login."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repo: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    """USER/NAME of the data set's repository."""
    public: bool = False
    revision: Annotated[str, Field(min_length=1)] = "main"
    """The branch that receives the commit."""
