"""Vietnamese is known by its syllables; names and numbers do not count."""

import pytest

from pipeline.checks.vietnamese import Shares, foreign_script, is_syllable, shares

SYLLABLES = """Nghiêng khuỷu quyết Quỳnh gì giếng giữa khuya quốc ngoằn được ĐƯỜNG yêu oẳn hoà hòa
thuở xoong tuếch quẹt qua ai ưỡn ỷ uỷ quệch loắt choắt"""
OTHERS = """drill wall hole cat foreign nghiem Einstein kac ắa tát\u0300 z fa w hòà tat mêc"""


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", OTHERS.split())
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_names_acronyms_and_numbers_are_not_counted() -> None:
    assert shares(["Năm", "1905", "Albert", "Einstein", "và", "UBND", "công"]) == Shares(1.0, 1.0)


def test_unaccented_text_has_no_accents_and_english_few_syllables() -> None:
    assert shares(["toi", "dang", "xem", "phim", "hai"]) == Shares(1.0, 0.0)
    english = shares(["the", "worker", "drilled", "several", "holes", "through", "that", "wall"])
    assert english.formed < 0.5
    assert english.accented == 0


def test_nothing_but_names_is_not_vietnamese_and_nothing_at_all_is_not_judged() -> None:
    assert shares(["Felis", "Concolor"]) == Shares(0.0, 0.0)
    assert shares([]) == shares(["12"]) == Shares(1.0, 1.0)


def test_letters_of_other_scripts() -> None:
    assert foreign_script("Müller đo góc α bằng 3 µm, ⅔ và 5 ℃ – ʼ") is None
    assert foreign_script("nước 水 chảy") == "水"
    assert foreign_script("вода") == "в"
