"""A trained model's folder before it is published: its parts alone, and a card made anew."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.card.model_card import README, compose_model_card
from pipeline.publish.files import LocalFile, list_files
from pipeline.publish.scan import Needles, refuse_findings, scan_files
from schemas.errors import InputError
from schemas.files import explained, read_json, write_text
from trainer.export.modelling import AUTO_MAP, MODELLING, modelling_file

_PARTS = (
    "config.json", "model.safetensors", "model-*-of-*.safetensors", "model.safetensors.index.json",
    # the tokenizer, in the files that transformers writes
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "bpe.codes", "tokenizer.model", "spiece.model",
    "sentencepiece.bpe.model", "chat_template.jinja",
    # the inventory, its vectors, and what ranks the senses
    "senses.parquet", "gloss_vectors.npy", "gloss_encoder.json", "gloss_terms.json",
    "gloss_*.safetensors", "ranker.json", "usage.json", "adapters.safetensors",
    # of an exported one, the inventory and its vectors, the code, and the encoder as a graph
    "senses.jsonl", "sense_vectors.safetensors", MODELLING, "encoder.onnx",
    # how it was made, and how good it is
    "training.json", "trained_on.json", "evaluation.json", "LICENSE",
)  # fmt: skip
"""Names and patterns; no folder, so no checkpoint. Nothing of it runs when it is loaded but the
modelling file, and that goes out only as `viconwsd export` writes it."""


def is_part_of_a_model(path: str) -> bool:
    """Whether a path of a model folder is published; all else stays at home."""
    return "/" not in path and any(fnmatchcase(path, part) for part in _PARTS)


def check_model(folder: Path, name: str, needles: Needles) -> tuple[LocalFile, ...]:
    """The files to publish, with the model's card written into the folder, after every check."""
    if not any(folder.glob("model*.safetensors")):
        raise InputError(
            f"{folder}: no model.safetensors; a pickle is not published, since loading one runs "
            "whatever its author wrote: save the weights as safetensors"
        )
    if (folder / "distilled").exists():
        raise InputError(
            f"{folder}: ranks senses by distilled meanings too, for which it reads another model "
            "that is no part of it: train without [train.ranker] distilled, or publish what "
            "`viconwsd export` writes, which ranks by cosine"
        )
    write_text(folder / README, compose_model_card(folder, name))
    _check_code(folder)
    files = list_files(folder)
    refuse_findings(scan_files(files, needles))
    return files


class _NamesCode(BaseModel):
    """What a configuration says of code that is run when the model is loaded."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    auto_map: dict[str, str] | None = None
    language: str = ""
    segmenter: str = "language"


def _check_code(folder: Path) -> None:
    """Raises InputError where loading would run anything but the modelling file as exported."""
    advice = "export the model again"
    config = read_json(folder / "config.json", _NamesCode, "a configuration", advice, InputError)
    path = folder / MODELLING
    if config.auto_map is None and not path.exists():
        return
    if config.auto_map != AUTO_MAP or not path.is_file():
        raise InputError(f"{folder}: config.json and {MODELLING} do not go together: {advice}")
    with explained(path):
        written = path.read_bytes()
    if written != modelling_file(config.language, config.segmenter).encode():
        raise InputError(
            f"{path}: not the code that this version of `viconwsd export` writes, and whoever "
            f"loads the model would run it: {advice}"
        )
