"""A model folder: weights, tokenizer, inventory, gloss vectors, weights of the signals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
import torch
from numpy.typing import NDArray

from languages.find import find_language
from schemas.errors import InputError
from schemas.files import explained, read_json, replacing, replacing_folder
from schemas.records import Record
from schemas.tables import read_table, write_table
from trainer.data import Inventory, InventoryEntry
from trainer.glosses import GlossEncoder, load_gloss_encoder
from trainer.glosses.encoder import save_gloss_encoder
from trainer.meanings.model import DistilledModel
from trainer.model import ViConBERT
from trainer.model.adapters import Adapters
from trainer.model.build import config_of, input_maker
from trainer.ranking.fusion import Fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.ranker import Ranker
from trainer.ranking.sense_meanings import SenseMeanings
from trainer.settings import TrainSettings
from trainer.storage.arrays import mapped_array
from trainer.storage.manifest import check_files, write_manifest
from trainer.storage.pretrained import opening_pretrained

_SENSES, _VECTORS, _RANKER = "senses.parquet", "gloss_vectors.npy", "ranker.json"
_SETTINGS, _ADAPTERS = "training.json", "adapters.safetensors"
_DISTILLED = "distilled"


class SavedSense(Record):
    """A row of the inventory that a model folder carries."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    gloss: str | None
    supersense: str
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class SavedModel:
    """An opened model folder; ``settings`` are those it was trained with."""

    ranker: Ranker
    gloss_encoder: GlossEncoder
    settings: TrainSettings
    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises InputError for a folder that ``viconwsd train`` did not write, or not so."""
        check_files(folder)
        advice = "train the model again"
        settings = read_json(folder / _SETTINGS, TrainSettings, "settings", advice, InputError)
        with _fitting_together(folder):
            model = _model(folder, settings)
            config = config_of(model)
            language = find_language(config.language)
            inventory = Inventory(
                (
                    InventoryEntry(**row.model_dump())
                    for row in read_table(folder / _SENSES, SavedSense)
                ),
                language,
            )
            with opening_pretrained(str(folder)):
                from transformers import AutoTokenizer

                tokenizer = AutoTokenizer.from_pretrained(folder)
            with explained(folder):
                fusion = Fusion(**orjson.loads((folder / _RANKER).read_bytes()))
            vectors = _vectors(folder, (len(inventory.glosses), config.gloss_width))
            usage = UsageModel.load(folder, language)
            inputs = input_maker(config, tokenizer)
            ranker = Ranker(model, inputs, inventory, vectors, fusion, usage)
            if settings.ranker.distilled:
                distilled = DistilledModel.open(folder / _DISTILLED)
                ranker = replace(ranker, meanings=SenseMeanings.load(folder, distilled.vectors))
            if (folder / _ADAPTERS).is_file():
                adapters = Adapters.load(folder / _ADAPTERS, model.backbone).to(model.device)
                ranker = replace(ranker, adapters=adapters)
            return cls(ranker, load_gloss_encoder(folder, language), settings, folder)

    def with_inventory(self, inventory: Inventory) -> Ranker:
        """The ranker over another inventory, its glosses encoded now."""
        vectors: NDArray[np.float32] = self.gloss_encoder.encode(inventory.glosses)
        return replace(self.ranker, inventory=inventory, gloss_vectors=vectors)


def save_model(
    folder: Path,
    ranker: Ranker,
    gloss_encoder: GlossEncoder,
    settings: TrainSettings,
    identity: str,
    distilled: DistilledModel | None = None,
) -> None:
    """Writes a model folder whole or not at all; an old one is replaced.

    ``identity`` says what it was trained on, and how.
    """
    with replacing_folder(folder) as temporary, explained(folder):
        ranker.model.save_pretrained(temporary)
        ranker.inputs.pieces.tokenizer.save_pretrained(temporary)
        entries = (SavedSense(**asdict(entry)) for entry in ranker.inventory.entries)
        write_table(temporary / _SENSES, SavedSense, entries)
        with replacing(temporary / _VECTORS) as path, open(path, "wb") as file:
            np.save(file, np.asarray(ranker.gloss_vectors))
        ranker.usage.save(temporary)
        if distilled is not None and ranker.meanings is not None:
            ranker.meanings.save(temporary)
            distilled.save(temporary / _DISTILLED, identity)
        if ranker.adapters is not None:
            ranker.adapters.save(temporary / _ADAPTERS)
        save_gloss_encoder(gloss_encoder, temporary)
        (temporary / _RANKER).write_bytes(orjson.dumps(asdict(ranker.fusion)))
        (temporary / _SETTINGS).write_text(settings.model_dump_json(indent=2), encoding="utf-8")
        write_manifest(temporary, identity)


def _vectors(folder: Path, shape: tuple[int, int]) -> NDArray[np.float32]:
    """The gloss vectors, a row per gloss of the inventory, in the width of the encoder's."""
    vectors = mapped_array(folder / _VECTORS)
    if vectors.shape != shape or vectors.dtype != np.float32:
        raise ValueError(
            f"{_VECTORS} has {vectors.dtype} in {vectors.shape}, not float32 in {shape}"
        )
    if not np.isfinite(vectors).all():
        raise ValueError(f"{_VECTORS} has values that are no numbers")
    return vectors


def _model(folder: Path, settings: TrainSettings) -> ViConBERT:
    """The encoder, all of its weights from the folder and none of them no number."""
    with opening_pretrained(str(folder)):
        opened: Any = ViConBERT.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
    model: ViConBERT = opened[0]
    loading: dict[str, Any] = opened[1]
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if loading[kind]:
            first = sorted(map(str, loading[kind]))[0]
            raise ValueError(f"{len(loading[kind])} weights are {kind.split('_')[0]}, as {first}")
    for name, value in model.state_dict().items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ValueError(f"the weights {name} are not all numbers")
    model.train(False)
    if settings.backbone_dtype == "bf16":
        model.backbone.to(torch.bfloat16)
    if torch.cuda.is_available():
        model.to("cuda")  # type: ignore[arg-type]
    return model


@contextmanager
def _fitting_together(folder: Path) -> Iterator[None]:
    """Turns what the parts of a folder raise where they do not fit into an InputError."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{folder}: the parts of this model do not fit together ({first}): train it again"
        ) from error
