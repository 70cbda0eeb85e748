"""``predictions.csv``: what every system of an evaluation chose for every row; ``evaluate`` writes.

A line per row, with the model's probability of the row's own sense, so that the file is one of
``context_id,probability`` for whoever asks for doubts. Two columns per system follow: the sense
that it chose, and, with ``, same POS`` after the name, the one among candidates of the row's part
of speech.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import StorageError
from schemas.evaluation import SAME_LEMMAS
from schemas.files import explained, replacing
from schemas.ids import synset_of
from schemas.records import Split

PREDICTIONS = "predictions.csv"
SAME_POS = ", same POS"
"""After the name of a group, or of a system: among candidates of one part of speech."""
MANY = 6
"""Candidates from which on items are counted together."""
_FIXED = ("context_id", "probability", "sense_id", "key", "pos", "split", "n", "n_same_pos")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the systems chose for a row."""

    context_id: str
    probability: float
    """The model's, of the row's own sense; 0 where that is no candidate."""
    sense_id: str
    key: str
    """The match key of its lemma."""
    pos: str
    split: str
    n: int
    """Senses of the lemma."""
    n_same_pos: int
    """Candidates of the row's part of speech."""
    chosen: Mapping[str, str]
    """By system, with :data:`SAME_POS` or without; no entry: it was not asked."""

    def is_right(self, system: str) -> bool:
        """Whether the synset was chosen that is meant."""
        said = self.chosen.get(system, "")
        return bool(said) and synset_of(said) == synset_of(self.sense_id)

    def is_in(self, group: str, part: str, in_both: frozenset[str]) -> bool:
        """Whether the row is one of a part of a breakdown; ``in_both`` are :func:`in_both`'s."""
        if group == SAME_LEMMAS:
            asked = {"seen": (Split.TEST_SEEN,), "held out": (Split.TEST_UNSEEN_SENSE,)}
            splits = asked.get(part, _BOTH)
            return self.n >= 2 and self.key in in_both and self.split in splits
        narrow = group.endswith(SAME_POS) or part == "same POS only"
        n = self.n_same_pos if narrow else self.n
        if group in ("all", "coarse"):
            return n >= 2 or part == "with monosemous"
        of = {
            "split": self.split,
            "pos": self.pos,
            "candidates": str(n) if n < MANY else f"{MANY}+",
        }
        return n >= 2 and of.get(group.removesuffix(SAME_POS)) == part


_BOTH = (Split.TEST_SEEN, Split.TEST_UNSEEN_SENSE)


def in_both(answers: Iterable[Answers]) -> frozenset[str]:
    """The keys of the lemmas that both the seen and the held-out senses' part asks about."""
    keys: dict[str, set[str]] = {split: set() for split in _BOTH}
    for row in answers:
        if row.n >= 2 and row.split in keys:
            keys[row.split].add(row.key)
    one, other = keys.values()
    return frozenset(one & other)


def write_predictions(path: Path, systems: Sequence[str], rows: Iterable[Answers]) -> None:
    """Writes the rows with the columns of these systems."""
    names = [f"{system}{whose}" for system in systems for whose in ("", SAME_POS)]
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*_FIXED, *names])
        for row in rows:
            own = (row.sense_id, row.key, row.pos, row.split, row.n, row.n_same_pos)
            said = (row.chosen.get(name, "") for name in names)
            table.writerow([row.context_id, f"{row.probability:.6g}", *own, *said])


def read_predictions(path: Path) -> Iterator[Answers]:
    """The rows of such a file, in their order; StorageError where it is another one."""
    with explained(path), open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        try:
            head = next(lines, [])
            names = head[len(_FIXED) :]
            if tuple(head[: len(_FIXED)]) == _FIXED:
                yield from (_answers(line, names) for line in lines)
                return
        except (ValueError, csv.Error) as error:
            raise StorageError(f"{path}: no predictions ({error}); evaluate again") from error
    raise StorageError(f"{path}: no predictions, the first line has other columns; evaluate again")


def _answers(line: Sequence[str], names: Sequence[str]) -> Answers:
    context_id, probability, sense_id, key, pos, split, n, n_same_pos = line[: len(_FIXED)]
    said = zip(names, line[len(_FIXED) :], strict=True)
    return Answers(
        context_id,
        float(probability),
        *(sense_id, key, pos, split, int(n), int(n_same_pos)),
        {name: value for name, value in said if value},
    )
