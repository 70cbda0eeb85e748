"""Which synsets are held out, on lexicons small enough to say it by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from pipeline.select.senses import NumberedSenses
from pipeline.split.heldout import Place, places
from pipeline.split.settings import SplitSettings

SENSE, LEMMA, SEEN = Place.UNSEEN_SENSE, Place.UNSEEN_LEMMA, Place.SEEN


def nouns(lemmas: Sequence[tuple[str, int]]) -> tuple[NumberedSenses, list[str]]:
    """Lemmas, each with so many synsets of its own, and the lemma of every sense."""
    names = [lemma for lemma, n_synsets in lemmas for _ in range(n_synsets)]
    n_siblings = pa.array([dict(lemmas)[name] - 1 for name in names], pa.int32())
    keys = [lemma for lemma, _ in lemmas]
    synsets = [f"w-{number}" for number in range(len(names))]
    lexicon = NumberedSenses(
        number={
            f"{synset}#{name}": i
            for i, (synset, name) in enumerate(zip(synsets, names, strict=True))
        },
        columns={
            "pos": pa.array(["noun"] * len(names)),
            "n_siblings": n_siblings,
            "n_siblings_same_pos": n_siblings,
        },
        lemma=np.array([keys.index(name) for name in names], dtype=np.int32),
        synset=np.arange(len(names), dtype=np.int32),
        lemma_keys=keys,
        synset_ids=synsets,
    )
    return lexicon, names


def held(
    lemmas: Sequence[tuple[str, int, int]], unseen_sense: float, unseen_lemma: float
) -> dict[tuple[str, Place], int]:
    """Rows by lemma and place; of each lemma its synsets, and the rows of each of them."""
    lexicon, names = nouns([(lemma, n_synsets) for lemma, n_synsets, _ in lemmas])
    rows_of = {lemma: n_rows for lemma, _, n_rows in lemmas}
    settings = SplitSettings(test_unseen_sense=unseen_sense, test_unseen_lemma=unseen_lemma)
    n_rows = [rows_of[name] for name in names]
    found: Counter[tuple[str, Place]] = Counter()
    for name, rows, place in zip(names, n_rows, places(lexicon, n_rows, settings), strict=True):
        found[name, place] += rows
    return dict(found)


def test_unseen_senses_get_their_share_of_lemmas_with_two_synsets() -> None:
    found = held([(f"từ {n}", 2, 10) for n in range(10)], 0.2, 0.0)
    assert sum(rows for (_, place), rows in found.items() if place is SENSE) == 40
    assert sum(rows for (_, place), rows in found.items() if place is LEMMA) == 0


def test_a_lemma_of_one_synset_gives_no_unseen_sense() -> None:
    found = held([(f"từ {n}", 1, 10) for n in range(10)], 0.2, 0.0)
    assert {place for _, place in found} == {SEEN}


def test_a_gap_is_filled_with_up_to_half_of_the_rows() -> None:
    assert held([("đá", 2, 5), ("cây", 1, 10)], 0.0, 0.01) == {
        ("đá", LEMMA): 10,
        ("cây", SEEN): 10,
    }


def test_a_gap_is_not_filled_with_more_than_half_of_the_rows() -> None:
    assert held([("đá", 2, 5), ("cây", 1, 9)], 0.0, 0.01) == {
        ("đá", SEEN): 10,
        ("cây", LEMMA): 9,
    }


def test_a_gap_is_not_filled_by_emptying_the_other_part() -> None:
    """Holding out the rest of "đá" would be nearer to the target, but was all of unseen senses."""
    found = held([("đá", 2, 1), ("bạc", 2, 5), ("cây", 1, 20)], 0.01, 0.01)
    assert found == {
        ("đá", SENSE): 1,
        ("đá", SEEN): 1,
        ("bạc", LEMMA): 10,
        ("cây", SEEN): 20,
    }


@pytest.mark.parametrize("free", range(6))
def test_a_gap_is_filled_with_whatever_need_not_stay_open(free: int) -> None:
    lexicon, names = nouns([(f"từ {n}", 2) for n in range(6)])
    open_ = [2 * n for n in range(6) if n != free]
    settings = SplitSettings(test_unseen_sense=0.0, test_unseen_lemma=0.01)
    found = places(lexicon, [5] * len(names), settings, open_=open_)
    assert {name for name, place in zip(names, found, strict=True) if place is LEMMA} == {
        f"từ {free}"
    }
