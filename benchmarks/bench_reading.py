"""Glosses read once for all sentences that follow them, beside a row for each pair.

    python -m benchmarks.bench_reading --data DICTIONARY --backbone GEMMA_270M [--lemmas 80]

Lemmas of a human-written dictionary, by a digest of their names. The baseline is the reading that
0.1.0 had: each gloss anew before each sentence, rows of similar length padded to 2,048 ids. Both
take turns in one process, CPU seconds are those of one thread. The differences are those of the
features themselves, beside what the baseline's differ by when its batches are of other sizes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.dictionary import dictionary
from languages.find import find_language
from schemas.ids import content_digest
from schemas.markdown import table
from trainer.data import WsdData
from trainer.model import ViConBERT
from trainer.model.build import build_model
from trainer.ranking.packing import PairRows, plain_rows, row_batches
from trainer.ranking.pairs import batches_of, pair_features, pairs_of
from trainer.settings import TrainSettings
from trainer.text.inputs import InputMaker, TokenizedPair


def plain(
    model: ViConBERT, pairs: Sequence[TokenizedPair], tokens: int
) -> tuple[float, int, Tensor, Tensor]:
    """CPU seconds, padded ids, states and likelihoods; a row for each pair."""
    rows = [[at] for at in range(len(pairs))]
    batches = (
        ([i for (i,) in own], plain_rows([pairs[i] for (i,) in own], 0))
        for own in row_batches(rows, pairs, tokens)
    )
    return measured(model, batches)


def measured(
    model: ViConBERT, batches: Iterable[tuple[list[int], PairRows]]
) -> tuple[float, int, Tensor, Tensor]:
    order, states, likelihoods, n_ids = [], [], [], 0
    start = time.process_time()
    with torch.inference_mode():
        for numbers, rows in batches:
            own, likelihood = pair_features(model, rows, len(numbers))
            order += numbers
            n_ids += rows.ids.numel()
            states.append(own)
            likelihoods.append(likelihood)
    seconds = time.process_time() - start
    back = torch.tensor(order).argsort()
    return seconds, n_ids, torch.cat(states)[back], torch.cat(likelihoods)[back]


def some(data: WsdData, n_lemmas: int) -> WsdData:
    key = data.inventory.language.match_key
    lemmas = sorted({key(item.lemma) for item in data.items}, key=content_digest)[:n_lemmas]
    return data.having(item for item in data.items if key(item.lemma) in set(lemmas))


def difference(found: Tensor, expected: Tensor) -> str:
    """Relative for states: the differing part's length, in the median and at most."""
    share = (found - expected).norm(dim=1) / expected.norm(dim=1)
    return f"{float(share.median()):.2g} / {float(share.max()):.2g}"


def nats(found: Tensor, expected: Tensor) -> str:
    """Of the sentence around the target, in the median and at most."""
    own = (found - expected)[:, 0].abs()
    return f"{float(own.median()):.2g} / {float(own.max()):.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--lemmas", type=int, default=80)
    parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
    args = parser.parse_args()
    torch.set_num_threads(1)
    data = some(dictionary(args.data, contested=True), args.lemmas)
    settings = TrainSettings(
        backbone=args.backbone,
        freeze_backbone=True,
        backbone_dtype=args.dtype,
        segmenter="units",
        max_length=128,
    )
    texts = [item.sentence for item in data.items] + list(data.inventory.glosses)
    model, inputs = build_model(settings, find_language("vi"), texts, 8)
    model.eval()
    candidates = [data.inventory.candidates(item.lemma) for item in data.items]
    asked = pairs_of(data.items, candidates)
    pairs = [inputs.tokenize_pair(e.lemma, e.gloss or "", marked) for marked, e in asked]
    plain(model, pairs[:20], 2048)  # warm
    runs = []
    for _ in range(2):
        runs.append((plain(model, pairs, 2048), packed(model, inputs, pairs)))
    (first, together), (again, _) = runs
    other = plain(model, pairs, 512)
    ours, theirs = (min(run[at][0] for run in runs) for at in (1, 0))
    rows = [
        ["a row for each pair", f"{first[1]:,}", f"{theirs:.1f}", "-", "-"],
        ["the same in smaller batches", f"{other[1]:,}", f"{other[0]:.1f}",
         difference(other[2], first[2]), nats(other[3], first[3])],
        ["glosses read once", f"{together[1]:,}", f"{ours:.1f}",
         difference(together[2], first[2]), nats(together[3], first[3])],
    ]  # fmt: skip
    print(f"{len(data.items):,} contexts, {len(pairs):,} pairs, {args.dtype}")
    print(table(("reading", "ids", "CPU s", "states differ by", "nats"), rows))
    print(f"{theirs / ours:.2f} times less CPU")
    assert torch.equal(first[2], again[2])


def packed(
    model: ViConBERT, inputs: InputMaker, pairs: Sequence[TokenizedPair]
) -> tuple[float, int, Tensor, Tensor]:
    return measured(model, batches_of(model, inputs, pairs, 2048))


if __name__ == "__main__":
    main()
