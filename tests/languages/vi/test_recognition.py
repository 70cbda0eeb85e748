"""A Vietnamese syllable is known by its onset, its rhyme and its tone."""

import pytest

from languages.vi.recognition import is_syllable

SYLLABLES = """Nghiêng khuỷu quyết Quỳnh gì giếng giữa khuya quốc ngoằn được ĐƯỜNG yêu oẳn hoà hòa
thuở xoong tuếch quẹt qua ai ưỡn ỷ uỷ quệch loắt choắt"""
OTHERS = """drill wall hole cat foreign nghiem Einstein kac ắa tát\u0300 z fa w hòà tat mêc"""


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", OTHERS.split())
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    "word", ["nha", "trang", "quanh", "oanh", "khuya", "quynh", "ghi", "a", "y"]
)
def test_syllables_without_marks(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(word.upper())


@pytest.mark.parametrize(
    "word", ["taxi", "bat", "mac", "club", "strand", "quot", "sapiens", "mail"]
)
def test_words_without_marks_that_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)
