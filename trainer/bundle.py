"""A model folder: weights, tokenizer, inventory, gloss vectors, weights of the signals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing, replacing_folder
from schemas.records import Record
from schemas.tables import read_table, write_table
from trainer.arrays import mapped_array
from trainer.data import Inventory, InventoryEntry
from trainer.glosses import GlossEncoder, load_gloss_encoder
from trainer.glosses.encoder import save_gloss_encoder
from trainer.model import ViConBERT
from trainer.pretrained import opening_pretrained
from trainer.ranking.fusion import Fusion
from trainer.ranking.ranker import Ranker
from trainer.ranking.usage import UsageModel
from trainer.settings import TrainSettings
from trainer.workbench import Workbench, config_of, inputs_of

_SENSES, _VECTORS, _RANKER = "senses.parquet", "gloss_vectors.npy", "ranker.json"
_SETTINGS, _TRAINED_ON = "training.json", "trained_on.json"


class BundleSense(Record):
    """A row of the inventory that a model folder carries."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    gloss: str | None
    supersense: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened model folder; ``settings`` are those it was trained with, as JSON."""

    ranker: Ranker
    gloss_encoder: GlossEncoder
    settings: TrainSettings
    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises InputError for a folder that ``viconwsd train`` did not write."""
        import torch
        from transformers import AutoTokenizer

        if not (folder / _RANKER).exists():
            raise InputError(
                f"{folder}: no {_RANKER}: give the model folder that `viconwsd train` wrote"
            )
        with explained(folder):
            settings = TrainSettings.model_validate_json((folder / _SETTINGS).read_bytes())
        with opening_pretrained(str(folder)):
            model = ViConBERT.from_pretrained(folder, dtype=torch.float32)
            tokenizer = AutoTokenizer.from_pretrained(folder)
        model.train(False)
        if settings.backbone_dtype == "bf16":
            model.backbone.to(torch.bfloat16)
        if torch.cuda.is_available():
            model.to("cuda")  # type: ignore[arg-type]
        inventory = Inventory(
            InventoryEntry(s.sense_id, s.synset_id, s.lemma, s.pos, s.gloss, s.supersense)
            for s in read_table(folder / _SENSES, BundleSense)
        )
        with explained(folder):
            fusion = Fusion(**orjson.loads((folder / _RANKER).read_bytes()))
        ranker = Ranker(
            model,
            inputs_of(config_of(model), tokenizer),
            inventory,
            mapped_array(folder / _VECTORS),
            fusion,
            UsageModel.load(folder),
        )
        return cls(ranker, load_gloss_encoder(folder), settings, folder)

    def with_inventory(self, inventory: Inventory) -> Ranker:
        """The ranker over another inventory, its glosses encoded now."""
        vectors: NDArray[np.float32] = self.gloss_encoder.encode(inventory.glosses)
        return replace(self.ranker, inventory=inventory, gloss_vectors=vectors)


def save_bundle(
    folder: Path, bench: Workbench, ranker: Ranker, settings: TrainSettings, identity: str
) -> None:
    """Writes a model folder whole or not at all; an old one is replaced.

    ``identity`` says what it was trained on and how (:func:`trainer.identity.training_identity`).
    """
    with replacing_folder(folder) as temporary, explained(folder):
        bench.model.save_pretrained(temporary)
        bench.tokenizer.save_pretrained(temporary)
        write_table(
            temporary / _SENSES,
            BundleSense,
            (BundleSense(**asdict(entry)) for entry in bench.inventory.entries),
        )
        with replacing(temporary / _VECTORS) as path, open(path, "wb") as file:
            np.save(file, np.asarray(bench.gloss_vectors))
        ranker.usage.save(temporary)
        save_gloss_encoder(bench.gloss_encoder, temporary)
        (temporary / _RANKER).write_bytes(orjson.dumps(asdict(ranker.fusion)))
        (temporary / _SETTINGS).write_text(settings.model_dump_json(indent=2), encoding="utf-8")
        (temporary / _TRAINED_ON).write_bytes(orjson.dumps({"identity": identity}))


def identity_of(folder: Path) -> str | None:
    """What ``save_bundle`` was told of the model in the folder; None where there is none."""
    path = folder / _TRAINED_ON
    if not path.exists():
        return None
    with explained(path):
        return str(orjson.loads(path.read_bytes())["identity"])
