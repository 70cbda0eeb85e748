"""What a gloss encoder is, and how one is made or reopened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError, UsageError
from schemas.files import explained, replacing
from trainer.settings import BACKBONE_GLOSSES, SMALL_BACKBONE, TFIDF_GLOSSES, TrainSettings
from trainer.storage.pretrained import opening_pretrained

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


def make_gloss_encoder(
    settings: TrainSettings, language: Language, glosses: Sequence[str], cache: Path
) -> GlossEncoder:
    """The encoder that the settings name: ``tfidf``, ``backbone`` or a model.

    ``tfidf`` and ``backbone`` are fitted on the glosses. A folder or name with ``modules.json``
    opens with sentence-transformers, any other with AutoModel and mean pooling.
    """
    scratch = settings.backbone == SMALL_BACKBONE
    name = settings.gloss_encoder or (TFIDF_GLOSSES if scratch else BACKBONE_GLOSSES)
    if name == TFIDF_GLOSSES:
        from trainer.glosses.tfidf import TfidfEncoder

        return TfidfEncoder.fit(glosses, settings.gloss_width, language)
    if name == BACKBONE_GLOSSES:
        if scratch:
            raise UsageError(
                'gloss_encoder "backbone" needs a pretrained backbone: the small one knows '
                'nothing before training; use "tfidf"'
            )
        from trainer.glosses.backbone import BackboneEncoder, BackboneStates

        states = BackboneStates(
            settings.backbone,
            settings.backbone_dtype,
            settings.layer,
            language.code,
            settings.segmenter,
            settings.joined_words,
            settings.max_length,
        )
        return BackboneEncoder.fit(states, glosses, cache)
    if _has_modules(name):
        from trainer.glosses.sentence import SentenceEncoder

        return SentenceEncoder(name, language)
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


def load_gloss_encoder(folder: Path, language: Language) -> GlossEncoder:
    """The encoder saved in a model folder."""
    with explained(folder / _FILE):
        description = orjson.loads((folder / _FILE).read_bytes())
    if description["kind"] == "tfidf":
        from trainer.glosses.tfidf import TfidfEncoder

        return TfidfEncoder.load(folder, language)
    if description["kind"] == "sentence":
        from trainer.glosses.sentence import SentenceEncoder

        return SentenceEncoder(description["name"], language)
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
