"""What a gloss encoder is, and how one is made or reopened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing
from trainer.pretrained import opening_pretrained

_FILE = "gloss_encoder.json"


class GlossEncoder(Protocol):
    """Turns glosses into fixed vectors; equal texts give equal vectors."""

    @property
    def width(self) -> int:
        """The length of a vector."""

    @property
    def fingerprint(self) -> str:
        """A digest of everything that decides the vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text."""

    def save(self, folder: Path) -> dict[str, object]:
        """Writes what is needed to reopen it; returns its description with ``kind``."""


def make_gloss_encoder(name: str, width: int, texts: Sequence[str]) -> GlossEncoder:
    """The encoder of that name: ``tfidf`` is fitted on ``texts``, others are model names.

    A folder or name with ``modules.json`` opens with sentence-transformers, any other with
    AutoModel and mean pooling.
    """
    if name == "tfidf":
        from trainer.glosses.tfidf import TfidfEncoder

        return TfidfEncoder.fit(texts, width)
    if _has_modules(name):
        from trainer.glosses.sentence import SentenceEncoder

        return SentenceEncoder(name)
    from trainer.glosses.pooled import PooledEncoder

    return PooledEncoder(name)


def _has_modules(name: str) -> bool:
    if Path(name).is_dir():
        return (Path(name) / "modules.json").exists()
    from transformers.utils.hub import cached_file

    with opening_pretrained(name):
        found = cached_file(name, "modules.json", _raise_exceptions_for_missing_entries=False)
    return found is not None


def save_gloss_encoder(encoder: GlossEncoder, folder: Path) -> None:
    """Writes the encoder into a model folder."""
    folder.mkdir(parents=True, exist_ok=True)
    description = encoder.save(folder)
    with replacing(folder / _FILE) as temporary:
        temporary.write_bytes(orjson.dumps(description, option=orjson.OPT_INDENT_2))


def load_gloss_encoder(folder: Path) -> GlossEncoder:
    """The encoder saved in a model folder."""
    with explained(folder / _FILE):
        description = orjson.loads((folder / _FILE).read_bytes())
    if description["kind"] == "tfidf":
        from trainer.glosses.tfidf import TfidfEncoder

        return TfidfEncoder.load(folder)
    if description["kind"] == "sentence":
        from trainer.glosses.sentence import SentenceEncoder

        return SentenceEncoder(description["name"])
    if description["kind"] == "pooled":
        from trainer.glosses.pooled import PooledEncoder

        return PooledEncoder(description["name"])
    if description["kind"] == "backbone":
        from trainer.glosses.backbone import BackboneEncoder, BackboneStates

        own = {key: value for key, value in description.items() if key != "kind"}
        return BackboneEncoder.load(folder, BackboneStates(**own))
    raise InputError(
        f"{folder / _FILE}: kind {description['kind']!r} is unknown: the model was saved by "
        "another version; train it again"
    )
