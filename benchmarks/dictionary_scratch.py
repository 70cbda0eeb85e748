"""The small encoder from scratch on a human-written dictionary, by every objective.

    python -m benchmarks.dictionary_scratch --data DICTIONARY --cache FOLDER [--seeds 3]
    python -m benchmarks.dictionary_scratch ... --by sense --objectives reference,paper,default

All objectives get the same data, encoder, batch and steps; ``reference`` also trains in the
public code's way: no sibling groups, no length buckets, its faulty loss, cosine alone. One fold
of lemmas, or of senses, is tested. Outcomes are kept in ``--cache``, so that a killed run goes
on; speeds count CPU seconds of the whole training.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from pydantic import BaseModel

from benchmarks.dictionary.features import notify
from benchmarks.dictionary.study import FOLDS, Row, printed, row_of
from languages.find import find_language
from schemas.files import replacing
from testing.dictionary import read_dictionary, split_by_lemma, split_by_sense
from trainer.data import WsdData
from trainer.evaluation.baselines import RandomScorer
from trainer.presets import OBJECTIVES
from trainer.ranking.lexical import OverlapScorer
from trainer.ranking.prediction import CosineScorer, Scorer, ambiguous, predict
from trainer.saved.model_folder import SavedModel
from trainer.settings import ObjectiveSettings, SmallEncoderSettings, TrainSettings
from trainer.training.run import train_model

TESTS = ("test_seen", "test_unseen_sense", "test_unseen_lemma")
Right = dict[str, bool]
"""Whether each tested context, by its id, got its gold sense."""


class Run(BaseModel):
    """What one training left."""

    samples_per_second: float
    cosine: Right
    all_signals: Right


def settings_for(objective: str, epochs: int, seed: int, threads: int) -> TrainSettings:
    """The same encoder and steps for all; batches in the public code's way for ``reference``."""
    ours = objective != "reference"
    return TrainSettings(
        objective=ObjectiveSettings(name=objective),
        small=SmallEncoderSettings(width=128, layers=2, vocabulary=6000),
        segmenter="units",
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


def predictions(data: WsdData, scorer: Scorer) -> Right:
    """The scorer's predictions on all ambiguous contexts of the test parts."""
    found = ambiguous(predict(scorer, data.split(*TESTS), data.inventory))
    return {prediction.item.item_id: prediction.correct for prediction in found}


def trained(data: WsdData, settings: TrainSettings) -> Run:
    """Trains one model and tests its cosines and all its signals."""
    with TemporaryDirectory() as folder:
        start = time.process_time()
        done = train_model(data, settings, Path(folder), notify)
        speed = len(data.split("train")) * done.fit.epochs / (time.process_time() - start)
        ranker = SavedModel.open(done.folder).ranker
        items = data.split(*TESTS)
        own = {i.item_id: v for i, v in zip(items, ranker.vectors(items), strict=True)}
        cosine = CosineScorer(data.inventory, own, ranker.gloss_vectors.copy())
        return Run(
            samples_per_second=speed,
            cosine=predictions(data, cosine),
            all_signals=predictions(data, ranker),
        )


def kept(data: WsdData, settings: TrainSettings, path: Path) -> Run:
    """The run of an earlier call, or a new one."""
    if not path.exists():
        run = trained(data, settings)
        with replacing(path) as temporary:
            temporary.write_text(run.model_dump_json(), encoding="utf-8")
    return Run.model_validate_json(path.read_text(encoding="utf-8"))


def row(data: WsdData, name: str, runs: Iterable[Right], speed: str = "-") -> Row:
    """A row of the table: a system, run once per seed."""
    runs = list(runs)
    parts = {part: [item for item in data.split(part) if item.item_id in runs[0]] for part in TESTS}
    return row_of(
        name,
        {
            part: ([[run[i.item_id] for i in items] for run in runs], [i.lemma for i in items])
            for part, items in parts.items()
            if items
        },
        speed,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--by", choices=["lemma", "sense"], default="lemma")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--objectives", default=",".join(OBJECTIVES))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    split = split_by_lemma if args.by == "lemma" else split_by_sense
    data = split(read_dictionary(args.data, find_language("vi")), FOLDS, 0)
    seeds = range(args.seeds)
    rows = [
        row(data, "random", [predictions(data, RandomScorer(seed)) for seed in seeds]),
        row(data, "lexical overlap", [predictions(data, OverlapScorer(data.inventory))]),
    ]
    for objective in args.objectives.split(","):
        runs = []
        for seed in seeds:
            path = args.cache / f"{args.by}-{args.epochs}-{objective}-{seed}.json"
            runs.append(kept(data, settings_for(objective, args.epochs, seed, args.threads), path))
            notify(f"{objective} seed {seed}: {runs[-1].samples_per_second:.0f} samples per CPU s")
        speed = f"{sum(run.samples_per_second for run in runs) / len(runs):,.0f}"
        rows.append(row(data, f"{objective}, cosine", [run.cosine for run in runs], speed))
        if objective != "reference":
            own = [run.all_signals for run in runs]
            rows.append(row(data, f"{objective}, all signals", own, speed))
    printed(rows)


if __name__ == "__main__":
    main()
