"""A file to read: what was confused with what, lemma by lemma, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from languages.language import Language
from schemas.files import write_text
from trainer.ranking.prediction import Prediction, ambiguous


def write_errors(path: Path, predictions: Sequence[Prediction], language: Language) -> int:
    """Writes the wrong answers as Markdown; returns their number."""
    by_lemma: dict[str, list[Prediction]] = {}
    for prediction in ambiguous(predictions):
        key = language.match_key(prediction.item.lemma)
        by_lemma.setdefault(key, []).append(prediction)
    wrong = {lemma: [p for p in own if not p.correct] for lemma, own in by_lemma.items()}
    lines = [
        "# Errors by lemma",
        "",
        "Each candidate with its probability among those of its lemma.",
    ]
    for lemma, own in sorted(wrong.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if own:
            lines += ["", f"## {lemma}: {len(own)} of {len(by_lemma[lemma])} wrong", ""]
            lines += [line for prediction in own for line in _lines(prediction)]
    write_text(path, "\n".join([*lines, ""]))
    return sum(map(len, wrong.values()))


def probabilities(scores: Sequence[float]) -> list[float]:
    """The softmax of the scores: what each candidate is given among them."""
    shifted = np.exp(np.asarray(scores, dtype=float) - max(scores, default=0.0))
    return [float(value) for value in shifted / shifted.sum()] if len(scores) else []


def _lines(prediction: Prediction) -> Iterator[str]:
    item, chosen = prediction.item, prediction.chosen
    target = f"[[{item.sentence[item.start : item.end]}]]"
    marked = f"{item.sentence[: item.start]}{target}{item.sentence[item.end :]}"
    yield f"- {marked} ({item.split}, {item.item_id})"
    shares = probabilities(prediction.scores)
    for entry, share in zip(prediction.candidates, shares, strict=True):
        marks = ["**gold**"] if entry.synset_id == item.synset_id else []
        marks += ["**chosen**"] if entry is chosen else []
        yield " ".join([f"  - {share:.1%}", *marks, f"{entry.sense_id}: {entry.gloss}"])
    if not prediction.gold_is_candidate:
        yield f"  - **gold** {item.sense_id} has no gloss in the inventory"
