"""What a dictionary knows of one word: its usages, with what shows them to a person."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from languages.find import find_language
from schemas.errors import InputError
from schemas.files import explained
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.folder import COLLOCATES, EXAMPLES, GLOSS_VECTORS, GLOSSES, opened_description
from trainer.senses.kmeans import Floats
from trainer.storage.arrays import mapped_array

_CHUNK = 16_384
_ALIKE = 5
_BESIDE = 80


@dataclass(frozen=True, slots=True)
class NearWord:
    """A usage of another word, and the cosine of both vectors."""

    word: str
    usage: int
    cosine: float


@dataclass(frozen=True, slots=True)
class NearGloss:
    """A sense of the inventory, and how near its gloss is, as its other glosses go."""

    sense_id: str
    pos: str
    gloss: str
    cosine: float


@dataclass(frozen=True, slots=True)
class WordUsage:
    """One usage: its share of the word's vectors, words used like it, words that
    stand beside it, the nearest gloss, sentences with ``[[word]]``."""

    number: int
    mass: int
    share: float
    words: tuple[NearWord, ...]
    beside: tuple[str, ...]
    gloss: NearGloss | None
    examples: tuple[str, ...]


def usages_of(folder: Path, word: str, n_near: int = 6) -> tuple[WordUsage, ...]:
    """The usages of a word in the dictionary in ``folder``, the most frequent first.

    Raises InputError for a word that the dictionary lacks, naming some that have it in them.
    """
    own = opened_description(folder)
    dictionary = SenseDictionary.open(folder)
    unit = find_language(own.language).match_key(word)
    row = dictionary.row_of(unit)
    if row is None:
        raise InputError(_unknown(dictionary, unit, word))
    rows = dictionary.usages(row)
    vectors, mass = dictionary.vectors(rows), dictionary.mass[rows]
    near = _near_words(dictionary, rows, vectors, n_near)
    glosses = _near_glosses(folder, unit, vectors)
    examples = _examples(folder, unit)
    beside: dict[int, list[str]] = defaultdict(list)
    for line in _rows_of(folder / COLLOCATES, unit):
        beside[line["usage"]].append(line["word"])
    return tuple(
        WordUsage(
            at + 1,
            int(mass[at]),
            float(mass[at] / mass.sum()),
            near[at],
            tuple(beside[at]),
            glosses[at],
            tuple(examples[at]),
        )
        for at in range(len(mass))
    )


def _unknown(dictionary: SenseDictionary, unit: str, word: str) -> str:
    pattern = rf"^(?:.* )?{re.escape(unit)}(?: .*)?$".encode()
    found = re.finditer(pattern, dictionary.lines, re.MULTILINE) if unit else iter(())
    alike = [match.group().decode() for match, _ in zip(found, range(_ALIKE), strict=False)]
    advice = (
        f"words that have it in them: {', '.join(alike)}"
        if alike
        else "lower [senses] min_count, or give a corpus that has it more often"
    )
    return f"{word!r} is not among the {len(dictionary):,} words of the dictionary: {advice}"


def _near_words(
    dictionary: SenseDictionary, own: slice, vectors: Floats, n_near: int
) -> list[tuple[NearWord, ...]]:
    """For each usage the nearest usages of other words, one a word."""
    found: list[dict[int, tuple[float, int]]] = [{} for _ in vectors]
    mine = _unit_length(vectors)
    owner = np.repeat(np.arange(len(dictionary)), np.diff(dictionary.offsets))
    for start in range(0, len(dictionary.centres), _CHUNK):
        part = slice(start, min(start + _CHUNK, len(dictionary.centres)))
        cosines = mine @ _unit_length(dictionary.vectors(part)).T
        inside = slice(max(own.start - start, 0), max(own.stop - start, 0))
        cosines[:, inside] = -np.inf
        for at, row in enumerate(cosines):
            best = np.argsort(-row, kind="stable")[: 4 * n_near]
            for place in best[np.isfinite(row[best])]:
                usage = start + int(place)
                word, cosine = int(owner[usage]), float(row[place])
                if word not in found[at] or found[at][word][0] < cosine:
                    found[at][word] = (cosine, usage)
    shown = []
    for each in found:
        ordered = sorted(each.items(), key=lambda item: (-item[1][0], item[0]))[:n_near]
        shown.append(
            tuple(
                NearWord(
                    dictionary.unit(word),
                    usage - int(dictionary.offsets[word]) + 1,
                    round(cosine, 4),
                )
                for word, (cosine, usage) in ordered
            )
        )
    return shown


def _unit_length(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = vectors / np.maximum(lengths, 1e-9)
    return found


def _near_glosses(folder: Path, unit: str, vectors: Floats) -> list[NearGloss | None]:
    """For each usage the gloss that is nearest once what all have in common is taken away."""
    path = folder / GLOSSES
    with explained(path):
        table = pq.read_table(path, page_checksum_verification=True).to_pylist()
    rows = [at for at, row in enumerate(table) if row["unit"] == unit]
    if not rows:
        return [None] * len(vectors)
    glosses = mapped_array(folder / GLOSS_VECTORS)[rows].astype(np.float32)
    if len(rows) > 1:
        glosses = glosses - glosses.mean(axis=0)
    centred = vectors - vectors.mean(axis=0) if len(vectors) > 1 else vectors
    cosines = _unit_length(centred) @ _unit_length(glosses).T
    found: list[NearGloss | None] = []
    for row in cosines:
        best = table[rows[int(row.argmax())]]
        found.append(
            NearGloss(best["sense_id"], best["pos"], best["gloss"], round(float(row.max()), 4))
        )
    return found


def _examples(folder: Path, unit: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in _rows_of(folder / EXAMPLES, unit):
        found[row["usage"]].append(_marked(row["sentence"], row["target_start"], row["target_end"]))
    return found


def _rows_of(path: Path, unit: str) -> list[dict[str, Any]]:
    """The rows of a word, the rest of the table unread."""
    with explained(path):
        table = pq.read_table(path, filters=[("unit", "==", unit)], page_checksum_verification=True)
        rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _marked(text: str, start: int, end: int) -> str:
    """The sentence with its ``[[word]]``, cut at spaces some way off on either side."""
    left, right = text[:start], text[end:]
    if len(left) > _BESIDE:
        left = "…" + left[-_BESIDE:].partition(" ")[2]
    if len(right) > _BESIDE:
        right = right[:_BESIDE].rpartition(" ")[0] + "…"
    return f"{left}[[{text[start:end]}]]{right}"
