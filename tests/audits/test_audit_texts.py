"""Every language has all that an audit shows, in sizes that a spreadsheet takes."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, replace

import pytest
from openpyxl import load_workbook

from audits.answers.importing import import_files
from audits.create import create_audit
from audits.key import read_sheets
from audits.questions import questions
from audits.reports.report import write_report
from audits.settings import AuditSettings
from audits.sheets.workbook import listed_answers
from languages.find import find_language, known_languages
from tests.audits.world import candidates, senses

NOW = "2026-01-01T00:00:00+00:00"
MODES = ("review", "blind", "pairs")
KINDS = ("annotator", "adjudication")


@pytest.fixture(params=known_languages())
def language(request):
    return find_language(request.param)


@pytest.fixture
def texts(language):
    return language.audit


def test_the_questions_and_their_answers_are_those_that_are_asked(texts):
    asked = {question.code: question for mode in MODES for question in questions(mode)}
    assert texts.questions.keys() == asked.keys()
    for code, question in asked.items():
        assert texts.questions[code].answers.keys() == question.verdicts.keys()
        assert texts.questions[code].explained
        wanted = {reason for codes in question.reasons.values() for reason in codes}
        assert texts.questions[code].reasons.keys() == wanted
        assert question.reasons.keys() == {
            answer for answer, means in question.verdicts.items() if means in ("bad", "unsure")
        }


def test_no_two_headers_and_no_two_answers_of_a_question_are_read_as_the_same(texts):
    columns = [getattr(texts.columns, field.name) for field in fields(texts.columns)]
    headers = [*columns, *(question.header for question in texts.questions.values())]
    assert len({texts.fold(header) for header in headers}) == len(headers)
    for question in texts.questions.values():
        assert len({texts.fold(label) for label in question.answers.values()}) == len(
            question.answers
        )


@pytest.mark.parametrize("plain", [False, True])
def test_no_answer_is_read_in_the_column_of_another_question(texts, plain):
    """Labels and short forms: what slid by a column is found. Sheets of 0.1 shared some."""
    asked = questions("review")
    shared = 0
    for question in asked:
        told = texts.questions[question.code]
        known = [*told.answers.values(), *told.short, *(told.plain if plain else ())]
        for other in asked:
            if other is not question:
                shared += sum(bool(other.read(typed, 0, texts, plain=plain)) for typed in known)
    assert (shared == 0) or plain


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
    assert "x; y" in texts.guide.reasons.format(reasons="x; y")
    duration = texts.guide.duration.format(rows=123, minutes=456)
    assert "123" in duration
    assert "456" in duration
    assert "x, y" in texts.no_gloss.format(lemmas="x, y")


def test_the_page_has_all_its_texts_with_their_figures(language):
    found = asdict(language.audit_page)
    assert len(found.pop("steps")) >= 4
    figures = {
        "duration": {"rows", "minutes"},
        "training": {"number", "rows"},
        "wrong": {"answer"},
        "item": {"number", "rows"},
        "progress": {"done", "rows"},
        "minutes_left": {"minutes"},
        "file_saved": {"file"},
        "file_taken": {"rows"},
    }
    for name, text in found.items():
        assert text.strip() == text != "", name
        assert set(re.findall(r"\{(\w+)\}", text)) == figures.get(name, set()), name
    assert language.audit_page.save_file in " ".join(language.audit_page.steps)


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


@pytest.mark.parametrize("mode", MODES)
def test_a_workbook_comes_back_with_every_answer(language, tmp_path, mode):
    """Drawn, filled in with the labels of the language in turn, read back, reported."""
    chosen = AuditSettings(size=16, annotators=("lan",), mode=mode, repeats=0)
    label = "yes" if mode == "pairs" else ""
    rows = [replace(each, label=label) for each in candidates(2)]
    key = create_audit(tmp_path, rows, senses(), chosen, language)
    assert key.language == language.code
    [sheet] = read_sheets(tmp_path)
    asked = questions(mode)
    labels = [list(question.labels(language.audit).values()) for question in asked]
    book = load_workbook(tmp_path / "workbooks" / "lan.xlsx")
    page = book[language.audit.rows_sheet]
    first = 2 + len(sheet.columns)
    for number, line in enumerate(page.iter_rows(min_row=3)):
        for place, answers in enumerate(labels):
            page.cell(line[0].row, first + place).value = answers[number % len(answers)].upper()
    book.save(tmp_path / "filled.xlsx")
    [result] = import_files(tmp_path, [tmp_path / "filled.xlsx"], NOW, language.audit)
    assert (result.findings, result.complete) == ((), 16)
    report = write_report(tmp_path, language)
    for question, answers in zip(asked, labels, strict=True):
        assert {answer.label for answer in report.of(question.code).answers} == set(answers)
