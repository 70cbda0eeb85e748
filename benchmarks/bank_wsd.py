"""A fast student of a slow reader on a human-written dictionary, lemmas unseen in training.

    python -m benchmarks.bank_wsd --data DICTIONARY --backbone GEMMA_270M --cache FOLDER
        [--folds 0,1,2,3,4] [--layers 8] [--epochs 10] [--seed 0] [--students none,half,all]

The reader is the backbone's log P(sentence given the gloss) with overlap and usage, weighed on the
validation fold; nothing of it is trained. Students are taught by the labels of the training folds
and by the reader's shares of sentences without labels: of none, of the other half of the tested
lemmas' sentences (two students, each asked about the half that nobody read for it), and of the
tested sentences themselves, as when a corpus is read offline and then looked up. No label of a
validation or test lemma teaches anything; those of the validation fold weigh the signals.

What the backbone says is kept in ``--cache``, and each fold's outcome, so that a killed run goes
on. Some seven minutes of CPU a fold. Intervals are over lemmas; speeds count CPU seconds of one
thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel

from benchmarks.dictionary import ECHO_LAYER, FOLDS, dictionary, notify
from schemas.files import write_text
from schemas.ids import content_digest
from schemas.markdown import table
from testing.dictionary import fold_of, split_by_lemma
from trainer.data import Item, WsdData
from trainer.data.dataset import ambiguous_items
from trainer.evaluation.accuracy import mean_over_lemmas
from trainer.evaluation.report import format_estimate
from trainer.ranking.candidates import gold_column
from trainer.ranking.fusion import Fusion, fit_fusion
from trainer.ranking.lexical import OverlapScorer, UsageModel
from trainer.ranking.pairs import cached_pair_features, pairs_of
from trainer.ranking.prediction import Scorer, Scores, predict
from trainer.ranking.ranker import Ranker
from trainer.senses.bank import fitted_temperature, shares_of
from trainer.senses.bank_fit import taught_student
from trainer.senses.bank_reading import BankParts, BankReading, unlabelled
from trainer.senses.settings import BankStudentSettings
from trainer.settings import TrainSettings
from trainer.training.components import Components, build_components

_TIMED = 48
Right = dict[str, bool]


class FoldOutcome(BaseModel):
    """Whether each tested sentence was answered rightly, by system, and sentences a second."""

    right: dict[str, Right]
    pace: dict[str, float]


def read_components(data: WsdData, args: argparse.Namespace) -> Components:
    """The backbone as a reader whose score is the likelihood alone; equal for all folds."""
    settings = TrainSettings(
        backbone=args.backbone,
        freeze_backbone=True,
        backbone_dtype="bf16",
        layer=ECHO_LAYER,
        segmenter="units",
        max_length=128,
    )
    every = data.having(replace(item, split="train") for item in unlabelled(data.items))
    found = build_components(every, settings, args.cache / "glosses")
    head = found.model.cross_encoder
    assert head is not None
    assert head.likelihood_weights is not None
    with torch.no_grad():
        for parameter in head.layers[-1].parameters():
            parameter.zero_()
        head.likelihood_weights.copy_(torch.tensor([1.0, 0.0]))
    found.model.train(False)
    return found


def likelihoods(ranker: Ranker, items: Sequence[Item], cache: Path) -> list[Scores]:
    """log P(sentence | gloss) of each item's candidates, relative to their mean."""
    candidates = [ranker.inventory.candidates(item.lemma) for item in items]
    pairs = pairs_of(items, candidates)
    own = cached_pair_features(ranker.model, ranker.inputs, pairs, cache / "pairs")
    parts = np.split(own.likelihoods[:, 0], np.cumsum([len(c) for c in candidates])[:-1])
    return [part - part.mean() for part in parts]


def fold_outcome(
    components: Components, data: WsdData, args: argparse.Namespace, fold: int
) -> FoldOutcome:
    """All systems on one fold."""
    inventory, path = data.inventory, args.cache / f"student-{args.seed}-{fold}"
    test = ambiguous_items(data.split("test_unseen_lemma"), inventory)
    usage = UsageModel.of(data.split("train"), inventory.language)
    model, inputs, vectors = components.model, components.inputs, components.gloss_vectors
    start = Fusion(1.0, 0.0, 0.1, 0.1)
    ranker = Ranker(model, inputs, inventory, vectors, start, usage)
    asked = (args.backbone, str(args.layers), str(args.epochs), str(args.seed))
    identity = content_digest("bank_wsd", str(fold), *asked)
    parts = BankParts(ranker, identity, data.split("train"), data.split("validation"))

    def signals(items: Sequence[Item]) -> list[Scores]:
        among = [inventory.candidates(item.lemma) for item in items]
        none = np.zeros((len(items), vectors.shape[1]), np.float32)
        return ranker.signals(items, among, none, likelihoods(ranker, items, args.cache))

    deciding = signals(parts.deciding)
    fusion = fit_fusion(deciding, parts.deciding_gold, start)
    temperature = fitted_temperature([fusion.combine(s) for s in deciding], parts.deciding_gold)
    tested = [fusion.combine(s) for s in signals(test)]

    def reading(wanted: Callable[[Item], bool]) -> BankReading:
        both = [*zip(test, tested, strict=True)]
        both += [(i, fusion.combine(s)) for i, s in zip(parts.deciding, deciding, strict=True)]
        kept = [(item, shares_of(s, temperature)) for item, s in both if wanted(item)]
        items = unlabelled([item for item, _ in kept])
        return BankReading(
            items, np.zeros((0, 0), np.float32), [own for _, own in kept], temperature
        )

    def student(name: str, own: BankReading) -> Ranker:
        settings = BankStudentSettings(layers=args.layers, epochs=args.epochs, seed=args.seed)
        notify(f"fold {fold}: {name}, {len(own.items):,} sentences without labels")
        checkpoint, anchors = path / f"{name}.safetensors", np.array(vectors)
        mine = content_digest(identity, name)
        return taught_student(parts, anchors, own, settings, checkpoint, mine, notify)[0]

    def half(item: Item) -> int:
        return fold_of(item.sentence, 2)

    def right(scorer: Scorer, items: Sequence[Item]) -> Right:
        return {p.item.item_id: p.correct for p in predict(scorer, items, inventory)}

    gold = [gold_column(item, inventory.candidates(item.lemma)) for item in test]
    found = {
        "lexical overlap": right(OverlapScorer(inventory), test),
        "reader": {
            item.item_id: int(np.argmax(s)) == g
            for item, s, g in zip(test, tested, gold, strict=True)
        },
    }
    pace = {"reader": paced(ranker.weighing(replace(fusion, cosine=1.0)), test[:_TIMED])}
    kinds = args.students.split(",")
    if "none" in kinds:
        found["student, labels alone"] = right(student("none", reading(lambda _: False)), test)
    if "half" in kinds:
        other: Right = {}
        halves = (lambda item: half(item) == 0, lambda item: half(item) == 1)
        for number in (0, 1):
            own = student(f"half-{number}", reading(halves[number]))
            other |= right(own, [item for item in test if half(item) != number])
        found["student, other sentences of the lemmas read"] = other
    if "all" in kinds:
        name = "student, the sentences themselves read"
        fast = student("all", reading(lambda _: True))
        found[name] = right(fast, test)
        pace[name] = paced(fast, test)
    return FoldOutcome(right=found, pace=pace)


def paced(ranker: Ranker, items: Sequence[Item]) -> float:
    """Sentences answered a CPU second, the first ones read once before."""
    among = [ranker.inventory.candidates(item.lemma) for item in items]
    ranker.scores(items[:8], among[:8])
    began = time.process_time()
    ranker.scores(items, among)
    return len(items) / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--folds", default="0,1,2,3,4")
    parser.add_argument("--layers", type=int, default=8, help="of the backbone, in the student")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--students", default="none,half,all", help="which sentences are read")
    args = parser.parse_args()
    torch.set_num_threads(1)
    data, folds = dictionary(args.data, contested=True), args.folds
    components, outcomes = None, []
    mark = f"{args.layers}-{args.epochs}-{args.seed}-{args.students}"
    for fold in map(int, folds.split(",")):
        path = args.cache / f"bank-{mark}-{fold}.json"
        if not path.exists():
            components = components or read_components(data, args)
            own = fold_outcome(components, split_by_lemma(data, FOLDS, fold), args, fold)
            write_text(path, own.model_dump_json())
        outcomes.append(FoldOutcome.model_validate_json(path.read_text(encoding="utf-8")))
    lemma_of = {item.item_id: item.lemma for item in data.items}
    rows = []
    for name in outcomes[0].right:
        right = {at: float(r) for one in outcomes for at, r in one.right[name].items()}
        mean = mean_over_lemmas(list(right.values()), [lemma_of[at] for at in right])
        paces = [one.pace[name] for one in outcomes if name in one.pace]
        speed = f"{sum(paces) / len(paces):.1f}" if paces else "-"
        rows.append([name, f"{len(right):,}", format_estimate(mean), speed])
    print(table(("system", "sentences", "accuracy", "sentences per CPU s"), rows))


if __name__ == "__main__":
    main()
