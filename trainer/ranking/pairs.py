"""What the backbone tells of each candidate gloss read together with its sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import torch
from numpy.typing import NDArray

from schemas.files import replacing
from trainer.data import InventoryEntry, Item
from trainer.model import ViConBERT
from trainer.model.cross_encoder import N_LIKELIHOODS
from trainer.progress import Advance, progress_of, untold
from trainer.storage.arrays import named_arrays
from trainer.storage.pretrained import weights_digest
from trainer.text.inputs import InputMaker, MarkedSentence, TokenizedPair

GlossPair = tuple[MarkedSentence, InventoryEntry]
READING = "reading glosses with sentences"
"""The task's title; it counts pairs."""
_PAIRS = 2048
"""In a file."""


@dataclass(frozen=True, slots=True)
class PairFeatures:
    """n pairs: states (n, 2d * layers) in half precision, likelihoods (n, 2)."""

    states: NDArray[np.float16]
    likelihoods: NDArray[np.float32]


def pairs_of(
    items: Sequence[Item], candidates: Sequence[tuple[InventoryEntry, ...]]
) -> list[GlossPair]:
    """Each item with each of its candidates, item by item."""
    return [
        (item.marked, entry) for item, own in zip(items, candidates, strict=True) for entry in own
    ]


@torch.inference_mode()
def encode_pairs(
    model: ViConBERT,
    inputs: InputMaker,
    pairs: Sequence[GlossPair],
    advance: Advance = untold,
    tokens_per_batch: int = 2048,
) -> PairFeatures:
    """The features of (sentence, sense) pairs, in batches of similar length; ``advance`` counts."""
    rows_of = [inputs.tokenize_pair(e.lemma, e.gloss or "", marked) for marked, e in pairs]
    lengths = [len(pair.tokenized.ids) for pair in rows_of]
    width = 2 * int(model.config.backbone.get_text_config().hidden_size)
    width *= len(model.config.cross_encoder_layers)
    states = np.zeros((len(pairs), width), dtype=np.float16)
    found = np.zeros((len(pairs), N_LIKELIHOODS), dtype=np.float32)
    order = sorted(range(len(pairs)), key=lambda i: (-lengths[i], i))
    training = model.training
    model.train(False)
    at = 0
    while at < len(order):
        rows = order[at : at + max(1, tokens_per_batch // lengths[order[at]])]
        own = [rows_of[i] for i in rows]
        batch = inputs.batch([pair.tokenized for pair in own]).to(model.device)
        sentence = _sentence_mask(own, batch.input_ids.shape[1]).to(model.device)
        joint, likelihood = model.pair_features(batch, sentence)
        states[rows] = joint.half().cpu().numpy()
        found[rows] = likelihood.float().cpu().numpy()
        at += len(rows)
        advance(len(rows))
    model.train(training)
    return PairFeatures(states, found)


def _sentence_mask(pairs: Sequence[TokenizedPair], length: int) -> torch.Tensor:
    mask = torch.zeros(len(pairs), length, dtype=torch.bool)
    for at, pair in enumerate(pairs):
        mask[at, pair.start : pair.end] = True
    return mask


def cached_pair_features(
    model: ViConBERT, inputs: InputMaker, pairs: Sequence[GlossPair], folder: Path
) -> PairFeatures:
    """The features of the pairs, file by file from ``folder`` or computed into it.

    A killed run goes on at its last file of 2,048 pairs. The files lie in a folder named by a
    digest of the weights and the pairs, so that they can never be stale. Memory: all features
    twice, at the end.
    """
    own = folder / _fingerprint(model, inputs, pairs)
    starts = range(0, len(pairs), _PAIRS)
    paths = [own / f"{start // _PAIRS:05d}.npz" for start in starts]
    with progress_of(READING, len(pairs)) as advance:
        for start, path in zip(starts, paths, strict=True):
            part = pairs[start : start + _PAIRS]
            if path.exists():
                advance(len(part))
                continue
            found = encode_pairs(model, inputs, part, advance)
            with replacing(path) as temporary, open(temporary, "wb") as file:
                np.savez(file, states=found.states, likelihoods=found.likelihoods)
    if not paths:
        return encode_pairs(model, inputs, pairs)
    parts = [named_arrays(path, "states", "likelihoods") for path in paths]
    states, likelihoods = (np.concatenate(column) for column in zip(*parts, strict=True))
    return PairFeatures(states, likelihoods)


def _fingerprint(model: ViConBERT, inputs: InputMaker, pairs: Sequence[GlossPair]) -> str:
    digest = hashlib.blake2b(weights_digest(model.backbone).encode(), digest_size=16)
    config = model.config
    read = list(config.cross_encoder_layers), config.likelihood, model.vocabulary.tolist()
    cut = config.language, config.segmenter, config.joined_words, inputs.max_length
    digest.update(orjson.dumps([read, cut]))
    for marked, entry in pairs:
        own = marked.sentence, marked.start, marked.end, entry.lemma, entry.gloss
        digest.update(b"\n" + orjson.dumps(own))
    return digest.hexdigest()
