"""A text is known by the form of its words; names and numbers do not count."""

from languages.find import find_language
from pipeline.checks.recognition import Shares, letter_of_other_script, shares

VI = find_language("vi")


def test_names_acronyms_and_numbers_are_not_counted() -> None:
    assert shares(
        ["Năm", "1905", "Albert", "Einstein", "và", "UBND", "công"], VI.recognition
    ) == Shares(1.0, 1.0)


def test_unaccented_text_has_no_accents_and_english_few_syllables() -> None:
    assert shares(["toi", "dang", "xem", "phim", "hai"], VI.recognition) == Shares(1.0, 0.0)
    english = shares(
        ["the", "worker", "drilled", "several", "holes", "through", "that", "wall"], VI.recognition
    )
    assert english.well_formed < 0.5
    assert english.telling == 0


def test_nothing_but_names_is_not_vietnamese_and_nothing_at_all_is_not_judged() -> None:
    assert shares(["Felis", "Concolor"], VI.recognition) == Shares(0.0, 0.0)
    assert shares([], VI.recognition) == shares(["12"], VI.recognition) == Shares(1.0, 1.0)


def test_letters_of_other_scripts() -> None:
    assert letter_of_other_script("Müller đo góc α bằng 3 µm, ⅔ và 5 ℃ – ʼ", VI.spelling) is None
    assert letter_of_other_script("nước 水 chảy", VI.spelling) == "水"
    assert letter_of_other_script("вода", VI.spelling) == "в"
