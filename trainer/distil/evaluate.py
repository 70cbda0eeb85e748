"""All kinds of vectors on all sets in one run: the whole of ``viconwsd distil evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import write_text
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget, item_pairs
from trainer.benchsets.words import letters_alone
from trainer.data import WsdData
from trainer.distil.report import DistilReport, SetResult, distil_markdown
from trainer.distil.run import MEAN
from trainer.distil.scores import score_set
from trainer.evaluation.accuracy import Bootstrap
from trainer.evaluation.word_in_context import area_under_curve
from trainer.meanings.heads import AttentionHead, Vectors
from trainer.meanings.model import DistilledModel, numbered
from trainer.ranking.prediction import unit_rows
from trainer.settings import DistilEvaluateSettings
from trainer.states.kept import teacher_states
from trainer.states.standardise import ReadRows, Rows
from trainer.states.teacher import Teacher
from trainer.text.pieces import Tokenized
from trainer.training.reporting import Notify

_CHUNK = 1024
_Spans = tuple[Tokenized, ...]
Cosines = NDArray[np.float64]
MakeVectors = Callable[[Vectors, Vectors], Vectors]
"""(n, d) vectors of the states of all layers (n, N + 1, width), and of one copy's last layer."""


def release_set(data: WsdData, splits: Sequence[str]) -> BenchSet:
    """The word-in-context pairs of a release, the threshold being validation's."""
    language = data.inventory.language
    test, dev = (item_pairs(data.split(*own), language) for own in (splits, ("validation",)))
    return BenchSet("release", "same", test, dev)


def evaluate_distilled(
    model: DistilledModel,
    sets: Sequence[BenchSet],
    settings: DistilEvaluateSettings,
    folder: Path,
    notify: Notify = print,
) -> DistilReport:
    """The report; states are kept in ``folder``, so that a killed run goes on.

    Raises InputError where there is nothing to measure, or where the backbone has changed.
    """
    if not any(bench.test for bench in sets):
        raise InputError(
            "nothing to measure: the release has no pairs of one lemma, and [distil.evaluate] sets "
            "names no set"
        )
    threads = model.about.settings.threads
    if threads is not None:
        torch.set_num_threads(threads)
    cosines_of = BenchCosines.of(model, folder)
    bootstrap = Bootstrap(
        settings.bootstrap_samples, settings.confidence, model.about.settings.seed
    )
    results: list[SetResult] = []
    for bench in sets:
        if not bench.test:
            notify(f"{bench.name}: no pairs")
            continue
        results.append(score_set(bench.name, bench, cosines_of(bench), MEAN, bootstrap))
    about = model.about
    return DistilReport(
        backbone=about.backbone,
        weights=about.weights,
        layers=about.layers,
        chosen=about.chosen,
        confidence=settings.confidence,
        sets=tuple(results),
    )


def write_distil_report(folder: Path, report: DistilReport) -> list[Path]:
    """Writes JSON and Markdown."""
    paths = [folder / "distil.json", folder / "distil.md"]
    write_text(paths[0], report.model_dump_json(indent=2))
    write_text(paths[1], distil_markdown(report))
    return paths


def _rows(model: DistilledModel) -> dict[str | int, MakeVectors]:
    """The kinds of vectors by name; by its number each single layer, of which one is shown."""
    layers, scale = list(model.about.layers), model.standardiser

    def head(own: Callable[[Vectors], Vectors]) -> MakeVectors:
        return lambda states, _: own(scale.apply(states[:, layers]))

    def layer(at: int) -> MakeVectors:
        return lambda states, _: scale.apply(states[:, layers])[:, at]

    rows: dict[str | int, MakeVectors] = {
        "static (embeddings)": lambda states, _: states[:, 0],
        "one copy, last layer": lambda _, last: last[:, 0],
        "raw mean (the paper's baseline)": lambda states, _: states[:, layers].mean(axis=1),
    }
    rows |= {number: layer(at) for at, number in enumerate(layers)}
    for name, own in model.heads.items():
        rows[name] = head(own.meaning)
        if isinstance(own, AttentionHead):
            rows[f"{name}: context"] = head(own.context)
    return rows


def _best_layer(bench: BenchSet, cosines: Mapping[str | int, tuple[Cosines, Cosines]]) -> int:
    """The layer of the greatest area on the development pairs; without any the last one."""
    layers = [name for name in cosines if isinstance(name, int)]
    if not bench.dev:
        return layers[-1]
    gold = [pair.gold > 0 for pair in bench.dev]
    return max(layers, key=lambda at: area_under_curve(np.nan_to_num(cosines[at][0]), gold))


@dataclass(frozen=True)
class BenchCosines:
    """The cosines of a set's pairs by kind of vector.

    The teacher reads once as it does, and once without an echo, both with all layers.
    """

    model: DistilledModel
    whole: Teacher
    last: Teacher
    folder: Path

    @classmethod
    def of(cls, model: DistilledModel, folder: Path) -> BenchCosines:
        """With the model's teacher; ``folder`` keeps the states."""
        teacher = model.teacher
        n_layers = int(teacher.backbone.config.get_text_config().num_hidden_layers)
        whole = replace(teacher, layers=tuple(range(n_layers + 1)))
        last = replace(teacher, layers=(n_layers,), inputs=teacher.inputs.once())
        return cls(model, whole, last, folder)

    def __call__(self, bench: BenchSet) -> dict[str, tuple[Cosines, Cosines]]:
        """Those of the development and of the test pairs; NaN where a target has no place."""
        pairs, n = [*bench.dev, *bench.test], len(bench.dev)
        found = self.cosines(pairs, _rows(self.model))
        letters = np.where(np.isnan(found[MEAN]), np.nan, letters_alone(pairs))
        split = {
            name: (own[:n], own[n:]) for name, own in {"letters alone": letters, **found}.items()
        }
        best = _best_layer(bench, split)
        return {
            (f"one layer ({name}), standardised" if isinstance(name, int) else name): own
            for name, own in split.items()
            if not isinstance(name, int) or name == best
        }

    def cosines(
        self, pairs: Sequence[BenchPair], rows: Mapping[str | int, MakeVectors]
    ) -> dict[str | int, Cosines]:
        """By kind of vector the cosine of each pair; NaN where a target has no place."""
        targets = list(dict.fromkeys(side for pair in pairs for side in (pair.left, pair.right)))
        number = {target: at for at, target in enumerate(targets)}
        spans = [(_placed(self.whole, t), _placed(self.last, t)) for t in targets]
        placed = np.array([all(own) for own in spans])
        vectors = self._vectors([own for own in spans if all(own)], rows)
        at = np.cumsum(placed) - 1
        left, right = (
            np.array([number[side] for side in sides])
            for sides in zip(*((pair.left, pair.right) for pair in pairs), strict=True)
        )
        known = placed[left] & placed[right]
        found = {}
        for name, own in vectors.items():
            sides = [own[at[side[known]]] for side in (left, right)]
            found[name] = np.full(len(pairs), np.nan)
            found[name][known] = (sides[0] * sides[1]).sum(axis=1)
        return found

    def _vectors(
        self, spans: Sequence[tuple[_Spans, _Spans]], rows: Mapping[str | int, MakeVectors]
    ) -> dict[str | int, Vectors]:
        """By kind of vector those of all targets, of length 1."""
        read = [
            _mean_of_spans(teacher, [own[side] for own in spans], self.folder)
            for side, teacher in enumerate((self.whole, self.last))
        ]
        parts: dict[str | int, list[Vectors]] = {name: [] for name in rows}
        for start in range(0, len(spans), _CHUNK):
            states, last = (own(range(start, min(len(spans), start + _CHUNK))) for own in read)
            numbered(states, self.whole.name)
            for name, make in rows.items():
                parts[name].append(unit_rows(make(states, last)))
        empty = np.zeros((0, 1), dtype=np.float32)
        return {name: np.concatenate([*own] or [empty]) for name, own in parts.items()}


def _mean_of_spans(teacher: Teacher, spans: Sequence[_Spans], folder: Path) -> ReadRows:
    """Reads each target's states, the mean over its spans."""
    starts = np.cumsum([0, *map(len, spans)])
    states = teacher_states(teacher, [row for own in spans for row in own], folder)

    def read(rows: Rows) -> Vectors:
        asked = [range(starts[row], starts[row + 1]) for row in rows]
        found = states.rows([at for own in asked for at in own])
        first = np.cumsum([0, *map(len, asked[:-1])])
        counts = np.array([len(own) for own in asked], dtype=np.float32)
        summed = np.add.reduceat(found, first, axis=0)
        return np.asarray(summed / counts[:, None, None], dtype=np.float32)

    return read


def _placed(teacher: Teacher, target: BenchTarget) -> _Spans:
    """The target's spans as ids; nothing where one of them has no place."""
    try:
        return tuple(teacher.inputs.tokenize(marked) for marked in target.marked)
    except InputError:
        return ()
