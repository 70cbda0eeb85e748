"""From a release and settings to the folder ``distilled``: what ``viconwsd distil train`` does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import torch

from schemas.errors import InputError, UsageError
from schemas.numbers import counted
from schemas.records import EnglishContext, Rephrasing, Split
from trainer.data import Item, WsdData
from trainer.distil.fit import CHECKPOINT, AttentionFit
from trainer.distil.likelihood import sentence_likelihood
from trainer.distil.linear import fit_linear, whitening
from trainer.distil.linked import linked_triples
from trainer.distil.rephrased import rephrased_triples
from trainer.distil.substitutes import Substitutes, static_vectors
from trainer.distil.triples import Siblings, Triple, TripleRows, same_sense_triples
from trainer.evaluation.word_in_context import area_under_curve, context_pairs
from trainer.meanings.distiller import check_heads
from trainer.meanings.heads import AttentionHead, Head, MatrixHead, Vectors
from trainer.meanings.model import (
    AboutDistilled,
    DistilledModel,
    HeadFigure,
    distilled_folder,
    numbered,
    open_teacher,
)
from trainer.ranking.prediction import unit_rows
from trainer.settings import DistilSettings
from trainer.states.kept import gigabytes, in_a_row, standardised_rows, teacher_states
from trainer.states.standardise import ReadRows, Standardiser
from trainer.states.teacher import Teacher
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity
from trainer.text.inputs import MarkedSentence
from trainer.training.reporting import Notify

MEAN = "standardised mean"
WHITENING = "whitening"
ATTENTION = "attention"
COLLAPSED = "attention, without negatives"
_SAMPLE = 8192
_CHANGES_NOTHING = {"kept_states_gb", "threads", "evaluate"}


def train_distiller(
    data: WsdData,
    settings: DistilSettings,
    backbone: str,
    folder: Path,
    notify: Notify = print,
    again: bool = False,
    english: Sequence[EnglishContext] = (),
    rephrasings: Sequence[Rephrasing] = (),
) -> Path:
    """Distils into ``distilled_folder(folder)``; killed and started again it goes on where it was.

    ``english`` and ``rephrasings`` are the rows of the release's tables of these names.

    A model of the same settings, data and weights is left as it is unless ``again``. Raises
    InputError where the release has no triples.
    """
    training, validation = data.split("train"), data.split("validation")
    siblings = Siblings(training, data.inventory)

    def further(split: Split, items: Sequence[Item]) -> list[Triple]:
        own = {item.item_id: item for item in items}
        again_said = [row for row in rephrasings if row.split is split]
        return linked_triples([row for row in english if row.split is split]) + rephrased_triples(
            again_said, own, siblings
        )

    return distil_triples(
        data,
        same_sense_triples(training, data.inventory) + further(Split.TRAIN, training),
        same_sense_triples(validation, data.inventory, training)
        + further(Split.VALIDATION, validation),
        settings,
        backbone,
        folder,
        notify,
        again,
    )


def distil_triples(
    data: WsdData,
    triples: list[Triple],
    pool: list[Triple],
    settings: DistilSettings,
    backbone: str,
    folder: Path,
    notify: Notify = print,
    again: bool = False,
) -> Path:
    """The same of triples whose sources are items of ``data``, by their ids.

    Those of ``triples`` are training items, those of ``pool``, which decides, of validation.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    if not triples:
        raise InputError(
            "no sense has two training examples, so there is nothing to distil: ask for more with "
            "[contexts] per_sense"
        )
    with training_lock(folder / "distil"):
        teacher = open_teacher(settings, backbone, data.inventory.language.code)
        identity = _identity(data, [*triples, *pool], settings, teacher)
        if settings.distiller == "attention":  # told before anything is read
            check_heads(min(settings.reduce or teacher.width, teacher.width), settings.heads)
        made = distilled_folder(folder)
        if not again and saved_identity(made) == identity:
            notify("up to date: settings, data and backbone are those of the model")
            return made
        work = _Work(data, settings, teacher, folder / "distil", identity, notify)
        work.run(triples, pool).save(made, identity)
        for checkpoint in (folder / "distil").glob(f"*/{CHECKPOINT}"):
            checkpoint.unlink()  # done with; other settings may begin
    return made


def _identity(
    data: WsdData, triples: Sequence[Triple], settings: DistilSettings, teacher: Teacher
) -> str:
    digest = hashlib.sha256(settings.model_dump_json(exclude=_CHANGES_NOTHING).encode())
    digest.update(f"{data.inventory.language.code} {teacher.digest}".encode())
    for row in (
        *data.inventory.entries,
        *data.split("train"),
        *data.split("validation"),
        *triples,
    ):
        digest.update(b"\n" + orjson.dumps(row))
    return digest.hexdigest()


@dataclass(frozen=True)
class _Work:
    data: WsdData
    settings: DistilSettings
    teacher: Teacher
    folder: Path
    identity: str
    notify: Notify

    def run(self, triples: list[Triple], pool: list[Triple]) -> DistilledModel:
        training, validation = self.data.split("train"), self.data.split("validation")
        taught, checked = ([item.marked for item in own] for own in (training, validation))
        standardiser = self._standardiser(taught)
        read, read_checked = (self._reader(own, standardiser) for own in (taught, checked))
        means = _mean_states(read, len(taught))
        numbered(means, self.teacher.name)
        known = [*taught, *checked]
        rows = TripleRows.of(
            [
                *self._with_negatives(triples, training, means),
                *self._with_negatives(pool, validation, means),
            ],
            known,
        )
        new = rows.sentences[len(known) :]
        everyone = in_a_row(
            [
                (len(taught), read),
                (len(checked), read_checked),
                (len(new), self._reader(new, standardiser)),
            ]
        )
        own, deciding = rows.part(0, len(triples)), rows.part(len(triples), len(rows))
        n_negatives, n_siblings = (int((own.rows[:, side] >= 0).sum()) for side in (2, 3))
        self.notify(
            f"{counted(len(triples), 'triple')}, {n_negatives:,} with a negative, {n_siblings:,} "
            f"with a sibling; {len(pool):,} to validate"
        )
        heads: dict[str, Head] = {MEAN: MatrixHead()}
        heads[WHITENING] = MatrixHead(whitening(means, self.settings.ridge))
        heads |= self._linear(own, everyone)
        measure = _Measure(self.data, read_checked)
        for name, negatives in self._attention():
            fit = AttentionFit(
                own, deciding, everyone, standardiser.width, self.settings, negatives
            )
            place = self.folder / name.replace(", ", "-").replace(" ", "-")
            found = fit.run(place, f"{self.identity} {name}", lambda m: measure(AttentionHead(m)))
            heads[name] = AttentionHead(found)
        figures = tuple(
            HeadFigure(name=name, validation_auc=measure(head)) for name, head in heads.items()
        )
        chosen = self._chosen(figures)
        told = [f for f in figures if f.validation_auc is not None]
        areas = ", ".join(f"{f.name} {f.validation_auc:.3f}" for f in told)
        self.notify(f"validation area: {areas or 'no pairs'}; chosen: {chosen}")
        about = AboutDistilled(
            language=self.data.inventory.language.code,
            backbone=self.teacher.name,
            weights=self.teacher.digest,
            layers=self.teacher.layers,
            echo=self.teacher.inputs.echo,
            chosen=chosen,
            heads=figures,
            settings=self.settings,
        )
        return DistilledModel(about, standardiser, heads)

    def _reader(self, sentences: Sequence[MarkedSentence], standardiser: Standardiser) -> ReadRows:
        tokenized = self.teacher.inputs.tokenize_all(sentences)
        return standardised_rows(self.teacher, tokenized, self.folder / "states", standardiser)

    def _standardiser(self, sentences: Sequence[MarkedSentence]) -> Standardiser:
        """By all training targets; by at most 8,192 of them where states are reduced."""
        settings, reduce = self.settings, self.settings.reduce
        size = gigabytes(self.teacher, len(sentences))
        if reduce is None and size > settings.kept_states_gb:
            raise UsageError(
                f"the states of {len(sentences):,} targets would take {size:.2g} GB, "
                f"kept_states_gb allows {settings.kept_states_gb:g}: set reduce = 256, name fewer "
                "layers, or raise it"
            )
        step = 1 if reduce is None else -(-len(sentences) // _SAMPLE)
        tokenized = self.teacher.inputs.tokenize_all(sentences[::step])
        raw = teacher_states(self.teacher, tokenized, self.folder / "states")
        return Standardiser.fit(raw.rows, range(len(raw)), reduce)

    def _with_negatives(
        self, triples: list[Triple], items: Sequence[Item], means: Vectors
    ) -> list[Triple]:
        if "substitution" not in self.settings.negatives:
            return triples
        training, inventory = self.data.split("train"), self.data.inventory
        static = likelihood = None
        if self.settings.proposals != "random":
            static = static_vectors(training, means, inventory.language.match_key)
        if self.settings.proposals == "likely":
            texts = [item.sentence for item in training]
            likelihood = sentence_likelihood(self.teacher, texts)
        substitutes = Substitutes(training, inventory, static, likelihood)
        return substitutes.negatives(triples, {item.item_id: item for item in items})

    def _linear(self, triples: TripleRows, read: ReadRows) -> dict[str, Head]:
        """The closed form against each kind of negative that there is, and against both."""
        has = {"substitution": 2, "sibling": 3}
        kinds = [
            kind for kind in self.settings.negatives if (triples.rows[:, has[kind]] >= 0).any()
        ]
        if not kinds:
            raise InputError(
                "the training triples have no negatives: no word of the release can take another's "
                "place, and no lemma has a second sense with examples"
            )
        wanted = [(kind,) for kind in kinds] + ([tuple(kinds)] if len(kinds) > 1 else [])
        return {
            f"linear, {' and '.join(own)}": MatrixHead(
                fit_linear(
                    read,
                    triples,
                    self.settings.ridge,
                    negatives="substitution" in own,
                    siblings="sibling" in own,
                )
            )
            for own in wanted
        }

    def _attention(self) -> list[tuple[str, bool]]:
        if self.settings.distiller == "linear":
            return []
        return [(ATTENTION, True)] + (
            [(COLLAPSED, False)] if self.settings.without_negatives else []
        )

    def _chosen(self, figures: Sequence[HeadFigure]) -> str:
        """The best on validation pairs; the standardised mean unless one is shown to be better."""
        able = [f for f in figures if f.name not in (WHITENING, COLLAPSED)]
        return max(able, key=lambda f: f.validation_auc or 0.0).name


def _mean_states(read: ReadRows, n: int) -> Vectors:
    parts = [read(range(at, min(n, at + 1024))).mean(axis=1) for at in range(0, n, 1024)]
    return np.concatenate(parts)


class _Measure:
    """The area under the curve of a head's cosines on word-in-context pairs of validation items."""

    def __init__(self, data: WsdData, read: ReadRows) -> None:
        items = data.split("validation")
        pairs = context_pairs(items, data.inventory.language)
        at = {item.item_id: row for row, item in enumerate(items)}
        self._left = [at[pair.left.item_id] for pair in pairs]
        self._right = [at[pair.right.item_id] for pair in pairs]
        self._same = [pair.same for pair in pairs]
        self._read = read

    def __call__(self, head: Head) -> float | None:
        if not self._same:
            return None
        sides = [unit_rows(head.meaning(self._read(rows))) for rows in (self._left, self._right)]
        return area_under_curve((sides[0] * sides[1]).sum(axis=1), self._same)
