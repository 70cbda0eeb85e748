"""How near a word's distilled meaning in a sentence is to what it means in a sense's sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing
from trainer.data import Item
from trainer.ranking.prediction import Candidates, Scores, unit_rows
from trainer.text.inputs import MarkedSentence

_FILE, _SYNSETS = "sense_meanings.npy", "sense_meanings.txt"
Vectors = NDArray[np.float32]
MeaningOf = Callable[[list[MarkedSentence]], Vectors]
"""(n, d) meaning vectors of marked targets."""


@dataclass(frozen=True)
class SenseMeanings:
    """The mean meaning vector of the training sentences of each synset that has some."""

    meaning_of: MeaningOf
    centres: Mapping[str, Vectors]

    @classmethod
    def of(cls, items: Sequence[Item], vectors: Vectors, meaning_of: MeaningOf) -> Self:
        """From training items and their meaning vectors (n, d); each counts with length 1."""
        total: dict[str, Vectors] = {}
        for item, vector in zip(items, unit_rows(vectors), strict=True):
            total[item.synset_id] = total.get(item.synset_id, np.zeros_like(vector)) + vector
        synsets = sorted(total)
        centres = unit_rows(np.stack([total[synset] for synset in synsets]))
        return cls(meaning_of, dict(zip(synsets, centres, strict=True)))

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item the cosine with each candidate's centre, less the mean of those there are.

        A candidate without training sentences has 0, as have all where nothing competes. Only
        sentences that this can tell something of are read.
        """
        found = [np.zeros(len(own), dtype=np.float32) for own in candidates]
        taught = [[e.synset_id in self.centres for e in own] for own in candidates]
        read = [at for at, own in enumerate(taught) if len(own) > 1 and any(own)]
        if not read:
            return found
        vectors = unit_rows(self.meaning_of([items[at].marked for at in read]))
        for vector, at in zip(vectors, read, strict=True):
            own = np.array(taught[at])
            known = [
                self.centres[e.synset_id] for e in candidates[at] if e.synset_id in self.centres
            ]
            cosines = np.stack(known) @ vector
            found[at][own] = cosines - cosines.mean()
        return found

    def save(self, folder: Path) -> None:
        """Writes the centres into a model folder."""
        with replacing(folder / _FILE) as path, open(path, "wb") as file:
            np.save(file, np.stack([*self.centres.values()]))
        with replacing(folder / _SYNSETS) as path:
            path.write_text("\n".join(self.centres), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, meaning_of: MeaningOf) -> Self:
        """What :meth:`save` wrote; InputError where it is damaged."""
        try:
            with explained(folder / _FILE):
                centres = np.load(folder / _FILE, allow_pickle=False)
                synsets = (folder / _SYNSETS).read_text(encoding="utf-8").split("\n")
            found = dict(zip(synsets, centres, strict=True))
        except (ValueError, EOFError) as error:
            raise InputError(f"{folder / _FILE}: damaged ({error}): train it again") from error
        if centres.dtype != np.float32 or not np.isfinite(centres).all():
            raise InputError(f"{folder / _FILE}: not all numbers: train it again")
        return cls(meaning_of, found)
