"""``trained_on.json``: what a model folder was made from, and the digest of each of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.errors import InputError
from schemas.files import explained, read_json, write_text

MANIFEST = "trained_on.json"


class ModelManifest(BaseModel):
    """Version 2. Files that it does not name, such as a card, belong to somebody else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[2] = 2
    identity: str
    """Of the settings and the data (:func:`trainer.training.run.training_identity`)."""
    files: dict[str, str]
    """SHA-256 of each file's bytes, by name."""


def write_manifest(folder: Path, identity: str) -> None:
    """Seals all files that lie in the folder; to be called when they are written."""
    files = {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.is_file()}
    manifest = ModelManifest(identity=identity, files=files)
    write_text(folder / MANIFEST, manifest.model_dump_json(indent=2))


def check_files(folder: Path, command: str = "viconwsd train") -> ModelManifest:
    """Raises InputError where the folder is none of ``command``, or not as it was when sealed."""
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder}: no {MANIFEST}: give the model folder that `{command}` wrote")
    advice = f"it was saved by another version or damaged: run `{command}` again"
    mend = f"run `{command}` again, or copy the folder again from where it is whole"
    manifest = read_json(path, ModelManifest, "the manifest of a model", advice, InputError)
    for name, digest in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise InputError(f"{file}: missing: {mend}")
        if _digest(file) != digest:
            raise InputError(f"{file}: not as it was when it was saved: {mend}")
    return manifest


def saved_identity(folder: Path) -> str | None:
    """What the folder's model was made from; None where there is none, or a damaged one."""
    try:
        return check_files(folder).identity
    except InputError:
        return None


def _digest(path: Path) -> str:
    with explained(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
