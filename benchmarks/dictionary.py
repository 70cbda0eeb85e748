"""Disambiguation on a human-written dictionary; every system goes through ``train_model``.

    python -m benchmarks.dictionary --data DICTIONARY --cache FOLDER [--by sense] [--seeds 3]
    python -m benchmarks.dictionary ... --backbone GEMMA_270M [--layers 0,4] [--folds 5]

Without ``--backbone`` the small encoder learns from scratch, by every objective on the same data,
batches and steps; ``reference`` also batches in the public code's way: no sibling groups, no
length buckets. A pretrained backbone is frozen (0 layers) or its upper layers learn, and only
lemmas with two senses or more take part. One fold of lemmas, or of senses, is tested, or several;
the next one is the validation split. Outcomes are kept in ``--cache``, so that a killed run goes
on; speeds count CPU seconds of the whole training, intervals are over lemmas.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel

from languages.find import find_language
from schemas.files import write_text
from schemas.ids import content_digest
from schemas.markdown import table
from testing.dictionary import split_by_lemma, split_by_sense
from trainer.benchsets.dictionary import read_dictionary
from trainer.data import Inventory, Item, WsdData
from trainer.data.dataset import ambiguous_items
from trainer.evaluation.accuracy import mean_over_lemmas, seen_and_unseen
from trainer.evaluation.baselines import FirstSenseScorer, RandomScorer
from trainer.evaluation.report import format_estimate
from trainer.presets import OBJECTIVES
from trainer.ranking.lexical import OverlapScorer
from trainer.ranking.prediction import Scorer, ambiguous, predict
from trainer.saved.model_folder import SavedModel
from trainer.settings import TrainSettings
from trainer.training.run import train_model

FOLDS = 5
TESTS = ("test_seen", "test_unseen_sense", "test_unseen_lemma")
ECHO_LAYER = 17
"""The layer whose echo vectors stand for contexts and glosses (docs/trainer.md)."""
Right = dict[str, bool]
"""Whether each tested context, by its id, got its gold sense."""


class Outcome(BaseModel):
    """What one training left."""

    samples_per_second: float
    cosine: Right
    all_signals: Right


def notify(text: str) -> None:
    """A line on stderr with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def settings_for(
    args: argparse.Namespace, objective: str, layers: int, seed: int, **ranker: object
) -> TrainSettings:
    """The same steps for all, but for what is compared; ``ranker`` adds settings of its own."""
    common: dict[str, Any] = {
        "objective": {"name": objective},
        "segmenter": "units",
        "batch_size": 128,
        "epochs": args.epochs,
        "patience": args.epochs,
        "seed": seed,
        "threads": args.threads,
    }
    if args.backbone:
        reads = not args.no_cross_encoder
        return TrainSettings(
            **common,
            backbone=args.backbone,
            freeze_backbone=layers == 0,
            trained_layers=layers or None,
            layer=ECHO_LAYER,
            backbone_dtype="fp32" if layers else "bf16",
            max_length=128,
            chunk_size=32,
            ranker={"cross_encoder": reads, "likelihood": reads, **ranker},
        )
    ours = objective != "reference"
    return TrainSettings(**common, max_length=64, group_siblings=ours, length_buckets=ours)


def predictions(data: WsdData, scorer: Scorer) -> Right:
    """The scorer's predictions on all ambiguous contexts of the test parts."""
    found = ambiguous(predict(scorer, data.split(*TESTS), data.inventory))
    return {prediction.item.item_id: prediction.correct for prediction in found}


def trained(data: WsdData, settings: TrainSettings, path: Path) -> Outcome:
    """One model's cosines and all its signals, tested; or what an earlier call has kept.

    Work lies beside ``path`` until it is done, so that a killed training goes on.
    """
    if not path.exists():
        work, start = path.with_suffix(".work"), time.process_time()
        done = train_model(data, settings, work, notify)
        seconds = time.process_time() - start
        ranker, items = SavedModel.open(done.folder).ranker, data.split(*TESTS)
        own = {i.item_id: v for i, v in zip(items, ranker.vectors(items), strict=True)}
        outcome = Outcome(
            samples_per_second=len(data.split("train")) * done.summary.epochs / seconds,
            cosine=predictions(data, ranker.by_cosine(own)),
            all_signals=predictions(data, ranker),
        )
        write_text(path, outcome.model_dump_json())
        shutil.rmtree(work)
    return Outcome.model_validate_json(path.read_text(encoding="utf-8"))


def pooled(rights: Sequence[Right]) -> Right:
    """The predictions of several folds."""
    return {item: right for part in rights for item, right in part.items()}


def row(tested: Sequence[Item], name: str, runs: Sequence[Right], speed: str = "-") -> list[str]:
    """A system's accuracy per part: the mean of its seeds with one interval over lemmas.

    Then the harmonic mean of seen and held-out senses of the same lemmas.
    """
    key, cells = find_language("vi").match_key, []
    for part in TESTS:
        own = [item for item in tested if item.split == part and item.item_id in runs[0]]
        right = [float(run[item.item_id]) for item in own for run in runs]
        mean = mean_over_lemmas(right, [key(item.lemma) for item in own for _ in runs])
        cells.append(format_estimate(mean))
    rows = [
        (key(item.lemma), item.split, float(run[item.item_id]))
        for item in tested
        if item.item_id in runs[0]
        for run in runs
    ]
    *_, both = seen_and_unseen(rows)
    return [name, *cells, format_estimate(both.estimate), speed]


def dictionary(folder: Path, contested: bool) -> WsdData:
    """All senses and contexts, or those of lemmas with two senses or more."""
    whole = read_dictionary(folder, find_language("vi"))
    if not contested:
        return whole
    language = whole.inventory.language
    items = ambiguous_items(whole.items, whole.inventory)
    lemmas = {language.match_key(item.lemma) for item in items}
    entries = (e for e in whole.inventory.entries if language.match_key(e.lemma) in lemmas)
    return WsdData(Inventory(entries, language), tuple(items))


def some_lemmas(data: WsdData, most: int) -> WsdData:
    """The data of at most so many lemmas, by a digest of their names."""
    key = data.inventory.language.match_key
    kept = {*sorted({key(item.lemma) for item in data.items}, key=content_digest)[:most]}
    entries = (entry for entry in data.inventory.entries if key(entry.lemma) in kept)
    items = tuple(item for item in data.items if key(item.lemma) in kept)
    return WsdData(Inventory(entries, data.inventory.language), items)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--by", choices=["lemma", "sense"], default="lemma")
    parser.add_argument("--backbone", default="", help="a pretrained one; else from scratch")
    parser.add_argument("--layers", default="0", help="of the backbone, that learn; 0: frozen")
    parser.add_argument("--objectives", help="[default: all from scratch, else `default`]")
    parser.add_argument("--no-cross-encoder", action="store_true", help="it takes most of the time")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--folds", type=int, default=1, help=f"at most {FOLDS}")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = dictionary(args.data, contested=bool(args.backbone))
    split = split_by_lemma if args.by == "lemma" else split_by_sense
    folds = [split(data, FOLDS, fold) for fold in range(args.folds)]
    tested = [item for fold in folds for item in fold.split(*TESTS)]
    seeds, overlap = range(args.seeds), OverlapScorer(data.inventory)
    plain = {"first sense": FirstSenseScorer(), "lexical overlap": overlap}
    draws = [pooled([predictions(fold, RandomScorer(seed)) for fold in folds]) for seed in seeds]
    rows = [row(tested, "random", draws)]
    for name, scorer in plain.items():
        rows.append(row(tested, name, [pooled([predictions(fold, scorer) for fold in folds])]))
    objectives = args.objectives or ("default" if args.backbone else ",".join(OBJECTIVES))
    for layers in map(int, args.layers.split(",")):
        for objective in objectives.split(","):
            own = "small" if not args.backbone else f"{layers} layers" if layers else "frozen"
            name, found = f"{own}, {objective}", []
            for seed in seeds:
                settings = settings_for(args, objective, layers, seed)
                mark = f"{own}-{objective}-{args.by}-{args.epochs}-{seed}-{args.no_cross_encoder}"
                paths = [args.cache / f"{mark}-{fold}.json" for fold in range(args.folds)]
                found.append([trained(f, settings, p) for f, p in zip(folds, paths, strict=True)])
            runs = [one.samples_per_second for each in found for one in each]
            speed = f"{sum(runs) / len(runs):,.0f}"
            cosine = [pooled([one.cosine for one in each]) for each in found]
            signals = [pooled([one.all_signals for one in each]) for each in found]
            rows.append(row(tested, f"{name}, cosine", cosine, speed))
            rows.append(row(tested, f"{name}, all signals", signals, speed))
            notify(" | ".join(rows[-1]))
    print(table(("system", *TESTS, "seen and unseen, H", "samples per CPU s"), rows))


if __name__ == "__main__":
    main()
