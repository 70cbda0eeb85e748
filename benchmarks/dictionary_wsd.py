"""Same-POS disambiguation on a human-written dictionary, lemmas unseen in training.

    python benchmarks/dictionary_wsd.py --data DICTIONARY --backbone FOLDER --cache FOLDER

Five folds of lemmas: each lemma is tested once, by models that have seen none of its contexts;
the next fold is the validation split. Only lemmas with two senses or more take part, in
training too. The backbone stays frozen; its vectors and readings are
made once and kept in ``--cache``. Every trained row is the mean of the seeds; intervals are
bootstrapped over lemmas.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from schemas.files import replacing
from schemas.ids import content_digest
from schemas.text import match_key
from trainer.data import Inventory, Item, WsdData
from trainer.data.dictionary import fold_of, read_dictionary
from trainer.encoding import frozen_vectors
from trainer.evaluation.bootstrap import accuracy
from trainer.evaluation.scorers import FirstSenseScorer, OverlapScorer, RandomScorer
from trainer.model import ViConBERT, ViConBERTConfig
from trainer.model.head import ProjectionHead
from trainer.model.reading import ReadingHead
from trainer.objectives import GlossTable, JointBatch, Objective
from trainer.ranking.fit_reading import fit_reading, reading_scores
from trainer.ranking.fusion import Fusion, fit_fusion
from trainer.ranking.ranker import gold_column
from trainer.ranking.readings import Readings, read_pairs
from trainer.ranking.tables import candidate_table
from trainer.ranking.vocabulary import likelihood_vocabulary
from trainer.settings import ObjectiveSettings, RankerSettings
from trainer.text.inputs import InputMaker
from trainer.training.batches import GroupedBatches
from trainer.workbench import inputs_of

FOLDS = 5
EPOCHS = 10
Make = Callable[[int, int], tuple[NDArray[Any], ...]]


def talk(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def load(backbone: str, data: WsdData, layers: list[int]) -> tuple[ViConBERT, InputMaker]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(backbone)
    pieces = inputs_of(ViConBERTConfig(segmenter="syllables"), tokenizer).pieces
    texts = [*data.inventory.glosses, *(item.sentence for item in data.items)]
    vocabulary = likelihood_vocabulary(pieces, texts)
    model = ViConBERT.from_backbone(
        backbone,
        dtype=torch.bfloat16,
        echo=True,
        layer=17,
        segmenter="syllables",
        gloss_width=640,
        reading=True,
        likelihood=True,
        reading_layers=layers,
        n_vocabulary=len(vocabulary),
    )
    model.vocabulary.copy_(vocabulary)
    return model.eval(), inputs_of(model.config, tokenizer)


CHUNK = 1024


def in_chunks(folder: Path, name: str, n: int, make: Make) -> list[NDArray[Any]]:
    """Arrays made chunk by chunk and kept; a run that was killed goes on at its last chunk."""
    parts = []
    for at in range(0, n, CHUNK):
        path = folder / f"{name}-{at // CHUNK:04d}.npz"
        if not path.exists():
            with replacing(path) as temporary, open(temporary, "wb") as file:
                np.savez(file, *make(at, min(n, at + CHUNK)))
            talk(f"{name}: {min(n, at + CHUNK):,} of {n:,}")
        with np.load(path) as arrays:
            parts.append([arrays[key] for key in arrays.files])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


@dataclass(frozen=True, slots=True)
class Features:
    """Readings of all pairs, echo vectors of all contexts, vectors of all glosses."""

    states: NDArray[np.float16]
    likelihoods: NDArray[np.float32]
    echo: NDArray[np.float16]
    gloss: NDArray[np.float16]


def extract(args: argparse.Namespace, data: WsdData) -> Features:
    """The frozen backbone's features, from the cache where they were made before."""
    texts = [*data.inventory.glosses, *(item.sentence for item in data.items)]
    folder = args.cache / content_digest(args.backbone, str(args.layer), *texts)[:12]
    loaded: list[tuple[ViConBERT, InputMaker]] = []

    def parts() -> tuple[ViConBERT, InputMaker]:
        if not loaded:
            loaded.append(load(args.backbone, data, [args.layer]))
        return loaded[0]

    asks = [
        (item.marked, entry)
        for item in contested(data)
        for entry in data.inventory.candidates(item.lemma)
    ]

    def readings(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        out = read_pairs(model, inputs, asks[start:end])
        return out.states, out.likelihoods

    def echoes(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        placed = [inputs.place(item.marked) for item in data.items[start:end]]
        return (frozen_vectors(model, inputs, placed, 64).astype(np.float16),)

    def glosses(start: int, end: int) -> tuple[NDArray[Any], ...]:
        model, inputs = parts()
        placed = [inputs.place_whole(text) for text in data.inventory.glosses[start:end]]
        return (frozen_vectors(model, inputs, placed, 64).astype(np.float16),)

    states, likelihoods = in_chunks(folder, "readings", len(asks), readings)
    (echo,) = in_chunks(folder, "echo", len(data.items), echoes)
    (gloss,) = in_chunks(folder, "gloss", len(data.inventory.glosses), glosses)
    return Features(states, likelihoods, echo, gloss)


def contested(data: WsdData) -> list[Item]:
    """The contexts whose lemma has two senses or more."""
    return [item for item in data.items if len(data.inventory.candidates(item.lemma)) > 1]


@dataclass(frozen=True, slots=True)
class Fold:
    """Indices of items: what is trained on, what decides, what is tested; lemmas are disjoint."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def folds(items: Sequence[Item]) -> list[Fold]:
    at = np.array([fold_of(match_key(item.lemma), FOLDS, 0) for item in items])
    numbers = np.arange(len(items))
    return [
        Fold(
            numbers[(at != k) & (at != (k + 1) % FOLDS)],
            numbers[at == (k + 1) % FOLDS],
            numbers[at == k],
        )
        for k in range(FOLDS)
    ]


class Dictionary:
    """The data, the features, and everything that scorers share."""

    def __init__(self, data: WsdData, features: Features) -> None:
        self.data, self.features = data, features
        inventory = data.inventory
        self.items = contested(data)
        self.candidates = [inventory.candidates(item.lemma) for item in self.items]
        self.gold = [gold_column(i, c) for i, c in zip(self.items, self.candidates, strict=True)]
        self.table = candidate_table(
            self.items, self.candidates, Readings(features.states, features.likelihoods)
        )
        self.folds = folds(self.items)
        row = {item.item_id: at for at, item in enumerate(data.items)}
        self.row = np.array([row[item.item_id] for item in self.items])
        self.all_folds = folds(data.items)
        self.gloss_of = torch.tensor([inventory.row_of[i.synset_id] for i in data.items])
        width = max(map(len, self.candidates))
        self.rows = torch.full((len(data.items), width), -1)
        for at, item in enumerate(data.items):
            own = inventory.candidate_rows(item.lemma)
            self.rows[at, : len(own)] = torch.tensor(own)
        self.overlap = OverlapScorer(inventory).scores(self.items, self.candidates)

    def result(self, name: str, scores: Sequence[Sequence[NDArray[Any]]]) -> dict[str, Any]:
        """A row of the table: the mean accuracy of the runs, and the interval of all of them."""
        runs = np.array(
            [
                [int(np.argmax(s)) == g for s, g in zip(run, self.gold, strict=True)]
                for run in scores
            ]
        )
        lemmas = [match_key(item.lemma) for item in self.items]
        estimate = accuracy(
            runs.T.flatten().tolist(), [lemma for lemma in lemmas for _ in range(len(runs))]
        )
        each = [round(float(run.mean()), 4) for run in runs]
        talk(f"{name}: {estimate.value:.4f} [{estimate.low:.3f}, {estimate.high:.3f}] {each}")
        return {
            "name": name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "runs": each,
        }


def split_scores(d: Dictionary, table: Tensor, at: NDArray[np.int64]) -> dict[int, NDArray[Any]]:
    return {int(i): table[k, : len(d.candidates[i])].numpy() for k, i in enumerate(at)}


def projected(d: Dictionary, objective: str, seed: int) -> list[NDArray[Any]]:
    """Cosines of a head on frozen echo vectors, trained by the named objective."""
    x, g = (torch.from_numpy(v.astype(np.float32)) for v in (d.features.echo, d.features.gloss))
    glosses = (g - g.mean(0)) / g.std(0).clamp(min=1e-4)
    table = GlossTable(glosses, torch.tensor(d.data.inventory.text_numbers))
    found: list[NDArray[Any]] = [np.zeros(0)] * len(d.items)
    for fold, own in zip(d.all_folds, d.folds, strict=True):
        torch.manual_seed(seed)
        train = np.concatenate([fold.train, fold.validation])
        mean, deviation = x[train].mean(0), x[train].std(0).clamp(min=1e-4)
        z = (x - mean) / deviation
        head = ProjectionHead(x.shape[1], 512, g.shape[1], 1, 0.3)
        loss_of = Objective(ObjectiveSettings(name=objective))
        optimiser = torch.optim.AdamW([*head.parameters(), *loss_of.parameters()], lr=5e-4)
        lemmas = [match_key(d.data.items[i].lemma) for i in train]
        numbers = {lemma: n for n, lemma in enumerate(dict.fromkeys(lemmas))}
        batches = GroupedBatches(
            d.gloss_of[train].tolist(),
            [numbers[lemma] for lemma in lemmas],
            [1] * len(train),
            512,
            siblings=objective != "paper",
            buckets=False,
            seed=seed,
        )
        for epoch in range(EPOCHS):
            for batch in batches.epoch(epoch):
                at = train[batch]
                loss = loss_of(head(z[at]), JointBatch(d.gloss_of[at], d.rows[at]), table)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        head.eval()
        with torch.inference_mode():
            vectors = normalize(head(z[d.row[own.test]]), dim=1)
            unit = normalize(glosses, dim=1)
            for k, i in enumerate(own.test):
                rows = d.rows[d.row[i]][: len(d.candidates[i])]
                found[i] = (unit[rows] @ vectors[k]).numpy()
    return found


def frozen_cosines(d: Dictionary) -> list[NDArray[Any]]:
    """Cosines of echo and gloss vectors, each centred on its own mean."""
    x, g = (torch.from_numpy(v.astype(np.float32)) for v in (d.features.echo, d.features.gloss))
    z, unit = normalize(x - x.mean(0), dim=1), normalize(g - g.mean(0), dim=1)
    return [
        (unit[d.rows[at][: len(own)]] @ z[at]).numpy()
        for at, own in zip(d.row, d.candidates, strict=True)
    ]


def read(
    d: Dictionary, seed: int, likelihood: bool
) -> tuple[list[NDArray[Any]], list[dict[int, NDArray[Any]]]]:
    """Reading scores of every item by the fold that tests it; those of each validation part."""
    found: list[NDArray[Any]] = [np.zeros(0)] * len(d.items)
    validation = []
    settings = RankerSettings()
    for fold in d.folds:
        torch.manual_seed(seed)
        head = ReadingHead(d.table.states.shape[2], settings.width, settings.dropout, likelihood)
        fit_reading(head, d.table.rows(fold.train), d.table.rows(fold.validation), settings, seed)
        scores = split_scores(d, reading_scores(head, d.table.rows(fold.test)), fold.test)
        for i, own in scores.items():
            found[i] = own
        held = reading_scores(head, d.table.rows(fold.validation))
        validation.append(split_scores(d, held, fold.validation))
    return found, validation


def fused(
    d: Dictionary,
    reading: list[NDArray[Any]],
    validation: list[dict[int, NDArray[Any]]],
    cosine: list[NDArray[Any]],
) -> list[NDArray[Any]]:
    """Reading, cosine and overlap, weighed on each fold's validation part."""
    found: list[NDArray[Any]] = [np.zeros(0)] * len(d.items)
    for fold, held in zip(d.folds, validation, strict=True):

        def signals(i: int, own: NDArray[Any]) -> NDArray[np.float32]:
            none = np.zeros_like(own)
            return np.stack([own, cosine[i], d.overlap[i], none], axis=1).astype(np.float32)

        fusion = fit_fusion(
            [signals(i, held[int(i)]) for i in fold.validation],
            [d.gold[i] for i in fold.validation],
            Fusion(1.0, 1.0, 0.1),
        )
        for i in fold.test:
            found[i] = fusion.combine(signals(i, reading[i]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--layer", type=int, default=9)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    whole = read_dictionary(args.data)
    kept = {i.item_id for i in contested(whole)}
    lemmas = {match_key(i.lemma) for i in contested(whole)}
    data = WsdData(
        Inventory(e for e in whole.inventory.entries if match_key(e.lemma) in lemmas),
        tuple(i for i in whole.items if i.item_id in kept),
    )
    d = Dictionary(data, extract(args, data))
    talk(f"{len(d.items)} contested contexts")
    seeds = range(args.seeds)
    rows = [
        d.result("random", [RandomScorer(s).scores(d.items, d.candidates) for s in seeds]),
        d.result("first sense", [FirstSenseScorer().scores(d.items, d.candidates)]),
        d.result("lexical overlap", [d.overlap]),
    ]
    told = [d.table.likelihoods[i, : len(own), 0].numpy() for i, own in enumerate(d.candidates)]
    rows.append(d.result("likelihood of the sentence after the gloss, untrained", [told]))
    rows.append(d.result("frozen echo vectors, cosine", [frozen_cosines(d)]))
    heads = {}
    for name in (
        "reference",
        "paper",
        "contrast_only",
        "structure_only",
        "both_ways",
        "siblings",
        "candidates",
        "default",
    ):
        heads[name] = [projected(d, name, seed) for seed in seeds]
        rows.append(d.result(f"head on echo vectors, objective {name}", heads[name]))
    bare = [read(d, seed, likelihood=False)[0] for seed in seeds]
    rows.append(d.result("joint reading without likelihood", bare))
    full = [read(d, seed, likelihood=True) for seed in seeds]
    rows.append(d.result("joint reading with likelihood", [run[0] for run in full]))
    mixed = [
        fused(d, run[0], run[1], cosine) for run, cosine in zip(full, heads["default"], strict=True)
    ]
    rows.append(d.result("default: reading, likelihood, cosine and overlap", mixed))
    print("| system | accuracy | 95 % by lemma | seeds |\n|---|---|---|---|")
    for row in rows:
        each = ", ".join(f"{value:.3f}" for value in row["runs"])
        print(
            f"| {row['name']} | {row['value']:.3f} | {row['low']:.3f}-{row['high']:.3f} | {each} |"
        )
    if args.out is not None:
        args.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
