"""Every language has all that an audit shows, in sizes that a spreadsheet takes."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from audits.questions import questions
from audits.sheets.workbook import listed_answers
from languages.find import find_language, known_languages

MODES = ("review", "blind")
KINDS = ("annotator", "adjudication")


@pytest.fixture(params=known_languages())
def texts(request):
    return find_language(request.param).audit


def test_the_questions_and_their_answers_are_those_that_are_asked(texts):
    asked = {question.code: question for mode in MODES for question in questions(mode)}
    assert texts.questions.keys() == asked.keys()
    for code, question in asked.items():
        assert texts.questions[code].answers.keys() == question.verdicts.keys()
        assert texts.questions[code].explained


def test_no_two_headers_and_no_two_answers_of_a_question_are_read_as_the_same(texts):
    columns = [getattr(texts.columns, field.name) for field in fields(texts.columns)]
    headers = [*columns, *(question.header for question in texts.questions.values())]
    assert len({texts.fold(header) for header in headers}) == len(headers)
    for question in texts.questions.values():
        assert len({texts.fold(label) for label in question.answers.values()}) == len(
            question.answers
        )


def test_names_and_messages_fit_their_places(texts):
    for name in (texts.guide_sheet, texts.rows_sheet):
        assert re.fullmatch(r"[^\[\]:*?/\\']{1,31}", name)
    assert texts.guide_sheet != texts.rows_sheet
    assert len(texts.not_listed) <= 32
    for mode in MODES:
        for question in questions(mode):
            assert len(listed_answers(question, texts, numbered=mode == "blind")) <= 255
            assert len(",".join(question.labels(texts).values())) <= 200
            assert not any("," in label for label in question.labels(texts).values())


def test_messages_have_their_figures(texts):
    assert "7 " in texts.progress.format(done=7, rows=9) + " "
    assert "9" in texts.progress.format(done=7, rows=9)
    assert "2" in texts.columns.more_choices.format(number=2)
    assert "x, y" in texts.no_gloss.format(lemmas="x, y")


def test_a_short_form_means_one_answer_and_never_another_ones_label(texts):
    for question in texts.questions.values():
        codes = {texts.fold_answer(label): code for code, label in question.answers.items()}
        for typed, code in question.short.items():
            assert code in question.answers
            assert codes.setdefault(texts.fold_answer(typed), code) == code, typed


@pytest.mark.parametrize("mode", MODES)
def test_worked_examples_are_whole_and_answered_as_one_would_answer(texts, mode):
    n_shown = 2 if mode == "review" else 1
    asked = questions(mode)
    headers = texts.guide.example_headers[mode]
    assert len(headers) == 1 + n_shown + len(asked) + 1
    examples = texts.guide.examples[mode]
    assert len(examples) >= 5
    for example in examples:
        assert re.fullmatch(r"[^\[\]]*\[\[[^\[\]]+\]\][^\[\]]*", example.sentence)
        assert len(example.shown) == n_shown
        for question, answer in zip(asked, example.answers, strict=True):
            assert question.read(answer, 3, texts)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_title_and_steps_for_every_kind_of_sheet(texts, kind):
    assert texts.guide.titles[kind]
    assert len(texts.guide.steps[kind]) >= 4
