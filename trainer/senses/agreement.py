"""How often a student names the usage that its teacher would, in documents nobody was taught."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from schemas.evaluation import LemmaMean
from trainer.evaluation.accuracy import Bootstrap, mean_over_lemmas
from trainer.progress import progress_of
from trainer.senses.choosing import chosen_usages
from trainer.senses.encoder import UsageEncoder
from trainer.senses.fit import TaughtSentences
from trainer.senses.student import student_vectors

_CHUNK = 512


class Agreement(BaseModel):
    """Shares of held-out occurrences of words with several usages, intervals over words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_occurrences: int
    n_words: int
    student: LemmaMean
    """The share whose usage is the teacher's, and its interval."""
    majority: float
    """That of always naming the word's most frequent usage."""
    chance: float
    """One in the number of the word's usages."""
    variance_kept: float
    """Of the teacher's vectors about the corpus's mean: what is left when usages stand for them."""


def agreement(
    senses: UsageEncoder, held_out: TaughtSentences, bootstrap: Bootstrap
) -> Agreement | None:
    """None where no held-out document has a word of several usages."""
    right, first, chance, words = [], [], [], []
    left = total = 0.0
    places = held_out.places
    with progress_of("naming usages of documents held out", len(places)) as advance:
        for start in range(0, len(places), _CHUNK):
            part = places[start : start + _CHUNK]
            rows, picks = zip(
                *(held_out.row(senses.inputs, int(place)) for place in part), strict=True
            )
            own = np.concatenate(picks)
            advance(len(part))
            if not len(own):
                continue
            student = student_vectors(senses.student, senses.inputs, rows)
            units = held_out.units(own)
            teacher = held_out.vectors(own)
            usages, known = senses.dictionary.padded(units)
            gold = chosen_usages(teacher, usages, known)
            kept = usages[np.arange(len(own)), gold]
            left += float(np.square(teacher - kept, dtype=np.float64).sum())
            total += float(np.square(teacher, dtype=np.float64).sum())
            chosen = chosen_usages(student, usages, known, senses.description.similarity)
            several = known.sum(axis=1) > 1
            right += (chosen == gold)[several].astype(float).tolist()
            first += (gold == 0)[several].astype(float).tolist()
            chance += (1.0 / known.sum(axis=1))[several].tolist()
            words += units[several].tolist()
    if not right:
        return None
    mean = mean_over_lemmas(right, [str(word) for word in words], bootstrap)
    return Agreement(
        n_occurrences=len(right),
        n_words=len(set(words)),
        student=mean,
        majority=float(np.mean(first)),
        chance=float(np.mean(chance)),
        variance_kept=1.0 - left / total,
    )
