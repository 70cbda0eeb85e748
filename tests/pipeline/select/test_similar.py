"""The similarity join finds exactly the pairs that comparing everything with everything finds."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from languages.find import find_language
from languages.vi.spelling import fold_tones
from pipeline.select import similar
from pipeline.select.gram_store import GramStore
from pipeline.select.grams import GramReader
from pipeline.select.similar import similar_pairs
from schemas.text import units

Found = dict[tuple[int, int], float]


def plain_grams(sentence: str) -> set[tuple[str, str]]:
    """Syllable bigrams by their definition, as tuples of text."""
    marked = ["<", *units(fold_tones(sentence.casefold())), ">"]
    return set(itertools.pairwise(marked))


def by_brute_force(sentences: list[str], threshold: float) -> Found:
    grams = [plain_grams(sentence) for sentence in sentences]
    found = {}
    for i, j in itertools.combinations(range(len(sentences)), 2):
        jaccard = len(grams[i] & grams[j]) / len(grams[i] | grams[j])
        if jaccard >= threshold:
            found[i, j] = jaccard
    return found


def by_join(sentences: list[str], threshold: float, sides: list[int] | None = None) -> Found:
    store = GramStore()
    reader = GramReader(find_language("vi").spelling)
    for start in range(0, len(sentences), 7):
        store.add(reader.read(sentences[start : start + 7]))
    store.finish()
    given_sides = None if sides is None else np.array(sides, dtype=np.int8)
    pairs = similar_pairs(store, threshold, sides=given_sides)
    keys = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    return dict(zip(keys, pairs.similarity.tolist(), strict=True))


_sentences = st.lists(
    st.lists(st.sampled_from(["Hòa", "hoà", "khoan", "tường", "đá", "bỏ", "nhà"]), max_size=9).map(
        " ".join
    ),
    max_size=40,
)


@given(_sentences, st.sampled_from([0.5, 0.6, 0.7, 0.85, 1.0]), st.sampled_from([1, 3, 1 << 16]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_pair_is_missed_and_none_is_invented(
    sentences: list[str], threshold: float, at_once: int
) -> None:
    """Exact at any threshold, and however few pairs are compared at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_PAIRS", at_once)
        found = by_join(sentences, threshold)
    assert found == by_brute_force(sentences, threshold)


@given(_sentences, st.lists(st.integers(0, 2), min_size=40, max_size=40))
@settings(max_examples=50, deadline=None)
def test_with_sides_only_pairs_across_are_found(sentences: list[str], sides: list[int]) -> None:
    found = by_join(sentences, 0.6, sides=sides)
    everything = by_brute_force(sentences, 0.6)
    assert found == {(i, j): s for (i, j), s in everything.items() if sides[i] != sides[j]}


def test_templates_with_thousands_of_equal_bigrams_are_found_exactly() -> None:
    """Sentences of one template crowd under its bigrams; the answer stays that of brute force."""
    rng = random.Random(5)
    words = [f"từ{number}" for number in range(40)]
    sentences = [
        f"Anh {rng.choice(words)} ấy đã {rng.choice(words)} rất {rng.choice(words)} hôm qua ở nhà"
        for _ in range(700)
    ]
    found = by_join(sentences, 0.7)
    assert len(found) > 100
    assert found == by_brute_force(sentences, 0.7)


def test_case_tone_placement_and_punctuation_do_not_count() -> None:
    batch = GramReader(find_language("vi").spelling).read(
        ["Hòa khoan tường.", "hoà  khoan - tường", "Tường khoan hoà"]
    )
    assert batch.sequences[0] == batch.sequences[1] != batch.sequences[2]
    assert batch.sizes.tolist() == [4, 4, 4]


def test_a_nul_character_does_not_shift_the_rows() -> None:
    batch = GramReader(find_language("vi").spelling).read(["a\x00b", "c"])
    assert batch.sizes.tolist() == [3, 2]
