"""The similarity join finds exactly the pairs that comparing everything with everything finds."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from languages.find import find_language
from languages.vi.spelling import fold_tones
from pipeline.select import similar
from pipeline.select.grams import GramReader
from schemas.text import units
from testing.joining import similar_pairs

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


def by_join(sentences: list[str], threshold: float, **cut: int) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        return similar_pairs(Path(folder), sentences, threshold, **cut)


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


@given(_sentences, st.integers(1, 40), st.integers(1, 9), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_pieces_parts_and_rounds_of_any_size_find_the_same(
    sentences: list[str], in_a_piece: int, n_parts: int, first_round: int
) -> None:
    found = by_join(sentences, 0.6, in_a_piece=in_a_piece, n_parts=n_parts, first_round=first_round)
    assert found == by_brute_force(sentences, 0.6)


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
