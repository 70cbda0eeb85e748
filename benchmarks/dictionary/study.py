"""The dictionary's ambiguous contexts, how they are split, and the table that is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.dictionary.features import Features, notify
from languages.find import find_language
from testing.dictionary import read_dictionary, split_by_lemma, split_by_sense
from trainer.data import Inventory, Item, WsdData
from trainer.data.dataset import ambiguous_items
from trainer.evaluation.accuracy import mean_over_lemmas
from trainer.objectives import GlossTable, false_negatives, padded_rows
from trainer.ranking.candidates import candidate_table, gold_column
from trainer.ranking.lexical import OverlapScorer
from trainer.settings import ObjectiveSettings

FOLDS = 5
Scores = dict[int, NDArray[Any]]
"""For each tested context, by its number, one score per candidate."""


def contested_data(folder: Path) -> WsdData:
    """The contexts of lemmas with two senses or more, with these lemmas' senses alone."""
    whole = read_dictionary(folder, find_language("vi"))
    key = whole.inventory.language.match_key
    items = ambiguous_items(whole.items, whole.inventory)
    lemmas = {key(item.lemma) for item in items}
    entries = (e for e in whole.inventory.entries if key(e.lemma) in lemmas)
    return WsdData(Inventory(entries, whole.inventory.language), tuple(items))


@dataclass(frozen=True, slots=True)
class Fold:
    """Numbers of contexts: what is trained on, what decides, and the parts that are tested."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    tests: dict[str, NDArray[np.int64]]

    @property
    def tested(self) -> NDArray[np.int64]:
        """All tested contexts."""
        return np.concatenate(list(self.tests.values()))


def folds(data: WsdData, by: str) -> list[Fold]:
    """By ``lemma``: five folds, each context tested once. By ``sense``: one fold."""
    split = split_by_lemma if by == "lemma" else split_by_sense
    found = []
    for k in range(FOLDS if by == "lemma" else 1):
        names = np.array([item.split for item in split(data, FOLDS, k).items])
        tests = {
            str(name): np.flatnonzero(names == name)
            for name in np.unique(names)
            if str(name).startswith("test_")
        }
        train, validation = (np.flatnonzero(names == n) for n in ("train", "validation"))
        found.append(Fold(train, validation, tests))
    return found


class Study:
    """The data, the features, the folds, and everything that systems share."""

    def __init__(self, data: WsdData, features: Features, by: str) -> None:
        self.data, self.features, self.folds = data, features, folds(data, by)
        inventory = data.inventory
        self.items: Sequence[Item] = data.items
        self.candidates = [inventory.candidates(item.lemma) for item in self.items]
        self.gold = [gold_column(i, c) for i, c in zip(self.items, self.candidates, strict=True)]
        self.gloss_of = torch.tensor([inventory.row_of[i.synset_id] for i in self.items])
        self.rows = padded_rows([inventory.candidate_rows(item.lemma) for item in self.items])
        g = torch.from_numpy(features.gloss.astype(np.float32))
        self.glosses = (g - g.mean(0)) / g.std(0).clamp(min=1e-4)
        self.gloss_table = GlossTable(self.glosses, torch.tensor(inventory.text_numbers))
        near = ObjectiveSettings().near_equal
        gold = self.gloss_of[:, None]
        self.false_negatives = false_negatives(gold, self.rows, self.gloss_table, near)
        self.tables = {
            layer: candidate_table(self.items, self.candidates, readings)
            for layer, readings in features.readings.items()
        }
        self.overlap = OverlapScorer(inventory).scores(self.items, self.candidates)

    def seen(self, fold: Fold) -> frozenset[int]:
        """The gloss rows of the senses that the fold trains on."""
        return frozenset(self.gloss_of[fold.train].tolist())

    def tested(self) -> Iterator[int]:
        """The numbers of all contexts that some fold tests."""
        for fold in self.folds:
            yield from fold.tested.tolist()

    def tests_of(self, per_fold: Sequence[Scores]) -> Scores:
        """Each tested context's scores by the fold that tests it."""
        pairs = zip(self.folds, per_fold, strict=True)
        return {i: own[i] for fold, own in pairs for i in fold.tested.tolist()}

    def everywhere(self, scores: Sequence[NDArray[Any]]) -> Scores:
        """Scores that need no training, of the tested contexts."""
        return {i: scores[i] for i in self.tested()}


@dataclass(frozen=True, slots=True)
class Row:
    """A system's accuracy per part: the mean of its runs with one interval over lemmas."""

    name: str
    cells: dict[str, str]
    seeds: dict[str, list[float]] = field(default_factory=dict)
    speed: str = "-"


def row_of(
    name: str, parts: Mapping[str, tuple[list[list[bool]], list[str]]], speed: str = "-"
) -> Row:
    """A row from each part's predictions, (seeds, items), and its items' lemmas."""
    cells, seeds = {}, {}
    for part, (runs, lemmas) in parts.items():
        right = np.array(runs)
        repeated = [find_language("vi").match_key(one) for one in lemmas for _ in runs]
        e = mean_over_lemmas(right.T.flatten().tolist(), repeated)
        cells[part] = f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"
        seeds[part] = [round(float(run.mean()), 4) for run in right]
    notify(f"{name}: {cells} {seeds} {speed}")
    return Row(name, cells, seeds, speed)


def measured(study: Study, name: str, runs: Sequence[Scores], speed: str = "-") -> Row:
    """The row of a system that was run once per seed."""
    parts = {}
    for part in study.folds[0].tests:
        numbers = [i for fold in study.folds for i in fold.tests.get(part, ())]
        right = [[int(np.argmax(run[i])) == study.gold[i] for i in numbers] for run in runs]
        parts[part] = (right, [study.items[i].lemma for i in numbers])
    return row_of(name, parts, speed)


def printed(rows: Sequence[Row]) -> None:
    """The table in Markdown; a column per tested part, the seeds' values of the first one."""
    parts = list(rows[0].cells)
    print(f"| system | {' | '.join(parts)} | seeds ({parts[0]}) | samples per CPU s |")
    print("|---" * (len(parts) + 3) + "|")
    for row in rows:
        cells = " | ".join(row.cells[part] for part in parts)
        own = row.seeds[parts[0]]
        each = ", ".join(f"{value:.3f}" for value in own) if len(own) > 1 else "-"
        print(f"| {row.name} | {cells} | {each} | {row.speed} |", flush=True)
