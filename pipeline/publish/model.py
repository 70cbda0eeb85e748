"""A trained model's folder before it is published: its parts alone, and a card made anew."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.card.model_card import README, compose_model_card
from pipeline.publish.files import LocalFile, list_files
from pipeline.publish.scan import Needles, refuse_findings, scan_files
from schemas.errors import InputError
from schemas.files import write_text

_PARTS = (
    "config.json", "model.safetensors", "model-*-of-*.safetensors", "model.safetensors.index.json",
    # the tokenizer, in the files that transformers writes
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "bpe.codes", "tokenizer.model", "spiece.model",
    "sentencepiece.bpe.model", "chat_template.jinja",
    # the inventory, its vectors, and what ranks the senses
    "senses.parquet", "gloss_vectors.npy", "gloss_encoder.json", "gloss_terms.json",
    "gloss_*.safetensors", "ranker.json", "usage.json",
    # how it was made, and how good it is
    "training.json", "trained_on.json", "evaluation.json", "LICENSE",
)  # fmt: skip
"""Names and patterns; no folder, so no checkpoint, and nothing that runs when it is loaded."""


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
    write_text(folder / README, compose_model_card(folder, name))
    files = list_files(folder)
    refuse_findings(scan_files(files, needles))
    return files
