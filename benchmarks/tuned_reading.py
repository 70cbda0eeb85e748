"""The reading tuned by LoRA beside the backbone's own, on lemmas unseen in training.

    python -m benchmarks.tuned_reading --data DICTIONARY --cache FOLDER --backbone GEMMA_270M
        [--folds 5] [--seeds 3] [--lemmas N]

Noun senses of a human-written dictionary, lemmas with two senses or more, in five folds of
lemmas: one is tested, the next one decides, three are trained on. Both rows are `viconwsd
train`'s own models, frozen in bf16, of the same items and seeds; the second has `tune = "lora"`.
Outcomes are kept in ``--cache`` by fold and seed, and a killed training goes on. `--lemmas` takes
so many, by a digest. On one core the whole takes about 20 minutes a fold and seed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from benchmarks.dictionary import (
    FOLDS,
    TESTS,
    Right,
    dictionary,
    notify,
    pooled,
    predictions,
    settings_for,
    some_lemmas,
    trained,
)
from languages.find import find_language
from schemas.markdown import table
from testing.dictionary import split_by_lemma
from trainer.evaluation.accuracy import mean_over_lemmas
from trainer.evaluation.report import format_estimate
from trainer.ranking.lexical import OverlapScorer

READINGS: dict[str, dict[str, object]] = {"frozen": {}, "lora": {"tune": "lora"}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lemmas", type=int, default=100_000)
    parser.add_argument("--epochs", type=int, default=4, help="of the head on sense vectors")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    args.no_cross_encoder = False
    torch.set_num_threads(args.threads)
    data = some_lemmas(dictionary(args.data, contested=True), args.lemmas)
    folds = [split_by_lemma(data, FOLDS, fold) for fold in range(args.folds)]
    lemma_of = {item.item_id: item.lemma for fold in folds for item in fold.split(*TESTS)}
    overlap = OverlapScorer(data.inventory)
    runs = {"lexical overlap": [pooled([predictions(fold, overlap) for fold in folds])]}
    for seed in range(args.seeds):
        for reading, ranker in READINGS.items():
            found = []
            for number, fold in enumerate(folds):
                path = (
                    args.cache / f"{reading}-{len(data.items)}-{args.epochs}-{seed}-{number}.json"
                )
                notify(f"{reading}, seed {seed}, fold {number}")
                found.append(trained(fold, settings_for(args, "default", 0, seed, **ranker), path))
            runs.setdefault(f"{reading}, all signals", []).append(
                pooled([one.all_signals for one in found])
            )
    key = find_language("vi").match_key

    def over_lemmas(own: list[Right], than: list[Right] | None = None) -> str:
        items = sorted(own[0])
        values = [
            float(run[item]) - (0.0 if than is None else float(than[at][item]))
            for at, run in enumerate(own)
            for item in items
        ]
        return format_estimate(
            mean_over_lemmas(values, [key(lemma_of[item]) for _ in own for item in items])
        )

    default = runs["frozen, all signals"]
    rows = [
        [name, over_lemmas(own), over_lemmas(own, default) if name.startswith("lora") else "-"]
        for name, own in runs.items()
    ]
    notify(f"{len(default[0]):,} tested contexts, {args.folds} folds, {args.seeds} seeds")
    print(table(("system", "accuracy", "lead over frozen"), rows))


if __name__ == "__main__":
    main()
