"""Same-POS disambiguation on a human-written dictionary, with a frozen pretrained backbone.

    python -m benchmarks.dictionary_wsd --data DICTIONARY --backbone FOLDER --cache FOLDER
    python -m benchmarks.dictionary_wsd ... --by sense

By lemma (the default): five folds, each lemma tested once by models that have seen none of its
contexts; the next fold is the validation split, which also chooses the layer of the joint
reading. By sense: one fold of senses is held out. Only
lemmas with two senses or more take part, in training too. The backbone's vectors and readings
are made once and kept in ``--cache``. Every trained row is the mean of the seeds; intervals are
bootstrapped over lemmas. The speed of a head counts CPU seconds of its own training.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.dictionary.features import extract, notify
from benchmarks.dictionary.study import Row, Study, contested_data, measured, printed
from benchmarks.dictionary.systems import Heads, frozen_cosines, joint_readings, told, weighed
from trainer.evaluation.baselines import FirstSenseScorer, RandomScorer
from trainer.presets import OBJECTIVES


def baselines(study: Study, seeds: range) -> list[Row]:
    """The rows that need no training."""
    draws = [RandomScorer(seed).scores(study.items, study.candidates) for seed in seeds]
    first = FirstSenseScorer().scores(study.items, study.candidates)
    return [
        measured(study, "random", [study.everywhere(scores) for scores in draws]),
        measured(study, "first sense", [study.everywhere(first)]),
        measured(study, "lexical overlap", [study.everywhere(study.overlap)]),
        measured(study, "likelihood of the sentence after the gloss, untrained", [told(study)]),
        measured(study, "frozen echo vectors, cosine", [frozen_cosines(study)]),
    ]


def trained(study: Study, seeds: range) -> list[Row]:
    """The heads by objective, the joint readings, and the default: everything weighed."""
    rows, heads = [], []
    for name in OBJECTIVES:
        heads = [Heads(study, name, seed) for seed in seeds]
        speed = sum(head.samples_per_second for head in heads) / len(heads)
        scores = [study.tests_of(head.cosines) for head in heads]
        rows.append(measured(study, f"head on echo vectors, {name}", scores, f"{speed:,.0f}"))
    assert list(OBJECTIVES)[-1] == "default"  # its heads are weighed with the readings
    alone = [weighed(study, None, head.cosines) for head in heads]
    rows.append(measured(study, "default head, overlap and usage", alone))
    bare = [joint_readings(study, seed, likelihood=False) for seed in seeds]
    full = [joint_readings(study, seed, likelihood=True) for seed in seeds]
    for name, runs in (("without", bare), ("with", full)):
        scores = [study.tests_of(run) for run in runs]
        rows.append(measured(study, f"joint reading {name} likelihood", scores))
    mixed = [weighed(study, run, head.cosines) for run, head in zip(full, heads, strict=True)]
    rows.append(measured(study, "default: reading, cosine, overlap and usage", mixed))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--by", choices=["lemma", "sense"], default="lemma")
    parser.add_argument(
        "--layers", default="6,9,12,15", help="of the joint reading, to choose from"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="the table as JSON")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = contested_data(args.data)
    layers = [int(layer) for layer in args.layers.split(",")]
    study = Study(data, extract(data, args.backbone, layers, args.cache), args.by)
    notify(f"{len(study.items)} ambiguous contexts, split by {args.by}")
    rows = baselines(study, range(args.seeds)) + trained(study, range(args.seeds))
    printed(rows)
    if args.out is not None:
        args.out.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
