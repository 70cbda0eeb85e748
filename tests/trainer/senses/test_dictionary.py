"""The compact store: what goes in comes out, nearly, and its size is known before."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from schemas.errors import InputError, StorageError
from trainer.senses.clustering import Usages
from trainer.senses.dictionary import (
    ARRAYS,
    UNITS,
    SenseDictionary,
    array_bytes,
    quantised,
    save_dictionary,
)

W = 4


def usages(k: int, seed: int) -> Usages:
    centres = np.random.default_rng(seed).standard_normal((k, W)).astype(np.float32) * 3
    return Usages(centres, np.arange(k, 0, -1, dtype=np.int32), np.zeros(0, dtype=np.int64))


def saved(folder: Path, words: list[str]) -> tuple[list[str], list[Usages]]:
    folder.mkdir(exist_ok=True)
    ordered = sorted(words, key=str.encode)
    own = [usages(1 + at % 3, at) for at in range(len(ordered))]
    save_dictionary(folder, ordered, own)
    return ordered, own


WORDS = ["khoan", "đường", "bàn", "lan can", "câu", "hòa", "zê-rô"]


def test_each_number_is_off_by_half_a_scale_at_most(tmp_path: Path) -> None:
    words, own = saved(tmp_path, WORDS)
    found = SenseDictionary.open(tmp_path)
    assert [found.unit(row) for row in range(len(found))] == words
    for word, before in zip(words, own, strict=True):
        row = found.row_of(word)
        assert row is not None
        rows = found.usages(row)
        half = found.scales[rows].astype(np.float64)[:, None] / 2
        assert (np.abs(found.vectors(rows) - before.centres) <= half + 1e-7).all()
        assert found.mass[rows].tolist() == before.mass.tolist()
    assert found.most_usages == 3


@pytest.mark.parametrize("largest", [1e-9, 1e-3, 1.0, 37.3, 60_000.0])
def test_a_scale_is_never_too_small_for_its_largest_number(largest: float) -> None:
    centres = np.array([[largest, -largest / 3, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32)
    numbers, scales = quantised(centres)
    assert np.abs(numbers.astype(int)).max() <= 127
    back = numbers.astype(np.float64) * scales.astype(np.float64)[:, None]
    assert (np.abs(back - centres) <= scales.astype(np.float64)[:, None] / 2).all()
    assert back[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("word", ["", "a", "khoa", "khoang", "đườn", "zz", "lan"])
def test_a_word_that_is_not_there_is_not_found(tmp_path: Path, word: str) -> None:
    saved(tmp_path, WORDS)
    assert SenseDictionary.open(tmp_path).row_of(word) is None


def test_the_size_is_the_formulas(tmp_path: Path) -> None:
    _, own = saved(tmp_path, WORDS)
    content = (tmp_path / ARRAYS).read_bytes()
    header = int.from_bytes(content[:8], "little")
    n_usages = sum(len(each.mass) for each in own)
    assert len(content) - 8 - header == array_bytes(len(WORDS), n_usages, W)
    assert array_bytes(30_000, 180_000, 256) == 47_640_016


def test_padded_usages_are_masked(tmp_path: Path) -> None:
    words, own = saved(tmp_path, WORDS)
    found = SenseDictionary.open(tmp_path)
    rows = np.array([2, 0, 1])
    vectors, known = found.padded(rows)
    assert known.tolist() == [[True, True, True], [True, False, False], [True, True, False]]
    assert vectors[~known].tolist() == [[0.0] * W] * 3
    assert vectors[0] == pytest.approx(own[2].centres, abs=0.05)
    assert words[2] == found.unit(2)


def test_words_are_looked_up_at_a_hundred_thousand_a_second(tmp_path: Path) -> None:
    """The best of four times 20,000: what else the machine does is not measured."""
    words = [f"từ {at:05d}" for at in range(2000)]
    saved(tmp_path, words)
    found = SenseDictionary.open(tmp_path)
    assert [found.row_of(word) for word in words] == list(range(2000))

    def seconds() -> float:
        start = time.process_time()
        for word in 10 * words:
            found.row_of(word)
        return time.process_time() - start

    assert min(seconds() for _ in range(4)) < 0.2


def test_words_out_of_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sorted by their bytes"):
        save_dictionary(tmp_path, ["b", "a"], [usages(1, 0), usages(1, 1)])


def test_damaged_files_are_one_line(tmp_path: Path) -> None:
    saved(tmp_path / "a", WORDS)
    saved(tmp_path / "b", WORDS[:3])
    content = (tmp_path / "a" / ARRAYS).read_bytes()
    (tmp_path / "a" / UNITS).write_bytes((tmp_path / "b" / UNITS).read_bytes())
    with pytest.raises(InputError, match="do not fit each other"):
        SenseDictionary.open(tmp_path / "a")
    (tmp_path / "a" / ARRAYS).write_bytes(content[:-10])
    with pytest.raises(InputError, match=r"damaged .*senses build"):
        SenseDictionary.open(tmp_path / "a")
    (tmp_path / "a" / ARRAYS).unlink()
    with pytest.raises(StorageError, match="No such file"):
        SenseDictionary.open(tmp_path / "a")
