"""All kinds of word-in-context vectors side by side, in English and in Vietnamese.

    python -m benchmarks.word_in_context english --backbone GEMMA_270M --cache FOLDER \
        --wic WIC [--sets mcl-wic:en-en=PATH,scws=PATH] [--attention] [--dev-only]
    python -m benchmarks.word_in_context dictionary --backbone GEMMA_270M --cache FOLDER \
        --data DICTIONARY [--folds 5] [--attention] [--sets vicon=PATH,visim=PATH]

English: scales and maps are fitted on WiC's training pairs. Its T pairs are sources and positives,
its F pairs siblings, so "linear, sibling" is supervised there; negatives are other lemmas of its
own. Vietnamese: folds of the dictionary's lemmas, fitted on the rest, tested pairs pooled; nothing
of a tested lemma is seen; ``--sets`` (ViCon, ViSim-400) are measured with the first fold's maps.
States are kept in ``--cache``, so that a killed run goes on. On one thread gemma-3-270m reads about
50 targets a second, measured ones twice (both copies, one copy); how long all takes is told first.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from languages.find import find_language
from languages.language import Language
from schemas.markdown import table
from testing.dictionary import split_by_lemma
from trainer.benchsets.dictionary import read_dictionary
from trainer.benchsets.named import read_sets
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.benchsets.wic import read_wic, wic_pairs
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.distil.evaluate import BenchCosines, Cosines, release_set
from trainer.distil.linear import linear_map
from trainer.distil.report import set_table, set_title
from trainer.distil.run import MEAN, distil_triples, train_distiller
from trainer.distil.scores import score_set
from trainer.distil.triples import Triple
from trainer.evaluation.accuracy import Bootstrap
from trainer.meanings.heads import MatrixHead
from trainer.meanings.model import DistilledModel
from trainer.settings import DistilSettings
from trainer.states.kept import standardised_rows

TARGETS_PER_SECOND = 50
"""That gemma-3-270m reads on one core."""


def settings_of(args: argparse.Namespace) -> DistilSettings:
    """The same for both languages."""
    return DistilSettings(
        backbone_dtype="bf16",
        distiller="attention" if args.attention else "linear",
        without_negatives=args.attention,
        reduce=args.reduce,
        ridge=args.ridge,
        learning_rate=5e-4,
        epochs=17,
        threads=args.threads,
    )


def show(name: str, bench: BenchSet, cosines: dict[str, tuple[Cosines, Cosines]]) -> None:
    """The table of one set on stdout."""
    found = score_set(name, bench, cosines, MEAN, Bootstrap())
    rows = set_table(found)
    print(f"\n## {set_title(found)}\n\n{table(rows[0], rows[1:])}", flush=True)


def tell_cost(args: argparse.Namespace, taught: int, measured: int) -> None:
    """A line on stderr: what is read at most, and how long that takes on an idle core."""
    read = taught + 2 * measured
    print(
        f"to be read: {read:,} targets at most, {read / TARGETS_PER_SECOND / 60:.0f} core minutes "
        "with 270 million weights; what lies in the cache is not read again"
        + (", and the attention distillers take about 10 each" if args.attention else ""),
        file=sys.stderr,
        flush=True,
    )


def n_targets(sets: Sequence[BenchSet]) -> int:
    """How many targets the pairs of the sets have, each counted once in its set."""
    return sum(
        len({side for pair in (*own.dev, *own.test) for side in (pair.left, pair.right)})
        for own in sets
    )


def wic_items(pairs: Sequence[BenchPair], language: Language) -> WsdData:
    """The sentences of pairs as items, a lemma's in one synset, all of them for training."""
    items: dict[BenchTarget, Item] = {}
    for pair in pairs:
        for side in (pair.left, pair.right):
            (start, end), lemma = side.spans[0], pair.group
            name = f"{len(items)}"
            fields = (name, lemma, lemma, lemma, pair.part, side.sentence, start, end, "train")
            items.setdefault(replace(side, row=""), Item(*fields))
    entries = {(i.lemma, i.pos) for i in items.values()}
    inventory = Inventory((InventoryEntry(w, w, w, p, None) for w, p in sorted(entries)), language)
    return WsdData(inventory, tuple(items.values()))


def wic_triples(pairs: Sequence[BenchPair], data: WsdData) -> list[Triple]:
    """A triple per T pair, in both directions, with a sibling from an F pair of its source."""
    marked = {(i.sentence, i.start): i.marked for i in data.items}

    def side(target: BenchTarget) -> tuple[str, int]:
        return target.sentence, target.spans[0][0]

    apart = defaultdict(list)
    for pair in pairs:
        if not pair.gold:
            apart[side(pair.left)].append(marked[side(pair.right)])
            apart[side(pair.right)].append(marked[side(pair.left)])
    triples = []
    for number, pair in enumerate(pairs):
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            siblings = apart[side(one)]
            if pair.gold:
                triples.append(
                    Triple(
                        f"{number}",
                        marked[side(one)],
                        marked[side(other)],
                        sibling=siblings[0] if siblings else None,
                    )
                )
    return triples


def of_all_pairs(
    model: DistilledModel, pairs: Sequence[BenchPair], data: WsdData, folder: Path, ridge: float
) -> MatrixHead:
    """The closed form of all T pairs against all F pairs, whether they share a sentence or not."""
    number = {(item.sentence, item.start): at for at, item in enumerate(data.items)}
    tokenized = model.teacher.inputs.tokenize_all([item.marked for item in data.items])
    read = standardised_rows(model.teacher, tokenized, folder, model.standardiser)
    means = read(range(len(tokenized))).mean(axis=1, dtype=np.float64)
    sides = [
        means[[number[side.sentence, side.spans[0][0]] for side in own]]
        for own in ([pair.left for pair in pairs], [pair.right for pair in pairs])
    ]
    difference, same = sides[0] - sides[1], np.array([pair.gold > 0 for pair in pairs])
    a, b = (own.T @ own / len(own) for own in (difference[same], difference[~same]))
    return MatrixHead(linear_map(a, b, 2 * b, ridge).astype(np.float32))


def named(args: argparse.Namespace, language: Language) -> list[BenchSet]:
    """The sets of ``--sets``."""
    return read_sets(args.sets.split(",") if args.sets else [], Path, language)


def english(args: argparse.Namespace) -> None:
    """WiC and the other sets, by maps that WiC's training pairs have made."""
    language = find_language("en")
    pairs = wic_pairs(args.wic, "train")[: args.most]
    data = wic_items(pairs, language)
    triples = wic_triples(pairs, data)
    if args.dev_only:
        sets = [BenchSet("WiC dev", "same", wic_pairs(args.wic, "dev"))]
    else:
        sets = [read_wic(args.wic), *named(args, language)]
    tell_cost(args, len(data.items) + len(triples), n_targets(sets))
    made = distil_triples(
        data, triples, [], settings_of(args), args.backbone, args.cache / "english"
    )
    model = DistilledModel.open(made)
    states = args.cache / "english" / "distil" / "states"
    model.heads["linear, all F pairs"] = of_all_pairs(model, pairs, data, states, args.ridge)
    cosines_of = BenchCosines.of(model, args.cache / "states")
    for bench in sets:
        show(bench.name, bench, cosines_of(bench))


def dictionary(args: argparse.Namespace) -> None:
    """Pairs of the dictionary's lemmas, each by maps that have not seen the lemma."""
    data = read_dictionary(args.data, find_language("vi"))
    pooled: dict[str, list[Cosines]] = defaultdict(list)
    tested: list[BenchPair] = []
    sets = named(args, find_language("vi"))
    per_fold = len(data.items) * 8 // 5  # four fifths are taught, each with a substitute
    asked = len(data.items) * args.folds // 5 + n_targets(sets)
    tell_cost(args, per_fold * args.folds, asked)
    for fold in range(args.folds):
        own = split_by_lemma(data, 5, fold)
        made = train_distiller(own, settings_of(args), args.backbone, args.cache / f"fold-{fold}")
        bench = replace(release_set(own, ("test_unseen_lemma",)), dev=())
        cosines_of = BenchCosines.of(DistilledModel.open(made), args.cache / "states")
        for own_set in sets if fold == 0 else ():
            show(own_set.name, own_set, cosines_of(own_set))
        for name, (_, cosines) in cosines_of(bench).items():
            pooled[name].append(cosines)
        tested += bench.test
    none = np.zeros(0)
    found = {
        name: (none, np.concatenate(own)) for name, own in pooled.items() if len(own) == args.folds
    }
    show("dictionary", BenchSet("dictionary", "same", tuple(tested)), found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["english", "dictionary"])
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--wic", type=Path)
    parser.add_argument("--data", type=Path, help="the dictionary's folder")
    parser.add_argument("--sets", default="", help="KIND=PATH,..., beside WiC")
    parser.add_argument("--attention", action="store_true", help="and the paper's distillers")
    parser.add_argument("--reduce", type=int, help="components per layer [default: 160 with them]")
    parser.add_argument("--ridge", type=float, default=2.0)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--most", type=int, help="of WiC's training pairs, for a first look")
    parser.add_argument("--dev-only", action="store_true", help="WiC's development pairs alone")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.attention and args.reduce is None:
        args.reduce = 160
    torch.set_num_threads(args.threads)
    english(args) if args.what == "english" else dictionary(args)


if __name__ == "__main__":
    main()
