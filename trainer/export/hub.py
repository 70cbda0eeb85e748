"""A model folder as one that transformers opens by itself: its weights, senses and code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import orjson
import torch
from safetensors.numpy import save_file

from schemas.files import explained, write_text
from trainer.data import Inventory
from trainer.export.hub_model import SENSES, VECTORS, SenseEncoderConfig
from trainer.export.modelling import AUTO_MAP, MODELLING, modelling_file
from trainer.model.build import config_of
from trainer.saved.model_folder import SavedModel

_ALONG = ("training.json", "evaluation.json")
_READING = ("cross_encoder", "likelihood", "n_vocabulary")
"""Settings of the cross-encoder, which stays at home: its scores need all other signals."""


def write_hub_folder(saved: SavedModel, folder: Path, licence: str | None) -> None:
    """Writes the encoder, its tokenizer, senses and modelling file into an empty folder.

    ``licence`` is that of the weights and of the inventory, where it is known.
    """
    model, inventory = saved.ranker.model, saved.ranker.inventory
    config = config_of(model)
    exported = SenseEncoderConfig(
        **{k: v for k, v in config.to_dict().items() if k not in _READING}, licence=licence
    )
    exported.architectures, exported.auto_map = ["SenseEncoder"], AUTO_MAP
    weights = {k: v for k, v in model.state_dict().items() if not k.startswith("cross_encoder.")}
    weights["vocabulary"] = torch.zeros(0, dtype=torch.long)
    with explained(folder):
        model.save_pretrained(folder, state_dict=weights)
        exported.save_pretrained(folder)
        saved.ranker.inputs.pieces.tokenizer.save_pretrained(folder)
        (folder / SENSES).write_bytes(b"".join(_sense_lines(inventory)))
        save_file({"vectors": saved.ranker.gloss_vectors}, folder / VECTORS)
        write_text(folder / MODELLING, modelling_file(config.language, config.segmenter))
        for name in _ALONG:
            if (saved.folder / name).is_file():
                shutil.copyfile(saved.folder / name, folder / name)


def _sense_lines(inventory: Inventory) -> Iterator[bytes]:
    """The senses that can be told apart, one per synset of a lemma, in the inventory's order."""
    keys = dict.fromkeys(inventory.language.match_key(e.lemma) for e in inventory.entries)
    for key in keys:
        for entry in inventory.candidates(key):
            row = {
                "sense_id": entry.sense_id,
                "synset_id": entry.synset_id,
                "key": key,
                "lemma": entry.lemma,
                "pos": entry.pos,
                "gloss": entry.gloss,
                "supersense": entry.supersense,
                "cluster": entry.cluster,
                "vector": inventory.row_of[entry.synset_id],
            }
            yield orjson.dumps(row) + b"\n"
