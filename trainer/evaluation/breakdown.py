"""Accuracy per part of speech, polysemy and what training has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schemas.text import match_key
from trainer.evaluation.bootstrap import Estimate, mean_over_lemmas
from trainer.evaluation.wsd import Outcome, ambiguous, within_pos

_MANY = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a breakdown: ``group`` such as "pos", ``name`` such as "verb"."""

    group: str
    name: str
    estimate: Estimate


Value = Callable[[Outcome], float]


def right(outcome: Outcome) -> float:
    """1 where the gold sense was chosen, else 0: their mean is the accuracy."""
    return float(outcome.correct)


def lead_over(model: Sequence[Outcome]) -> Value:
    """What the model has over another system's outcome for the same item: 1, 0 or -1."""
    own = {(o.item.item_id, o.same_pos_only): right(o) for o in (*model, *within_pos(model))}
    return lambda other: own[other.item.item_id, other.same_pos_only] - right(other)


def breakdown(
    outcomes: Sequence[Outcome],
    value: Value = right,
    *,
    samples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Cell]:
    """All cells: overall, per split, POS, number of candidates, and each of them same-POS only.

    The headline counts items whose lemma has two senses or more; ``with monosemous`` all.
    """

    def cell(group: str, name: str, chosen: Iterable[Outcome]) -> Cell:
        rows = list(chosen)
        return Cell(
            group,
            name,
            mean_over_lemmas(
                [value(row) for row in rows],
                [match_key(row.item.lemma) for row in rows],
                samples=samples,
                confidence=confidence,
                seed=seed,
            ),
        )

    hard, narrow = ambiguous(outcomes), within_pos(outcomes)
    cells = [
        cell("all", "ambiguous", hard),
        cell("all", "with monosemous", outcomes),
        cell("all", "same POS only", narrow),
    ]
    by: list[tuple[str, Callable[[Outcome], str], Sequence[Outcome]]] = [
        ("split", lambda o: o.item.split, hard),
        ("pos", lambda o: o.item.pos, hard),
        ("candidates", _n_candidates, hard),
        ("split, same POS", lambda o: o.item.split, narrow),
        ("pos, same POS", lambda o: o.item.pos, narrow),
        ("candidates, same POS", _n_candidates, narrow),
    ]
    for group, key, rows in by:
        parts: dict[str, list[Outcome]] = {}
        for row in rows:
            parts.setdefault(key(row), []).append(row)
        cells += [cell(group, name, part) for name, part in sorted(parts.items())]
    return cells


def _n_candidates(outcome: Outcome) -> str:
    n = outcome.n_senses
    return str(n) if n < _MANY else f"{_MANY}+"
