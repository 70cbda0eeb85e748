"""What the slow reader says of unlabelled sentences: read once, kept in files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import process_time

import numpy as np
import orjson
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.ids import content_digest
from trainer.data import Inventory, InventoryEntry, Item
from trainer.data.dataset import ambiguous_items
from trainer.progress import progress_of
from trainer.ranking.candidates import gold_column
from trainer.ranking.ranker import Ranker
from trainer.senses.bank import Floats, fitted_temperature, shares_of
from trainer.senses.build import GatheredWords
from trainer.senses.settings import BankSettings
from trainer.senses.vectors import cpu_time
from trainer.storage.arrays import named_arrays, save_named_arrays

_PART = 256
_PROBE = 16
Notify = Callable[[str], None]


@dataclass(frozen=True)
class BankParts:
    """A trained ranker, and the training and validation items that it may learn from."""

    ranker: Ranker
    identity: str
    train: Sequence[Item]
    validation: Sequence[Item]

    @cached_property
    def deciding(self) -> list[Item]:
        """The validation items whose lemma has several senses."""
        return ambiguous_items(self.validation, self.ranker.inventory)

    @cached_property
    def deciding_candidates(self) -> list[tuple[InventoryEntry, ...]]:
        """Their candidates."""
        return [self.ranker.inventory.candidates(item.lemma) for item in self.deciding]

    @cached_property
    def deciding_gold(self) -> list[int]:
        """The columns of their gold senses."""
        both = zip(self.deciding, self.deciding_candidates, strict=True)
        return [gold_column(item, own) for item, own in both]


@dataclass(frozen=True)
class BankReading:
    """n unlabelled sentences: vectors (n, w), and the shares of each one's candidates."""

    items: Sequence[Item]
    vectors: Floats
    shares: Sequence[NDArray[np.float64]]
    temperature: float


def unlabelled(items: Iterable[Item]) -> list[Item]:
    """The items without all that says or hints which sense they have."""
    return [replace(item, sense_id="", synset_id="", pos="", split="") for item in items]


def corpus_items(gathered: GatheredWords, inventory: Inventory, most: int) -> list[Item]:
    """Drawn sentences of a corpus with the lemmas of several senses, ``most`` a lemma."""
    picks, language = gathered.picks, inventory.language
    number = {unit: at for at, unit in enumerate(picks.units)}
    lemmas = {language.match_key(entry.lemma): entry.lemma for entry in inventory.entries}
    found = []
    for key, lemma in sorted(lemmas.items()):
        unit = number.get(key)
        if unit is None or len(inventory.candidates(lemma)) < 2:
            continue
        for row in range(*picks.bounds[unit : unit + 2].tolist())[:most]:
            sentence = gathered.store[int(picks.sentence[row])]
            start, end = sentence.spans[int(picks.word[row])]
            name = f"{sentence.document}@{int(picks.sentence[row])}:{start}"
            found.append(Item(name, "", "", lemma, "", sentence.text, start, end, ""))
    return found


def bank_items(sentences: Iterable[Item], inventory: Inventory) -> list[Item]:
    """The sentences that a bank can use, without their labels; InputError where there is none."""
    items = ambiguous_items(unlabelled(sentences), inventory)
    if not items:
        raise InputError(
            "no sentence has a lemma of several senses: name a corpus in [senses] and run "
            "`viconwsd senses build`, or set [senses.bank] splits"
        )
    return items


def bank_identity(parts: BankParts, items: Sequence[Item], settings: BankSettings) -> str:
    """Of the model, the settings of the bank alone, and the sentences."""
    known = [(item.lemma, item.sentence, item.start, item.end) for item in items]
    own = settings.model_dump_json(exclude={"student"})
    return content_digest(parts.identity, own, orjson.dumps(known).decode())


def read_sentences(
    parts: BankParts, items: Sequence[Item], work: Path, notify: Notify
) -> BankReading:
    """The reader's shares, at the temperature that validation has; kept in files of 256 sentences.

    A killed reading goes on at its last file. What it will take is said before it begins.
    """
    ranker = parts.ranker
    reading = _Reading(ranker, work)
    left = reading.left(items)
    if left > _PROBE:
        every = range(0, len(items), max(1, len(items) // _PROBE))
        probe = [items[at] for at in every][:_PROBE]
        began = process_time()
        reading.scored(probe)
        seconds = (process_time() - began) / len(probe) * left
        notify(
            f"{left:,} unlabelled sentences are read together with their glosses: "
            f"{cpu_time(seconds)}; killed and started again it goes on"
        )
    vectors, scores = reading.all(items)
    deciding = ranker.scores(parts.deciding, parts.deciding_candidates)
    temperature = fitted_temperature(deciding, parts.deciding_gold)
    shares = [shares_of(own, temperature) for own in scores]
    return BankReading(items, vectors, shares, temperature)


@dataclass(frozen=True)
class _Reading:
    ranker: Ranker
    folder: Path

    def left(self, items: Sequence[Item]) -> int:
        """How many sentences no file has."""
        starts = range(0, len(items), _PART)
        return sum(len(items[s : s + _PART]) for s in starts if not self._path(s).exists())

    def scored(self, items: Sequence[Item]) -> tuple[Floats, list[Floats]]:
        """(n, w) vectors, and the candidates' scores of each item."""
        among = [self.ranker.inventory.candidates(item.lemma) for item in items]
        vectors = self.ranker.vectors(items)
        return vectors, self.ranker.scores(items, among, vectors)

    def all(self, items: Sequence[Item]) -> tuple[Floats, list[Floats]]:
        """The same, out of the files or into them."""
        vectors: list[Floats] = []
        scores: list[Floats] = []
        candidates = self.ranker.inventory.candidates
        with progress_of("the reader reads sentences", len(items)) as advance:
            for start in range(0, len(items), _PART):
                own, path = items[start : start + _PART], self._path(start)
                if not path.exists():
                    found, each = self.scored(own)
                    arrays = {"vectors": found, "scores": np.concatenate(each)}
                    save_named_arrays(path, arrays)
                found, flat = named_arrays(path, "vectors", "scores")
                vectors.append(found)
                sizes = [len(candidates(item.lemma)) for item in own]
                scores += np.split(flat, np.cumsum(sizes)[:-1])
                advance(len(own))
        return np.concatenate(vectors), scores

    def _path(self, start: int) -> Path:
        return self.folder / f"{start // _PART:05d}.npz"
