"""The small encoder from scratch on a dictionary: `reference` against the default.

    python benchmarks/dictionary_scratch.py --data DICTIONARY [--epochs 4] [--seeds 1]

Both objectives get the same data, encoder, batch and steps; `reference` also trains in the
public code's way: no sibling groups, no length buckets, its faulty loss, cosine alone. Two
splits: by lemma (tested on lemmas unseen in training) and by sense.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from trainer.bundle import Bundle
from trainer.data import WsdData
from trainer.data.dictionary import read_dictionary, split_by_lemma, split_by_sense
from trainer.evaluation.bootstrap import accuracy
from trainer.evaluation.scorers import OverlapScorer, RandomScorer, VectorScorer
from trainer.evaluation.wsd import Outcome, Scorer, ambiguous, disambiguate_items
from trainer.run import train_model
from trainer.settings import ObjectiveSettings, SmallEncoderSettings, TrainSettings

TESTS = ("test_seen", "test_unseen_sense", "test_unseen_lemma")


@dataclass(frozen=True, slots=True)
class Row:
    """Accuracy per test split, and training samples per second."""

    name: str
    cells: dict[str, str]
    speed: str = "-"


def settings_for(objective: str, epochs: int, seed: int, threads: int) -> TrainSettings:
    ours = objective != "reference"
    return TrainSettings(
        objective=ObjectiveSettings(name=objective),
        small=SmallEncoderSettings(width=128, layers=2, vocabulary=6000),
        segmenter="syllables",
        max_length=64,
        batch_size=128,
        epochs=epochs,
        patience=epochs,
        encoder_learning_rate=1e-3,
        head_learning_rate=1e-3,
        head_width=256,
        dropout=0.1,
        group_siblings=ours,
        length_buckets=ours,
        seed=seed,
        threads=threads,
    )


def talk(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def cells(data: WsdData, scorers: list[Scorer]) -> dict[str, str]:
    """The mean accuracy of the scorers on each test split, with one interval over lemmas."""
    found = {}
    for split in TESTS:
        items = data.split(split)
        rows: list[Outcome] = []
        for scorer in scorers:
            rows += ambiguous(disambiguate_items(scorer, items, data.inventory))
        if rows:
            e = accuracy([row.correct for row in rows], [row.item.lemma for row in rows])
            found[split] = f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"
    return found


def trained(data: WsdData, objective: str, args: argparse.Namespace) -> list[Row]:
    rankers: list[Scorer] = []
    cosines: list[Scorer] = []
    speeds = []
    items = data.split(*TESTS)
    for seed in range(args.seeds):
        with TemporaryDirectory() as folder:
            settings = settings_for(objective, args.epochs, seed, args.threads)
            start = time.process_time()
            done = train_model(data, settings, Path(folder), talk)
            n_seen = len(data.split("train")) * done.fit.epochs
            speeds.append(n_seen / (time.process_time() - start))
            bundle = Bundle.open(done.folder)
            vectors = bundle.ranker.vectors(items)
            own = {i.item_id: v for i, v in zip(items, vectors, strict=True)}
            cosines.append(VectorScorer(data.inventory, own, bundle.ranker.gloss_vectors.copy()))
            rankers.append(bundle.ranker)
        print(f"{objective} seed {seed}: {speeds[-1]:.0f} samples per CPU s", file=sys.stderr)
    speed = f"{sum(speeds) / len(speeds):.0f}"
    rows = [Row(f"{objective}, cosine", cells(data, cosines), speed)]
    if objective != "reference":
        rows.append(Row(f"{objective}, all signals", cells(data, rankers), speed))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--objectives", default="reference,paper,default")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    dictionary = read_dictionary(args.data)
    for name, data in (
        ("by lemma", split_by_lemma(dictionary, 5, 0)),
        ("by sense", split_by_sense(dictionary, 5, 0)),
    ):
        rows = [
            Row("random", cells(data, [RandomScorer()])),
            Row("lexical overlap", cells(data, [OverlapScorer(data.inventory)])),
        ]
        for objective in args.objectives.split(","):
            rows += trained(data, objective, args)
        print(
            f"\n| split {name} | {' | '.join(TESTS)} | samples per CPU s |\n|---|---|---|---|---|"
        )
        for row in rows:
            values = " | ".join(row.cells.get(split, "-") for split in TESTS)
            print(f"| {row.name} | {values} | {row.speed} |", flush=True)


if __name__ == "__main__":
    main()
