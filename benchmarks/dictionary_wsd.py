"""Same-POS disambiguation on a human-written dictionary, lemmas unseen in training.

    python benchmarks/dictionary_wsd.py --data DICTIONARY --backbone FOLDER --cache FOLDER

Five folds of lemmas: each lemma is tested once, by models that have seen none of its contexts;
the next fold is the validation split. The backbone stays frozen; its vectors and readings are
made once and kept in ``--cache``. Every trained row is the mean of the seeds; intervals are
bootstrapped over lemmas.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.ids import content_digest
from schemas.text import match_key
from trainer.data import WsdData
from trainer.data.dictionary import fold_of, read_dictionary
from trainer.encoding import frozen_vectors
from trainer.model import ViConBERT, ViConBERTConfig
from trainer.model.reading import ReadingHead
from trainer.ranking.readings import Readings, read_pairs
from trainer.ranking.vocabulary import likelihood_vocabulary
from trainer.text.inputs import InputMaker
from trainer.workbench import inputs_of

FOLDS = 5


def talk(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def load(backbone: str, data: WsdData, layers: list[int]) -> tuple[ViConBERT, InputMaker]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(backbone)
    pieces = inputs_of(ViConBERTConfig(segmenter="syllables"), tokenizer).pieces
    texts = [*data.inventory.glosses, *(item.sentence for item in data.items)]
    vocabulary = likelihood_vocabulary(pieces, texts)
    model = ViConBERT.from_backbone(
        backbone,
        dtype=torch.bfloat16,
        echo=True,
        layer=17,
        segmenter="syllables",
        gloss_width=640,
        reading=True,
        likelihood=True,
        reading_layers=layers,
        n_vocabulary=len(vocabulary),
    )
    model.vocabulary.copy_(vocabulary)
    return model.eval(), inputs_of(model.config, tokenizer)


def kept(path: Path, make) -> NDArray:  # type: ignore[no-untyped-def, type-arg]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    return np.load(path)


def extract(args: argparse.Namespace, data: WsdData) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """Echo vectors of all contexts, gloss vectors, and the readings of all pairs."""
    key = content_digest(args.backbone, *data.inventory.glosses, *(i.sentence for i in data.items))[
        :12
    ]
    folder = args.cache / key
    layers = [int(layer) for layer in args.layers.split(",")]
    found: dict[str, NDArray] = {}  # type: ignore[type-arg]
    loaded: list[tuple[ViConBERT, InputMaker]] = []

    def parts() -> tuple[ViConBERT, InputMaker]:
        if not loaded:
            loaded.append(load(args.backbone, data, layers))
        return loaded[0]

    asks = [
        (item.marked, entry)
        for item in contested(data)
        for entry in data.inventory.candidates(item.lemma)
    ]
    talk(f"{len(asks)} pairs of {len(contested(data))} contested contexts")

    def readings() -> Readings:
        model, inputs = parts()
        out = read_pairs(model, inputs, asks)
        np.save(folder / "likelihoods.npy", out.likelihoods)
        return out

    found["states"] = kept(folder / f"states{args.layers}.npy", lambda: readings().states)
    found["likelihoods"] = np.load(folder / "likelihoods.npy")
    talk("readings done")

    def echoes() -> NDArray[np.float16]:
        model, inputs = parts()
        placed = [inputs.place(item.marked) for item in data.items]
        return frozen_vectors(model, inputs, placed, 64).astype("float16")

    def glosses() -> NDArray[np.float16]:
        from trainer.glosses.pooled import PooledEncoder

        encoder = PooledEncoder(args.backbone, 32, torch.bfloat16)
        return encoder.encode(data.inventory.glosses).astype("float16")

    found["echo"] = kept(folder / "echo.npy", echoes)
    talk("echo vectors done")
    found["gloss"] = kept(folder / "gloss.npy", glosses)
    talk("gloss vectors done")
    return found


def contested(data: WsdData):  # type: ignore[no-untyped-def]
    return [i for i in data.items if len(data.inventory.candidates(i.lemma)) > 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--layers", default="6,9,12")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = read_dictionary(args.data)
    extract(args, data)


if __name__ == "__main__":
    main()
