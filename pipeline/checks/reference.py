"""Texts that stand too near to a user's own reference: a dictionary, a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from languages.language import Language
from pipeline.checks.finding import Finding
from pipeline.checks.similarity import key_units
from schemas.errors import InputError
from schemas.files import explained

CODE = "copied_reference"
MESSAGE = {CODE: "the text shares a run of words with the user's reference"}


class ReferenceSettings(BaseModel):
    """The section [checks]: what texts are compared with, beside each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: Path | None = None
    """A UTF-8 file of texts, in lines: plain, CSV, TSV or JSON lines."""
    run: Annotated[int, Field(ge=3, le=50)] = 6
    """Units in a row that two texts share by copying rather than by chance."""
    reject: bool = False
    """Whether such a text is rejected and asked for anew; else it is counted."""


class Reference:
    """The runs of a reference, compared by match keys: case, punctuation and spelling aside."""

    def __init__(self, settings: ReferenceSettings, language: Language) -> None:
        self.settings = settings
        self._language = language
        self._runs: set[str] = set()
        if settings.reference is not None:
            with explained(settings.reference), open(settings.reference, "rb") as file:
                for number, line in enumerate(file, start=1):
                    self._runs.update(self._of(_text(line, settings, number)))

    def shared(self, text: str) -> str | None:
        """The first run of the text that the reference holds, as its match key has it."""
        return next((run for run in self._of(text) if run in self._runs), None)

    def finding(self, text: str) -> Finding | None:
        """The fault of a text that is to be rejected for its nearness."""
        run = self.shared(text) if self.settings.reject else None
        if run is None:
            return None
        told = self._language.findings.copied.format(found=run)
        return Finding(CODE, f"shares {run!r} with the reference", told)

    def _of(self, text: str) -> Iterator[str]:
        keys, n = key_units(text, self._language), self.settings.run
        for start in range(len(keys) - n + 1):
            yield " ".join(keys[start : start + n])


def count_of(n_near: int, settings: ReferenceSettings) -> Mapping[str, int]:
    """What a manifest counts of texts that stay although they share a run."""
    return {"near_reference": n_near} if settings.reference is not None else {}


def _text(line: bytes, settings: ReferenceSettings, number: int) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{settings.reference}:{number}: not UTF-8; save the reference as UTF-8"
        ) from error
