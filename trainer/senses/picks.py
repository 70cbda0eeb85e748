"""Which occurrences of which words are read: a fair draw of each word's, in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError
from trainer.progress import progress_of
from trainer.senses.reservoir import Reservoir, mixed_bits, seed_of
from trainer.senses.sentences import SentenceStore
from trainer.senses.settings import SensesSettings
from trainer.storage.arrays import named_arrays, save_named_arrays

_WORD_BITS = 16
_ARRAYS = ("lines", "counts", "unit", "sentence", "word", "held_out")


@dataclass(frozen=True)
class Picks:
    """The words that take part, and drawn occurrences: rows by held_out, unit, sentence, word.

    ``counts`` is how often each word stands in the documents that are not held out.
    """

    units: tuple[str, ...]
    counts: NDArray[np.int64]
    unit: NDArray[np.int64]
    sentence: NDArray[np.int64]
    word: NDArray[np.int64]
    held_out: NDArray[np.bool_]

    @property
    def n_taught(self) -> int:
        """The first so many rows are not held out."""
        return int(np.count_nonzero(~self.held_out))

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """(U + 1,) the taught rows of unit u are ``bounds[u]`` to ``bounds[u + 1]``."""
        numbers = np.bincount(self.unit[: self.n_taught], minlength=len(self.units))
        return np.concatenate([[0], np.cumsum(numbers)]).astype(np.int64)

    def save(self, path: Path) -> None:
        """Writes them, whole or not at all."""
        lines = np.frombuffer("\n".join(self.units).encode(), dtype=np.uint8)
        arrays = (self.counts, self.unit, self.sentence, self.word, self.held_out)
        save_named_arrays(path, dict(zip(_ARRAYS, (lines, *arrays), strict=True)))

    @classmethod
    def open(cls, path: Path) -> Self:
        """What :meth:`save` wrote."""
        lines, *arrays = named_arrays(path, *_ARRAYS)
        return cls(tuple(lines.tobytes().decode().split("\n")), *arrays)


def is_held_out(document: str, share: float) -> bool:
    """Whether a document is kept for the evaluation, by a digest of its name."""
    return mixed_bits(seed_of("held out", document)) < share * 2**64


def unit_keys(language: Language) -> Callable[[str], str]:
    """The unit of a word as it stands in a text: its key; "" for one without a letter."""
    known: dict[str, str] = {}

    def key(word: str) -> str:
        found = known.get(word)
        if found is None:
            own = any(letter.isalpha() for letter in word)
            found = known[word] = language.match_key(word) if own else ""
        return found

    return key


def drawn_picks(store: SentenceStore, language: Language, settings: SensesSettings) -> Picks:
    """A reservoir for each word of the store; then the words that are frequent enough.

    Raises InputError where no word is.
    """
    key = unit_keys(language)
    taught: dict[str, Reservoir] = {}
    held: dict[str, Reservoir] = {}
    with progress_of("counting words", len(store)) as advance:
        for number in range(len(store)):
            sentence = store[number]
            apart = is_held_out(sentence.document, settings.held_out)
            own, capacity = (
                (held, settings.held_out_per_unit) if apart else (taught, settings.per_unit)
            )
            for at, (start, end) in enumerate(sentence.spans):
                unit = key(sentence.text[start:end])
                if not unit:
                    continue
                reservoir = own.get(unit)
                if reservoir is None:
                    reservoir = own[unit] = Reservoir(capacity, seed_of("reservoir", unit))
                reservoir.offer(number << _WORD_BITS | at)
            advance(1)
    frequent = [u for u, r in taught.items() if r.n_offered >= settings.min_count]
    if not frequent:
        raise InputError(
            f"no word stands {settings.min_count} times in the corpus: give more text, or lower "
            "[senses] min_count"
        )
    frequent.sort(key=lambda unit: (-taught[unit].n_offered, unit.encode()))
    units = sorted(frequent[: settings.max_units], key=str.encode)
    counts = np.array([taught[unit].n_offered for unit in units], dtype=np.int64)
    parts = [_rows(units, taught), _rows(units, held)]
    rows, codes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    held_out = np.arange(len(rows)) >= len(parts[0][0])
    mask = (1 << _WORD_BITS) - 1
    return Picks(tuple(units), counts, rows, codes >> _WORD_BITS, codes & mask, held_out)


def _rows(
    units: list[str], reservoirs: dict[str, Reservoir]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The units of all kept occurrences, and their codes, both sorted."""
    kept = [np.sort(np.array(reservoirs[u].kept)) if u in reservoirs else _NONE for u in units]
    numbers = [len(own) for own in kept]
    return np.repeat(np.arange(len(units)), numbers), np.concatenate(kept).astype(np.int64)


_NONE = np.zeros(0, dtype=np.int64)
