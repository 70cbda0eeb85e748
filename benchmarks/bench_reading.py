"""Glosses read once for all sentences that follow them, beside a row for each pair.

    python -m benchmarks.bench_reading --data DICTIONARY --backbone GEMMA_270M [--lemmas 80]

Lemmas of a human-written dictionary, by a digest of their names. The baseline is the reading that
0.1.0 had: each gloss anew before each sentence, rows of similar length padded to 2,048 ids. Both
take turns in one process, CPU seconds are those of one thread. The differences are those of the
features themselves, beside what the baseline's differ by when its batches are of other sizes.
Then questions one at a time, over an inventory filled up with made-up glosses; the baseline makes
the index of overlap anew for each, as 0.1.0 did.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.dictionary import dictionary, some_lemmas
from languages.find import find_language
from schemas.markdown import table
from trainer.data import Inventory, InventoryEntry, Item
from trainer.inference.disambiguator import Disambiguator, Query
from trainer.model import ViConBERT
from trainer.model.build import build_model
from trainer.ranking.fusion import Fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.packing import PairRows, plain_rows, row_batches
from trainer.ranking.pairs import batches_of, pair_features, pairs_of
from trainer.ranking.ranker import Ranker
from trainer.settings import TrainSettings
from trainer.text.inputs import InputMaker, TokenizedPair

VI = find_language("vi")


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


def difference(found: Tensor, expected: Tensor) -> str:
    """Relative for states: the differing part's length, in the median and at most."""
    share = (found - expected).norm(dim=1) / expected.norm(dim=1)
    return f"{float(share.median()):.2g} / {float(share.max()):.2g}"


def choices(found: Tensor, expected: Tensor, sizes: Sequence[int]) -> str:
    """How many of the contexts have another likeliest gloss."""
    parts = zip(found[:, 0].split(list(sizes)), expected[:, 0].split(list(sizes)), strict=True)
    return str(sum(int(own.argmax() != other.argmax()) for own, other in parts))


def nats(found: Tensor, expected: Tensor) -> str:
    """Of the sentence around the target, in the median and at most."""
    own = (found - expected)[:, 0].abs()
    return f"{float(own.median()):.2g} / {float(own.max()):.2g}"


def with_made_up(inventory: Inventory, n_glosses: int) -> Inventory:
    """The inventory with so many glosses, the rest of words of its own glosses."""
    words = [word for gloss in inventory.glosses for word in gloss.split()]
    drawn = random.Random(0)
    names = (f"made up {at}" for at in range(n_glosses - len(inventory.glosses)))
    extra = (
        InventoryEntry(name, name, name, "noun", " ".join(drawn.choices(words, k=15)))
        for name in names
    )
    return Inventory([*inventory.entries, *extra], inventory.language)


def one_by_one(ranker: Ranker, items: Sequence[Item], anew: bool) -> float:
    """CPU seconds a question; ``anew`` as it was up to 0.1.0."""
    senses = Disambiguator(ranker)
    queries = [Query(item.marked, item.lemma) for item in items]
    senses.answers(queries[:1])
    start = time.process_time()
    for query in queries:
        if anew:
            senses = Disambiguator(replace(ranker))
        senses.answers([query])
    return (time.process_time() - start) / len(queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--lemmas", type=int, default=80)
    parser.add_argument("--glosses", type=int, default=40_000)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
    args = parser.parse_args()
    torch.set_num_threads(1)
    data = some_lemmas(dictionary(args.data, contested=True), args.lemmas)
    settings = TrainSettings(
        backbone=args.backbone,
        freeze_backbone=True,
        backbone_dtype=args.dtype,
        segmenter="units",
        max_length=128,
    )
    texts = [item.sentence for item in data.items] + list(data.inventory.glosses)
    model, inputs = build_model(settings, VI, texts, 8)
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
    sizes = [len(own) for own in candidates]
    ours, theirs = (min(run[at][0] for run in runs) for at in (1, 0))
    rows = [
        ["a row for each pair", f"{first[1]:,}", f"{theirs:.1f}", "-", "-", "-"],
        ["the same in smaller batches", f"{other[1]:,}", f"{other[0]:.1f}",
         difference(other[2], first[2]), nats(other[3], first[3]),
         choices(other[3], first[3], sizes)],
        ["glosses read once", f"{together[1]:,}", f"{ours:.1f}",
         difference(together[2], first[2]), nats(together[3], first[3]),
         choices(together[3], first[3], sizes)],
    ]  # fmt: skip
    print(f"{len(data.items):,} contexts, {len(pairs):,} pairs, {args.dtype}")
    print(table(("reading", "ids", "CPU s", "states differ by", "nats", "other choices"), rows))
    print(f"{theirs / ours:.2f} times less CPU")
    assert torch.equal(first[2], again[2])
    inventory = with_made_up(data.inventory, args.glosses)
    vectors = np.random.default_rng(0).normal(size=(len(inventory.glosses), 8)).astype(np.float32)
    ranker = Ranker(
        model, inputs, inventory, vectors, Fusion(1.0, 1.0, 1.0, 1.0), UsageModel.of((), VI)
    )
    asked_for = data.items[: args.questions]
    print(f"one question at a time, {len(inventory.glosses):,} glosses: CPU ms a question")
    print(f"the overlap index made anew for each: {1000 * one_by_one(ranker, asked_for, True):.0f}")
    print(f"made once: {1000 * one_by_one(ranker, asked_for, False):.0f}")


def packed(
    model: ViConBERT, inputs: InputMaker, pairs: Sequence[TokenizedPair]
) -> tuple[float, int, Tensor, Tensor]:
    return measured(model, batches_of(model, inputs, pairs, 2048))


if __name__ == "__main__":
    main()
