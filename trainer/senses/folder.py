"""The folder of the senses of a corpus: what lies where in it, and what it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.errors import InputError, UsageError
from schemas.files import read_json, write_text
from schemas.records import Record
from trainer.storage.manifest import check_files

DESCRIPTION, EXAMPLES, GLOSSES = "senses.json", "examples.parquet", "glosses.parquet"
COLLOCATES, GLOSS_VECTORS = "collocates.parquet", "gloss_vectors.npy"
BUILD, DISTIL = "viconwsd senses build", "viconwsd senses distil"


@dataclass(frozen=True, slots=True)
class SensesFolder:
    """``dictionary`` and ``student`` are whole or absent; ``work`` is kept for what is to come."""

    path: Path

    @property
    def dictionary(self) -> Path:
        """The dictionary with its examples and glosses."""
        return self.path / "dictionary"

    @property
    def student(self) -> Path:
        """The student's weights and tokenizer."""
        return self.path / "student"

    def work(self, identity: str) -> Path:
        """Where a building of that identity keeps what it has done; may be deleted."""
        return self.path / "work" / identity[:16]


class DictionaryDescription(BaseModel):
    """``senses.json``: what a dictionary was made from, and figures of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str
    language: str
    segmenter: Literal["language", "units"]
    backbone: str
    backbone_digest: str
    dtype: Literal["fp32", "bf16"]
    layer: int
    echo: bool
    corpus: tuple[str, ...]
    n_sentences: int
    n_units: int
    n_usages: int
    n_vectors: int
    width: int
    variance_kept: float
    """Of the vectors about their words' means: the share that the usages explain."""
    temperature: float
    """The mean squared distance of the vectors from their centres, by dimension."""


class UsageExample(Record):
    """A sentence of the corpus that stands near the centre of its word's usage."""

    unit: str
    usage: int
    document: str
    sentence: str
    target_start: int
    target_end: int


class Collocate(Record):
    """A word that stands near its word in one usage more often than the corpus would have it."""

    unit: str
    usage: int
    word: str
    times: int
    strength: float
    """Dunning's log-likelihood ratio."""


class GlossOfUnit(Record):
    """A sense that the inventory has for a word of the dictionary."""

    unit: str
    sense_id: str
    pos: str
    gloss: str


def describe(folder: Path, description: DictionaryDescription) -> None:
    """Writes the description into the folder of a dictionary."""
    write_text(folder / DESCRIPTION, description.model_dump_json(indent=2))


def opened_description(folder: Path) -> DictionaryDescription:
    """The description of a dictionary; InputError where it is missing, damaged or altered."""
    check_files(folder, BUILD)
    advice = f"run `{BUILD}` again"
    path = folder / DESCRIPTION
    return read_json(path, DictionaryDescription, "a description", advice, InputError)


def check_backbone(own: DictionaryDescription, name: str, digest: str) -> None:
    """Raises UsageError where a teacher is not the one whose vectors the dictionary holds."""
    if own.backbone_digest != digest:
        raise UsageError(
            f"the dictionary was built with the backbone {own.backbone!r} (weights "
            f"{own.backbone_digest[:12]}), and {name!r} has other weights ({digest[:12]}): set "
            f"[senses] backbone to the first, or run `{BUILD}` again"
        )
