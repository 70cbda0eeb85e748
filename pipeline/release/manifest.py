"""``manifest.json``: everything the card tells about a release, and no time or path of a machine.

Equal inputs and settings give equal bytes. The only dates are those of the requests, which the
stage summaries carry; their numbers are totals over the ledger, not over one session.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from pipeline.panel.figures import PanelFigures
from pipeline.release.overlaps import LeakageReport
from pipeline.release.previous import SincePrevious
from schemas.files import read_json, write_text
from schemas.records import Audited, Judged, Polysemy, Pos, Split

MANIFEST = "manifest.json"

Count = Annotated[int, Field(ge=0)]
TableName = Literal[
    "examples",
    "senses",
    "word_in_context_en",
    "rephrasings",
    "example_provenance",
    "gloss_provenance",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceInfo(_Part):
    """Where the synsets came from; ``licence`` is carried over to the release."""

    name: str
    version: str | None = None
    url: str | None = None
    licence: str
    citation: str | None = None
    notice: str | None = None
    """What its licence wants to stand in every copy."""


class PromptUse(_Part):
    """A prompt template that a stage used."""

    prompt_id: str
    version: str


class StageSummary(_Part):
    """What one stage did to make this release: totals, whatever number of runs it took."""

    name: str
    version: str
    fingerprint: str
    settings_digest: str
    counts: dict[str, int] = {}
    """Rows read, written and so on, by the stage's own names."""
    rejects: dict[str, int] = {}
    """Dropped items by code."""
    codes: dict[str, str] = {}
    """What each of these codes means."""
    requests: Count = 0
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    cost: Decimal | None = None
    """None where a model has no price."""
    currency: str = "USD"
    models: tuple[str, ...] = ()
    prompts: tuple[PromptUse, ...] = ()
    rounds: Count = 0
    first_request: str | None = None
    """The UTC date (YYYY-MM-DD) of the first request, if any."""
    last_request: str | None = None


class TableFile(_Part):
    """One Parquet file of the release; ``path`` is relative, with forward slashes."""

    path: str
    table: TableName
    split: Split | None = None
    rows: Count
    bytes: Count
    sha256: str
    """Of the file's bytes."""
    content_hash: str
    """Of the file's rows and their order (:func:`schemas.tables.content_hash`)."""


class Counts(_Part):
    """Sizes of the inventory and of the examples."""

    synsets: Count
    senses: Count
    lemmas: Count
    """Distinct by match key, in the inventory."""
    glosses: Count
    glosses_from_source: Count = 0
    """Glosses that no request made: the source's own definitions."""
    examples: Count
    examples_from_source: Count = 0
    senses_with_examples: Count
    lemmas_with_examples: Count
    same_pos_lemmas: Count
    """Lemmas of the inventory with two or more senses of one POS."""


class LinkFigures(_Part):
    """How many synsets of the inventory have a counterpart in Princeton WordNet."""

    synsets: Count = 0
    stated: Count = 0
    """Of these, those whose source says so itself (confidence 1)."""
    expected_right: float = 0.0
    """The sum of their confidences: of so many it is expected that they are right."""


class Coverage(_Part):
    """How many contexts the senses of the inventory have in the examples."""

    wanted: Annotated[int, Field(ge=1)]
    senses_by_contexts: dict[int, int]
    """Number of examples -> number of senses with so many; ascending, 0 included."""
    senses_short: Count
    """Senses with fewer than ``wanted`` examples."""
    senses_without: Count


class Lengths(_Part):
    """Sentence lengths in units: runs of letters and digits. Of an empty split all are 0."""

    least: Count
    mean: float
    most: Count


class SplitStatistics(_Part):
    """What a split is made of; every dict is counts of rows."""

    split: Split
    rows: Count
    senses: Count
    synsets: Count
    lemmas: Count
    by_pos: dict[Pos, int]
    by_polysemy: dict[Polysemy, int]
    by_pos_and_polysemy: dict[str, int]
    """Keys ``noun/same_pos``."""
    by_judged: dict[Judged, int]
    by_audited: dict[Audited, int]
    lengths: Annotated[Lengths, Field(validation_alias=AliasChoices("lengths", "syllables"))]
    """Under the name ``syllables`` in releases of version 0.1."""
    content_hash: str
    """Of all rows of the split in order, whatever the sizes of its shards."""


class JudgeAgreement(_Part):
    """How often the judge chose the intended sense.

    ``agree``, ``disagree`` and ``unjudged`` count released rows. ``judged_before_selection`` and
    ``agreed_before_selection`` count all accepted contexts, None where no judge was asked.
    """

    agree: Count
    disagree: Count
    unjudged: Count
    judged_before_selection: int | None = None
    agreed_before_selection: int | None = None

    @property
    def agreement(self) -> float | None:
        """The share of judged contexts, before selection, in which the judge agreed."""
        if not self.judged_before_selection or self.agreed_before_selection is None:
            return None
        return self.agreed_before_selection / self.judged_before_selection


class ReleaseManifest(_Part):
    """A release in full: what it is, its files, its numbers, how it was made."""

    format_version: Literal[1] = 1
    name: str
    version: str
    language: str
    licence: str
    recorded: bool
    """True if replies were replayed from recordings and not asked of a model."""
    source: SourceInfo
    tables: tuple[TableFile, ...]
    counts: Counts
    coverage: Coverage
    links: LinkFigures = LinkFigures()
    splits: tuple[SplitStatistics, ...]
    judge: JudgeAgreement
    panel: PanelFigures | None = None
    """What the votes tell of the judges; None where nobody judged, and in releases of 0.1."""
    stages: tuple[StageSummary, ...]
    leakage: LeakageReport
    previous: SincePrevious | None = None
    """What became of the rows of an earlier release; None where none was given."""
    software: dict[str, str]
    """Package -> version."""

    def files_of(self, table: str, split: Split | None = None) -> tuple[TableFile, ...]:
        """The files of a table, or of one split of it, in order."""
        return tuple(
            file
            for file in self.tables
            if file.table == table and (split is None or file.split == split)
        )

    def write(self, folder: Path) -> None:
        """Writes ``manifest.json`` into a release folder."""
        write_text(folder / MANIFEST, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a release folder."""
        return read_json(
            folder / MANIFEST,
            cls,
            "a release manifest",
            "delete the folder and run the stage release again",
        )
