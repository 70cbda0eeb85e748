"""The folder ``distilled``: written whole, opened only beside the backbone it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from languages.find import find_language
from schemas.errors import InputError
from schemas.files import explained, read_json, replacing_folder, write_text
from trainer.meanings.heads import Head, Vectors, head_of
from trainer.settings import DistilSettings
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher
from trainer.storage.manifest import check_files, write_manifest
from trainer.text.inputs import MarkedSentence

_WEIGHTS, _ABOUT = "distiller.safetensors", "distil.json"
_TRAIN = "viconwsd distil train"


class HeadFigure(BaseModel):
    """A head and the area under the curve of its cosines on validation pairs, None without."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    validation_auc: float | None = None


class AboutDistilled(BaseModel):
    """``distil.json``, version 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    language: str
    backbone: str
    weights: str
    """The digest of the backbone's weights."""
    layers: tuple[int, ...]
    echo: bool
    chosen: str
    heads: tuple[HeadFigure, ...]
    settings: DistilSettings


@dataclass(frozen=True)
class DistilledModel:
    """Heads over a teacher's states, one of them chosen on validation."""

    about: AboutDistilled
    standardiser: Standardiser
    heads: dict[str, Head]

    @property
    def chosen(self) -> Head:
        """The head whose meanings are meant where none is named."""
        return self.heads[self.about.chosen]

    @cached_property
    def teacher(self) -> Teacher:
        """The backbone; InputError where its weights are not those it was made with."""
        found = open_teacher(self.about.settings, self.about.backbone, self.about.language)
        if found.digest != self.about.weights:
            raise InputError(
                f"{self.about.backbone!r} has other weights than those that were distilled: get "
                f"them back, or run `{_TRAIN}` again"
            )
        return found

    def vectors(self, sentences: list[MarkedSentence]) -> Vectors:
        """(n, d) meaning vectors of marked targets."""
        states = self.teacher.read(self.teacher.inputs.tokenize_all(sentences))
        return self.chosen.meaning(self.standardiser.apply(states))

    def save(self, folder: Path, identity: str) -> None:
        """Writes the folder whole or not at all; an old one is replaced."""
        tensors = {
            f"{name}:{key}": value.clone()
            for name, head in self.heads.items()
            for key, value in head.tensors().items()
        }
        with replacing_folder(folder) as temporary, explained(folder):
            save_file(tensors, temporary / _WEIGHTS)
            self.standardiser.save(temporary)
            write_text(temporary / _ABOUT, self.about.model_dump_json(indent=2))
            write_manifest(temporary, identity)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises InputError for a folder that ``distil train`` did not write, or not so."""
        check_files(folder, _TRAIN)
        advice = f"run `{_TRAIN}` again"
        about = read_json(folder / _ABOUT, AboutDistilled, "a distilled model", advice, InputError)
        try:
            with explained(folder):
                tensors = load_file(folder / _WEIGHTS)
            heads = {
                figure.name: head_of(
                    {
                        key.removeprefix(f"{figure.name}:"): value
                        for key, value in tensors.items()
                        if key.startswith(f"{figure.name}:")
                    },
                    about.settings.heads,
                )
                for figure in about.heads
            }
        except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
            first = str(error).splitlines()[0]
            raise InputError(
                f"{folder}: the parts of this model do not fit together ({first}): {advice}"
            ) from error
        for name, value in tensors.items():
            if not bool(torch.isfinite(value).all()):
                raise InputError(f"{folder / _WEIGHTS}: {name} is not all numbers: {advice}")
        if about.chosen not in heads:
            raise InputError(f"{folder / _ABOUT}: no head {about.chosen!r}: {advice}")
        return cls(about, Standardiser.open(folder), heads)


def distilled_folder(folder: Path) -> Path:
    """Where a run keeps its distilled model."""
    return folder / "distilled"


def open_teacher(settings: DistilSettings, backbone: str, language: str) -> Teacher:
    """The teacher that the settings describe."""
    dtype = torch.bfloat16 if settings.backbone_dtype == "bf16" else torch.float32
    return Teacher.open(
        backbone,
        find_language(language),
        layers=settings.layers,
        echo=settings.echo,
        dtype=dtype,
        segmenter=settings.segmenter,
        joined_words=settings.joined_words,
        max_length=settings.max_length,
    )


def numbered(states: Vectors, name: str) -> Vectors:
    """The states themselves; InputError where some are no numbers."""
    if not np.isfinite(states).all():
        raise InputError(
            f'{name!r} gives states that are not all numbers: try backbone_dtype = "fp32", or '
            "another backbone"
        )
    return states
