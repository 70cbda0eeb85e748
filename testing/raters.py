"""Simulated audits by annotators who err."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from audits.statistics.dawid_skene import fit
from audits.statistics.intervals import score
from audits.statistics.verdicts import Rated, score_input

QUALITY = 0.92
ROWS = 20_000


class AuditOfRaters(NamedTuple):
    """An audit of 300 rows; ``spread`` is how far annotators' error rates differ (a deviation)."""

    annotators: int
    overlap: float
    spread: float = 0.0
    rows: int = 300
    on_good: float = 0.05
    on_bad: float = 0.25


class RatersFound(NamedTuple):
    """What many audits of a design came to."""

    mean: float
    coverage: float
    """Of the share that an annotator drawn at random calls good."""
    half_width: float
    modelled: float
    """The mean estimate of the model of Dawid and Skene; NaN where it is not made."""


def simulated(design: AuditOfRaters, audits: int, seed: int, modelled: int = 60) -> RatersFound:
    """Audits of a population of which 92 % is good; ``modelled`` of them are modelled too."""
    generator = np.random.default_rng(seed)
    population = np.array([float(ROWS)])
    found, models = [], []
    for number in range(audits):
        rows = _read(design, generator)
        found.append(score_input(rows, population))
        if design.annotators > 2 and design.overlap and number < modelled:
            said = [{name: int(v) for name, v in row.verdicts.items()} for row in rows]
            models.append(float(fit(said, 2).posterior[:, 1].mean()))
    bounds = score(
        np.array([each.good for each in found]),
        found[0].n,
        population,
        np.array([each.ratio for each in found]),
        np.array([each.extra for each in found]),
    )
    truth = QUALITY * (1 - design.on_good) + (1 - QUALITY) * design.on_bad
    return RatersFound(
        float(bounds.value.mean()),
        float(((bounds.low <= truth) & (truth <= bounds.high)).mean()),
        float((bounds.high - bounds.low).mean() / 2),
        float(np.mean(models)) if models else float("nan"),
    )


def _read(design: AuditOfRaters, generator: np.random.Generator) -> list[Rated]:
    people = design.annotators
    on_good = np.clip(design.on_good + design.spread * generator.standard_normal(people), 0, 1)
    on_bad = np.clip(design.on_bad + 5 * design.spread * generator.standard_normal(people), 0, 1)
    good = generator.random(design.rows) < QUALITY
    chance = generator.random((design.rows, people))
    said = np.where(good[:, None], chance >= on_good, chance < on_bad).astype(float)
    common = round(design.rows * design.overlap)
    return [
        Rated(
            0,
            {str(who): said[at, who] for who in (range(people) if at < common else [at % people])},
        )
        for at in range(design.rows)
    ]
