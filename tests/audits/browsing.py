"""An annotator at an audit's page, with a keyboard."""

from __future__ import annotations

from pathlib import Path

from audits.key import SheetRow
from audits.page.content import TRAINING_ITEMS
from audits.page.write import write_pages
from audits.questions import questions
from languages.language import Language
from tests.audits.world import TEXTS, VI, Answer

KEYS = {"unsure": "u", "none": "0"}


def written(folder: Path, name: str, language: Language = VI) -> Path:
    """The page of an annotator."""
    return next(path for path in write_pages(folder, language) if path.stem == name)


def visited(context, path: Path, *, trained: bool = True):
    """The page in a new tab, behind its training items."""
    tab = context.new_page()
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.errors = []
    tab.goto(path.as_uri())
    if trained and tab.query_selector("#go"):
        do_training(tab)
    return tab


def do_training(tab) -> None:
    """Answers the training items with the first key, whatever is right."""
    for _ in range(1 + TRAINING_ITEMS):
        tab.keyboard.press("Enter")
        if tab.query_selector("#remark"):
            return
        for _ in range(3):
            tab.keyboard.press("1")


def keys_of(row: SheetRow, answer: Answer, mode: str = "review") -> list[str]:
    """The keys that answer a row as it is typed into a sheet; no reasons, no remark."""
    keys = []
    for question, typed in zip(questions(mode), answer(row), strict=False):
        code = question.read(typed, row.n_choices, TEXTS)
        order = [str(n + 1) for n in range(row.n_choices)] + list(question.verdicts)
        place = order.index(code)
        keys.append(KEYS.get(code) or str(place + 1))
        if code in question.reasons:
            keys.append("Enter")
    return keys


def saved(tab, folder: Path) -> Path:
    """The file that the page saves."""
    with tab.expect_download() as download:
        tab.click("#save")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def until(tab, expression: str) -> None:
    """Returns when a JavaScript expression is true; the page's policy forbids playwright's own."""
    for _ in range(250):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(20)
    raise AssertionError(expression)


def answered(tab) -> int:
    """How many rows the page says are finished."""
    return tab.evaluate("desk.answers.finished")
