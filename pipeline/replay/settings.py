"""The section [replay] of run.toml."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class ReplaySettings(BaseModel):
    """Answer from recordings instead of asking the endpoint of [llm]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    """Holds glosses.jsonl, contexts.jsonl and verdicts.jsonl."""
