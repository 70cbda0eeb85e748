"""The systems that are compared on frozen features: heads, readings, and both weighed together."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from benchmarks.dictionary.features import notify
from benchmarks.dictionary.study import Fold, Scores, Study
from trainer.model.cross_encoder import CrossEncoderHead
from trainer.model.vicon import ProjectionHead
from trainer.objectives import JointBatch, Objective, unseen
from trainer.ranking.fit_cross_encoder import cross_encoder_scores, fit_cross_encoder
from trainer.ranking.fusion import fit_fusion, prior_fusion
from trainer.ranking.lexical import UsageModel
from trainer.settings import ObjectiveSettings, RankerSettings
from trainer.training.batches import GroupedBatches

_EPOCHS = 10
_BATCH = 512
_TEMPERATURE_SCALE = 1.0 / ObjectiveSettings().temperature


def frozen_cosines(study: Study) -> Scores:
    """Cosines of echo and gloss vectors, each centred on its own mean."""
    x, g = (
        torch.from_numpy(v.astype(np.float32)) for v in (study.features.echo, study.features.gloss)
    )
    z, unit = normalize(x - x.mean(0), dim=1), normalize(g - g.mean(0), dim=1)
    return {i: (unit[_own_rows(study, i)] @ z[i]).numpy() for i in study.tested()}


def _own_rows(study: Study, i: int) -> Tensor:
    return study.rows[i][: len(study.candidates[i])]


class Heads:
    """A projection head on frozen echo vectors per fold, trained by one objective.

    ``cosines[k]`` are the scores of fold k's tested and validation contexts;
    ``samples_per_second`` counts CPU seconds of training.
    """

    def __init__(self, study: Study, objective: str, seed: int) -> None:
        self.cosines: list[Scores] = []
        self._study, self._objective, self._seed = study, objective, seed
        n_seen, spent = 0, 0.0
        x = torch.from_numpy(study.features.echo.astype(np.float32))
        unit = normalize(study.glosses, dim=1)
        for fold in study.folds:
            mean, deviation = x[fold.train].mean(0), x[fold.train].std(0).clamp(min=1e-4)
            z = (x - mean) / deviation
            start = time.process_time()
            head = self._trained(z, fold)
            spent += time.process_time() - start
            n_seen += _EPOCHS * len(fold.train)
            asked = np.concatenate([fold.tested, fold.validation])
            with torch.inference_mode():
                vectors = normalize(head(z[asked]), dim=1)
            self.cosines.append(
                {
                    int(i): (unit[_own_rows(study, int(i))] @ vectors[k]).numpy()
                    for k, i in enumerate(asked)
                }
            )
        self.samples_per_second = n_seen / spent

    def _trained(self, z: Tensor, fold: Fold) -> ProjectionHead:
        study, train = self._study, fold.train
        rows = study.rows.masked_fill(unseen(study.rows, study.seen(fold)), -1)
        torch.manual_seed(self._seed)
        head = ProjectionHead(z.shape[1], 512, study.glosses.shape[1], 1, 0.3)
        loss_of = Objective(ObjectiveSettings(name=self._objective))
        optimiser = torch.optim.AdamW([*head.parameters(), *loss_of.parameters()], lr=5e-4)
        key = study.data.inventory.language.match_key
        lemmas = [key(study.items[i].lemma) for i in train]
        numbers = {lemma: n for n, lemma in enumerate(dict.fromkeys(lemmas))}
        batches = GroupedBatches(
            study.gloss_of[train].tolist(),
            [numbers[lemma] for lemma in lemmas],
            [1] * len(train),
            _BATCH,
            siblings=self._objective not in ("paper", "reference"),
            buckets=False,
            seed=self._seed,
        )
        for epoch in range(_EPOCHS):
            for batch in batches.epoch(epoch):
                at = train[batch]
                joint = JointBatch(study.gloss_of[at], rows[at])
                loss = loss_of(head(z[at]), joint, study.gloss_table)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return head.eval()


def joint_readings(study: Study, seed: int, likelihood: bool) -> list[Scores]:
    """Per fold the reading head's scores of its tested and validation contexts.

    Each fold reads in the layer whose head does best on its validation part.
    """
    settings = RankerSettings()
    found = []
    for fold in study.folds:
        ignored = study.false_negatives | unseen(study.rows, study.seen(fold))
        heads = []
        for layer, table in study.tables.items():
            torch.manual_seed(seed)
            head = CrossEncoderHead(
                table.states.shape[2], settings.width, settings.dropout, likelihood
            )
            trainable = table.ignoring(ignored).rows(fold.train)
            reached = fit_cross_encoder(
                head, trainable, table.rows(fold.validation), settings, seed
            )
            heads.append((reached or 0.0, layer, head))
        reached, layer, head = max(heads, key=lambda one: one[0])
        notify(f"layer {layer} of {[(n, round(value, 3)) for value, n, _ in heads]}")
        asked = np.concatenate([fold.tested, fold.validation])
        scores = cross_encoder_scores(head, study.tables[layer].rows(asked))
        found.append(
            {int(i): scores[k, : len(study.candidates[i])].numpy() for k, i in enumerate(asked)}
        )
    return found


def weighed(study: Study, readings: list[Scores] | None, cosines: list[Scores]) -> Scores:
    """What ``viconwsd train`` ends with: all signals, weighed on each fold's validation part."""
    found: Scores = {}
    for k, fold in enumerate(study.folds):
        usage = UsageModel.of((study.items[i] for i in fold.train), study.data.inventory.language)

        def signals(i: int, k: int = k, usage: UsageModel = usage) -> NDArray[Any]:
            own = study.candidates[i]
            used = [usage.score(study.items[i], e.synset_id, e.gloss or "") for e in own]
            reading = np.zeros(len(own)) if readings is None else readings[k][i]
            columns = [reading, cosines[k][i], study.overlap[i], np.array(used)]
            return np.stack(columns, axis=1).astype(np.float32)

        fusion = fit_fusion(
            [signals(int(i)) for i in fold.validation],
            [study.gold[i] for i in fold.validation],
            prior_fusion(readings is not None, _TEMPERATURE_SCALE),
        )
        found |= {int(i): fusion.combine(signals(int(i))) for i in fold.tested}
    return found


def told(study: Study) -> Scores:
    """log P(sentence around the target given the gloss): nothing is trained."""
    table = next(iter(study.tables.values())).likelihoods
    return {i: table[i, : len(study.candidates[i]), 0].numpy() for i in study.tested()}
