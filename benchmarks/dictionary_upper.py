"""A pretrained backbone, frozen or with its upper layers trained, on a human-written dictionary.

    python -m benchmarks.dictionary_upper --data DICTIONARY --backbone GEMMA_270M --cache FOLDER
        [--layers 0,4] [--epochs 3] [--folds 1] [--no-reading]

Everything goes through ``train_model``, as ``viconwsd train`` does: encoder, joint reading and
weights of the signals. Tested are same-POS senses of lemmas unseen in training; 0 trained layers
are a frozen backbone. Outcomes are kept in ``--cache``, so that a killed run goes on. The joint
reading takes most of the time on a CPU; ``--no-reading`` leaves it out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.dictionary.features import ECHO_LAYER, notify
from benchmarks.dictionary.study import FOLDS, contested_data, printed
from benchmarks.dictionary_scratch import Right, kept, predictions, row
from testing.dictionary import split_by_lemma
from trainer.data import WsdData
from trainer.evaluation.accuracy import mean_over_lemmas
from trainer.ranking.lexical import OverlapScorer
from trainer.settings import RankerSettings, TrainSettings


def settings_for(backbone: str, n_layers: int, epochs: int, reads: bool) -> TrainSettings:
    """The same steps for all, but for what of the backbone learns."""
    return TrainSettings(
        backbone=backbone,
        freeze_backbone=n_layers == 0,
        trained_layers=n_layers or None,
        layer=ECHO_LAYER,
        segmenter="units",
        max_length=128,
        batch_size=128,
        chunk_size=32,
        epochs=epochs,
        patience=epochs,
        ranker=RankerSettings(reading=reads, likelihood=reads),
    )


def print_lead(data: WsdData, name: str, runs: tuple[Right, Right]) -> None:
    """The lead of the first run over the second on the same items, resampled by lemma."""
    lemma_of = {item.item_id: item.lemma for item in data.items}
    one, other = runs
    leads = [float(right) - float(other[item]) for item, right in one.items()]
    e = mean_over_lemmas(leads, [lemma_of[item] for item in one])
    print(f"lead of {name}: {e.value:+.3f} [{e.low:+.3f}, {e.high:+.3f}]", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--layers", default="0,4")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folds", type=int, default=1, help=f"at most {FOLDS}")
    parser.add_argument("--no-reading", action="store_true")
    args = parser.parse_args()
    reads = not args.no_reading
    layers = [int(n) for n in args.layers.split(",")]
    data = contested_data(args.data)
    cosine: dict[int, Right] = {n: {} for n in layers}
    combined: dict[int, Right] = {n: {} for n in layers}
    overlap: Right = {}
    tested = []
    for fold in range(args.folds):
        own = split_by_lemma(data, FOLDS, fold)
        tested += own.split("test_unseen_lemma")
        overlap |= predictions(own, OverlapScorer(own.inventory))
        for n in layers:
            path = args.cache / f"upper-{n}-{args.epochs}-{fold}-{'reads' if reads else 'not'}.json"
            found = kept(own, settings_for(args.backbone, n, args.epochs, reads), path)
            notify(f"{n} layers, fold {fold}: {found.samples_per_second:.1f} samples per CPU s")
            cosine[n] |= found.cosine
            combined[n] |= found.all_signals
    whole = data.having(tested)
    rows = [row(whole, "lexical overlap", [overlap])]
    for n in layers:
        name = f"{n} layers trained" if n else "frozen"
        rows += [row(whole, f"{name}, cosine", [cosine[n]]), row(whole, name, [combined[n]])]
    printed(rows)
    for n in layers[1:]:
        print_lead(whole, f"{n} layers over {layers[0]}", (combined[n], combined[layers[0]]))


if __name__ == "__main__":
    main()
