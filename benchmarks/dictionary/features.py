"""What a frozen backbone knows of the dictionary, computed once and kept in a folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.files import replacing
from schemas.ids import content_digest
from trainer.data import WsdData
from trainer.model import ViConBERT, ViConBERTConfig
from trainer.model.build import input_maker
from trainer.model.encoding import mean_states
from trainer.ranking.pairs import PairFeatures, encode_pairs
from trainer.text.inputs import InputMaker

ECHO_LAYER = 17
"""The layer whose echo vectors stand for contexts and glosses (docs/trainer.md)."""

_CHUNK = 1024
Make = Callable[[int, int], tuple[NDArray[Any], ...]]


def notify(text: str) -> None:
    """A line on stderr with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Features:
    """PairFeatures of all pairs by layer, echo vectors (n, d) of contexts, gloss vectors (m, d)."""

    readings: dict[int, PairFeatures]
    echo: NDArray[np.float16]
    gloss: NDArray[np.float16]


def extract(data: WsdData, backbone: str, layers: list[int], cache: Path) -> Features:
    """The features of all contexts with all their candidates; a killed run goes on."""
    texts = [*data.inventory.glosses, *(item.sentence for item in data.items)]
    folder = cache / content_digest(backbone, *texts)[:12]
    loaded: list[tuple[ViConBERT, InputMaker]] = []

    def parts() -> tuple[ViConBERT, InputMaker]:
        if not loaded:
            loaded.append(_load(backbone, texts, layers))
        return loaded[0]

    pairs = [
        (item.marked, entry)
        for item in data.items
        for entry in data.inventory.candidates(item.lemma)
    ]

    def readings(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        out = encode_pairs(model, inputs, pairs[start:end])
        return out.states, out.likelihoods

    def echo_vectors(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        tokenized = [inputs.tokenize(item.marked) for item in data.items[start:end]]
        return (mean_states(model, inputs, tokenized, 64).astype(np.float16),)

    def glosses(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        tokenized = [inputs.tokenize_text(text) for text in data.inventory.glosses[start:end]]
        return (mean_states(model, inputs, tokenized, 64).astype(np.float16),)

    name = "-".join(["readings", *map(str, layers)])
    states, likelihoods = _in_chunks(folder, name, len(pairs), readings)
    width = states.shape[1] // len(layers)
    by_layer = {
        layer: PairFeatures(states[:, at * width : (at + 1) * width], likelihoods)
        for at, layer in enumerate(layers)
    }
    (echo,) = _in_chunks(folder, "echo", len(data.items), echo_vectors)
    (gloss,) = _in_chunks(folder, "gloss", len(data.inventory.glosses), glosses)
    return Features(by_layer, echo, gloss)


def _load(backbone: str, texts: list[str], layers: list[int]) -> tuple[ViConBERT, InputMaker]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(backbone)
    pieces = input_maker(ViConBERTConfig(language="vi", segmenter="units"), tokenizer).pieces
    vocabulary = torch.tensor(pieces.vocabulary(texts), dtype=torch.long)
    model = ViConBERT.from_backbone(
        backbone,
        dtype=torch.bfloat16,
        echo=True,
        layer=ECHO_LAYER,
        language="vi",
        segmenter="units",
        gloss_width=640,
        cross_encoder=True,
        likelihood=True,
        cross_encoder_layers=layers,
        n_vocabulary=len(vocabulary),
    )
    model.vocabulary.copy_(vocabulary)
    return model.eval(), input_maker(model.config, tokenizer)


def _in_chunks(folder: Path, name: str, n: int, make: Make) -> list[NDArray[Any]]:
    parts = []
    for at in range(0, n, _CHUNK):
        path = folder / f"{name}-{at // _CHUNK:04d}.npz"
        if not path.exists():
            with replacing(path) as temporary, open(temporary, "wb") as file:
                np.savez(file, *make(at, min(n, at + _CHUNK)))
            notify(f"{name}: {min(n, at + _CHUNK):,} of {n:,}")
        with np.load(path) as arrays:
            parts.append([arrays[key] for key in arrays.files])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
