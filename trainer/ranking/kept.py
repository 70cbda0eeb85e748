"""Joint readings that a killed run need not take again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from schemas.files import replacing
from trainer.arrays import named_arrays
from trainer.model import ViConBERT
from trainer.model.digest import weights_digest
from trainer.ranking.readings import READING, Ask, Readings, read_pairs
from trainer.text.inputs import InputMaker
from trainer.work import work

_PAIRS = 2048
"""In a file."""


def kept_readings(
    model: ViConBERT, inputs: InputMaker, asks: Sequence[Ask], folder: Path
) -> Readings:
    """The readings of the pairs, file by file from ``folder`` or computed into it.

    The files lie in a folder named by a digest of the weights and the pairs, so that they can
    never be stale. Memory: all readings twice, at the end.
    """
    own = folder / _fingerprint(model, inputs, asks)
    starts = range(0, len(asks), _PAIRS)
    paths = [own / f"{start // _PAIRS:05d}.npz" for start in starts]
    with work(READING, len(asks)) as done:
        for start, path in zip(starts, paths, strict=True):
            part = asks[start : start + _PAIRS]
            if path.exists():
                done(len(part))
                continue
            found = read_pairs(model, inputs, part, done)
            with replacing(path) as temporary, open(temporary, "wb") as file:
                np.savez(file, states=found.states, likelihoods=found.likelihoods)
    if not paths:
        return read_pairs(model, inputs, asks)
    parts = [named_arrays(path, "states", "likelihoods") for path in paths]
    states, likelihoods = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Readings(states, likelihoods)


def _fingerprint(model: ViConBERT, inputs: InputMaker, asks: Sequence[Ask]) -> str:
    digest = hashlib.blake2b(weights_digest(model.backbone).encode(), digest_size=16)
    config = model.config
    read = list(config.reading_layers), config.likelihood, model.vocabulary.tolist()
    cut = config.segmenter, config.joined_words, inputs.max_length
    digest.update(orjson.dumps([read, cut]))
    for marked, entry in asks:
        pair = marked.sentence, marked.start, marked.end, entry.lemma, entry.gloss
        digest.update(b"\n" + orjson.dumps(pair))
    return digest.hexdigest()
