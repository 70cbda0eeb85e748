import unicodedata

import pytest

from audits.questions import FLUENT, GLOSS, OPEN, SENSE, USAGE, questions
from tests.audits.world import TEXTS


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Có", "yes"),
        ("co", "yes"),
        (" CÓ ", "yes"),
        (unicodedata.normalize("NFD", "có"), "yes"),
        ("không", "no"),
        ("KHONG", "no"),
        ("khong  chac  CAU", None),
        ("khong  chac: CAU", "unsure"),
        ("Có.", "yes"),
        ("“có”!", "yes"),
        ("c", "yes"),
        ("K", "no"),
        ("ko", "no"),
        ("kc câu", "unsure"),
        ("?", None),
        ("đúng", None),
        ("1", None),
        (".", None),
        ("", None),
    ],
)
def test_an_answer_is_read_whatever_its_case_and_marks(typed, code):
    assert FLUENT.read(typed, 0, TEXTS) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2", "2"),
        ("2.0", "2"),
        (" 3 ", "3"),
        ("3.", "3"),
        ("02", "2"),
        ("không nghĩa nào", "none"),
        ("khong chac", "unsure"),
        ("4", None),
        ("0", None),
        ("-1", None),
        ("1,5", None),
        ("2 3", None),
        ("٢", None),
    ],
)
def test_a_blind_answer_is_a_number_that_the_row_shows(typed, code):
    assert SENSE.read(typed, 3, TEXTS) == code


@pytest.mark.parametrize(
    ("question", "typed", "code"),
    [
        (GLOSS, "Đúng 1 phần", "partly"),
        (GLOSS, "dung mot phan.", "partly"),
        (GLOSS, "đ", None),
        (GLOSS, "ls", "no"),
        (GLOSS, "sai", "no"),
        (USAGE, "NN.", "yes"),
        (USAGE, "nk", "other"),
        (USAGE, "sai", None),
        (SENSE, "k", None),
        (SENSE, "(2)", "2"),
    ],
)
def test_short_forms_are_read_where_they_can_mean_but_one_answer(question, typed, code):
    assert question.read(typed, 3, TEXTS) == code


def test_no_two_options_of_a_question_fold_to_the_same_text():
    for mode in ("review", "blind"):
        for question in questions(mode):
            labels = [TEXTS.fold(label) for label in question.labels(TEXTS).values()]
            assert len(set(labels)) == len(labels)


def test_answers_come_to_verdicts():
    assert GLOSS.verdict("partly", "") == "partly"
    assert USAGE.verdict("other", "") == "bad"
    assert FLUENT.verdict(OPEN, "") == "unsure"
    assert (SENSE.verdict("2", "2"), SENSE.verdict("1", "2")) == ("good", "bad")
    assert (SENSE.verdict("none", "2"), SENSE.verdict("unsure", "2")) == ("bad", "unsure")


@pytest.mark.parametrize(
    ("question", "typed", "code"),
    [
        (FLUENT, "khong chac", "unsure"),
        (FLUENT, "?", "unsure"),
        (USAGE, "Đúng.", "yes"),
        (GLOSS, "đ", "yes"),
        (GLOSS, "kc", "unsure"),
        (FLUENT, "đúng", None),
    ],
)
def test_what_could_answer_another_question_too_is_read_where_that_is_allowed(
    question, typed, code
):
    assert question.read(typed, 0, TEXTS, plain=True) == code
    assert question.read(typed, 0, TEXTS) is None
