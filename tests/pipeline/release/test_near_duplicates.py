"""The join of the leakage report finds what comparing all sentences with all finds."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.release import near_duplicates as join
from pipeline.release.near_duplicates import Bigrams, TokenRows, near_duplicates
from testing.joining import similar_pairs

Row = tuple[int, list[str]]


def bigrams(units: list[str]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(["", *units, ""]))


def compared_all_with_all(rows: list[Row], threshold: float) -> set[tuple[int, int]]:
    sets = [(split, bigrams(units)) for split, units in rows]
    found = set()
    for (i, (left, a)), (j, (right, b)) in itertools.combinations(enumerate(sets), 2):
        if left != right and len(a & b) / len(a | b) >= threshold:
            found.add((i, j) if left < right else (j, i))
    return found


def joined(rows: list[Row], threshold: float, at_once: int = 4096) -> list[tuple[int, int]]:
    """All rows pass by those outside the first split, so many at once."""
    numbers: dict[str, int] = {}
    tokens = [numbers.setdefault(unit, len(numbers) + 1) for _, units in rows for unit in units]
    sentences = TokenRows(
        np.array(tokens, dtype=np.int32),
        np.cumsum([0, *(len(units) for _, units in rows)]),
        len(numbers),
    )
    split = np.array([split for split, _ in rows], dtype=np.int8)

    def bigrams(some: NDArray[np.int64]) -> Bigrams:
        owner, codes = sentences.bigrams(some)
        return Bigrams(some, split[some], np.bincount(owner, minlength=len(some)), codes)

    every = np.arange(len(rows))
    passing = (bigrams(every[at : at + at_once]) for at in range(0, len(rows), at_once))
    held = np.flatnonzero(split > 0)
    found = near_duplicates(bigrams(held), passing, threshold) if len(held) else ()
    return [pair for a, b in found for pair in zip(a.tolist(), b.tolist(), strict=True)]


def templated(seed: int) -> list[Row]:
    """Sixty sentences of few or many words, each several times with up to three changes."""
    rng = random.Random(seed)
    words = [f"âm{number}" for number in range(rng.choice([3, 8, 30, 200]))]
    originals = [[rng.choice(words) for _ in range(rng.randint(0, 14))] for _ in range(60)]
    rows = []
    for _ in range(250):
        units = list(rng.choice(originals))
        for _ in range(rng.randint(0, 3)):
            if units and rng.random() < 0.7:
                units[rng.randrange(len(units))] = rng.choice(words)
            elif units and rng.random() < 0.5:
                units.pop(rng.randrange(len(units)))
            else:
                units.insert(rng.randint(0, len(units)), rng.choice(words))
        rows.append((rng.choice([0, 0, 0, 1, 2, 3, 4]), units))
    return sorted(rows, key=lambda row: row[0])


@pytest.mark.parametrize("seed", range(8))
def test_every_similar_pair_of_two_splits_is_found_once(seed: int) -> None:
    rows = templated(seed)
    for threshold in (0.5, 0.6, 0.7, 0.75, 0.9, 1.0):
        found = joined(rows, threshold)
        assert len(found) == len(set(found))
        assert set(found) == compared_all_with_all(rows, threshold)


def test_little_memory_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = templated(3)
    whole = joined(rows, 0.6)
    monkeypatch.setattr(join, "_MOST_AT_ONCE", 50)
    assert sorted(joined(rows, 0.6, at_once=37)) == sorted(whole)
    assert whole


def test_splits_may_come_in_any_order() -> None:
    rows = templated(5)
    turned = rows[::-1]
    last = len(rows) - 1
    expected = {(last - a, last - b) for a, b in joined(rows, 0.6)}
    assert set(joined(turned, 0.6)) == expected


def test_two_joins_of_different_methods_agree(tmp_path: Path) -> None:
    """The report's join and that of the selection know nothing of each other."""
    rows = templated(7)
    pairs = similar_pairs(tmp_path, [" ".join(units) for _, units in rows], 0.6)
    other = {(a, b) for a, b in pairs if rows[a][0] != rows[b][0]}
    assert {tuple(sorted(pair)) for pair in joined(rows, 0.6)} == other != set()


def test_the_report_imports_nothing_of_the_selection() -> None:
    for module in ("leakage", "near_duplicates", "released_rows", "settings", "overlaps"):
        code = Path(join.__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
        assert "pipeline.select" not in code
        assert "pipeline.split" not in code


def test_nothing_outside_the_first_split_is_nothing_to_find() -> None:
    assert joined([(0, ["một"]), (0, ["một"])], 0.5) == []
    assert joined([], 0.5) == []
