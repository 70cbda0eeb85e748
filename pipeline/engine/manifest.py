"""The manifest of a finished stage: what went in, what came out, what it cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.files import read_json, write_text

FILE = "manifest.json"
FAILED = "failed"
"""The count of items that a stage gave up on: a synset without a gloss, say."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableEntry(_Part):
    """A table of a stage: how many rows, and the hash of its content."""

    rows: int
    content_hash: str
    sha256: str
    """Of the file's bytes."""


class StageUsage(_Part):
    """What the replies behind a stage's output cost, whenever they were paid for.

    The same replies give the same figures, so that a stage which was interrupted and resumed
    has the manifest of one that was not. ``cost`` is None where a model has no price.
    """

    requests: int = 0
    repairs: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = None
    currency: str = ""
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    first_date: str = ""
    last_date: str = ""


class StageManifest(_Part):
    """Written last into a stage's output folder: a folder with a manifest is complete."""

    stage: str
    version: int
    fingerprint: str
    settings: dict[str, object]
    inputs: dict[str, str]
    tables: dict[str, TableEntry]
    counts: dict[str, int]
    attempts: int = 1
    """How often its failed items have been tried, all their rounds each time."""
    rejects: dict[str, int]
    usage: StageUsage = StageUsage()
    details: dict[str, int] = {}
    """Counts that are too many for a line."""
    remarks: tuple[str, ...] = ()
    """What whoever ran the stage should know."""
    codes: dict[str, str] = {}
    """What each code in ``rejects`` means, as far as the stage says."""

    @property
    def output_hash(self) -> str:
        """One string that changes when any table of the stage does."""
        return ",".join(f"{name}={entry.content_hash}" for name, entry in self.tables.items())

    @property
    def failed(self) -> int:
        """How many items the stage gave up on."""
        return self.counts.get(FAILED, 0)

    def write(self, folder: Path) -> None:
        """Writes the manifest; the folder counts as complete from then on."""
        write_text(folder / FILE, self.model_dump_json(indent=2) + "\n")


def read_stage_manifest(folder: Path) -> StageManifest | None:
    """The manifest of a stage's folder, or None where the stage has not finished there."""
    path = folder / FILE
    if not path.exists():
        return None
    advice = f"delete {folder} and run again: replies already paid for are in the ledger"
    return read_json(path, StageManifest, "a manifest of this version", advice)
