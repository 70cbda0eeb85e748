"""What the backbone tells of each candidate gloss read together with its sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from torch import Tensor

from schemas.files import replacing
from trainer.data import InventoryEntry, Item
from trainer.model import ViConBERT
from trainer.model.adapters import Adapters, adapted
from trainer.model.cross_encoder import (
    N_LIKELIHOODS,
    full_precision,
    log_probabilities,
    summed,
)
from trainer.model.encoding import evaluating
from trainer.progress import Advance, progress_of, untold
from trainer.ranking.packing import (
    PairRows,
    packed,
    packed_rows,
    plain_rows,
    read,
    reads_packed,
    row_batches,
)
from trainer.storage.arrays import named_arrays
from trainer.storage.pretrained import weights_digest
from trainer.text.inputs import InputMaker, MarkedSentence, TokenizedPair

GlossPair = tuple[MarkedSentence, InventoryEntry]
READING = "reading glosses with sentences"
"""The task's title; it counts pairs."""
TOKENS = 2048
"""Ids in a batch of pairs, padding included, at most."""
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
    adapters: Adapters | None = None,
    tokens_per_batch: int = TOKENS,
) -> PairFeatures:
    """The features of (sentence, sense) pairs, in batches of similar length; ``advance`` counts.

    Where several sentences follow one gloss, a decoder-only backbone reads it once for all.
    """
    tokenized = tokenized_pairs(inputs, pairs)
    width = 2 * int(model.config.backbone.get_text_config().hidden_size)
    width *= len(model.config.cross_encoder_layers)
    states = np.zeros((len(pairs), width), dtype=np.float16)
    found = np.zeros((len(pairs), N_LIKELIHOODS), dtype=np.float32)
    with evaluating(model), adapted(model.backbone, adapters):
        for numbers, rows in batches_of(model, inputs, tokenized, tokens_per_batch):
            joint, likelihood = pair_features(model, rows.to(model.device), len(numbers))
            states[numbers] = joint.half().cpu().numpy()
            found[numbers] = likelihood.cpu().numpy()
            advance(len(numbers))
    return PairFeatures(states, found)


def tokenized_pairs(inputs: InputMaker, pairs: Sequence[GlossPair]) -> list[TokenizedPair]:
    """The ids of each pair, in their order."""
    return [inputs.tokenize_pair(e.lemma, e.gloss or "", marked) for marked, e in pairs]


def batches_of(
    model: ViConBERT,
    inputs: InputMaker,
    pairs: Sequence[TokenizedPair],
    tokens: int = TOKENS,
) -> Iterator[tuple[list[int], PairRows]]:
    """The numbers of pairs and the rows to be read for them, at most so many tokens at a time."""
    rows, pad = packed(pairs), inputs.pieces.pad
    shared = len(rows) < len(pairs) and reads_packed(model.backbone, inputs.max_length)
    if not shared:
        rows = [[at] for at in range(len(pairs))]
    dtype = next(model.backbone.parameters()).dtype
    for batch in row_batches(rows, pairs, tokens):
        own = [[pairs[i] for i in row] for row in batch]
        read = packed_rows(own, pad, dtype) if shared else plain_rows([o[0] for o in own], pad)
        yield [i for row in batch for i in row], read


def pair_features(model: ViConBERT, rows: PairRows, n_pairs: int) -> tuple[Tensor, Tensor]:
    """(n, 2d * layers) states and (n, 2) likelihoods of sentences read after their glosses.

    The states are means over the target and over the sentence, gloss tokens left out; both in
    fp32, whatever the backbone's own precision.
    """
    output = read(model.backbone, rows, output_hidden_states=True)
    layers = output.hidden_states
    chosen = [
        full_precision(layers[min(layer, len(layers) - 1)][rows.row, rows.column])
        for layer in model.config.cross_encoder_layers
    ]
    target, every = rows.target, torch.ones_like(rows.target)
    means = [_means(own[of], rows.pair[of], n_pairs) for own in chosen for of in (target, every)]
    states = torch.cat(means, dim=1)
    if not model.config.likelihood:
        return states, states.new_zeros(n_pairs, N_LIKELIHOODS)
    weights = model.backbone.get_input_embeddings().weight
    before = output.last_hidden_state[rows.row, rows.before]
    own = log_probabilities(before, rows.ids[rows.row, rows.column], weights, model.vocabulary)
    return states, summed(own, rows.pair, rows.target, n_pairs)


def _means(states: Tensor, pair: Tensor, n_pairs: int) -> Tensor:
    """(n_pairs, d) means of states (m, d) over the pieces of each pair."""
    total = states.new_zeros(n_pairs, states.shape[1]).index_add(0, pair, states)
    return total / torch.bincount(pair, minlength=n_pairs).clamp(min=1).unsqueeze(1)


def cached_pair_features(
    model: ViConBERT,
    inputs: InputMaker,
    pairs: Sequence[GlossPair],
    folder: Path,
    adapters: Adapters | None = None,
) -> PairFeatures:
    """The features of the pairs, file by file from ``folder`` or computed into it.

    A killed run goes on at its last file of 2,048 pairs; pairs of one gloss lie side by side in
    them, to be read together. The files lie in a folder named by a
    digest of the weights and the pairs, so that they can never be stale. Memory: all features
    twice, at the end.
    """
    order = sorted(range(len(pairs)), key=lambda i: (pairs[i][1].lemma, pairs[i][1].gloss or "", i))
    pairs = [pairs[i] for i in order]
    own = folder / reading_digest(model, inputs, pairs, adapters)
    starts = range(0, len(pairs), _PAIRS)
    paths = [own / f"{start // _PAIRS:05d}.npz" for start in starts]
    with progress_of(READING, len(pairs)) as advance:
        for start, path in zip(starts, paths, strict=True):
            part = pairs[start : start + _PAIRS]
            if path.exists():
                advance(len(part))
                continue
            found = encode_pairs(model, inputs, part, advance, adapters)
            with replacing(path) as temporary, open(temporary, "wb") as file:
                np.savez(file, states=found.states, likelihoods=found.likelihoods)
    if not paths:
        return encode_pairs(model, inputs, pairs, adapters=adapters)
    parts = [named_arrays(path, "states", "likelihoods") for path in paths]
    states, likelihoods = (np.concatenate(column) for column in zip(*parts, strict=True))
    back = np.argsort(order)
    return PairFeatures(states[back], likelihoods[back])


def reading_digest(
    model: ViConBERT,
    inputs: InputMaker,
    pairs: Sequence[GlossPair],
    adapters: Adapters | None = None,
) -> str:
    """The digest of all that decides the features of pairs."""
    digest = hashlib.blake2b(weights_digest(model.backbone).encode(), digest_size=16)
    if adapters is not None:
        digest.update(weights_digest(adapters).encode())
    config = model.config
    read = list(config.cross_encoder_layers), config.likelihood, model.vocabulary.tolist()
    cut = config.language, config.segmenter, config.joined_words, inputs.max_length
    digest.update(orjson.dumps([read, cut]))
    for marked, entry in pairs:
        own = marked.sentence, marked.start, marked.end, entry.lemma, entry.gloss
        digest.update(b"\n" + orjson.dumps(own))
    return digest.hexdigest()
