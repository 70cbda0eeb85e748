"""A trained model's folder before it is published: safe to load, with a card, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from pipeline.card.model_card import README, compose_model_card
from pipeline.publish.files import LocalFile, list_files, sha256_of
from pipeline.publish.scan import Needles, refuse_findings, scan_files
from schemas.errors import InputError
from schemas.files import write_text

_WORKING = frozenset({"checkpoint", "checkpoints", "logs", "runs", "cache"})
"""Folders of the training that nobody needs who uses the model."""

_PICKLES = frozenset({".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"})


@contextmanager
def checked_model(folder: Path, needles: Needles) -> Iterator[tuple[LocalFile, ...]]:
    """The files to publish, with a model card made anew; the folder itself is left as it is."""
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder}: no config.json, so no trained model; run `viconwsd train`")
    with TemporaryDirectory(prefix="viconwsd-card-") as temporary:
        card = Path(temporary) / README
        write_text(card, compose_model_card(folder))
        made = LocalFile(README, card, card.stat().st_size, sha256_of(card))
        found = (file for file in list_files(folder) if _belongs(file) and file.path != README)
        files = tuple(sorted((*found, made), key=lambda file: file.path))
        _refuse_pickles(files)
        refuse_findings(scan_files(files, needles))
        yield files


def _belongs(file: LocalFile) -> bool:
    first = PurePosixPath(file.path).parts[0]
    return first.partition("-")[0] not in _WORKING and not file.path.endswith(".log")


def _refuse_pickles(files: tuple[LocalFile, ...]) -> None:
    """Loading a pickle runs whatever its author wrote; weights go out as safetensors."""
    for file in files:
        if PurePosixPath(file.path).suffix in _PICKLES:
            raise InputError(
                f"{file.source}: a pickle is not published; save the weights as safetensors"
            )
    if not any(file.path.endswith(".safetensors") for file in files):
        raise InputError("no .safetensors file with weights in the folder; run `viconwsd train`")
