"""The page in a real browser: what is answered there comes back as from a sheet."""

from __future__ import annotations

import pytest

from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.answers.judgements import read_judgements
from audits.questions import is_note
from audits.reports.report import make_report
from testing.browser import chromium
from tests.audits.browsing import answered, keys_of, saved, visited, written
from tests.audits.test_importing import by_number
from tests.audits.world import TEXTS, VI, draw_audit, filled, right_sense, rows

NOW = "2126-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def context(browser):
    """A browser profile of its own, that no network reaches."""
    fresh = browser.new_context(viewport={"width": 900, "height": 800})
    fresh.route("http*://**", lambda route: pytest.fail(route.request.url))
    fresh.set_default_timeout(5000)
    yield fresh
    fresh.close()


def answers(folder):
    """The answers without remarks and reasons."""
    return {
        row_key: {name: code for name, code in given.items() if not is_note(name)}
        for row_key, given in latest_answers(read_history(folder)).items()
    }


@pytest.mark.parametrize("mode", ["review", "blind"])
def test_a_whole_audit_by_keys_has_the_figures_of_the_sheets(context, tmp_path, mode):
    by_page, by_sheet = (
        draw_audit(tmp_path / way, mode=mode, annotators=("lan",), size=12, repeats=0.2)
        for way in ("page", "sheet")
    )
    answer = right_sense(by_page) if mode == "blind" else by_number
    tab = visited(context, written(by_page, "lan"))
    for row in rows(by_page, "lan"):
        for key in keys_of(row, answer, mode):
            tab.keyboard.press(key)
    assert answered(tab) == len(rows(by_page, "lan"))
    assert tab.inner_text("h2") == VI.audit_page.finished
    [result] = import_files(by_page, [saved(tab, tmp_path)], NOW, TEXTS)
    assert (result.complete, result.findings) == (len(rows(by_page, "lan")), ())
    [other] = import_files(by_sheet, [filled(by_sheet, "lan", answer)], NOW, TEXTS)
    assert other.faults == ()
    assert answers(by_page) == answers(by_sheet)
    report = make_report(read_judgements(by_page), VI, "not_good")
    again = make_report(read_judgements(by_sheet), VI, "not_good")
    assert report.quality == again.quality
    assert report.self_agreement == again.self_agreement
    assert tab.errors == []
